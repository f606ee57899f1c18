//! What a plan says of requests and connections, checked.
//!
//! What is knowledge about networks is the HTTP engine's, and had from there:
//! hosts, addresses, versions. Here is how it is written where the options have
//! words for it, and what is to be shown: who said something, and in which file
//! it stands.
//!
//! - [`HttpPlan`]: all of it
//! - [`HostNames`], [`HostPattern`]: which hosts something is about
//! - [`HostOverride`], [`DnsSettings`], [`AddressRanges`]: where connections go, and
//!   from where
//! - [`AllowedHost`], [`RefusedHosts`]: where they may go
//! - [`Proxy`], [`TlsPlan`]: through what, and how they are secured

use std::time::Duration;

mod allowed;
mod byte_size;
mod dns;
mod one_of;
mod pem;
mod protocol;
mod proxy;
mod tls;

pub use crate::http::{
    AddressRange, AddressRanges, ConnectionLife, CookieLife, Destination, DnsPolicy, DnsSelect,
    DnsSettings, DnsTtl, HostNames, HostPattern, Network, Protocol, ProxyUrl, RefusedHosts,
    TlsVersion, TlsVersions,
};
pub use allowed::{AllowedBy, AllowedHost};
pub use byte_size::ByteSize;
pub(super) use pem::{certificates, private_key};
pub use proxy::{Proxy, ProxySetting};
pub use tls::{Authorities, ClientCertificate, PemSource, PrivateKey, TlsPlan};

/// A host that is reached elsewhere than DNS says. The `host` header stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostOverride {
    /// Which hosts.
    pub pattern: HostPattern,
    /// Where they are.
    pub target: Destination,
}

/// What holds for all requests of a run.
#[derive(Debug, Clone)]
pub struct HttpPlan {
    /// The `user-agent` header; the product's name and version unless set.
    pub user_agent: String,
    /// Drops every body as it arrives.
    pub discard_response_bodies: bool,
    /// Requests of one `send-all` under way at a time; 20 unless set, as in k6.
    pub batch: usize,
    /// The same to one host; 6 unless set, as in k6. 0 is no limit.
    pub batch_per_host: usize,
    /// How many redirects of one request are followed; 10 unless set, as in k6.
    pub max_redirects: u32,
    /// How long cookies are kept.
    pub cookies: CookieLife,
    /// How long connections are kept, and who shares them.
    pub connections: ConnectionLife,
    /// Which version of HTTP is spoken.
    pub protocol: Protocol,
    /// How long the making of a connection may take; 30 s unless set.
    pub connect_timeout: Duration,
    /// How long the head of an answer may take once the request is sent; no
    /// limit of its own unless set.
    pub response_head_timeout: Option<Duration>,
    /// How long nothing may arrive of a body that has begun; no limit unless
    /// set.
    pub stream_idle_timeout: Option<Duration>,
    /// The most of one body that is kept; 64 MiB unless set.
    pub max_body_size: ByteSize,
    /// Hosts that are reached elsewhere than DNS says. No two have one pattern;
    /// where several match, the most specific one counts.
    pub hosts: Vec<HostOverride>,
    /// How names are looked up.
    pub dns: DnsSettings,
    /// From which addresses of this machine connections are made, in turn; any
    /// where there are none.
    pub local_ips: AddressRanges,
    /// What may be reached; nothing else is.
    pub allowed: Vec<AllowedHost>,
    /// What may not be reached, whatever is allowed.
    pub refused: RefusedHosts,
    /// Through what connections go.
    pub proxy: Proxy,
    /// How connections are secured.
    pub tls: TlsPlan,
}

impl HttpPlan {
    /// The text without passwords of this plan in it.
    #[must_use]
    pub(super) fn masked(&self, text: &str) -> String {
        self.proxy.masked(text)
    }
}
