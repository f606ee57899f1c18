//! The way to a server: whether a run may go there, by which address, from
//! which, and through whom.
//!
//! - [`NetworkSettings`]: what holds for a whole run
//! - `allowed`: which hosts and addresses a run may reach
//! - `overrides`: hosts that stand elsewhere than their names say
//! - `resolver`: names into addresses
//! - `proxy`, `tunnel`: who stands between, and how to get through
//! - `dialing`: all of these together make a stream to the server

mod allowed;
mod bad_setting;
mod dialing;
mod dns;
mod host_pattern;
mod overrides;
mod proxy;
mod resolver;
mod source_addresses;
mod stream;
mod tunnel;

use self::resolver::Resolver;
use self::source_addresses::Turns;

pub use allowed::{AllowedHosts, RefusedHosts};
pub use bad_setting::BadSetting;
pub(in crate::http) use dialing::{Passage, dial};
#[cfg(feature = "http3")]
pub(in crate::http) use dialing::{sockets_of_quic, udp_socket_to};
pub use dns::{DnsPolicy, DnsSelect, DnsSettings, DnsTtl};
pub use host_pattern::HostPattern;
pub use overrides::{Destination, HostOverrides};
pub use proxy::Proxies;
pub use source_addresses::SourceAddresses;
pub(in crate::http) use stream::Stream;

/// How servers are reached, and which.
#[derive(Debug, Clone, Default)]
pub struct NetworkSettings {
    /// The hosts that may be reached; all of them unless set.
    pub allowed: AllowedHosts,
    /// Hosts and addresses that may not be reached, though they were allowed
    /// (k6: `blockHostnames`, `blacklistIPs`).
    pub refused: RefusedHosts,
    /// Hosts that stand elsewhere than their names say (k6: `hosts`). Who is
    /// named here is not reached through a proxy.
    pub hosts: HostOverrides,
    /// How names become addresses (k6: `dns`).
    pub dns: DnsSettings,
    /// The addresses of this machine that connections come from, one after
    /// another; the system's choice without (k6: `localIPs`).
    pub source_addresses: Option<SourceAddresses>,
    /// Who stands between; nobody unless set.
    pub proxies: Proxies,
}

/// What all clients of a run share about the way to servers.
#[derive(Debug, Default)]
pub(in crate::http) struct Network {
    resolver: Resolver,
    source_turns: Turns,
}
