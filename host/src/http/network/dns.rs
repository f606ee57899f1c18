//! How names become addresses: the settings.

use std::net::SocketAddr;
use std::time::Duration;

/// How names become addresses (k6: `dns`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DnsSettings {
    /// How long an answer is good, whatever the answer itself says.
    pub ttl: DnsTtl,
    /// Which of several addresses is taken.
    pub select: DnsSelect,
    /// Which addresses come into question.
    pub policy: DnsPolicy,
    /// Whom to ask; the system's name servers where there are none.
    pub servers: Vec<SocketAddr>,
}

/// How long an answer is good, whatever the answer itself says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnsTtl {
    /// Every connection looks its name up.
    Nothing,
    /// For this long.
    For(Duration),
    /// For the whole run.
    Forever,
}

/// Which of several addresses is taken. The others are tried after it, in their
/// order, where it takes no connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DnsSelect {
    /// The first one.
    First,
    /// The one after that of the last connection.
    RoundRobin,
    /// Any.
    #[default]
    Random,
}

/// Which addresses come into question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DnsPolicy {
    /// Those of IPv4; where there are none, those of IPv6.
    #[default]
    PreferIpv4,
    /// Those of IPv6; where there are none, those of IPv4.
    PreferIpv6,
    /// Those of IPv4.
    OnlyIpv4,
    /// Those of IPv6.
    OnlyIpv6,
    /// All.
    Any,
}

impl Default for DnsTtl {
    fn default() -> Self {
        Self::For(Duration::from_secs(5 * 60))
    }
}
