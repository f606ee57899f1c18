//! The WebSocket client.
//!
//! - [`Handshake`]: built once, made often
//! - [`Client::open_socket`](super::Client::open_socket): makes it, which comes
//!   to a [`Socket`] or a [`FailedOpening`]
//! - [`Socket`]: a session, as whoever opened it sees it
//! - [`Error`]: why there is no session, or no longer
//!
//! The opening handshake is a request of HTTP/1.1 over the engine's own
//! transport. Then a task of the runtime (`session.rs`) reads and writes frames:
//! the stack of whoever holds the socket sees whole messages. What both know of
//! the session is in a ledger (`ledger.rs`).

mod error;
mod frames;
#[cfg(fuzzing)]
pub mod fuzzing;
mod handshake;
mod ledger;
mod opening;
mod session;
mod socket;

pub use error::{Error, Refusal, Waiting};
pub use handshake::Handshake;
pub use ledger::{Counts, Ending};
pub use opening::{FailedOpening, Traffic};
pub use socket::{Arrived, Message, Socket};
