//! Frames over the engine's transport.

use std::io::{self, ErrorKind, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
pub(super) use tungstenite::Message;
use tungstenite::error::Error as FrameError;
use tungstenite::error::ProtocolError;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::frame::{CloseFrame, Utf8Bytes};
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};

use super::error::Error;
use crate::http::error::LossKind;
use crate::http::metered::Metered;
use crate::http::{self, TlsProblem};

/// How much is read at a time. A virtual user should cost no more than it needs;
/// larger messages get a buffer of their own size.
const READ_BUFFER: usize = 4 * 1024;

/// Frames over the engine's transport: the rules are tungstenite's.
pub(super) struct Frames {
    authority: Arc<str>,
    stream: Metered,
    context: WebSocketContext,
    limit: u64,
}

/// What a read comes to.
pub(super) enum Frame {
    /// A message, a ping or a pong.
    Message(Message),
    /// The other side closes.
    Close {
        /// 1005 where it said none.
        code: u16,
        reason: String,
    },
    /// Both sides have closed, and the connection is at its end.
    End,
}

impl Frames {
    /// Frames of at most `limit` bytes, the first of which may be in `read`.
    pub(super) fn new(authority: Arc<str>, stream: Metered, read: Vec<u8>, limit: u64) -> Self {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            // What is sent is to go out now, not with more of it.
            .write_buffer_size(0)
            .max_message_size(Some(most))
            .max_frame_size(Some(most));
        Self {
            authority,
            stream,
            context: WebSocketContext::from_partially_read(read, Role::Client, Some(config)),
            limit,
        }
    }

    /// Takes a message to be written by [`flush`](Self::flush).
    pub(super) fn write(&mut self, cx: &mut Context<'_>, message: Message) -> Result<(), Error> {
        let stream = &mut Polled::new(&mut self.stream, cx);
        match self.context.write(stream, message) {
            Ok(()) => Ok(()),
            // It was taken, and waits.
            Err(FrameError::Io(error)) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(self.meaning(error)),
        }
    }

    /// Takes a closing frame to be written by [`flush`](Self::flush).
    pub(super) fn close(
        &mut self,
        cx: &mut Context<'_>,
        code: u16,
        reason: &str,
    ) -> Result<(), Error> {
        let frame = CloseFrame {
            code: CloseCode::from(code),
            reason: Utf8Bytes::from(reason),
        };
        self.write(cx, Message::Close(Some(frame)))
    }

    /// Writes what was taken, and what the protocol wants to be answered.
    pub(super) fn flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let stream = &mut Polled::new(&mut self.stream, cx);
        match self.context.flush(stream) {
            Ok(()) | Err(FrameError::ConnectionClosed) => Poll::Ready(Ok(())),
            Err(FrameError::Io(error)) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
            Err(error) => Poll::Ready(Err(self.meaning(error))),
        }
    }

    pub(super) fn read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Frame, Error>> {
        let stream = &mut Polled::new(&mut self.stream, cx);
        Poll::Ready(match self.context.read(stream) {
            Ok(Message::Close(frame)) => self.closing(frame),
            Ok(message) => Ok(Frame::Message(message)),
            Err(FrameError::ConnectionClosed | FrameError::AlreadyClosed) => Ok(Frame::End),
            Err(FrameError::Io(error)) if error.kind() == ErrorKind::WouldBlock => {
                return Poll::Pending;
            }
            Err(error) => Err(self.meaning(error)),
        })
    }

    /// Closes the connection as the layers below want it, as far as that can be
    /// done at once.
    pub(super) fn hang_up(&mut self, cx: &mut Context<'_>) {
        let _ = Pin::new(&mut self.stream).poll_shutdown(cx);
    }

    fn closing(&self, frame: Option<CloseFrame>) -> Result<Frame, Error> {
        let Some(CloseFrame { code, reason }) = frame else {
            return Ok(Frame::Close {
                code: 1005,
                reason: String::new(),
            });
        };
        // What tungstenite puts in the place of a code that no frame may have:
        // which one it was is not told.
        if code == CloseCode::Protocol && reason.as_str() == "Protocol violation" {
            return Err(self.broken_rule(
                "the closing frame has a code that none may have, or says itself that a rule \
                 was broken (1002)",
            ));
        }
        Ok(Frame::Close {
            code: code.into(),
            reason: reason.as_str().to_owned(),
        })
    }

    fn broken_rule(&self, cause: &str) -> Error {
        Error::Protocol {
            authority: Arc::clone(&self.authority),
            cause: cause.to_owned(),
        }
    }

    fn meaning(&self, error: FrameError) -> Error {
        let authority = Arc::clone(&self.authority);
        match error {
            FrameError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                lost(authority, LossKind::Closed, "it was closed without a word")
            }
            FrameError::Protocol(error) => self.broken_rule(&error.to_string()),
            FrameError::Utf8(_) => Error::NotUtf8 { authority },
            FrameError::Capacity(_) => Error::MessageTooLarge {
                authority,
                limit: self.limit,
            },
            FrameError::ConnectionClosed | FrameError::AlreadyClosed => Error::Closed { authority },
            FrameError::Io(error) => of_io(authority, &error),
            error => http::Error::Other {
                subject: authority,
                cause: error.to_string(),
            }
            .into(),
        }
    }
}

/// The connection failed under a session.
fn of_io(authority: Arc<str>, error: &io::Error) -> Error {
    let cause = error.to_string();
    if error
        .get_ref()
        .is_some_and(|inner| inner.is::<rustls::Error>())
    {
        let problem = TlsProblem::Other { cause };
        return http::Error::Tls { authority, problem }.into();
    }
    let kind = match error.kind() {
        ErrorKind::ConnectionReset => LossKind::Reset,
        ErrorKind::BrokenPipe => LossKind::BrokenPipe,
        ErrorKind::UnexpectedEof => LossKind::Closed,
        _ => LossKind::Failed,
    };
    lost(authority, kind, &cause)
}

fn lost(authority: Arc<str>, kind: LossKind, cause: &str) -> Error {
    http::Error::ConnectionLost {
        authority,
        kind,
        cause: cause.to_owned(),
    }
    .into()
}

/// The transport for the length of one poll, in the words of the standard
/// library: what would wait says so.
struct Polled<'s, 'p, 'c> {
    stream: &'s mut Metered,
    cx: &'p mut Context<'c>,
}

impl<'s, 'p, 'c> Polled<'s, 'p, 'c> {
    fn new(stream: &'s mut Metered, cx: &'p mut Context<'c>) -> Self {
        Self { stream, cx }
    }
}

fn at_once<T>(polled: Poll<io::Result<T>>) -> io::Result<T> {
    match polled {
        Poll::Ready(result) => result,
        Poll::Pending => Err(ErrorKind::WouldBlock.into()),
    }
}

impl Read for Polled<'_, '_, '_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(bytes);
        at_once(Pin::new(&mut *self.stream).poll_read(self.cx, &mut buffer))?;
        Ok(buffer.filled().len())
    }
}

impl Write for Polled<'_, '_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        at_once(Pin::new(&mut *self.stream).poll_write(self.cx, bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        at_once(Pin::new(&mut *self.stream).poll_flush(self.cx))
    }
}
