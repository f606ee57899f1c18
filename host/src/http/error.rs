//! Why there is no answer.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::error_code::ErrorCode;

/// Why there is no answer: the cases of `error` in `wit/http.wit` that an engine
/// can know, and the data for a text that says what happened, to what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The request cannot be sent as it was built.
    #[error("the request was not sent: {mistake}")]
    InvalidRequest {
        /// What is wrong with it.
        mistake: Mistake,
    },
    /// The plan does not allow the host, or the address that its name led to.
    #[error("the request was not sent: {}", refusal.of(authority))]
    NotAllowed {
        /// The URL's authority.
        authority: Arc<str>,
        /// Why not.
        refusal: Refusal,
    },
    /// The host's name was not found.
    #[error("{authority}: the name was not found: {cause}")]
    NameLookup {
        /// The URL's authority.
        authority: Arc<str>,
        /// What the resolver said.
        cause: String,
        /// The resolver says that there is no such name, not that it could not
        /// find out.
        no_such_name: bool,
    },
    /// Nobody listens at the address.
    #[error("{authority}: the connection was refused: nobody listens there")]
    ConnectionRefused {
        /// The URL's authority.
        authority: Arc<str>,
    },
    /// The connection could not be made for another reason.
    #[error("{authority}: the connection could not be made: {problem}")]
    Connect {
        /// The URL's authority.
        authority: Arc<str>,
        /// What was in the way.
        problem: ConnectProblem,
    },
    /// The TLS handshake failed, or TLS was broken later.
    #[error("{authority}: TLS failed: {problem}")]
    Tls {
        /// The URL's authority.
        authority: Arc<str>,
        /// What was wrong.
        problem: TlsProblem,
    },
    /// The request's time was up before the answer was complete.
    #[error("{authority}: time was up after {after:?}, {phase}")]
    Timeout {
        /// The URL's authority.
        authority: Arc<str>,
        /// How long the request was allowed to take.
        after: Duration,
        /// How far it had come.
        phase: Phase,
    },
    /// The other side closed or reset the connection before the answer was
    /// complete.
    #[error("{authority}: the connection was lost: {cause}")]
    ConnectionLost {
        /// The URL's authority.
        authority: Arc<str>,
        /// How it was lost.
        kind: LossKind,
        /// What was found.
        cause: String,
    },
    /// The answer is not HTTP.
    #[error("{authority}: the answer is not HTTP: {cause}")]
    MalformedResponse {
        /// The URL's authority.
        authority: Arc<str>,
        /// What was found.
        cause: String,
    },
    /// The answer redirects to what cannot be requested.
    #[error("{authority} redirects to `{location}`, which is no http or https URL: {cause}")]
    BadRedirect {
        /// Who redirects.
        authority: Arc<str>,
        /// Where to.
        location: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The other side broke a rule of HTTP/2, or gave the request up.
    #[error("{authority}: {fault}: {cause}")]
    Protocol {
        /// The URL's authority.
        authority: Arc<str>,
        /// What was given up.
        fault: Fault,
        /// The number that was given as the reason.
        reason: u32,
        /// What it says.
        cause: String,
    },
    /// The answer's body is not in the encoding that its head says.
    #[error(
        "{authority}: the body is not in the encoding that its `content-encoding` says: {cause}"
    )]
    BadEncoding {
        /// The URL's authority.
        authority: Arc<str>,
        /// What was found.
        cause: String,
    },
    /// The answer's body, or one event of it, is larger than allowed.
    #[error("{authority}: the body is larger than the limit of {limit} bytes")]
    BodyTooLarge {
        /// The URL's authority.
        authority: Arc<str>,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The body is not what was asked for.
    #[error("{authority}: {expected} was expected, and there came {found}")]
    WrongContent {
        /// The URL's authority.
        authority: Arc<str>,
        /// What was asked for.
        expected: &'static str,
        /// What is there instead.
        found: String,
    },
    /// What has no case of its own.
    #[error("{subject}: {cause}")]
    Other {
        /// What it is about: mostly the URL's authority.
        subject: Arc<str>,
        /// What happened.
        cause: String,
    },
}

impl Error {
    /// The number of this error: the tag `error_code`.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::InvalidRequest {
                mistake: Mistake::Url { .. } | Mistake::SocketUrl { .. },
            }
            | Self::BadRedirect { .. } => ErrorCode::INVALID_URL,
            Self::NotAllowed {
                refusal: Refusal::AddressRefused { .. } | Refusal::MachineSecrets { .. },
                ..
            } => ErrorCode::ADDRESS_NOT_ALLOWED,
            Self::NotAllowed { .. } => ErrorCode::NOT_ALLOWED,
            Self::NameLookup {
                no_such_name: true, ..
            } => ErrorCode::NO_SUCH_NAME,
            Self::NameLookup { .. } => ErrorCode::NAME_LOOKUP,
            Self::ConnectionRefused { .. } => ErrorCode::DIAL_REFUSED,
            Self::Connect {
                problem: ConnectProblem::TimedOut { .. },
                ..
            } => ErrorCode::DIAL_TIMEOUT,
            Self::Connect { .. } => ErrorCode::DIAL,
            Self::Tls {
                problem: TlsProblem::UnknownAuthority { .. },
                ..
            } => ErrorCode::UNKNOWN_AUTHORITY,
            Self::Tls {
                problem: TlsProblem::OtherNames { .. },
                ..
            } => ErrorCode::HOST_NAME_MISMATCH,
            Self::Tls { .. } => ErrorCode::TLS,
            Self::Timeout { .. } => ErrorCode::REQUEST_TIMEOUT,
            Self::ConnectionLost {
                kind: LossKind::Reset,
                ..
            } => ErrorCode::RESET_BY_PEER,
            Self::ConnectionLost {
                kind: LossKind::BrokenPipe,
                ..
            } => ErrorCode::BROKEN_PIPE,
            Self::ConnectionLost { .. } => ErrorCode::TCP,
            Self::MalformedResponse { .. } => ErrorCode::MALFORMED_RESPONSE,
            Self::Protocol { fault, reason, .. } => ErrorCode::of_http2(*fault, *reason),
            Self::BadEncoding { .. } => ErrorCode::BAD_ENCODING,
            Self::BodyTooLarge { .. } => ErrorCode::BODY_TOO_LARGE,
            Self::InvalidRequest { .. } | Self::WrongContent { .. } | Self::Other { .. } => {
                ErrorCode::OTHER
            }
        }
    }
}

/// A mistake made in building a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// The URL is not one of HTTP.
    #[error("`{url}` is no absolute http or https URL: {cause}")]
    Url {
        /// The URL, without user and password where they could be told.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The method is none.
    #[error("`{method}` is no method that can be sent")]
    Method {
        /// The method.
        method: String,
    },
    /// The header's name is none.
    #[error("`{name}` is no name of a header")]
    HeaderName {
        /// The name.
        name: String,
    },
    /// The header's value is none. It may be a secret, so it is not shown.
    #[error("the value of header `{name}` has characters that no header may have")]
    HeaderValue {
        /// The header's name.
        name: String,
    },
    /// The user of basic authentication is none. It may be a secret, so it is not
    /// shown.
    #[error("the user of basic authentication has a colon, which would end it")]
    User,
    /// The cookie is none. It may be a secret, so it is not shown.
    #[error("this is no cookie: {cause}")]
    Cookie {
        /// What is wrong with it.
        cause: String,
    },
    /// More or less was written of a body than was announced.
    #[error("{announced} bytes of body were announced, and {written} were written")]
    BodyLength {
        /// As many were announced.
        announced: u64,
        /// As many were written.
        written: u64,
    },
    /// The header says how the body is sent, which only the host can know.
    #[error("header `{name}` is the host's to send: leave it out")]
    HostsHeader {
        /// The header's name.
        name: String,
    },
    /// The URL is not one of WebSockets.
    #[error("`{url}` is no absolute ws or wss URL: {cause}")]
    SocketUrl {
        /// The URL, without user and password where they could be told.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The subprotocol's name is none.
    #[error("`{name}` is no name of a subprotocol: it has to be a word as headers have them")]
    Subprotocol {
        /// The name.
        name: String,
    },
    /// The header offers subprotocols, which is done in another way.
    #[error("`sec-websocket-protocol` is no header to set: offer the subprotocol instead")]
    SubprotocolHeader,
}

/// Why a run may not go somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The host is not among those that are allowed.
    NotListed,
    /// The host is among those that are refused.
    HostRefused {
        /// As which it is.
        pattern: String,
    },
    /// The address is among those that are refused.
    AddressRefused {
        /// The address.
        address: IpAddr,
        /// The network that is refused.
        network: String,
    },
    /// At the address a cloud tells its machines' secrets.
    MachineSecrets {
        /// The address.
        address: IpAddr,
    },
}

impl Refusal {
    fn of(&self, authority: &str) -> String {
        match self {
            Self::NotListed => {
                format!("the plan does not allow {authority}; `--allow-host {authority}` allows it")
            }
            Self::HostRefused { pattern } => format!(
                "the plan refuses {authority}, by `{pattern}` of blockHostnames or \
                 `--block-hostnames`"
            ),
            Self::AddressRefused { address, network } => format!(
                "{authority} is at {address}, which the plan refuses by `{network}` of \
                 blacklistIPs or `--blacklist-ip`"
            ),
            Self::MachineSecrets { address } => format!(
                "{authority} is at {address}, where clouds tell their machines' secrets; \
                 `--allow-host {address}` allows it"
            ),
        }
    }
}

/// Why a connection could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectProblem {
    /// It was not made in time.
    #[error("not within {after:?}")]
    TimedOut {
        /// How long it was tried.
        after: Duration,
    },
    /// This machine has no file descriptor left.
    #[error("this process has too many open files: raise the limit (`ulimit -n`)")]
    TooManyFiles,
    /// This machine has no local port left.
    #[error("no local port is free: reuse connections, or widen net.ipv4.ip_local_port_range")]
    NoLocalPort,
    /// This machine has no address that it may be made from.
    #[error("{cause}; correct localIPs or `--local-ips`")]
    NoSourceAddress {
        /// What was tried.
        cause: String,
    },
    /// The proxy that stands between did not make it.
    #[error("the proxy {proxy}: {cause}")]
    Proxy {
        /// The proxy's URL, without user and password.
        proxy: String,
        /// What it said, or why it was not reached.
        cause: String,
    },
    /// The system says why not.
    #[error("{cause}")]
    System {
        /// What the system said.
        cause: String,
    },
}

/// What was wrong about TLS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsProblem {
    /// The certificate is signed by nobody who is trusted.
    #[error(
        "the certificate is signed by nobody who is trusted here ({cause}); `--ca-file FILE` or \
         tlsCaFiles trusts its authority"
    )]
    UnknownAuthority {
        /// What the verifier said.
        cause: String,
    },
    /// The certificate is for other names.
    #[error("the certificate is for another name: {cause}")]
    OtherNames {
        /// What the verifier said.
        cause: String,
    },
    /// Anything else.
    #[error("{cause}")]
    Other {
        /// What happened.
        cause: String,
    },
}

/// How a connection was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossKind {
    /// The other side closed it.
    Closed,
    /// The other side reset it.
    Reset,
    /// It was written to after the other side had closed it.
    BrokenPipe,
    /// The system gave it up.
    Failed,
}

/// What was given up where a rule of HTTP/2 was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The server said that it takes no more requests.
    GoAway,
    /// One request and its answer.
    Stream,
    /// The connection, by this side.
    Connection,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::GoAway => "the server has ended the connection",
            Self::Stream => "the request was given up",
            Self::Connection => "the connection was given up, since the server broke its rules",
        })
    }
}

/// How far a request had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The connection was not made yet.
    Connecting,
    /// The connection was there, and took no more requests for now.
    Queued,
    /// The server did not take the rest of the request.
    Sending,
    /// Nothing of the answer had come yet.
    Waiting,
    /// The request had been sent, and the answer's head was to come within a time
    /// of its own.
    Head,
    /// A part of the answer had come.
    Receiving,
    /// A part of the body had come, and the next was to come within a time of its
    /// own.
    Idle,
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Connecting => "while connecting",
            Self::Queued => "while waiting for a turn on the connection",
            Self::Sending => "while the server did not take the rest of the request",
            Self::Waiting => "while waiting for the answer",
            Self::Head => "while waiting for the head of the answer",
            Self::Receiving => "while receiving the answer",
            Self::Idle => "in which nothing more came of the body",
        })
    }
}
