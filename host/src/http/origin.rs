//! Whom a connection is to.

use std::sync::Arc;

use url::{Host, Url};

/// Whether a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Plain TCP.
    Http,
    /// TLS over TCP.
    Https,
}

/// Whom a connection is to: scheme, host and port, as in RFC 6454.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) scheme: Scheme,
    pub(super) host: Host<String>,
    pub(super) port: u16,
    /// Host and port as in the URL: the port only where it is not the scheme's.
    pub(super) authority: Arc<str>,
}

impl Origin {
    /// The origin of a URL of HTTP; `Err` says what is wrong.
    pub(super) fn of(url: &Url) -> Result<Self, &'static str> {
        let scheme = match url.scheme() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err("the scheme is another"),
        };
        let host = url.host().ok_or("it has no host")?.to_owned();
        let port = url.port_or_known_default().ok_or("it has no port")?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}").into(),
            None => host.to_string().into(),
        };
        Ok(Self {
            scheme,
            host,
            port,
            authority,
        })
    }

    /// Whether one connection can serve both.
    pub(super) fn is(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
            || (self.scheme == other.scheme && self.port == other.port && self.host == other.host)
    }

    /// Whether both are the same server to a limit per host.
    pub(super) fn has_host_of(&self, other: &Self) -> bool {
        self.port == other.port && self.host == other.host
    }
}
