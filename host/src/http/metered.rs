//! The streams that note when bytes pass, above TLS and below.

use std::io::{ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop::poll_proceed;
use tokio_rustls::client::TlsStream;

use super::meter::Meter;
use super::network::Stream;

/// The socket: counts what it took, which tells whether anything of a request
/// has left this process.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) stream: Stream,
    pub(super) meter: Arc<Meter>,
}

/// What HTTP is spoken over.
#[derive(Debug)]
pub(super) enum Transport {
    Plain(Socket),
    /// Boxed: a TLS session is a kilobyte, which plain connections need not have.
    Tls(Box<TlsStream<Socket>>),
}

/// What HTTP/1.1 is spoken over, with a note of when bytes pass and how many.
#[derive(Debug)]
pub(super) struct Metered {
    pub(super) transport: Transport,
    pub(super) meter: Arc<Meter>,
}

impl Socket {
    fn note(&self, written: Poll<Result<usize>>) -> Poll<Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = written {
            self.meter.socket_written.add(bytes as u64);
        }
        written
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write_vectored(cx, bufs),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(socket) => socket.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

impl Metered {
    fn note_written(&self, written: Poll<Result<usize>>) -> Poll<Result<usize>> {
        self.meter.note_held_up(written.is_pending());
        if let Poll::Ready(Ok(bytes)) = written
            && bytes > 0
        {
            self.meter.written.add(bytes as u64);
            self.meter.note_write_end(self.meter.now());
        }
        written
    }

    fn note_writing(&self) {
        if !self.meter.writing.has_begun() {
            self.meter.writing.note_begin(self.meter.now());
        }
    }
}

/// Counts a large read as many small ones, so that a server that sends faster than
/// it is listened to does not keep the worker from all others.
pub(super) fn take_turns(cx: &mut Context<'_>, turns: usize) {
    for _ in 0..turns {
        match poll_proceed(cx) {
            Poll::Ready(turn) => turn.made_progress(),
            // The next read waits.
            Poll::Pending => break,
        }
    }
}

/// How many bytes are one turn. A task has 128 until it must wait for the others:
/// half a megabyte.
pub(super) const BYTES_A_TURN: usize = 4096;

/// TLS has an end of its own, which servers leave out. Where the answer says how
/// long it is, HTTP finds that it is cut off; where it ends with the connection,
/// it is taken, as by Go and browsers.
fn ended_in_tls(transport: &Transport, read: Result<()>) -> Result<()> {
    match read {
        Err(error)
            if error.kind() == ErrorKind::UnexpectedEof
                && matches!(transport, Transport::Tls(_)) =>
        {
            Ok(())
        }
        read => read,
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let before = buf.filled().len();
        let read = ready!(Pin::new(&mut self.transport).poll_read(cx, buf));
        ended_in_tls(&self.transport, read)?;
        let bytes = buf.filled().len() - before;
        if bytes > 0 {
            let now = self.meter.now();
            self.meter.read.add(bytes as u64);
            self.meter.note_read(now);
            take_turns(cx, bytes / BYTES_A_TURN);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<Result<usize>> {
        self.note_writing();
        let written = Pin::new(&mut self.transport).poll_write(cx, buf);
        self.note_written(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        self.note_writing();
        let written = Pin::new(&mut self.transport).poll_write_vectored(cx, bufs);
        self.note_written(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let flushed = Pin::new(&mut self.transport).poll_flush(cx);
        self.meter.note_held_up(flushed.is_pending());
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(cx)
    }
}
