//! The platform that the three flows load: its configuration, its headers, and
//! how its answers are judged.

#![deny(missing_docs)]

mod address;
mod exchange;
mod health;
pub mod json_rpc;
mod settings;

pub use address::{join, origin};
pub use exchange::{Exchange, FAILED, Outcome, SUCCESSFUL, exchange, exchange_all};
pub use health::require_health;
pub use settings::{Platform, options};
