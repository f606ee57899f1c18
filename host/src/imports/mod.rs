//! What a guest can call: the interfaces of `vuelo:load`, a file each.
//!
//! - [`bindings`]: what `bindgen!` makes of `wit/`, and nothing else
//! - [`Context`]: what the calls of one instance work on
//! - `http`, `websocket`, `metrics`, `checks`, `flow`, `config`, `log`: the interfaces
//! - [`Draws`]: seeded random numbers
//! - [`Output`]: what a guest prints; [`Limits`]: what it may take
//! - [`Event`]: what a call has to tell the run

use wasmtime::component::{HasSelf, Linker};

pub mod bindings;
mod checks;
mod config;
mod context;
mod draws;
mod event;
mod flow;
mod http;
mod http_error;
mod http_request;
mod http_response;
mod http_sample;
mod http_upload;
mod limits;
mod log;
mod metrics;
mod output;
mod per_iteration;
mod shared_requests;
mod wasi_http;
mod websocket;
mod websocket_error;
mod websocket_handshake;
mod websocket_sample;
mod websocket_socket;

pub use context::{Context, RunContext, Stage, VuIdentity};
pub use draws::Draws;
pub use event::{Aborted, Event, Events, Level};
pub use limits::Limits;
pub use output::Output;

/// Links everything that a component may import: `vuelo:load`, and WASI 0.2 with
/// nothing granted but `wasi:http`.
///
/// # Errors
///
/// When two of the interfaces claim one name, which is a mistake in here.
pub fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    bindings::LoadTest::add_to_linker::<_, HasSelf<_>>(linker, |context| context)
}
