//! What all clients of a run share.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::{Error, Settings, tls};

/// What all clients of a run share: settings, and the TLS configuration, which
/// is made when the first request needs it.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
    user_agent: http::HeaderValue,
    tls: OnceCell<Arc<rustls::ClientConfig>>,
}

impl Engine {
    /// An engine with these settings.
    ///
    /// # Errors
    ///
    /// When the user agent is not a header's value.
    pub fn new(settings: Settings) -> Result<Arc<Self>, Error> {
        let user_agent = http::HeaderValue::from_str(&settings.user_agent).map_err(|_| {
            Error::InvalidRequest {
                reason: format!("`{}` cannot be a user agent", settings.user_agent),
            }
        })?;
        Ok(Arc::new(Self { settings, user_agent, tls: OnceCell::new() }))
    }

    /// Its settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn user_agent(&self) -> &http::HeaderValue {
        &self.user_agent
    }

    /// The TLS configuration. Reading the system's certificates takes some
    /// milliseconds of file access, so it is done aside and once.
    pub(super) async fn tls(&self) -> Result<Arc<rustls::ClientConfig>, String> {
        let make = || async {
            let settings = self.settings.tls.clone();
            let made = tokio::task::spawn_blocking(move || tls::client_config(&settings)).await;
            made.map_err(|error| error.to_string())?.map(Arc::new)
        };
        self.tls.get_or_try_init(make).await.cloned()
    }
}
