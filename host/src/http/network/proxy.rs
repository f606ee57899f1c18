//! Who stands between.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use rustls::pki_types::ServerName;
use url::Host;

use super::NetworkSettings;
use super::bad_setting::BadSetting;
use super::host_pattern::parse_host;
use crate::http::origin::{Origin, Scheme};
use crate::http::settings::{Protocol, Settings};

/// What a proxy's URL may be.
const EXPECTED: &str = "URL of a proxy: write `http://`, `https://`, `socks5://` or `socks5h://`, \
                        user and password where it wants them (percent-encoded), host and port";

/// Any host of which the table of proxies can be asked.
const SOMEBODY: &str = "http://somebody.invalid/";

/// Who stands between: nobody, one proxy for all hosts, or what the environment
/// says. Its `Debug` shows no user and no password.
#[derive(Clone, Default)]
pub struct Proxies(Option<Arc<Table>>);

/// Which proxy stands before which hosts.
struct Table {
    http: Option<Proxy>,
    https: Option<Proxy>,
    /// Knows who is reached without one.
    matcher: Matcher,
    /// Whether this machine itself is reached without one.
    spares_this_machine: bool,
}

/// A proxy.
pub(in crate::http) struct Proxy {
    pub(super) kind: ProxyKind,
    pub(super) host: Host<String>,
    pub(super) port: u16,
    /// User and password, as HTTP has them.
    authorization: Option<HeaderValue>,
    /// User and password, as SOCKS has them.
    pub(super) credentials: Option<(String, String)>,
    /// As shown: without user and password.
    url: String,
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

impl Proxies {
    /// One proxy for all hosts, but those that `exceptions` names in the
    /// notation of `NO_PROXY`.
    ///
    /// # Errors
    ///
    /// When the URL is not that of a proxy. User and password are not in the
    /// text.
    pub fn all(url: &str, exceptions: &str) -> Result<Self, BadSetting> {
        let proxy = || url.parse::<Proxy>();
        Ok(Self(Some(Arc::new(Table {
            http: Some(proxy()?),
            https: Some(proxy()?),
            matcher: Matcher::builder().all(url).no(exceptions).build(),
            spares_this_machine: false,
        }))))
    }

    /// What the variables `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and
    /// `NO_PROXY` say, in small letters too. As in k6, this machine itself is
    /// reached without one.
    ///
    /// # Errors
    ///
    /// The variable, and why it is none that can be used. User and password are
    /// not in the text.
    pub fn from_environment<'e>(
        variable: impl Fn(&str) -> Option<&'e str>,
    ) -> Result<Self, (&'static str, BadSetting)> {
        let set = |names: [&'static str; 2]| {
            let mut named = names.into_iter();
            named.find_map(|name| {
                let value = variable(name)?.trim();
                (!value.is_empty()).then_some((name, value))
            })
        };
        let parse = |set: Option<(&'static str, &str)>| match set {
            Some((name, url)) => url.parse::<Proxy>().map(Some).map_err(|bad| (name, bad)),
            None => Ok(None),
        };
        let all = set(["ALL_PROXY", "all_proxy"]);
        let http = set(["HTTP_PROXY", "http_proxy"]).or(all);
        let https = set(["HTTPS_PROXY", "https_proxy"]).or(all);
        let exceptions = set(["NO_PROXY", "no_proxy"]);
        let text = |set: Option<(&str, &'e str)>| set.map_or("", |(_, value)| value);
        let (parsed_http, parsed_https) = (parse(http)?, parse(https)?);
        if parsed_http.is_none() && parsed_https.is_none() {
            return Ok(Self::default());
        }
        Ok(Self(Some(Arc::new(Table {
            http: parsed_http,
            https: parsed_https,
            matcher: Matcher::builder()
                .http(text(http))
                .https(text(https))
                .no(text(exceptions))
                .build(),
            spares_this_machine: true,
        }))))
    }

    /// Who stands before a host.
    fn of(&self, origin: &Origin) -> Option<&Proxy> {
        let table = self.0.as_deref()?;
        let proxy = match origin.scheme {
            Scheme::Http => table.http.as_ref()?,
            Scheme::Https => table.https.as_ref()?,
        };
        if table.spares_this_machine && is_this_machine(&origin.host) {
            return None;
        }
        let url: Uri = origin.url().parse().ok()?;
        table.matcher.intercept(&url)?;
        Some(proxy)
    }
}

impl NetworkSettings {
    /// Who stands before a host: nobody before one whose place the settings say.
    pub(super) fn proxy_of(&self, origin: &Origin) -> Option<&Proxy> {
        let proxy = self.proxies.of(origin)?;
        let place = self.hosts.of(&origin.host, origin.port);
        place.is_none().then_some(proxy)
    }
}

impl Settings {
    /// The proxy that takes the requests to a host as its own and sends them on:
    /// it must be told whom they are for. Without TLS a proxy speaks HTTP/1.1, so
    /// that HTTP/2 needs a tunnel.
    pub(in crate::http) fn forwarding_proxy_of(&self, origin: &Origin) -> Option<&Proxy> {
        self.network.proxy_of(origin).filter(|proxy| {
            origin.scheme == Scheme::Http && self.protocol != Protocol::Http2 && proxy.speaks_http()
        })
    }
}

impl Proxy {
    /// The `proxy-authorization` that it wants.
    pub(in crate::http) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    fn speaks_http(&self) -> bool {
        matches!(self.kind, ProxyKind::Http | ProxyKind::Https(_))
    }
}

fn is_this_machine(host: &Host<String>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

impl FromStr for Proxy {
    type Err = BadSetting;

    fn from_str(url: &str) -> Result<Self, BadSetting> {
        let bad = || {
            // Whatever stands before an `@` may be a password.
            let shown = url
                .rsplit_once('@')
                .map(|(_, rest)| format!("\u{2026}@{rest}"));
            BadSetting::new(shown.as_deref().unwrap_or(url), EXPECTED)
        };
        let intercept = Matcher::builder()
            .all(url)
            .build()
            .intercept(&Uri::from_static(SOMEBODY))
            .ok_or_else(bad)?;
        let (scheme, name) = (intercept.uri().scheme_str(), intercept.uri().host());
        let name = name.ok_or_else(bad)?;
        let host = parse_host(name).ok_or_else(bad)?;
        let (kind, usual_port) = match scheme {
            Some("http") => (ProxyKind::Http, 80),
            Some("https") => {
                let name = name.trim_matches(['[', ']']).to_owned();
                let name = ServerName::try_from(name).map_err(|_| bad())?;
                (ProxyKind::Https(name), 443)
            }
            Some("socks5") => (ProxyKind::Socks5, 1080),
            Some("socks5h") => (ProxyKind::Socks5h, 1080),
            _ => return Err(bad()),
        };
        let authority = intercept.uri().authority();
        let port = match intercept.uri().port_u16() {
            Some(port) => port,
            // What is no number between 0 and 65535 counts as none there.
            None if !authority.is_some_and(|authority| authority == name) => return Err(bad()),
            None => usual_port,
        };
        let credentials = intercept.raw_auth();
        Ok(Self {
            url: format!("{}://{host}:{port}", scheme.unwrap_or_default()),
            kind,
            host,
            port,
            authorization: intercept.basic_auth().cloned(),
            credentials: credentials.map(|(user, password)| (user.to_owned(), password.to_owned())),
        })
    }
}

/// The URL, without user and password.
impl fmt::Display for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.url)
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |proxy: &Option<Proxy>| proxy.as_ref().map(ToString::to_string);
        let table = self.0.as_deref();
        formatter
            .debug_struct("Proxies")
            .field("http", &table.and_then(|table| shown(&table.http)))
            .field("https", &table.and_then(|table| shown(&table.https)))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use url::Url;

    use super::*;

    fn origin(url: &str) -> Origin {
        Origin::of(&Url::parse(url).unwrap()).unwrap()
    }

    fn environment(
        variables: &[(&str, &'static str)],
    ) -> Result<Proxies, (&'static str, BadSetting)> {
        Proxies::from_environment(|wanted| {
            let mut variables = variables.iter();
            let (_, value) = variables.find(|(name, _)| *name == wanted)?;
            Some(*value)
        })
    }

    fn chosen(proxies: &Proxies, url: &str) -> Option<String> {
        proxies.of(&origin(url)).map(ToString::to_string)
    }

    #[test]
    fn each_scheme_has_its_proxy_and_all_proxy_stands_in() {
        let proxies = environment(&[
            ("http_proxy", "one:3128"),
            ("ALL_PROXY", "socks5h://u:p@two"),
            ("NO_PROXY", "b.test, 10.0.0.0/8"),
        ])
        .unwrap();
        let chosen = |url| chosen(&proxies, url);
        assert_eq!(chosen("http://a.test/").unwrap(), "http://one:3128");
        assert_eq!(chosen("https://a.test/").unwrap(), "socks5h://two:1080");
        for spared in ["http://b.test/", "https://x.b.test/", "http://10.1.2.3:81/"] {
            assert_eq!(chosen(spared), None, "{spared}");
        }
    }

    #[test]
    fn this_machine_is_behind_no_proxy_of_the_environment() {
        let proxies = environment(&[("HTTP_PROXY", "http://one:3128")]).unwrap();
        for url in [
            "http://localhost:81/",
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://a.localhost/",
        ] {
            assert_eq!(chosen(&proxies, url), None, "{url}");
        }
        assert_eq!(chosen(&proxies, "https://a.test/"), None);
        let named = Proxies::all("http://one:3128", "").unwrap();
        assert!(chosen(&named, "http://localhost:81/").is_some());
        let empty = environment(&[("HTTP_PROXY", " ")]).unwrap();
        assert_eq!(chosen(&empty, "http://a.test/"), None);
    }

    #[test]
    fn a_host_whose_place_is_said_is_behind_no_proxy() {
        let mut settings = Settings::default();
        settings.network.proxies = Proxies::all("http://one:3128", "").unwrap();
        let forwards =
            |settings: &Settings, url| settings.forwarding_proxy_of(&origin(url)).is_some();
        assert!(forwards(&settings, "http://a.test/"));
        assert!(!forwards(&settings, "https://a.test/"));
        let place = ("a.test".parse().unwrap(), "10.0.0.1".parse().unwrap());
        settings.network.hosts = [place].into_iter().collect();
        assert!(!forwards(&settings, "http://a.test/"));
        assert!(
            settings
                .network
                .proxy_of(&origin("https://a.test/"))
                .is_none()
        );
    }

    #[test]
    fn a_proxy_that_is_none_is_told_without_its_password() {
        for url in [
            "http://user:geheim@",
            "ftp://user:geheim@proxy:21",
            "socks4://user:geheim@proxy",
            "http://user:geheim@proxy:99999",
        ] {
            let error = Proxies::all(url, "").unwrap_err().to_string();
            assert!(
                !error.contains("geheim") && error.contains("`socks5://`"),
                "{error}"
            );
            let (name, error) = environment(&[("HTTPS_PROXY", url)]).unwrap_err();
            assert_eq!(name, "HTTPS_PROXY");
            assert!(!error.to_string().contains("geheim"), "{error}");
        }
        let proxies = Proxies::all("http://user:geheim@proxy:81", "").unwrap();
        let shown = format!("{proxies:?}");
        assert!(
            shown.contains("http://proxy:81") && !shown.contains("geheim"),
            "{shown}"
        );
    }
}
