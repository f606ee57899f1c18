//! The HTTP client engine: connections, TLS, protocols, timings.
//!
//! It knows nothing of WebAssembly or metrics; what it measures, it hands over.
//!
//! - [`Settings`], [`TlsSettings`]: what holds for a whole run
//! - [`Engine`]: what all clients of a run share; [`Client`]: one virtual user's
//! - [`Request`]: parsed once, sent often
//! - [`Exchange`]: one request and what came of it, timed; [`Response`]: the answer
//! - [`Upload`]: a request whose body is made while it is sent
//! - [`OpenExchange`]: an answer whose body is read as it arrives, or as
//!   Server-Sent Events by [`EventStream`]
//! - [`Observer`]: who is told of requests that were cut off, and of those whose
//!   answer led on to another
//! - [`Error`], [`ErrorCode`]: why there is no answer
//! - [`websocket`]: sessions in place of answers
//!
//! The way of a request, downwards:
//!
//! - `client`: one call of a scenario; `batch`: several at once
//! - `sending`: one exchange, head and body; `trying`: one try of it, and whether
//!   there is another
//! - `pool`: the connections of a client or of its worker, which are `idle` ones of
//!   HTTP/1.1 and `line`s that requests share
//! - `connecting`: a new connection: name lookup, TCP, TLS, protocol
//! - `connection`, `http2`, `http3`: those that were made; `carrier`: the part of one
//!   that an answer comes over
//! - `meter`: what is noted of a request, by `metered` streams or by the wire of
//!   HTTP/2; `progress`: the times that this makes
//!
//! A connection is a task of the runtime it was made on. The stack of whoever
//! sends a request sees only the channels to that task: looking up names, TLS
//! and parsing happen on the task's own.

mod alarm;
mod arriving;
mod batch;
mod body;
mod carrier;
mod client;
mod connecting;
mod connection;
mod cookies;
mod decoding;
mod digest;
mod engine;
mod error;
mod error_code;
mod event_stream;
mod events;
mod exchange;
mod expecting;
mod failure;
mod following;
mod forms;
mod http2;
#[cfg(feature = "http3")]
mod http3;
mod idle;
mod line;
mod meter;
mod metered;
mod network;
mod observer;
mod open;
mod origin;
mod pool;
mod progress;
mod rate_limit;
mod redirecting;
mod request;
mod response;
mod sending;
mod settings;
#[cfg(test)]
mod tests;
mod timings;
mod tls;
mod trying;
mod upload;
pub mod websocket;

pub use client::Client;
pub use engine::Engine;
pub use error::{ConnectProblem, Error, Fault, LossKind, Mistake, Phase, Refusal, TlsProblem};
pub use error_code::ErrorCode;
pub use event_stream::{ArrivedEvent, EventStream};
pub use events::{Event, EventParser, EventTooLarge};
pub use exchange::Exchange;
pub use following::Waypoint;
pub use forms::Part;
pub use network::{
    AddressRange, AddressRanges, AllowedHosts, BadSetting, Destination, DnsPolicy, DnsSelect,
    DnsSettings, DnsTtl, HostNames, HostOverrides, HostPattern, Network, NetworkSettings, Proxies,
    ProxyUrl, RefusedHosts, tells_machine_secrets,
};
pub use observer::{Interrupted, Observer};
pub use open::OpenExchange;
pub use request::Request;
pub use response::Response;
pub use settings::{ConnectionLife, CookieLife, Protocol, Settings};
pub use timings::Timings;
pub use tls::{ClientCertificate, TlsSettings, TlsVersion, TlsVersions};
pub use upload::{Upload, UploadAnswer, UploadBody};
