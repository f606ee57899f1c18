//! When iterations start, and in which virtual user.
//!
//! Each executor of k6 has a file that says, from the plan alone, when each VU
//! is active: [`Activity`]. [`drive`] takes one VU through its activities; it
//! knows time and VUs and nothing of what an iteration does. Nothing here is
//! shared between VUs but the count of iterations, so that any worker thread can
//! drive any VU.
//!
//! - [`constant_vus`], [`ramping_vus`], [`shared_iterations`],
//!   [`per_vu_iterations`]: the executors
//! - [`drive`]: one VU's way through its schedule
//! - [`stop`]: how a run is asked to end, and by when

use std::time::Duration;

use crate::plan::{Executor, ScenarioPlan};

mod constant_vus;
mod drive;
mod per_vu_iterations;
mod ramping_vus;
mod shared_iterations;
mod stop;

pub use drive::{Drive, Iterations, Watcher};
pub use stop::{Stop, StopSource, Urgency};

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

/// When the VUs of one scenario are active, and how many iterations they may
/// start.
#[derive(Debug, Clone)]
pub struct Schedule {
    executor: Executor,
    start_time: Duration,
    graceful_stop: Duration,
}

impl Schedule {
    /// The schedule of a scenario.
    #[must_use]
    pub fn new(scenario: &ScenarioPlan) -> Self {
        Self {
            executor: scenario.executor.clone(),
            start_time: scenario.start_time,
            graceful_stop: scenario.graceful_stop,
        }
    }

    /// The most VUs that it has at any time. They are numbered from 0.
    #[must_use]
    pub fn most_vus(&self) -> u32 {
        self.executor.most_vus()
    }

    /// The activities of the VU of this number, in order, not overlapping.
    #[must_use]
    pub fn activities(&self, vu: u32) -> Vec<Activity> {
        let graceful_stop = self.graceful_stop;
        let mut activities = match &self.executor {
            Executor::ConstantVus { vus, duration } => {
                constant_vus::activities(vu, *vus, *duration, graceful_stop)
            }
            Executor::RampingVus {
                start_vus,
                stages,
                graceful_ramp_down,
            } => {
                ramping_vus::activities(vu, *start_vus, stages, *graceful_ramp_down, graceful_stop)
            }
            Executor::SharedIterations {
                vus, max_duration, ..
            } => shared_iterations::activities(vu, *vus, *max_duration, graceful_stop),
            Executor::PerVuIterations {
                vus, max_duration, ..
            } => per_vu_iterations::activities(vu, *vus, *max_duration, graceful_stop),
        };
        for activity in &mut activities {
            activity.from += self.start_time;
            activity.until += self.start_time;
            activity.cut_off = activity.cut_off.map(|at| at + self.start_time);
        }
        activities
    }

    /// How many iterations all VUs together may start.
    #[must_use]
    pub fn iterations_in_all(&self) -> Option<u64> {
        match self.executor {
            Executor::SharedIterations { iterations, .. } => Some(iterations),
            _ => None,
        }
    }

    /// How many iterations each VU may start.
    #[must_use]
    pub fn iterations_per_vu(&self) -> Option<u64> {
        match self.executor {
            Executor::PerVuIterations { iterations, .. } => Some(iterations),
            _ => None,
        }
    }
}
