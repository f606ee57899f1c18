//! WebSocket sessions, held and timed by the host.
//!
//! ```
//! use vuelo_sdk::prelude::*;
//! use vuelo_sdk::websocket::Message;
//!
//! fn chat() -> Result<(), Failure> {
//!     let socket = websocket::connect("ws://localhost/chat")
//!         .subprotocol("v1.chat")
//!         .header("x-room", "kitchen")
//!         .tag("name", "chat")
//!         .open()?;
//!     socket.send_text("is there any cake?")?;
//!     let answer = socket.next()?;
//!     check("there is cake", answer.text() == Some("yes"));
//!     while let Some(message) = socket.next_within(seconds(5))? {
//!         if let Message::Closed(closing) = message {
//!             info!("closed: {} {}", closing.code, closing.reason);
//!             return Ok(());
//!         }
//!     }
//!     socket.close()?;
//!     Ok(())
//! }
//!
//! let kitchen = fake::session()
//!     .takes("v1.chat")
//!     .answers(|_| vec![Message::from("yes"), Message::from("and coffee")]);
//! let report = fake::Host::new().on_socket("/chat", kitchen).play(|| chat().unwrap());
//! assert!(report.check_passed("there is cake"));
//! assert_eq!(report.sessions[0].header("x-room"), Some("kitchen"));
//! assert_eq!(report.sessions[0].closed, Some((1000, String::new())));
//! ```
//!
//! A handshake sends the cookies that the virtual user has, and those that its answer
//! sets are kept: see [`cookies`](crate::http::cookies).
//!
//! Every session is measured: `ws_sessions`, `ws_connecting`,
//! `ws_session_duration`, `ws_msgs_sent`, `ws_msgs_received` and `ws_ping` need
//! no code.

mod error;
mod handshake;
mod message;
mod socket;

pub use error::{Error, ErrorKind, Refusal};
pub use handshake::{Handshake, HandshakeBuilder, connect};
pub use message::{Closing, Message};
pub use socket::Socket;
