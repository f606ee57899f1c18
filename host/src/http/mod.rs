//! The HTTP client engine: connections, TLS, protocols, timings.
//!
//! It knows nothing of WebAssembly or metrics; what it measures, it hands over.
//!
//! - [`Settings`], [`TlsSettings`]: what holds for a whole run
//! - [`Engine`]: what all clients of a run share; [`Client`]: one virtual user's
//! - [`Request`]: parsed once, sent often
//! - [`Exchange`]: one request and what came of it, timed; [`Response`]: the answer
//! - [`OpenExchange`]: an answer whose body is read as it arrives, or as
//!   Server-Sent Events by [`EventStream`]
//! - [`Observer`]: who is told of requests that were cut off
//! - [`Error`], [`ErrorCode`]: why there is no answer
//! - [`websocket`]: sessions in place of answers
//!
//! A connection is a task of the runtime it was made on. The stack of whoever
//! sends a request sees only the channels to that task: looking up names, TLS
//! and parsing happen on the task's own.

mod batch;
mod body;
mod client;
mod connecting;
mod connection;
mod engine;
mod error;
mod error_code;
mod event_stream;
mod events;
mod exchange;
mod failure;
mod idle;
mod meter;
mod metered;
mod observer;
mod open;
mod origin;
mod progress;
mod rate_limit;
mod request;
mod response;
mod sending;
mod settings;
#[cfg(test)]
mod tests;
mod timings;
mod tls;
pub mod websocket;

pub use client::Client;
pub use engine::Engine;
pub use error::{ConnectProblem, Error, LossKind, Mistake, Phase, TlsProblem};
pub use error_code::ErrorCode;
pub use event_stream::{ArrivedEvent, EventStream};
pub use events::{Event, EventParser, EventTooLarge};
pub use exchange::Exchange;
pub use observer::{Interrupted, Observer};
pub use open::OpenExchange;
pub use request::Request;
pub use response::Response;
pub use settings::{Settings, TlsSettings};
pub use timings::Timings;
