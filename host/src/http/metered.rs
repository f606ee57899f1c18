//! The streams that note when bytes pass, above TLS and below.

use std::io::{IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::coop::poll_proceed;
use tokio_rustls::client::TlsStream;

use super::meter::Meter;

/// The socket: counts what it took, which tells whether anything of a request
/// has left this process.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) tcp: TcpStream,
    pub(super) meter: Arc<Meter>,
}

/// What HTTP is spoken over.
#[derive(Debug)]
pub(super) enum Transport {
    Plain(Socket),
    /// Boxed: a TLS session is a kilobyte, which plain connections need not have.
    Tls(Box<TlsStream<Socket>>),
}

/// What HTTP is spoken over, with a note of when bytes pass and how many.
#[derive(Debug)]
pub(super) struct Metered {
    pub(super) transport: Transport,
    pub(super) meter: Arc<Meter>,
}

impl Socket {
    fn note(&self, written: Poll<Result<usize>>) -> Poll<Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = written {
            self.meter.socket_written.add(bytes);
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
        Pin::new(&mut self.tcp).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write(cx, buf);
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

impl Metered {
    fn note_written(&self, written: Poll<Result<usize>>) -> Poll<Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = written
            && bytes > 0
        {
            self.meter.written.add(bytes);
            self.meter.writing.note_end(self.meter.now());
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
/// its bytes are looked at does not keep the worker from all others.
fn take_turns(cx: &mut Context<'_>, bytes: usize) {
    /// A task has 128 turns until it must wait for the others: half a megabyte.
    const ONE_TURN: usize = 4096;
    for _ in 0..bytes / ONE_TURN {
        match poll_proceed(cx) {
            Poll::Ready(turn) => turn.made_progress(),
            // The next read waits.
            Poll::Pending => break,
        }
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let before = buf.filled().len();
        ready!(match &mut self.transport {
            Transport::Plain(socket) => Pin::new(socket).poll_read(cx, buf),
            Transport::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        })?;
        let bytes = buf.filled().len() - before;
        if bytes > 0 {
            let now = self.meter.now();
            self.meter.read.add(bytes);
            self.meter.reading.note_begin(now);
            self.meter.reading.note_end(now);
            take_turns(cx, bytes);
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
        let written = match &mut self.transport {
            Transport::Plain(socket) => Pin::new(socket).poll_write(cx, buf),
            Transport::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        };
        self.note_written(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        self.note_writing();
        let written = match &mut self.transport {
            Transport::Plain(socket) => Pin::new(socket).poll_write_vectored(cx, bufs),
            Transport::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        };
        self.note_written(written)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.transport {
            Transport::Plain(socket) => socket.is_write_vectored(),
            Transport::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        match &mut self.transport {
            Transport::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Transport::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        match &mut self.transport {
            Transport::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Transport::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
