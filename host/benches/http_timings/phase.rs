//! What is delayed, over what it is tried, and what the client says of it.

use std::time::Duration;

use bytes::Bytes;
use vuelo::http::{ConnectionLife, DnsPolicy, DnsTtl, Protocol, Request, Settings, Timings};

use crate::certificates;
use crate::truth::Servers;

/// More than the buffers of two sockets hold.
pub const LARGE: usize = 16 << 20;

/// Delays, and how often each is tried.
const DELAYS: [(Duration, usize); 4] = [
    (Duration::ZERO, 200),
    (Duration::from_millis(1), 200),
    (Duration::from_millis(10), 100),
    (Duration::from_millis(100), 20),
];

/// Those of connecting. The system asks a second later where there was no answer,
/// and two seconds after that, or a second: it depends on the system.
const DELAYS_OF_CONNECTING: [(Duration, usize); 2] =
    [(Duration::ZERO, 200), (Duration::from_millis(500), 5)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The request before it on the only connection is late.
    Blocked,
    /// The name server is late.
    LookingUp,
    /// There is no room for the connection.
    Connecting,
    /// The server's hello is late.
    TlsHandshaking,
    /// The server does not read the request's body.
    Sending,
    /// The answer's head is late.
    Waiting,
    /// The second half of the answer's body is late.
    Receiving,
}

/// What a request goes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Http1,
    Tls,
    Http2,
}

/// One phase, by one protocol, delayed for so long.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    pub phase: Phase,
    pub over: Over,
    pub delay: Duration,
    pub times: usize,
}

impl Trial {
    /// A row of the table each.
    pub fn all() -> impl Iterator<Item = Self> {
        [
            (Phase::Blocked, &[Over::Http1][..]),
            (Phase::LookingUp, &[Over::Http1]),
            (Phase::Connecting, &[Over::Http1]),
            (Phase::TlsHandshaking, &[Over::Tls]),
            (Phase::Sending, &[Over::Http1, Over::Tls, Over::Http2]),
            (Phase::Waiting, &[Over::Http1, Over::Tls, Over::Http2]),
            (Phase::Receiving, &[Over::Http1, Over::Tls, Over::Http2]),
        ]
        .into_iter()
        .flat_map(|(phase, overs)| overs.iter().map(move |over| (phase, *over)))
        .flat_map(|(phase, over)| {
            let delays = match phase {
                Phase::Connecting => &DELAYS_OF_CONNECTING[..],
                _ => &DELAYS,
            };
            delays.iter().map(move |(delay, times)| Self {
                phase,
                over,
                delay: *delay,
                times: *times,
            })
        })
    }

    pub fn settings(self, servers: &Servers) -> Settings {
        let mut settings = Settings::default();
        settings.tls.extra_roots = vec![certificates::root()];
        if self.over == Over::Http2 {
            settings.protocol = Protocol::Http2;
        }
        match self.phase {
            Phase::Blocked => settings.per_host = 1,
            Phase::LookingUp => {
                settings.connections = ConnectionLife::Request;
                settings.network.dns.servers = servers.names.into_iter().collect();
                settings.network.dns.ttl = DnsTtl::Nothing;
                settings.network.dns.policy = DnsPolicy::OnlyIpv4;
            }
            _ => {}
        }
        settings
    }

    pub fn request(self, servers: &Servers) -> Request {
        let scheme = match self.over {
            Over::Tls => "https",
            Over::Http1 | Over::Http2 => "http",
        };
        let host = match self.phase {
            Phase::LookingUp => "late.test",
            // What a name takes is none of it.
            Phase::Connecting | Phase::Blocked => "127.0.0.1",
            _ => "localhost",
        };
        let url = format!("{scheme}://{host}:{}/", servers.port);
        if self.phase == Phase::Sending {
            let mut request = Request::new("POST", &url).unwrap();
            request.set_body(Bytes::from_static(&[0; LARGE]));
            return request;
        }
        Request::new("GET", &url).unwrap()
    }
}

impl Phase {
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::LookingUp => "looking_up",
            Self::Connecting => "connecting",
            Self::TlsHandshaking => "tls_handshaking",
            Self::Sending => "sending",
            Self::Waiting => "waiting",
            Self::Receiving => "receiving",
        }
    }

    /// What the client says of it.
    pub fn of(self, timings: &Timings) -> Duration {
        match self {
            Self::Blocked => timings.blocked,
            Self::LookingUp => timings.looking_up,
            Self::Connecting => timings.connecting,
            Self::TlsHandshaking => timings.tls_handshaking,
            Self::Sending => timings.sending,
            Self::Waiting => timings.waiting,
            Self::Receiving => timings.receiving,
        }
        .expect("a phase that was reached")
    }
}

impl Over {
    pub fn name(self) -> &'static str {
        match self {
            Self::Http1 => "HTTP/1.1",
            Self::Tls => "HTTP/1.1, TLS",
            Self::Http2 => "HTTP/2",
        }
    }
}
