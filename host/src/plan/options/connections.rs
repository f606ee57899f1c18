//! Who shares connections.

use schemars::JsonSchema;
use serde::Deserialize;

/// Who shares connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ConnectionsOption {
    /// Each virtual user has its own, as in k6.
    Vu,
    /// The virtual users of a worker share them, as clients behind a gateway
    /// do. There is a worker for each core.
    Shared,
}

impl std::str::FromStr for ConnectionsOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "vu" => Ok(Self::Vu),
            "shared" => Ok(Self::Shared),
            other => Err(format!("`{other}` is none of vu, shared")),
        }
    }
}
