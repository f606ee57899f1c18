//! Why there is no session, or no longer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ::http::{HeaderMap, StatusCode};
use bytes::Bytes;

use crate::http::{self, ErrorCode};

/// Why there is no session, or no longer: the cases of `error` in
/// `wit/websocket.wit`, and the data for a text that says what happened, to what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The connection or the handshake failed as those of a request do.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// The server answered the handshake, and opened no session.
    #[error("{authority}: no session was opened: the answer is {}", refusal.status)]
    Refused {
        /// The URL's authority.
        authority: Arc<str>,
        /// The answer.
        refusal: Box<Refusal>,
    },
    /// The other side broke a rule of the WebSocket protocol.
    #[error("{authority}: the other side broke a rule of the WebSocket protocol: {cause}")]
    Protocol {
        /// The URL's authority.
        authority: Arc<str>,
        /// What was found.
        cause: String,
    },
    /// A text or a reason that came is not UTF-8, which is one of those rules.
    #[error("{authority}: the other side sent a text that is not UTF-8")]
    NotUtf8 {
        /// The URL's authority.
        authority: Arc<str>,
    },
    /// A message that came is larger than allowed.
    #[error("{authority}: a message is larger than the limit of {limit} bytes")]
    MessageTooLarge {
        /// The URL's authority.
        authority: Arc<str>,
        /// The limit, in bytes.
        limit: u64,
    },
    /// It was waited for too long.
    #[error("{authority}: time was up after {after:?}, {waiting}")]
    Timeout {
        /// The URL's authority.
        authority: Arc<str>,
        /// How long it was allowed to take.
        after: Duration,
        /// What was waited for.
        waiting: Waiting,
    },
    /// The session is closed.
    #[error("{authority}: the session is closed")]
    Closed {
        /// The URL's authority.
        authority: Arc<str>,
    },
    /// No client may close with this code.
    #[error(
        "the session was not closed: {code} is no code that may be sent: take one of 1000 to \
         1003, 1007 to 1014 and 3000 to 4999"
    )]
    CloseCode {
        /// The code.
        code: u16,
    },
    /// A closing frame has no room for a reason of this length.
    #[error(
        "the session was not closed: the reason has {length} bytes, and a closing frame has room \
         for 123"
    )]
    CloseReason {
        /// Its length, in bytes.
        length: usize,
    },
}

impl Error {
    /// The code of RFC 6455 that tells the other side of this error, where the
    /// session is closed because of it.
    pub(super) fn close_code(&self) -> Option<u16> {
        match self {
            Self::Protocol { .. } => Some(1002),
            Self::NotUtf8 { .. } => Some(1007),
            Self::MessageTooLarge { .. } => Some(1009),
            _ => None,
        }
    }

    /// The number of this error: the tag `error_code`.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Http(error) => error.code(),
            Self::Refused { refusal, .. } => ErrorCode::of_status(refusal.status.as_u16())
                .unwrap_or(ErrorCode::WEBSOCKET_REFUSED),
            Self::Protocol { .. } | Self::NotUtf8 { .. } => ErrorCode::WEBSOCKET_PROTOCOL,
            Self::MessageTooLarge { .. } => ErrorCode::MESSAGE_TOO_LARGE,
            Self::Timeout { .. } => ErrorCode::REQUEST_TIMEOUT,
            Self::Closed { .. } | Self::CloseCode { .. } | Self::CloseReason { .. } => {
                ErrorCode::OTHER
            }
        }
    }
}

/// An answer to a handshake that opened no session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// The beginning of its body.
    pub body: Bytes,
}

/// What was waited for in a session that was open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// A message was to be written.
    ToWrite,
    /// A message was to come.
    ForMessage,
    /// The other side was to answer that it closes.
    ForClosing,
}

impl fmt::Display for Waiting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ToWrite => "while writing a message",
            Self::ForMessage => "while waiting for a message",
            Self::ForClosing => "while waiting for the answer to the closing",
        })
    }
}
