//! Vuelo: a load-test runner whose scenarios are WebAssembly components.
//!
//! The rooms, and who may look into which; imports run downwards:
//!
//! ```text
//! cli       what can be said on the command line
//! command   what each subcommand does
//! conformance  the test plan for guests
//! report    what people see          output  what files are written
//! run       one execution of a plan: setup, load, teardown, judgement
//! executor  when iterations start, and in which virtual user
//! vu        one virtual user
//! project   a scenario's source, made and built
//! component find, verify, compile
//! imports   what a guest can call
//! plan      everything a run needs, resolved and validated
//! http      the client engine        metrics recording and judging
//! slab      where stacks and memories of users lie
//! target    the embedded target, which knows nobody
//! ```

#![deny(missing_docs)]

pub mod cli;
pub mod command;
pub mod component;
pub mod conformance;
pub mod executor;
pub mod http;
pub mod imports;
pub mod metrics;
pub mod output;
pub mod plan;
pub mod project;
pub mod report;
pub mod run;
#[cfg(target_os = "linux")]
pub mod slab;
pub mod target;
pub mod vu;
