//! The embedded target: a server that answers all that the flows ask.
//!
//! It plays AgentOS, its web application and a Claude Code Router on one port,
//! and an agent of the A2A standard in versions 0.3 and 1.0. Latency and faults
//! are drawn by a seed, and what it received is counted, so that the numbers of
//! a run can be held against the numbers of the other side.
//!
//! - [`Target`] listens and answers (`server`), or does so on a thread of its
//!   own as a [`RunningTarget`] (`running`).
//! - `answer` leads a request to its subject: `routes` says which, `access` and
//!   `rate_limit` whether, `faults`, `latency` and `stall` how.
//! - The subjects: `agentos`, `cards`, `standard` (A2A), `agui`, `dashboard`, `ccr`.
//! - `GET /_target/requests` gives the [`Counts`] as JSON, `POST /_target/reset`
//!   starts them over.

mod access;
mod agentos;
mod agui;
mod answer;
mod body;
mod cards;
mod ccr;
mod connection;
mod counts;
mod dashboard;
mod draws;
mod error;
mod faults;
mod json_rpc;
mod latency;
mod rate_limit;
mod response;
mod routes;
mod running;
mod server;
mod settings;
mod sse;
mod stall;
mod standard;
#[cfg(test)]
mod tests;
mod times;

pub use counts::{Counts, PathCount};
pub use error::TargetError;
pub use faults::FaultRate;
pub use latency::Latency;
pub use rate_limit::RateLimit;
pub use running::RunningTarget;
pub use server::Target;
pub use settings::{HealthFaults, Presence, Settings, Token};
pub use stall::Stall;
pub use times::TimesLog;
