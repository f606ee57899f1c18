//! The URL of a proxy.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use percent_encoding::percent_decode_str;
use rustls::pki_types::ServerName;
use url::{Host, Url};

use super::bad_setting::BadSetting;
use super::host_pattern::host;

/// The URL of a proxy. It can hold a password: neither its `Debug` nor its
/// `Display` shows that, and errors show nothing of the text.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl(Arc<Proxy>);

/// A proxy, taken apart.
#[derive(PartialEq, Eq)]
pub(in crate::http) struct Proxy {
    pub(super) kind: ProxyKind,
    pub(super) host: Host<String>,
    pub(super) port: u16,
    /// User and password, as HTTP has them.
    authorization: Option<HeaderValue>,
    /// User and password, as SOCKS has them.
    pub(super) credentials: Option<(String, String)>,
    url: Url,
}

/// How a proxy is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ProxyKind {
    Http,
    /// By TLS, as the owner of this name.
    Https(ServerName<'static>),
    /// With names looked up here.
    Socks5,
    /// With names looked up there.
    Socks5h,
}

impl ProxyUrl {
    /// The URL as it is used, with its password.
    #[must_use]
    pub fn expose(&self) -> &Url {
        &self.0.url
    }

    /// Whether it holds a password.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.0.url.password().is_some()
    }

    pub(super) fn proxy(&self) -> &Proxy {
        &self.0
    }
}

impl FromStr for ProxyUrl {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let trimmed = text.trim();
        // As in other programs, a proxy is an HTTP one unless it says otherwise.
        let whole = match trimmed.contains("://") {
            true => trimmed.to_owned(),
            false => format!("http://{trimmed}"),
        };
        let proxy = Url::parse(&whole)
            .map_err(|error| error.to_string())
            .and_then(Proxy::at);
        match proxy {
            Ok(proxy) => Ok(Self(Arc::new(proxy))),
            Err(reason) => Err(BadSetting::new(format!(
                "it is no usable URL of a proxy: {reason}; write it as http://host:port"
            ))),
        }
    }
}

impl Proxy {
    /// The proxy at a URL; `Err` says why there is none.
    fn at(url: Url) -> Result<Self, String> {
        let (kind, usual_port): (fn(ServerName<'static>) -> ProxyKind, _) = match url.scheme() {
            "http" => (|_| ProxyKind::Http, 80),
            "https" => (ProxyKind::Https, 443),
            "socks5" => (|_| ProxyKind::Socks5, 1080),
            "socks5h" => (|_| ProxyKind::Socks5h, 1080),
            _ => {
                return Err(
                    "it starts with none of http://, https://, socks5:// and socks5h://".to_owned(),
                );
            }
        };
        let name = url.host_str().filter(|name| !name.is_empty());
        let name = name.ok_or("it names no host")?;
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err("it has a path, `?` or `#`, and a proxy has none".to_owned());
        }
        let unusable = "its host is neither a name nor an address";
        let host = host(name).ok_or(unusable)?;
        let shown_name = match &host {
            Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| unusable)?,
            Host::Ipv4(address) => ServerName::from(IpAddr::from(*address)),
            Host::Ipv6(address) => ServerName::from(IpAddr::from(*address)),
        };
        let kind = kind(shown_name);
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let password = url.password();
        let credentials = (!url.username().is_empty() || password.is_some())
            .then(|| (decoded(url.username()), decoded(password.unwrap_or(""))));
        let (authorization, credentials) = match kind {
            ProxyKind::Http | ProxyKind::Https(_) => (credentials.map(basic), None),
            ProxyKind::Socks5 | ProxyKind::Socks5h => (None, credentials),
        };
        Ok(Self {
            kind,
            host,
            port: url.port().unwrap_or(usual_port),
            authorization: authorization.transpose()?,
            credentials,
            url,
        })
    }

    /// The `proxy-authorization` that it wants.
    pub(in crate::http) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    pub(super) fn speaks_http(&self) -> bool {
        matches!(self.kind, ProxyKind::Http | ProxyKind::Https(_))
    }
}

fn basic((user, password): (String, String)) -> Result<HeaderValue, String> {
    let encoded = BASE64_STANDARD.encode(format!("{user}:{password}"));
    let mut value = HeaderValue::from_str(&format!("Basic {encoded}"))
        .map_err(|_| "its user or password fits no header")?;
    value.set_sensitive(true);
    Ok(value)
}

/// Scheme, host and port, without user and password.
impl fmt::Display for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            host, port, url, ..
        } = self;
        write!(formatter, "{}://{host}:{port}", url.scheme())
    }
}

impl fmt::Display for ProxyUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.expose().clone();
        if self.has_password() {
            // A URL with a password has a host, and can have another one.
            let _ = url.set_password(Some("***"));
        }
        formatter.write_str(url.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ProxyUrl({self})")
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
            assert!(!url.proxy().to_string().contains("me:"));
        }
    }

    #[test]
    fn a_proxy_is_known_by_scheme_host_port_and_who_asks() {
        let basic = |url: &str| {
            let url: ProxyUrl = url.parse().unwrap();
            let value = url.proxy().authorization()?.to_str().unwrap().to_owned();
            Some(value)
        };
        assert_eq!(basic("http://u:p%3Aw@proxy").unwrap(), "Basic dTpwOnc=");
        assert_eq!(basic("https://u@proxy").unwrap(), "Basic dTo=");
        assert_eq!(basic("http://proxy"), None);
        assert_eq!(basic("socks5://u:p@proxy"), None);
        let socks: ProxyUrl = "socks5h://u:ge%3Aheim@Proxy".parse().unwrap();
        let credentials = Some(("u".to_owned(), "ge:heim".to_owned()));
        assert_eq!(socks.proxy().credentials, credentials);
        for (text, expected) in [
            ("proxy", "http://proxy:80"),
            ("https://proxy", "https://proxy:443"),
            ("socks5h://Proxy", "socks5h://proxy:1080"),
            ("socks5://127.0.0.1", "socks5://127.0.0.1:1080"),
            ("socks5://[::1]:81", "socks5://[::1]:81"),
            ("http://[::1]:81", "http://[::1]:81"),
        ] {
            let url: ProxyUrl = text.parse().unwrap();
            assert_eq!(url.proxy().to_string(), expected);
        }
        // An address, which needs no look-up.
        let socks: ProxyUrl = "socks5://127.0.0.1".parse().unwrap();
        assert!(matches!(socks.proxy().host, Host::Ipv4(_)));
    }

    #[test]
    fn what_is_no_proxy_is_refused_and_not_shown() {
        for (text, reason) in [
            ("", "it is no usable URL of a proxy: empty host"),
            ("ftp://me:hush@proxy", "it starts with none of http://"),
            ("socks4://me:hush@proxy", "it starts with none of http://"),
            ("http://me:hush@proxy/path", "it has a path"),
            ("http://me:hush@proxy:port", "invalid port number"),
            ("http://me:hush@proxy:99999", "invalid port number"),
            ("http://me:hush@", "empty host"),
            ("socks5://", "it names no host"),
            ("socks5://me:hush@a..b", "neither a name nor an address"),
        ] {
            let error = text.parse::<ProxyUrl>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
