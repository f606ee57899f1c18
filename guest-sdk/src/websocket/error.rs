use std::fmt;

use crate::host::websocket as contract;

/// Why there is no session, or no longer: a kind, and a text that says what
/// happened, to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    text: String,
    refusal: Option<Box<Refusal>>,
}

/// What went wrong with a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// It cannot be done as it was asked for: a wrong URL or header, a code that
    /// no client may close with. Nothing was sent.
    Invalid,
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
    /// The time was up before the session was open, the message was written, a
    /// message came or the closing was answered.
    Timeout,
    /// The other side closed the connection without closing the session.
    ConnectionLost,
    /// The answer to the handshake is not HTTP.
    MalformedResponse,
    /// The server answered the handshake, and opened no session: see
    /// [`Error::refusal`].
    Refused,
    /// The other side broke a rule of the WebSocket protocol.
    Protocol,
    /// A message that came is larger than the plan allows.
    MessageTooLarge,
    /// A message is not what was asked for: text, JSON.
    WrongContent,
    /// The socket was used after its session was closed, or after the end of its
    /// iteration.
    Closed,
    /// Anything else.
    Other,
}

/// An answer to a handshake that opened no session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its status code.
    pub status: u16,
    /// Its headers, in the order of their arrival, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The beginning of its body, at most 64 KiB.
    pub body: Vec<u8>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: String) -> Self {
        Self {
            kind,
            text,
            refusal: None,
        }
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

    /// The answer that opened no session, where there was one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_deref()
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
            Case::Invalid(text) => (ErrorKind::Invalid, text),
            Case::NotAllowed(text) => (ErrorKind::NotAllowed, text),
            Case::NameLookup(text) => (ErrorKind::NameLookup, text),
            Case::ConnectionRefused(text) => (ErrorKind::ConnectionRefused, text),
            Case::Connect(text) => (ErrorKind::Connect, text),
            Case::Tls(text) => (ErrorKind::Tls, text),
            Case::Timeout(text) => (ErrorKind::Timeout, text),
            Case::ConnectionLost(text) => (ErrorKind::ConnectionLost, text),
            Case::MalformedResponse(text) => (ErrorKind::MalformedResponse, text),
            Case::Refused(refusal) => {
                return Self {
                    kind: ErrorKind::Refused,
                    text: refusal.text,
                    refusal: Some(Box::new(Refusal {
                        status: refusal.status,
                        headers: refusal.headers,
                        body: refusal.body,
                    })),
                };
            }
            Case::Protocol(text) => (ErrorKind::Protocol, text),
            Case::MessageTooLarge(text) => (ErrorKind::MessageTooLarge, text),
            Case::Closed => (
                ErrorKind::Closed,
                "the socket was used after its session or its iteration".into(),
            ),
            Case::Other(text) => (ErrorKind::Other, text),
        };
        Self::new(kind, text)
    }
}
