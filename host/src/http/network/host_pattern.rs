//! One host or many, as written by people.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::Host;

use super::bad_setting::BadSetting;

/// One host or many, on one port or all: `api.example.com`, `*.example.com`
/// (not `example.com` itself), `10.0.0.1:8080`, `[::1]:80`, `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    hosts: Hosts,
    port: Option<u16>,
}

/// Which hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Hosts {
    One(Host<String>),
    /// All whose names end so; with an empty ending all hosts, addresses
    /// included.
    EndingIn(String),
}

impl HostPattern {
    /// All hosts.
    #[must_use]
    pub fn any() -> Self {
        Self {
            hosts: Hosts::EndingIn(String::new()),
            port: None,
        }
    }

    /// One host, on all its ports.
    #[must_use]
    pub fn host(host: Host<String>) -> Self {
        Self {
            hosts: Hosts::One(host),
            port: None,
        }
    }

    pub(in crate::http) fn matches(&self, host: &Host<String>, port: u16) -> bool {
        self.port.is_none_or(|own| own == port)
            && match (&self.hosts, host) {
                (Hosts::EndingIn(ending), Host::Domain(name)) => {
                    without_final_dot(name).ends_with(ending.as_str())
                }
                (Hosts::EndingIn(ending), _) => ending.is_empty(),
                (Hosts::One(Host::Domain(own)), Host::Domain(name)) => {
                    own == without_final_dot(name)
                }
                (Hosts::One(own), host) => own == host,
            }
    }

    /// Whether this is the address itself, in digits.
    pub(super) fn is_address(&self, address: IpAddr) -> bool {
        match (&self.hosts, address) {
            (Hosts::One(Host::Ipv4(own)), IpAddr::V4(address)) => *own == address,
            (Hosts::One(Host::Ipv6(own)), IpAddr::V6(address)) => *own == address,
            _ => false,
        }
    }

    /// How closely it looks: of several patterns that match, the greatest one
    /// means the host most.
    pub(in crate::http) fn closeness(&self) -> impl Ord + use<> {
        let hosts = match &self.hosts {
            Hosts::One(_) => usize::MAX,
            Hosts::EndingIn(ending) => ending.len(),
        };
        (self.port.is_some(), hosts)
    }
}

/// The final dot of a full name says nothing about whose it is.
fn without_final_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

impl FromStr for HostPattern {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let bad = || {
            BadSetting::new(
                text,
                "host: write a name or an address, with a port or without, `*.` and a name for \
                 all below it, or `*` for all",
            )
        };
        let trimmed = text.trim();
        let (host, port) = match trimmed.rsplit_once(':') {
            // A colon within an address of IPv6 is none before a port.
            Some((host, _)) if host.contains(':') && !host.ends_with(']') => (trimmed, None),
            Some((host, port)) => (host, Some(port.parse().map_err(|_| bad())?)),
            None => (trimmed, None),
        };
        let hosts = match host.strip_prefix('*') {
            Some("") => Hosts::EndingIn(String::new()),
            Some(ending) => {
                let (dot, name) = match ending.strip_prefix('.') {
                    Some(name) => (".", name),
                    None => ("", ending),
                };
                match parse_host(name) {
                    Some(Host::Domain(name)) => Hosts::EndingIn(format!("{dot}{name}")),
                    _ => return Err(bad()),
                }
            }
            None => Hosts::One(parse_host(host).ok_or_else(bad)?),
        };
        Ok(Self { hosts, port })
    }
}

/// As a URL would have it: in small letters, and what looks like an address is
/// one.
pub(super) fn parse_host(text: &str) -> Option<Host<String>> {
    if let Ok(address) = text.parse() {
        return Some(Host::Ipv6(address));
    }
    match Host::parse(text).ok()? {
        Host::Domain(name) => {
            let name = without_final_dot(&name);
            (!name.is_empty() && !name.contains('*')).then(|| Host::Domain(name.to_owned()))
        }
        address => Some(address),
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hosts {
            Hosts::One(host) => write!(formatter, "{host}")?,
            Hosts::EndingIn(ending) => write!(formatter, "*{ending}")?,
        }
        match self.port {
            Some(port) => write!(formatter, ":{port}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

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
    fn what_is_no_host_is_refused_with_what_would_be_one() {
        for text in [
            "", "http://a", "a b", "a:b", "a:99999", "a.*.b", "**", ":80",
        ] {
            let error = text.parse::<HostPattern>().unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("`{text}` is no host")),
                "{error}"
            );
        }
    }

    #[test]
    fn what_is_shown_reads_as_what_was_written() {
        for text in ["a.b", "*.a.b", "*", "a.b:80", "[::1]:80", "*:80", "1.2.3.4"] {
            let pattern: HostPattern = text.parse().unwrap();
            assert_eq!(pattern.to_string(), text);
            assert_eq!(pattern.to_string().parse(), Ok(pattern));
        }
    }
}
