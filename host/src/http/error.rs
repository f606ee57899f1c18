//! Why there is no answer.

use std::fmt;
use std::io;
use std::time::Duration;

use thiserror::Error;

/// Why there is no answer. `target` is the authority of the URL, as
/// `example.com:8443`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// The request cannot be sent as it was built.
    #[error("the request cannot be sent: {reason}")]
    InvalidRequest {
        /// What is wrong with it.
        reason: String,
    },
    /// The plan does not allow the host.
    #[error("the plan does not allow requests to {target}")]
    NotAllowed {
        /// Where to.
        target: String,
    },
    /// The host's name was not found.
    #[error("the name of {target} was not found: {reason}")]
    NameLookup {
        /// Where to.
        target: String,
        /// The resolver's words.
        reason: String,
    },
    /// Nobody listens there.
    #[error("{target} refused the connection: is the server running, and the port right?")]
    ConnectionRefused {
        /// Where to.
        target: String,
    },
    /// The connection could not be made.
    #[error("no connection to {target}: {reason}")]
    Connect {
        /// Where to.
        target: String,
        /// The system's words.
        reason: String,
        /// Whether the time for it was up.
        timed_out: bool,
    },
    /// The TLS handshake failed.
    #[error("no TLS with {target}: {reason}")]
    Tls {
        /// Where to.
        target: String,
        /// The library's words.
        reason: String,
        /// What was the matter.
        fault: TlsFault,
    },
    /// The request's time was up.
    #[error("{target} had not answered in full after {limit:?}")]
    Timeout {
        /// Where to.
        target: String,
        /// How long it had.
        limit: Duration,
    },
    /// The connection ended before the answer did.
    #[error("{target} closed the connection before the answer was complete{}", said(.reason))]
    ConnectionLost {
        /// Where to.
        target: String,
        /// The system's words.
        reason: String,
        /// Whether it was reset rather than closed.
        reset: bool,
    },
    /// The answer is not HTTP.
    #[error("the answer of {target} is not HTTP: {reason}")]
    MalformedResponse {
        /// Where to.
        target: String,
        /// The parser's words.
        reason: String,
    },
    /// The body is larger than the settings allow.
    #[error("the body that {target} sends is larger than {limit} bytes")]
    BodyTooLarge {
        /// Where to.
        target: String,
        /// The most there may be.
        limit: u64,
    },
    /// The body is not what was asked for.
    #[error("the answer of {target} is not {wanted}: {found}")]
    WrongContent {
        /// Where to.
        target: String,
        /// What was asked for.
        wanted: &'static str,
        /// What it is.
        found: String,
    },
    /// What has no case of its own.
    #[error("the request to {target} failed: {reason}")]
    Other {
        /// Where to.
        target: String,
        /// What is known.
        reason: String,
    },
}

/// What was the matter with a TLS handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFault {
    /// Nobody who is trusted vouches for the certificate.
    UnknownAuthority,
    /// The certificate is for another host.
    HostnameMismatch,
    /// Anything else.
    Other,
}

/// A number for what happened. The ranges are k6's, so that its users' dashboards
/// go on working: 1000 general, 1100 DNS, 1200 TCP, 1300 TLS, 1400 and 1500 the
/// status codes of the answer, 1700 ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode(u16);

impl ErrorCode {
    /// Ours: the request was cut off by the end of the run.
    pub const INTERRUPTED: Self = Self(1051);

    /// The code of an answer: 1000 and its status, from 400 on.
    #[must_use]
    pub fn of_status(status: u16) -> Option<Self> {
        (400..600).contains(&status).then_some(Self(1000 + status))
    }

    /// Its number.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error {
    /// Its number.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::InvalidRequest { .. } => 1020,
            Self::NotAllowed { .. } => 1111,
            Self::NameLookup { .. } => 1101,
            Self::ConnectionRefused { .. } => 1212,
            Self::Connect { timed_out: true, .. } => 1211,
            Self::Connect { .. } => 1210,
            Self::Tls { fault: TlsFault::UnknownAuthority, .. } => 1310,
            Self::Tls { fault: TlsFault::HostnameMismatch, .. } => 1311,
            Self::Tls { .. } => 1300,
            Self::Timeout { .. } => 1050,
            Self::ConnectionLost { reset: true, .. } => 1220,
            Self::ConnectionLost { .. } => 1200,
            Self::MalformedResponse { .. } => 1701,
            Self::BodyTooLarge { .. } => 1702,
            Self::WrongContent { .. } => 1703,
            Self::Other { .. } => 1000,
        })
    }

    /// A short name for it, for the tag `error`: without anything that differs
    /// from request to request, since each text would be a series of its own.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::InvalidRequest { .. } => "invalid request",
            Self::NotAllowed { .. } => "host not allowed",
            Self::NameLookup { .. } => "name not found",
            Self::ConnectionRefused { .. } => "connection refused",
            Self::Connect { timed_out: true, .. } => "connect timeout",
            Self::Connect { .. } => "no connection",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::ConnectionLost { reset: true, .. } => "connection reset",
            Self::ConnectionLost { .. } => "connection closed",
            Self::MalformedResponse { .. } => "malformed response",
            Self::BodyTooLarge { .. } => "body too large",
            Self::WrongContent { .. } => "wrong content",
            Self::Other { .. } => "other",
        }
    }

    /// Reads the error of an exchange.
    pub(super) fn of_hyper(target: &str, error: &hyper::Error) -> Self {
        let target = target.to_owned();
        let cause = source_of_type::<io::Error>(error);
        let reason = cause.map_or_else(|| error.to_string(), ToString::to_string);
        if error.is_parse() {
            return Self::MalformedResponse { target, reason };
        }
        let reset = cause.is_some_and(|cause| cause.kind() == io::ErrorKind::ConnectionReset);
        if error.is_incomplete_message()
            || error.is_body_write_aborted()
            || error.is_canceled()
            || error.is_closed()
            || cause.is_some()
        {
            return Self::ConnectionLost { target, reason, reset };
        }
        Self::Other { target, reason }
    }

    /// Reads the error of a TLS handshake.
    pub(super) fn of_tls(target: &str, error: &io::Error) -> Self {
        use rustls::CertificateError as C;
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let fault = match inner {
            Some(rustls::Error::InvalidCertificate(C::UnknownIssuer)) => TlsFault::UnknownAuthority,
            Some(rustls::Error::InvalidCertificate(
                C::NotValidForName | C::NotValidForNameContext { .. },
            )) => TlsFault::HostnameMismatch,
            _ => TlsFault::Other,
        };
        Self::Tls { target: target.to_owned(), reason: error.to_string(), fault }
    }
}

fn said(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(" ({reason})") }
}

/// The first cause of an error that is of a type.
fn source_of_type<'a, T: std::error::Error + 'static>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a T> {
    let mut at = error.source();
    while let Some(cause) = at {
        if let Some(found) = cause.downcast_ref() {
            return Some(found);
        }
        at = cause.source();
    }
    None
}
