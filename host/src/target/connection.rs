//! A client's connection, which can be reset instead of closed.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::times::Clock;

/// How one connection is to end. A handle: clones speak of the same connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Ending(Arc<AtomicBool>);

impl Ending {
    /// Has the connection reset when it is dropped.
    pub(super) fn by_reset(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A connection that, when dropped, ends as its [`Ending`] says.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    ending: Ending,
    clock: Option<Clock>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, ending: Ending, clock: Option<Clock>) -> Self {
        Self {
            stream,
            ending,
            clock,
        }
    }
}

impl Connection {
    fn wrote(&mut self, polled: &Poll<io::Result<usize>>) {
        if let (Poll::Ready(Ok(_)), Some(clock)) = (polled, &mut self.clock) {
            clock.wrote();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.ending.0.load(Ordering::Relaxed) {
            // A socket without time to linger is closed by a reset (RST). Where
            // that cannot be set the client sees an ordinary close, which is a
            // failure of its request all the same.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let polled = Pin::new(&mut this.stream).poll_read(context, buffer);
        if buffer.filled().len() > before
            && let Some(clock) = &mut this.clock
        {
            clock.read();
        }
        polled
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.wrote(&polled);
        polled
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_write_vectored(context, slices);
        this.wrote(&polled);
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
