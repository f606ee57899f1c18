use std::fmt;

use crate::host::http as contract;

/// Why there is no response: a kind, and a text that says what happened, to
/// what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    text: String,
}

/// What went wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// It cannot be sent as it was built: a wrong URL, method or header.
    InvalidRequest,
    /// The plan does not allow this host.
    NotAllowed,
    /// The host's name was not found.
    NameLookup,
    /// Nobody listens at the address.
    ConnectionRefused,
    /// The connection could not be made for another reason.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// The request's time was up before the answer was complete.
    Timeout,
    /// The other side closed the connection before the answer was complete.
    ConnectionLost,
    /// The answer is not HTTP, or redirects to what cannot be requested.
    MalformedResponse,
    /// The answer's body is larger than the plan allows.
    BodyTooLarge,
    /// The body is not what was asked for: text, JSON, an event stream.
    WrongContent,
    /// The response was used after the end of its iteration, or its body was
    /// taken as a stream already.
    Closed,
    /// The body is not in the encoding that its `content-encoding` says.
    BadEncoding,
    /// The other side broke a rule of HTTP/2 or HTTP/3, or gave the request up.
    Protocol,
    /// Anything else.
    Other,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: String) -> Self {
        Self { kind, text }
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What happened, to what.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {}

impl From<contract::Error> for Error {
    fn from(error: contract::Error) -> Self {
        use contract::Error as Case;
        let (kind, text) = match error {
            Case::InvalidRequest(text) => (ErrorKind::InvalidRequest, text),
            Case::NotAllowed(text) => (ErrorKind::NotAllowed, text),
            Case::NameLookup(text) => (ErrorKind::NameLookup, text),
            Case::ConnectionRefused(text) => (ErrorKind::ConnectionRefused, text),
            Case::Connect(text) => (ErrorKind::Connect, text),
            Case::Tls(text) => (ErrorKind::Tls, text),
            Case::Timeout(text) => (ErrorKind::Timeout, text),
            Case::ConnectionLost(text) => (ErrorKind::ConnectionLost, text),
            Case::MalformedResponse(text) => (ErrorKind::MalformedResponse, text),
            Case::BodyTooLarge(text) => (ErrorKind::BodyTooLarge, text),
            Case::WrongContent(text) => (ErrorKind::WrongContent, text),
            Case::BadEncoding(text) => (ErrorKind::BadEncoding, text),
            Case::Protocol(text) => (ErrorKind::Protocol, text),
            Case::Closed => (
                ErrorKind::Closed,
                "the answer was used after its iteration or its stream".into(),
            ),
            Case::Other(text) => (ErrorKind::Other, text),
        };
        Self { kind, text }
    }
}
