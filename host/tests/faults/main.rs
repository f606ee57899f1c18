//! What servers do on bad days, and what the client makes of it.
//!
//! - `server`: a server whose connections are treated as the test says
//! - `certificates`: who the server says it is
//! - `fault`: one thing that a server does wrong, and what a client must find
//! - `connecting`, `tls`, `heads`, `bodies`, `keeping`, `streams`, `encodings`,
//!   `redirects`, `http2`: the faults
//! - `frames`: what HTTP/2 is made of
//! - `table`: each of them once, and the request after it
//! - `left_behind`: sockets, tasks and memory after all of them
//! - `splits`: answers cut into pieces at any byte
//! - `command`: the built command against all of them at once
#![allow(clippy::unwrap_used)]

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

mod bodies;
mod certificates;
mod command;
mod connecting;
mod encodings;
mod fault;
mod frames;
mod heads;
mod http2;
mod keeping;
mod left_behind;
mod redirects;
mod server;
mod splits;
mod streams;
mod table;
mod tls;

#[path = "../command/guests.rs"]
#[allow(dead_code)]
mod guests;
#[path = "../command/harness.rs"]
#[allow(dead_code)]
mod harness;

/// What the process has: sockets, memory.
static PROCESS: RwLock<()> = RwLock::new(());

/// For a test that opens sockets.
fn beside_others() -> RwLockReadGuard<'static, ()> {
    PROCESS.read().unwrap_or_else(PoisonError::into_inner)
}

/// For a test that looks at what the process has.
fn alone() -> RwLockWriteGuard<'static, ()> {
    PROCESS.write().unwrap_or_else(PoisonError::into_inner)
}

/// All faults.
fn faults() -> Vec<fault::Fault> {
    [
        connecting::faults(),
        tls::faults(),
        heads::faults(),
        bodies::faults(),
        keeping::faults(),
        streams::faults(),
        encodings::faults(),
        redirects::faults(),
        http2::faults(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
