//! The built command, as its users run it.
#![allow(clippy::unwrap_used)]

mod bad_input;
mod capacity;
mod counting;
mod demo;
mod exit_codes;
mod guests;
mod handmade;
mod harness;
mod http_options;
mod load_model;
mod messages;
mod own_client;
mod preparation;
mod resilience;
mod sandbox;
mod secrets;
mod sockets;
mod streams;
