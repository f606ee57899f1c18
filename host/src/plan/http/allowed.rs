//! What may be reached.

use std::fmt;

use super::addresses::Network;
use super::host_pattern::{HostNames, HostPattern};
use crate::plan::Origin;

/// Hosts that may be reached, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    /// Which hosts.
    pub pattern: HostPattern,
    /// Who says so.
    pub by: AllowedBy,
}

/// Who says that a host may be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedBy {
    /// The URL that is the value of this configuration key.
    Key(String),
    /// The option `allowHosts`, or what stands for it.
    Setting(Origin),
}

/// What may not be reached, whatever is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RefusedHosts {
    /// Addresses, looked up or written in a URL. k6's `blacklistIPs`.
    pub networks: Vec<Network>,
    /// Names. k6's `blockHostnames`.
    pub names: Vec<HostNames>,
}

impl fmt::Display for AllowedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Setting(origin) => write!(f, "{origin}"),
        }
    }
}
