//! Through what connections go.

use std::str::FromStr;

use super::ProxyUrl;
use crate::http::BadSetting;
use crate::plan::values::mask;

/// Through what connections go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Proxy {
    /// Straight to the server.
    #[default]
    None,
    /// Through this one, all of them.
    Always(ProxyUrl),
    /// As the variables that all programs share say.
    Environment {
        /// For `http` and `ws`.
        http: Option<ProxyUrl>,
        /// For `https` and `wss`.
        https: Option<ProxyUrl>,
        /// To which hosts without a proxy, in the notation of `NO_PROXY`.
        except: String,
    },
}

/// What somebody says of a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxySetting {
    /// There is none, whatever the process environment says: `none`.
    None,
    /// This one.
    Use(ProxyUrl),
}

impl FromStr for ProxySetting {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        match text.trim() {
            "none" => Ok(Self::None),
            text => text.parse().map(Self::Use),
        }
    }
}

impl Proxy {
    /// The text without passwords of proxies in it.
    pub(super) fn masked(&self, text: &str) -> String {
        let urls = match self {
            Self::None => [None, None],
            Self::Always(url) => [Some(url), None],
            Self::Environment { http, https, .. } => [http.as_ref(), https.as_ref()],
        };
        let mut masked = text.to_owned();
        for password in urls
            .into_iter()
            .flatten()
            .filter_map(|url| url.expose().password())
        {
            // As it stands in the URL, and as it was meant.
            let decoded = percent_encoding::percent_decode_str(password).decode_utf8_lossy();
            for password in [password, &decoded] {
                masked = mask(masked, password);
            }
        }
        masked
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_is_a_setting_of_its_own() {
        assert_eq!("none".parse(), Ok(ProxySetting::None));
        let proxy: ProxySetting = "http://none".parse().unwrap();
        assert!(matches!(proxy, ProxySetting::Use(_)));
    }

    #[test]
    fn passwords_are_masked_as_written_and_as_meant() {
        let url: ProxyUrl = "http://me:hush%21hush@proxy".parse().unwrap();
        let proxy = Proxy::Always(url);
        assert_eq!(
            proxy.masked("hush!hush or hush%21hush or me"),
            "*** or *** or me"
        );
    }
}
