//! Which hosts something is about.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use url::Host;

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
    /// The one of this address.
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

impl FromStr for HostNames {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        if trimmed.contains('/') {
            return Err(no_url(text));
        }
        let Some(ending) = trimmed.strip_prefix('*') else {
            return match host(trimmed) {
                Some(Host::Domain(name)) => Ok(Self::Exactly(name)),
                Some(Host::Ipv4(address)) => Ok(Self::Address(address.into())),
                Some(Host::Ipv6(address)) => Ok(Self::Address(address.into())),
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
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
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
pub(super) fn port_of(port: &str, text: &str) -> Result<u16, String> {
    match port.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(format!(
            "`{port}` in `{text}` is no port; write a number from 1 to 65535"
        )),
    }
}

/// A host as URLs have it, in one form of several.
fn host(text: &str) -> Option<Host> {
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Some(Host::Ipv6(address));
    }
    let host = Host::parse(text).ok()?;
    let Host::Domain(name) = &host else {
        return Some(host);
    };
    // A dot at the end says that a name is whole, which these are anyway.
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !label.is_empty() && label.len() <= 63 && label.chars().all(allowed)
    };
    let is_name = name.len() <= 253 && name.split('.').all(is_label);
    is_name.then(|| Host::Domain(name.to_owned()))
}

fn no_url(text: &str) -> String {
    let rest = text
        .split_once("://")
        .map_or(text, |(_, rest)| rest)
        .trim_start_matches('/');
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.trim().parse::<HostPattern>() {
        Ok(host) => format!("a host has no scheme and no path; write `{host}`"),
        Err(_) => "a host has no scheme and no path; write it as `example.com`".to_owned(),
    }
}

fn no_host(text: &str) -> String {
    format!(
        "`{text}` is no host; write a name, an address or `*.` before a name: `example.com`, `10.0.0.1`, \
         `*.example.com`"
    )
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
            let error = text.parse::<HostPattern>().unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
        assert!("example.com:80".parse::<HostNames>().is_err());
        let error = "http://me:hush@host/".parse::<HostNames>().unwrap_err();
        assert!(!error.contains("hush"), "{error}");
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
