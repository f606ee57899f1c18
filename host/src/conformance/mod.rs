//! The test plan for guests: whether a component speaks the contract, case by
//! case. Whoever brings a language to Vuelo writes one scenario that does what
//! the cases ask for, and holds it against them.
//!
//! - [`CASES`], [`Case`]: what a guest is asked to do, and what must come of it
//! - [`examine`]: all of them, one run each
//! - [`Row`], [`Finding`]: what came of one
//! - `server`: what the guest sends its requests to
//! - `ran`: what can be seen of a run; `expected`: what must be seen
//! - [`document`]: the plan as a page of the documentation

mod case;
mod cases;
pub mod document;
mod examination;
mod expected;
mod ran;
mod server;

pub use case::Case;
pub use cases::CASES;
pub use examination::{ConformanceError, Finding, Row, examine};
