//! Who stands between.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Host;

use super::NetworkSettings;
use super::bad_setting::BadSetting;
use super::host_pattern::without_final_dot;
use super::proxy_url::{Proxy, ProxyUrl};
use crate::http::origin::{Origin, Scheme};
use crate::http::settings::{Protocol, Settings};

/// Stands for whichever proxy there is: the library only says whether there is
/// one.
const SOMEBODY: &str = "http://somebody.invalid";

/// Who stands between: nobody, or a proxy before some hosts. Its `Debug` shows no
/// password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies(Option<Arc<Table>>);

/// Which proxy stands before which hosts.
struct Table {
    http: Option<ProxyUrl>,
    https: Option<ProxyUrl>,
    exceptions: String,
    /// Knows the exceptions.
    matcher: Matcher,
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
        let url: ProxyUrl = url.parse()?;
        Ok(Self::by_scheme(Some(url.clone()), Some(url), exceptions))
    }

    /// One proxy for hosts that are reached by `http` and one for those that are
    /// by `https`, but those that `exceptions` names in the notation of
    /// `NO_PROXY`.
    #[must_use]
    pub fn by_scheme(http: Option<ProxyUrl>, https: Option<ProxyUrl>, exceptions: &str) -> Self {
        if http.is_none() && https.is_none() {
            return Self::default();
        }
        Self(Some(Arc::new(Table {
            http,
            https,
            exceptions: exceptions.to_owned(),
            matcher: Matcher::builder().all(SOMEBODY).no(exceptions).build(),
        })))
    }

    /// Who stands before a host.
    fn of(&self, origin: &Origin) -> Option<&Proxy> {
        let table = self.0.as_deref()?;
        let url = match origin.scheme {
            Scheme::Http => table.http.as_ref()?,
            Scheme::Https => table.https.as_ref()?,
        };
        let asked: Uri = in_one_spelling(&origin.host).parse().ok()?;
        table.matcher.intercept(&asked)?;
        Some(url.proxy())
    }
}

/// The URL of a host's root, with the host as exceptions have it.
fn in_one_spelling(host: &Host<String>) -> String {
    match host {
        Host::Domain(name) => format!("http://{}/", without_final_dot(name)),
        Host::Ipv4(address) => format!("http://{address}/"),
        Host::Ipv6(address) => match address.to_canonical() {
            IpAddr::V4(address) => format!("http://{address}/"),
            IpAddr::V6(address) => format!("http://[{address}]/"),
        },
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

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        let said = |table: &Self| {
            let Self {
                http,
                https,
                exceptions,
                matcher: _,
            } = table;
            (http.clone(), https.clone(), exceptions.clone())
        };
        said(self) == said(other)
    }
}

impl Eq for Table {}

impl fmt::Debug for Proxies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.0.as_deref();
        formatter
            .debug_struct("Proxies")
            .field("http", &table.and_then(|table| table.http.as_ref()))
            .field("https", &table.and_then(|table| table.https.as_ref()))
            .field("exceptions", &table.map(|table| &table.exceptions))
            .finish()
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

    fn chosen(proxies: &Proxies, url: &str) -> Option<String> {
        proxies.of(&origin(url)).map(ToString::to_string)
    }

    #[test]
    fn each_scheme_has_its_proxy_and_exceptions_have_none() {
        let url = |text: &str| Some(text.parse().unwrap());
        let (one, two) = (url("one:3128"), url("socks5h://u:p@two"));
        let proxies = Proxies::by_scheme(one.clone(), two, "b.test, 10.0.0.0/8");
        assert_eq!(
            chosen(&proxies, "http://a.test/").unwrap(),
            "http://one:3128"
        );
        assert_eq!(
            chosen(&proxies, "https://a.test/").unwrap(),
            "socks5h://two:1080"
        );
        for spared in [
            "http://b.test/",
            "http://b.test./",
            "https://x.b.test/",
            "http://10.1.2.3:81/",
            "http://[::ffff:10.1.2.3]/",
        ] {
            assert_eq!(chosen(&proxies, spared), None, "{spared}");
        }
        let proxies = Proxies::by_scheme(one, None, "");
        assert!(chosen(&proxies, "http://a.test/").is_some());
        assert_eq!(chosen(&proxies, "https://a.test/"), None);
        assert_eq!(Proxies::by_scheme(None, None, "a"), Proxies::default());
    }

    #[test]
    fn this_machine_can_be_an_exception_by_all_of_its_names() {
        let exceptions = "localhost,127.0.0.0/8,::1";
        let proxies = Proxies::all("http://one:3128", exceptions).unwrap();
        for url in [
            "http://localhost:81/",
            "http://localhost./",
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://a.localhost/",
        ] {
            assert_eq!(chosen(&proxies, url), None, "{url}");
        }
        let proxies = Proxies::all("http://one:3128", "").unwrap();
        assert!(chosen(&proxies, "http://localhost:81/").is_some());
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
    fn proxies_are_shown_without_their_passwords() {
        let proxies = Proxies::all("http://user:geheim@proxy:81", "").unwrap();
        let shown = format!("{proxies:?}");
        assert!(
            shown.contains("http://user:***@proxy:81") && !shown.contains("geheim"),
            "{shown}"
        );
        let error = Proxies::all("ftp://user:geheim@proxy", "").unwrap_err();
        assert!(!error.to_string().contains("geheim"), "{error}");
    }
}
