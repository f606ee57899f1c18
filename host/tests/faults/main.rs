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

/// Faults of one kind, with a name for them all.
type Family = (&'static str, fn() -> Vec<fault::Fault>);

/// Each with how many there are at least.
const FAMILIES: [(Family, usize); 9] = [
    (("connecting", connecting::faults), 2),
    (("tls", tls::faults), 16),
    (("heads", heads::faults), 30),
    (("bodies", bodies::faults), 25),
    (("keeping", keeping::faults), 13),
    (("streams", streams::faults), 7),
    (("encodings", encodings::faults), 8),
    (("redirects", redirects::faults), 4),
    (("http2", http2::faults), 24),
];

/// All faults.
fn faults() -> Vec<fault::Fault> {
    FAMILIES
        .iter()
        .flat_map(|((_, faults), _)| faults())
        .collect()
}

#[test]
fn no_fault_is_lost_unless_its_family_says_so() {
    for ((family, faults), least) in FAMILIES {
        let found = faults().len();
        assert!(found >= least, "{family}: {found} faults, and not {least}");
    }
}

#[test]
fn no_two_faults_have_one_name() {
    let mut names: Vec<_> = faults().iter().map(|fault| fault.name).collect();
    names.sort_unstable();
    let twice: Vec<_> = names.windows(2).filter(|two| two[0] == two[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
