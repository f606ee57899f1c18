//! The way to a server: whether a run may go there, by which address, from
//! which, and through whom.
//!
//! - [`NetworkSettings`]: what holds for a whole run
//! - `host_pattern`, `addresses`: which hosts and addresses something is about
//! - `allowed`: which hosts and addresses a run may reach; `machine_secrets`: which
//!   it should not
//! - `overrides`: hosts that stand elsewhere than their names say
//! - `resolver`: names into addresses
//! - `proxy`, `tunnel`: who stands between, and how to get through
//! - `tcp`: a connection to one of several addresses
//! - `dialing`: all of these together make a stream to the server

mod addresses;
mod allowed;
mod bad_setting;
mod connect_deadline;
mod dialing;
mod dns;
mod embedded;
mod host_pattern;
mod machine_secrets;
mod overrides;
mod proxy;
mod proxy_url;
mod resolver;
mod source_addresses;
mod stream;
mod tcp;
mod tunnel;

use self::resolver::Resolver;
use self::source_addresses::Turns;

pub use addresses::{AddressRange, AddressRanges, Network};
pub use allowed::{AllowedHosts, RefusedHosts};
pub use bad_setting::BadSetting;
pub(in crate::http) use connect_deadline::ConnectDeadline;
#[cfg(feature = "http3")]
pub(in crate::http) use dialing::sockets_of_quic;
pub(in crate::http) use dialing::{Passage, dial};
pub use dns::{DnsPolicy, DnsSelect, DnsSettings, DnsTtl};
pub use host_pattern::{HostNames, HostPattern};
pub use machine_secrets::tells_machine_secrets;
pub use overrides::{Destination, HostOverrides};
pub use proxy::Proxies;
pub use proxy_url::ProxyUrl;
pub(in crate::http) use stream::Stream;
#[cfg(feature = "http3")]
pub(in crate::http) use tcp::udp_socket_to;

/// How servers are reached, and which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    /// another: those of IPv4 to servers of IPv4, those of IPv6 to servers of
    /// IPv6. The system's choice where there are none (k6: `localIPs`).
    pub source_addresses: AddressRanges,
    /// Who stands between; nobody unless set.
    pub proxies: Proxies,
}

/// What all clients of a run share about the way to servers.
#[derive(Debug, Default)]
pub(in crate::http) struct Shared {
    resolver: Resolver,
    source_turns: Turns,
}
