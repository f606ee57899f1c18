//! What may be reached.

use std::fmt;

use super::HostPattern;
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

impl fmt::Display for AllowedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Setting(origin) => write!(f, "{origin}"),
        }
    }
}
