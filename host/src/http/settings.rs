//! What holds for all requests of a run.

use std::time::Duration;

use super::network::NetworkSettings;
use super::tls::TlsSettings;

/// What holds for all requests of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The `user-agent` of requests that set none themselves.
    pub user_agent: String,
    /// How servers are authenticated, and how this side is.
    pub tls: TlsSettings,
    /// How long a connection is kept, and for whom.
    pub connections: ConnectionLife,
    /// Which protocol is spoken.
    pub protocol: Protocol,
    /// How servers are reached, and which.
    pub network: NetworkSettings,
    /// Whether bodies are dropped as they arrive, whatever the request says
    /// (k6: `discardResponseBodies`).
    pub discard_bodies: bool,
    /// The most bytes of a body, or of one Server-Sent Event, that are kept.
    pub body_limit: u64,
    /// How many requests of [`Client::send_all`](super::Client::send_all) are
    /// under way to one host at a time, and how many idle connections a client
    /// keeps to it; 0 is no limit (k6: `batchPerHost`).
    pub per_host: usize,
    /// How many requests of [`Client::send_all`](super::Client::send_all) are
    /// under way at a time; 0 is no limit (k6: `batch`).
    pub batch: usize,
    /// The time from one request to the next of all clients together, at least;
    /// no limit without (k6: `rps`, of which it is the inverse).
    pub request_period: Option<Duration>,
    /// How long the making of one connection may take: name lookup, TCP and TLS
    /// together. A request's own timeout holds beside it.
    pub connect_timeout: Duration,
    /// How long the head of an answer may take once the request is written; no
    /// limit of its own without.
    pub head_timeout: Option<Duration>,
    /// How long the next piece of an answer's body may take; no limit of its own
    /// without.
    pub idle_timeout: Option<Duration>,
    /// How many redirects one call follows; the answer that redirects once more
    /// is then the answer (k6: `maxRedirects`).
    pub max_redirects: u32,
    /// For how long a client keeps the cookies that servers set.
    pub cookies: CookieLife,
}

/// For how long a client keeps the cookies that servers set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CookieLife {
    /// Until the iteration ends.
    #[default]
    Iteration,
    /// As long as the client lives (k6: `noCookiesReset`).
    Vu,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user_agent: concat!("vuelo/", env!("CARGO_PKG_VERSION")).to_owned(),
            tls: TlsSettings::default(),
            connections: ConnectionLife::default(),
            protocol: Protocol::default(),
            network: NetworkSettings::default(),
            discard_bodies: false,
            // Enough for every API; a download of more wants to be discarded.
            body_limit: 64 * 1024 * 1024,
            // The limits of browsers, and k6's defaults.
            per_host: 6,
            batch: 20,
            request_period: None,
            // As in Go's dialer, hence in k6.
            connect_timeout: Duration::from_secs(30),
            head_timeout: None,
            idle_timeout: None,
            // k6's default.
            max_redirects: 10,
            cookies: CookieLife::Iteration,
        }
    }
}

/// How long a connection is kept, and for whom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ConnectionLife {
    /// It serves one request, which says `connection: close` where it is
    /// HTTP/1.1 (k6: `noConnectionReuse`).
    Request,
    /// It serves one client until the end of its iteration (k6:
    /// `noVUConnectionReuse`).
    Iteration,
    /// It serves one client, as a browser's.
    #[default]
    Vu,
    /// It serves all clients of its worker thread, as a gateway's.
    Worker,
}

/// Which protocol is spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Protocol {
    /// With TLS what the server prefers of HTTP/2 and HTTP/1.1, else HTTP/1.1.
    #[default]
    Negotiated,
    /// HTTP/1.1.
    Http1,
    /// HTTP/2: a server that does not agree is refused with TLS, and without it
    /// is not asked.
    Http2,
    /// HTTP/3, for `https` alone. [`Engine::new`](super::Engine::new) refuses it
    /// where it was built without.
    Http3,
}

impl Protocol {
    /// Why nobody can speak it here, if so.
    #[must_use]
    pub fn left_out(self) -> Option<&'static str> {
        (self == Self::Http3 && !cfg!(feature = "http3")).then_some(
            "this command was built without HTTP/3; build it with `--features http3`, or take \
             another version",
        )
    }
}

/// A limit where 0 stands for none.
pub(super) fn limit(count: usize) -> usize {
    if count == 0 { usize::MAX } else { count }
}
