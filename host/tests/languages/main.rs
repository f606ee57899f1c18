//! Scenarios in every language, built by `vuelo build` with the language's own
//! tools, which are installed where they are missing.
//!
//! - `projects`: the folders below `scenarios-wasm`, built
//! - `conformance`: the test plan for guests, held by each language; its page
//! - `examples`: one flow in every language, and what it comes to
//! - `own_clients`: HTTP clients of the languages themselves
//! - `cache`: what was compiled is kept
//! - `starting`: what a project looks like that `vuelo new` makes
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod cache;
mod conformance;
mod examples;
mod own_clients;
mod projects;
mod starting;

#[path = "../command/guests.rs"]
#[allow(dead_code)]
mod guests;
#[path = "../command/harness.rs"]
#[allow(dead_code)]
mod harness;
