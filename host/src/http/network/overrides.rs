//! Hosts that stand elsewhere than their names say.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use url::Host;

use super::bad_setting::BadSetting;
use super::host_pattern::HostPattern;

/// Hosts that stand elsewhere than their names say. Of several entries for a
/// host the closest one counts: one with the port before one without, the name
/// itself before `*.`, a longer ending before a shorter one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostOverrides(Vec<(HostPattern, Destination)>);

/// Where a host stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// At an address, on the port that the URL says.
    Address(IpAddr),
    /// At an address and a port, whatever the URL says.
    Socket(SocketAddr),
    /// Behind a socket of this machine's file system.
    Unix(PathBuf),
}

impl HostOverrides {
    /// Where a host stands, if it is named.
    pub(super) fn of(&self, host: &Host<String>, port: u16) -> Option<&Destination> {
        let named = self.0.iter();
        named
            .filter(|(pattern, _)| pattern.matches(host, port))
            .max_by_key(|(pattern, _)| pattern.closeness())
            .map(|(_, destination)| destination)
    }
}

impl FromIterator<(HostPattern, Destination)> for HostOverrides {
    fn from_iter<I: IntoIterator<Item = (HostPattern, Destination)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

/// What the path of a socket begins with.
const SOCKET: &str = "unix:";

impl FromStr for Destination {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let trimmed = text.trim();
        let wrong = || {
            Err(BadSetting::new(format!(
                "`{text}` is no address; write an IP address, one with a port, or the path of a Unix socket: \
                 `10.0.0.1`, `10.0.0.1:8443`, `unix:/run/server.sock`"
            )))
        };
        if let Some(path) = trimmed.strip_prefix(SOCKET) {
            return match path {
                "" => wrong(),
                path => Ok(Self::Unix(PathBuf::from(path))),
            };
        }
        if let Ok(socket) = trimmed.parse::<SocketAddr>() {
            return match socket.port() {
                0 => wrong(),
                _ => Ok(Self::Socket(socket)),
            };
        }
        let bare = trimmed
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(trimmed);
        bare.parse().map(Self::Address).or_else(|_| wrong())
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(formatter),
            Self::Socket(socket) => socket.fmt(formatter),
            Self::Unix(path) => write!(formatter, "{SOCKET}{}", path.display()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_entry_counts() {
        let overrides: HostOverrides = [
            ("*.a.test", "10.0.0.1"),
            ("*.b.a.test", "10.0.0.2"),
            ("c.b.a.test", "10.0.0.3"),
            ("c.b.a.test:81", "10.0.0.4:82"),
        ]
        .map(|(pattern, destination)| (pattern.parse().unwrap(), destination.parse().unwrap()))
        .into_iter()
        .collect();
        let place = |host: &str, port| {
            let place = overrides.of(&Host::parse(host).unwrap(), port)?;
            Some(place.to_string())
        };
        assert_eq!(place("x.a.test", 80).unwrap(), "10.0.0.1");
        assert_eq!(place("x.b.a.test", 80).unwrap(), "10.0.0.2");
        assert_eq!(place("c.b.a.test", 80).unwrap(), "10.0.0.3");
        assert_eq!(place("c.b.a.test", 81).unwrap(), "10.0.0.4:82");
        assert_eq!(place("a.test", 80), None);
    }

    #[test]
    fn a_place_is_an_address_one_with_a_port_or_a_socket() {
        for (text, written) in [
            ("1.2.3.4", "1.2.3.4"),
            ("1.2.3.4:8443", "1.2.3.4:8443"),
            ("::1", "::1"),
            ("[::1]", "::1"),
            ("[::1]:80", "[::1]:80"),
            ("unix:/run/a.sock", "unix:/run/a.sock"),
            ("unix:a.sock", "unix:a.sock"),
        ] {
            let place: Destination = text.parse().unwrap();
            assert_eq!(place.to_string(), written, "{text}");
        }
        for text in [
            "",
            "example.com",
            "1.2.3.4:0",
            "1.2.3",
            "unix:",
            "1.2.3.4:",
            "/run/a.sock",
        ] {
            let error = text.parse::<Destination>().unwrap_err().to_string();
            assert!(error.contains("is no address; write"), "{text}: {error}");
        }
    }
}
