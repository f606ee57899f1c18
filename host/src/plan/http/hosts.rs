//! Hosts that are reached elsewhere than DNS says.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use super::host_pattern::HostPattern;

/// Hosts that are reached elsewhere than DNS says. The `host` header stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostOverride {
    /// Which hosts.
    pub pattern: HostPattern,
    /// Where they are.
    pub target: HostTarget,
}

/// Where a host is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostTarget {
    /// At an address, and at the port of the URL unless this has one.
    Address {
        /// The address.
        address: IpAddr,
        /// The port.
        port: Option<u16>,
    },
    /// At a Unix socket of this machine.
    Socket(PathBuf),
}

const SOCKET: &str = "unix:";

impl FromStr for HostTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let wrong = || {
            Err(format!(
                "`{text}` is no address; write an IP address, one with a port, or the path of a Unix socket: \
                 `10.0.0.1`, `10.0.0.1:8443`, `unix:/run/server.sock`"
            ))
        };
        if let Some(path) = trimmed.strip_prefix(SOCKET) {
            return match path {
                "" => wrong(),
                path => Ok(Self::Socket(PathBuf::from(path))),
            };
        }
        if let Ok(address) = trimmed.parse::<SocketAddr>() {
            if address.port() == 0 {
                return wrong();
            }
            return Ok(Self::Address {
                address: address.ip(),
                port: Some(address.port()),
            });
        }
        let bare = trimmed
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(trimmed);
        match bare.parse() {
            Ok(address) => Ok(Self::Address {
                address,
                port: None,
            }),
            Err(_) => wrong(),
        }
    }
}

impl fmt::Display for HostTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address {
                address,
                port: Some(port),
            } => write!(f, "{}", SocketAddr::new(*address, *port)),
            Self::Address {
                address,
                port: None,
            } => write!(f, "{address}"),
            Self::Socket(path) => write!(f, "{SOCKET}{}", path.display()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_an_address_one_with_a_port_or_a_socket() {
        for (text, written) in [
            ("1.2.3.4", "1.2.3.4"),
            ("1.2.3.4:8443", "1.2.3.4:8443"),
            ("::1", "::1"),
            ("[::1]", "::1"),
            ("[::1]:80", "[::1]:80"),
            ("unix:/run/a.sock", "unix:/run/a.sock"),
            ("unix:a.sock", "unix:a.sock"),
        ] {
            let target: HostTarget = text.parse().unwrap();
            assert_eq!(target.to_string(), written, "{text}");
        }
        for text in ["", "example.com", "1.2.3.4:0", "1.2.3", "unix:", "1.2.3.4:"] {
            let error = text.parse::<HostTarget>().unwrap_err();
            assert!(error.contains("is no address; write"), "{text}: {error}");
        }
    }
}
