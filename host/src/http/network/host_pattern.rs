//! Which hosts something is about.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use url::Host;

use super::bad_setting::BadSetting;

/// Which hosts: `example.com`, `*.example.com`, `10.0.0.1` or `*`. Names are in
/// lower case and, where they are not ASCII, in the form that DNS knows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HostNames {
    /// All: `*`.
    Any,
    /// Those whose name ends so: `.example.com`, of `*.example.com`; or, in k6's
    /// other spelling, `example.com`, of `*example.com`.
    EndingWith(String),
    /// This one.
    Exactly(String),
    /// The one of this address, which is none of IPv4 that is mapped into IPv6.
    Address(IpAddr),
}

/// Which hosts, and at which port: `example.com`, `*.example.com:8443`,
/// `[::1]:80`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostPattern {
    /// Which hosts.
    pub names: HostNames,
    /// At which port; any where there is none.
    pub port: Option<u16>,
}

impl HostNames {
    /// The host of an address.
    #[must_use]
    pub fn address(address: impl Into<IpAddr>) -> Self {
        Self::Address(address.into().to_canonical())
    }

    pub(super) fn matches(&self, host: &Host<String>) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::EndingWith(ending), Host::Domain(name)) => {
                without_final_dot(name).ends_with(ending.as_str())
            }
            (Self::Exactly(own), Host::Domain(name)) => own == without_final_dot(name),
            (Self::EndingWith(_) | Self::Exactly(_), _) => false,
            (Self::Address(own), host) => {
                address_of(host).is_some_and(|address| *own == address.to_canonical())
            }
        }
    }
}

impl HostPattern {
    /// All hosts.
    #[must_use]
    pub fn any() -> Self {
        HostNames::Any.into()
    }

    pub(in crate::http) fn matches(&self, host: &Host<String>, port: u16) -> bool {
        self.port.is_none_or(|own| own == port) && self.names.matches(host)
    }

    /// Whether this is the address itself, in digits.
    pub(super) fn is_address(&self, address: IpAddr) -> bool {
        self.names == HostNames::address(address)
    }

    /// How closely it looks: of several patterns that match, the greatest one
    /// means the host most.
    pub(in crate::http) fn closeness(&self) -> impl Ord + use<> {
        let names = match &self.names {
            HostNames::Any => 0,
            HostNames::EndingWith(ending) => ending.len(),
            HostNames::Exactly(_) | HostNames::Address(_) => usize::MAX,
        };
        (self.port.is_some(), names)
    }
}

/// At any port.
impl From<HostNames> for HostPattern {
    fn from(names: HostNames) -> Self {
        Self { names, port: None }
    }
}

/// The address that a host is, where it has no name.
pub(super) fn address_of(host: &Host<String>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some((*address).into()),
        Host::Ipv6(address) => Some((*address).into()),
    }
}

/// The dot at the end says that a name is whole, and nothing about whose it is.
pub(super) fn without_final_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

impl FromStr for HostNames {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let trimmed = text.trim();
        if trimmed.contains('/') {
            return Err(no_url(text));
        }
        let Some(ending) = trimmed.strip_prefix('*') else {
            return match host(trimmed) {
                Some(Host::Domain(name)) => Ok(Self::Exactly(name)),
                Some(Host::Ipv4(address)) => Ok(Self::address(address)),
                Some(Host::Ipv6(address)) => Ok(Self::address(address)),
                None => Err(no_host(text)),
            };
        };
        if ending.is_empty() {
            return Ok(Self::Any);
        }
        let (dot, name) = match ending.strip_prefix('.') {
            Some(name) => (".", name),
            None => ("", ending),
        };
        match host(name) {
            Some(Host::Domain(name)) => Ok(Self::EndingWith(format!("{dot}{name}"))),
            _ => Err(no_host(text)),
        }
    }
}

impl FromStr for HostPattern {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let trimmed = text.trim();
        if trimmed.contains('/') {
            return Err(no_url(text));
        }
        // Colons are an IPv6 address's own, too.
        let is_address = trimmed.parse::<Ipv6Addr>().is_ok();
        let (names, port) = match trimmed.rsplit_once(':') {
            Some((names, port)) if !is_address && !port.ends_with(']') => (names, Some(port)),
            _ => (trimmed, None),
        };
        let names = names.parse().map_err(|_| no_host(text))?;
        let port = port.map(|port| port_of(port, text)).transpose()?;
        Ok(Self { names, port })
    }
}

/// The port that a text has for one.
fn port_of(port: &str, text: &str) -> Result<u16, BadSetting> {
    match port.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(BadSetting::new(format!(
            "`{port}` in `{text}` is no port; write a number from 1 to 65535"
        ))),
    }
}

/// A host as URLs have it, in one form of several.
pub(super) fn host(text: &str) -> Option<Host> {
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Some(Host::Ipv6(address));
    }
    let host = Host::parse(text).ok()?;
    let Host::Domain(name) = &host else {
        return Some(host);
    };
    let name = without_final_dot(name);
    let is_label = |label: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !label.is_empty() && label.len() <= 63 && label.chars().all(allowed)
    };
    let is_name = name.len() <= 253 && name.split('.').all(is_label);
    is_name.then(|| Host::Domain(name.to_owned()))
}

fn no_url(text: &str) -> BadSetting {
    let rest = text
        .split_once("://")
        .map_or(text, |(_, rest)| rest)
        .trim_start_matches('/');
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    BadSetting::new(match host.trim().parse::<HostPattern>() {
        Ok(host) => format!("a host has no scheme and no path; write `{host}`"),
        Err(_) => "a host has no scheme and no path; write it as `example.com`".to_owned(),
    })
}

fn no_host(text: &str) -> BadSetting {
    BadSetting::new(format!(
        "`{text}` is no host; write a name, an address or `*.` before a name: `example.com`, `10.0.0.1`, \
         `*.example.com`"
    ))
}

impl fmt::Display for HostNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::EndingWith(ending) => write!(f, "*{ending}"),
            Self::Exactly(name) => f.write_str(name),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.names, self.port) {
            (HostNames::Address(IpAddr::V6(address)), Some(port)) => {
                write!(f, "[{address}]:{port}")
            }
            (names, Some(port)) => write!(f, "{names}:{port}"),
            (names, None) => write!(f, "{names}"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hosts_are_read_in_every_spelling_and_written_in_one() {
        for (text, written) in [
            ("example.com", "example.com"),
            ("Example.COM.", "example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("*", "*"),
            ("*:8443", "*:8443"),
            ("*.example.com", "*.example.com"),
            ("*example.com:80", "*example.com:80"),
            ("my_service:9000", "my_service:9000"),
            ("10.0.0.1", "10.0.0.1"),
            ("10.0.0.1:80", "10.0.0.1:80"),
            ("::1", "::1"),
            ("[::1]", "::1"),
            ("[::1]:80", "[::1]:80"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("[::ffff:10.0.0.1]:80", "10.0.0.1:80"),
            (" localhost ", "localhost"),
        ] {
            let pattern: HostPattern = text.parse().unwrap();
            assert_eq!(pattern.to_string(), written, "{text}");
            assert_eq!(written.parse(), Ok(pattern), "{text}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused_with_what_to_write() {
        for (text, reason) in [
            ("", "is no host"),
            ("two words", "is no host"),
            ("a..b", "is no host"),
            ("a.*.b", "is no host"),
            ("**", "is no host"),
            ("*.10.0.0.1", "is no host"),
            ("a:b:c", "is no host"),
            ("example.com:0", "`0` in `example.com:0` is no port"),
            ("example.com:99999", "is no port"),
            ("example.com:", "is no port"),
            ("https://example.com:8443/path", "write `example.com:8443`"),
            ("example.com/path", "write `example.com`"),
            ("https://", "write it as `example.com`"),
        ] {
            let error = text.parse::<HostPattern>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
        assert!("example.com:80".parse::<HostNames>().is_err());
        let error = "http://me:hush@host/".parse::<HostNames>().unwrap_err();
        let error = error.to_string();
        assert!(!error.contains("hush"), "{error}");
    }

    fn matches(pattern: &str, host: &str, port: u16) -> bool {
        let pattern: HostPattern = pattern.parse().unwrap();
        pattern.matches(&Host::parse(host).unwrap(), port)
    }

    #[test]
    fn a_name_matches_itself_on_all_ports_and_nothing_else() {
        assert!(matches("api.example.com", "api.example.com", 80));
        assert!(matches("API.Example.com.", "api.example.com", 443));
        assert!(matches("example.com", "example.com.", 80));
        assert!(!matches("example.com", "api.example.com", 80));
        assert!(!matches("api.example.com", "example.com", 80));
        assert!(matches("b\u{fc}cher.de", "xn--bcher-kva.de", 80));
    }

    #[test]
    fn a_star_and_a_dot_are_all_names_below_and_not_the_name_itself() {
        assert!(matches("*.example.com", "a.b.example.com", 80));
        assert!(!matches("*.example.com", "example.com", 80));
        assert!(!matches("*.example.com", "notexample.com", 80));
        assert!(matches("*example.com", "notexample.com", 80));
        assert!(matches("*", "example.com", 80));
        assert!(matches("*", "10.0.0.1", 80));
        assert!("*.1".parse::<HostPattern>().is_err());
    }

    #[test]
    fn a_port_is_that_port_alone() {
        assert!(matches("localhost:8080", "localhost", 8080));
        assert!(!matches("localhost:8080", "localhost", 80));
        assert!(matches("*:8080", "127.0.0.1", 8080));
        assert!(!matches("*:8080", "127.0.0.1", 80));
        assert!(matches("[::1]:80", "[::1]", 80));
        assert!(!matches("[::1]:80", "[::1]", 81));
        assert!(matches("::1", "[::1]", 81));
        assert!(matches("[::1]", "[::1]", 81));
        assert!(matches("127.0.0.1", "127.0.0.1", 81));
    }

    #[test]
    fn an_address_of_ipv4_matches_in_the_clothes_of_ipv6_too() {
        assert!(matches("10.0.0.1", "[::ffff:10.0.0.1]", 80));
        assert!(matches("::ffff:10.0.0.1", "10.0.0.1", 80));
        assert!(matches("[::ffff:10.0.0.1]:80", "[::ffff:a00:1]", 80));
        assert!(!matches("10.0.0.1", "[::ffff:10.0.0.2]", 80));
    }

    proptest! {
        #[test]
        fn no_text_panics_the_reader_and_what_is_read_is_written_back(text in "[a-c*.:\\[\\]0-9/@]{0,16}|\\PC{0,12}") {
            if let Ok(pattern) = text.parse::<HostPattern>() {
                prop_assert_eq!(pattern.to_string().parse(), Ok(pattern));
            }
        }
    }
}
