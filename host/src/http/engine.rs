//! What all clients of a run share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderValue;

use super::error::Error;
use super::network::Shared;
use super::rate_limit::RateLimit;
use super::request::header_value;
use super::settings::Settings;
use super::tls::Tls;

/// What all clients of a run share. Nothing in it changes while a run goes on.
#[derive(Debug)]
pub struct Engine {
    id: EngineId,
    settings: Settings,
    user_agent: HeaderValue,
    tls: Tls,
    network: Shared,
    rate_limit: Option<RateLimit>,
}

/// Tells engines apart for as long as the process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EngineId(u64);

impl Engine {
    /// An engine with these settings.
    ///
    /// # Errors
    ///
    /// When this was built without the protocol, the user agent is no value for a
    /// header, or something of TLS cannot be used: a certificate, a key, or the
    /// file that keys of sessions are written to.
    pub fn new(settings: Settings) -> Result<Arc<Self>, Error> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        if let Some(reason) = settings.protocol.left_out() {
            return Err(Error::Other {
                subject: "httpVersion".into(),
                cause: reason.to_owned(),
            });
        }
        Ok(Arc::new(Self {
            id: EngineId(NEXT.fetch_add(1, Ordering::Relaxed)),
            user_agent: header_value("user-agent", &settings.user_agent)?,
            tls: Tls::new(&settings.tls, settings.protocol)?,
            network: Shared::default(),
            rate_limit: settings.request_period.map(RateLimit::new),
            settings,
        }))
    }

    /// What holds for all requests.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn id(&self) -> EngineId {
        self.id
    }

    pub(super) fn user_agent(&self) -> &HeaderValue {
        &self.user_agent
    }

    /// Waits until another request may be sent. Whoever waits here has not sent
    /// anything yet, and is timed from afterwards, as in k6.
    pub(super) async fn turn(&self) {
        if let Some(rate_limit) = &self.rate_limit {
            rate_limit.turn().await;
        }
    }

    pub(super) fn tls(&self) -> &Tls {
        &self.tls
    }

    pub(super) fn network(&self) -> &Shared {
        &self.network
    }
}
