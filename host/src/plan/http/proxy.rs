//! Through what connections go.

use std::fmt;
use std::str::FromStr;

use url::Url;

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

/// The URL of a proxy. It can hold a password: neither its `Debug` nor its
/// `Display` shows that, and errors show nothing of the text.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl(Url);

/// The schemes of proxies.
const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

impl ProxyUrl {
    /// The URL as it is used, with its password.
    #[must_use]
    pub fn expose(&self) -> &Url {
        &self.0
    }

    /// Whether it holds a password.
    pub(in crate::plan) fn has_password(&self) -> bool {
        self.0.password().is_some()
    }
}

impl FromStr for ProxyUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |reason: &str| {
            Err(format!(
                "it is no usable URL of a proxy: {reason}; write it as http://host:port"
            ))
        };
        let trimmed = text.trim();
        // As in other programs, a proxy is an HTTP one unless it says otherwise.
        let whole = match trimmed.contains("://") {
            true => trimmed.to_owned(),
            false => format!("http://{trimmed}"),
        };
        let url = match Url::parse(&whole) {
            Ok(url) => url,
            Err(error) => return wrong(&error.to_string()),
        };
        if !SCHEMES.contains(&url.scheme()) {
            return wrong("it starts with none of http://, https://, socks5:// and socks5h://");
        }
        if url.host_str().is_none_or(str::is_empty) {
            return wrong("it names no host");
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return wrong("it has a path, `?` or `#`, and a proxy has none");
        }
        Ok(Self(url))
    }
}

impl FromStr for ProxySetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
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
            .filter_map(|url| url.0.password())
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

impl fmt::Display for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        if self.has_password() {
            // A URL with a password has a host, and can have another one.
            let _ = url.set_password(Some("***"));
        }
        f.write_str(url.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxyUrl({self})")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_shown_without_its_password() {
        for (text, shown) in [
            ("http://proxy:3128", "http://proxy:3128"),
            ("proxy.example.com:3128", "http://proxy.example.com:3128"),
            (
                "http://me:hush-hush@proxy:3128/",
                "http://me:***@proxy:3128",
            ),
            ("socks5h://proxy:1080", "socks5h://proxy:1080"),
        ] {
            let url: ProxyUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("ProxyUrl({shown})"));
        }
    }

    #[test]
    fn what_is_no_proxy_is_refused_and_not_shown() {
        for (text, reason) in [
            ("", "it is no usable URL of a proxy: empty host"),
            ("ftp://me:hush@proxy", "it starts with none of http://"),
            ("http://me:hush@proxy/path", "it has a path"),
            ("http://me:hush@proxy:port", "invalid port number"),
            ("socks5://", "it names no host"),
        ] {
            let error = text.parse::<ProxyUrl>().unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
            assert!(!error.contains("hush"), "{error}");
        }
        assert_eq!("none".parse(), Ok(ProxySetting::None));
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
