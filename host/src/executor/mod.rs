//! When iterations start, and in which virtual user.
//!
//! Two kinds of executors, all of k6's. Where VUs decide, a file for each
//! executor says, from the plan alone, when each VU is active: [`Activity`];
//! [`Drive`] takes one VU through its activities. Where the clock decides, a
//! file for each executor says at what rate iterations arrive; a [`Crew`] on each
//! worker hands them to VUs. All of it knows time and VUs and nothing of what an
//! iteration does. Workers share the count of iterations and who has a free VU,
//! in atomics, so that any worker thread can run any VU.
//!
//! - [`Schedule`]: what a scenario comes down to in this part of the run
//! - `constant_vus`, `ramping_vus`, `shared_iterations`, `per_vu_iterations`:
//!   executors whose VUs decide; [`Drive`], [`Iterations`], `pace`: how they do
//! - `constant_arrival_rate`, `ramping_arrival_rate`: executors with a rate;
//!   `rate_profile`, `poisson`, `arrivals`: when it starts which iteration;
//!   [`Crew`], `dispatch`, `slot`: in which VU
//! - [`prepare`]: the VUs that are there before the load starts
//! - [`Timer`]: waiting for a moment, to some microseconds
//! - [`Stop`], `cut_off`: how a run is asked to end, and by when
//! - [`Watcher`]: who is told

use std::time::Duration;

mod arrivals;
mod constant_arrival_rate;
mod constant_vus;
mod crew;
mod cut_off;
mod dispatch;
mod drive;
mod iterations;
mod pace;
mod per_vu_iterations;
mod poisson;
mod preparation;
mod ramping_arrival_rate;
mod ramping_vus;
mod rate_profile;
mod schedule;
mod shared_iterations;
mod slot;
mod stop;
mod timer;
mod watcher;

pub use crew::{Crew, Shift, Site};
pub use drive::{Drive, Preparation};
pub use iterations::Iterations;
pub use preparation::{PREPARED_AT_A_TIME, Prepared, prepare};
pub use schedule::Schedule;
pub use stop::{Stop, StopSource, Urgency};
pub use timer::Timer;
pub use watcher::Watcher;

/// A time in which a VU may start iterations, counted from the load's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activity {
    /// When its first iteration may start.
    pub from: Duration,
    /// When it starts no further iteration.
    pub until: Duration,
    /// When an iteration that is still under way is cut off. `None` where the
    /// VU becomes active again before that: the iteration just goes on.
    pub cut_off: Option<Duration>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
