//! What holds for all requests of an engine.

use std::time::Duration;

use rustls::pki_types::CertificateDer;

/// What holds for all requests of an engine.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The `user-agent` of requests that set none. The product's own name and
    /// version by default, so that operators can tell load-test traffic.
    pub user_agent: String,
    /// How servers are to prove who they are.
    pub tls: TlsSettings,
    /// Whether a connection is kept for the next request.
    pub connection_reuse: bool,
    /// Whether bodies are dropped as they arrive.
    pub discard_bodies: bool,
    /// The most bytes of a body; 64 MiB.
    pub body_limit: u64,
    /// How long making a connection may take; 30 s, and never longer than the
    /// request has.
    pub connect_timeout: Duration,
    /// How many requests of one batch are under way at a time; k6's `batch`.
    pub batch: usize,
    /// The same to one host; k6's `batchPerHost`.
    pub per_host: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user_agent: concat!("vuelo/", env!("CARGO_PKG_VERSION")).to_owned(),
            tls: TlsSettings::default(),
            connection_reuse: true,
            discard_bodies: false,
            body_limit: 64 * 1024 * 1024,
            connect_timeout: Duration::from_secs(30),
            batch: 20,
            per_host: 6,
        }
    }
}

/// How servers are to prove who they are.
#[derive(Debug, Clone, Default)]
pub struct TlsSettings {
    /// Takes any certificate.
    pub insecure_skip_verify: bool,
    /// Certificate authorities beside the system's.
    pub extra_roots: Vec<CertificateDer<'static>>,
}
