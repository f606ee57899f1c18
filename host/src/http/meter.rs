//! When the bytes of an exchange went by, and how many.
//!
//! The meter sits on the plain side of a connection, above TLS. The connection's
//! task notes, the client reads: the moment of the last byte is the one at which
//! it was read, not the one at which the virtual user got to run again.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Timings;

/// Moments are nanoseconds since the meter was made, plus one, so that 0 can
/// mean "not yet". Atomics, since hyper's task must be `Send`; both sides run on
/// one thread, so the order of accesses is that of the program.
#[derive(Debug)]
pub(super) struct Meter {
    base: Instant,
    started: AtomicU64,
    last_write: AtomicU64,
    first_read: AtomicU64,
    last_read: AtomicU64,
    bytes_sent: AtomicU64,
    bytes_received: AtomicU64,
}

impl Meter {
    pub(super) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            base: Instant::now(),
            started: zero(),
            last_write: zero(),
            first_read: zero(),
            last_read: zero(),
            bytes_sent: zero(),
            bytes_received: zero(),
        }
    }

    /// An exchange begins.
    pub(super) fn begin(&self) {
        for moment in [&self.last_write, &self.first_read, &self.last_read] {
            moment.store(0, Ordering::Relaxed);
        }
        self.bytes_sent.store(0, Ordering::Relaxed);
        self.bytes_received.store(0, Ordering::Relaxed);
        self.started.store(self.now(), Ordering::Relaxed);
    }

    /// When the exchange began.
    pub(super) fn started(&self) -> Instant {
        self.base + Duration::from_nanos(self.started.load(Ordering::Relaxed))
    }

    pub(super) fn bytes_sent(&self) -> u64 {
        self.bytes_sent.load(Ordering::Relaxed)
    }

    pub(super) fn bytes_received(&self) -> u64 {
        self.bytes_received.load(Ordering::Relaxed)
    }

    /// The phases of the exchange so far.
    pub(super) fn timings(&self) -> Timings {
        let at = |moment: &AtomicU64| match moment.load(Ordering::Relaxed) {
            0 => None,
            nanos => Some(nanos),
        };
        let span = |from: Option<u64>, to: Option<u64>| {
            Some(Duration::from_nanos(to?.saturating_sub(from?)))
        };
        let started = at(&self.started);
        let (wrote, first, last) = (at(&self.last_write), at(&self.first_read), at(&self.last_read));
        // A server may answer before it has read all: then nothing was waited
        // for, and sending ended with the answer as far as this exchange goes.
        let sent = match (wrote, first) {
            (Some(wrote), Some(first)) => Some(wrote.min(first)),
            (wrote, _) => wrote,
        };
        Timings {
            sending: span(started, sent),
            waiting: span(sent, first),
            receiving: span(first, last),
            duration: span(started, last),
            ..Timings::default()
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.base.elapsed().as_nanos()).map_or(u64::MAX, |nanos| nanos + 1)
    }

    fn wrote(&self, bytes: usize) {
        self.bytes_sent.fetch_add(bytes as u64, Ordering::Relaxed);
        self.last_write.store(self.now(), Ordering::Relaxed);
    }

    fn read(&self, bytes: usize) {
        self.bytes_received.fetch_add(bytes as u64, Ordering::Relaxed);
        let now = self.now();
        self.last_read.store(now, Ordering::Relaxed);
        let _ = self.first_read.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// A stream with a meter.
pub(super) struct Metered<S> {
    pub(super) stream: S,
    pub(super) meter: Arc<Meter>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let read = buffer.filled().len() - before;
        if read > 0 {
            self.meter.read(read);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(wrote)) = polled {
            self.meter.wrote(wrote);
        }
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        if let Poll::Ready(Ok(wrote)) = polled {
            self.meter.wrote(wrote);
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
