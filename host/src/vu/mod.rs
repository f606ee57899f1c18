//! One virtual user: its instance, its limits, its life.
//!
//! A virtual user (VU) runs iterations one after another. What it runs them in
//! is an instance of the component with a store of its own; a trap or a stop in
//! the middle costs it that instance, and the next iteration starts a new one.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

mod footprint;
mod instance;
mod live;
mod once;
mod trap;

pub(crate) use footprint::row_in_bytes;
pub use footprint::{Footprint, footprint};
pub use instance::EPOCH_TICK;
pub use live::{LiveUser, Queueing};
pub use once::{OnceError, SummaryDestination, SummaryOutput, options, setup, summarize, teardown};

/// One iteration, as an executor hands it to a virtual user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Iteration {
    /// Its number among all of its scenario, over all parts of the run, from 0.
    pub number: u64,
    /// When it was to start, where that is not just when the last one ended:
    /// at arrival rates and with `pacing`. It is late by what has passed since.
    pub intended_start: Option<Instant>,
}

/// What an executor needs to know of a virtual user.
pub trait VirtualUser {
    /// Makes what the first iteration would have to make, so that it does not
    /// have to wait for it. What goes wrong is told by that iteration.
    fn prepare(&mut self) -> impl Future<Output = ()> + Send;

    /// Runs one iteration to its end, whatever comes of it.
    ///
    /// The future may be dropped at any time: the iteration is then cut off, and
    /// `interrupt` is called next.
    fn iterate(&mut self, iteration: Iteration) -> impl Future<Output = ()> + Send;

    /// Tidies up after an iteration whose future was dropped.
    fn interrupt(&mut self);

    /// The virtual user waits so long for its next iteration, as far as is known: it puts
    /// away what can be had again.
    fn pause(&mut self, how_long: Duration);

    /// The virtual user has no iteration to run for now: it gives back what it
    /// can spare, such as open connections.
    fn rest(&mut self);
}
