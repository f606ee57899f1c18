//! One virtual user: its instance, its limits, its life.
//!
//! A virtual user (VU) runs iterations one after another. What it runs them in
//! is an instance of the component with a store of its own; a trap or a stop in
//! the middle costs it that instance, and the next iteration starts a new one.

use std::future::Future;

mod instance;
mod limits;
mod live;
mod once;
mod trap;

pub use instance::EPOCH_TICK;
pub use live::LiveUser;
pub use once::{OnceError, SummaryDestination, SummaryOutput, options, setup, summarize, teardown};

/// What an executor needs to know of a virtual user.
pub trait VirtualUser {
    /// Runs one iteration to its end, whatever comes of it. `number` is the
    /// iteration's among all of its scenario, from 0.
    ///
    /// The future may be dropped at any time: the iteration is then cut off, and
    /// `interrupt` is called next.
    fn iterate(&mut self, number: u64) -> impl Future<Output = ()> + Send;

    /// Tidies up after an iteration whose future was dropped.
    fn interrupt(&mut self);

    /// The virtual user has no iteration to run for now: it gives back what it
    /// can spare, such as open connections.
    fn rest(&mut self);
}
