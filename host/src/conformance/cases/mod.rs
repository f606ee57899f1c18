//! The cases of the plan, by subject. How a guest answers is said at the head of
//! [`document`](super::document).

use super::case::{Case, Url};
use super::expected::Expected;

mod config;
mod endings;
mod errors;
mod flow;
mod http;
mod limits;
mod metrics;
mod once;
mod streams;

/// All cases, by subject.
pub const CASES: &[(&str, &[Case])] = &[
    ("Options, setup, start, teardown, summary", once::CASES),
    ("Configuration", config::CASES),
    ("Requests and answers", http::CASES),
    ("Errors of requests", errors::CASES),
    ("Streams, uploads, WebSockets", streams::CASES),
    ("Metrics and checks", metrics::CASES),
    ("The course of an iteration", flow::CASES),
    ("Endings", endings::CASES),
    ("Limits, and the language itself", limits::CASES),
];
