//! The client engine: connections, TLS, protocols, timings. Knows nothing of
//! wasm and nothing of metrics.
//!
//! The way of a request: [`Client::send`] takes an idle connection or has a task
//! of the worker's make one (`connect`, `tls`); hyper's own task writes and
//! reads on it (`connection`), through a stream that notes when bytes went by
//! (`meter`); what comes back is an [`Exchange`] with its [`Timings`].
//!
//! - [`Settings`], [`Engine`]: what all clients of a run share
//! - [`Client`]: what one virtual user has
//! - [`Request`], [`Exchange`], [`Response`], [`OpenExchange`]: one request
//! - [`EventParser`]: Server-Sent Events
//! - [`Error`], [`ErrorCode`]: why there is no answer

mod client;
mod connect;
mod connection;
mod engine;
mod error;
mod events;
mod exchange;
mod meter;
mod request;
mod settings;
#[cfg(test)]
mod tests;
mod timings;
mod tls;

pub use client::{Client, OnInterrupt};
pub use engine::Engine;
pub use error::{Error, ErrorCode};
pub use events::{Event, EventParser};
pub use exchange::{Exchange, Head, OpenExchange, Response};
pub use request::Request;
pub use settings::{Settings, TlsSettings};
pub use timings::Timings;
