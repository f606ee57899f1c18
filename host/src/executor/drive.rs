//! One VU's way through its schedule.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::{Activity, Stop, Urgency};
use crate::vu::VirtualUser;

/// The count of a scenario's iterations, over all its VUs on all workers.
#[derive(Debug)]
pub struct Iterations {
    started: AtomicU64,
    limit: u64,
}

impl Iterations {
    /// A count from 0. With a limit, no number from the limit on is given out.
    #[must_use]
    pub fn new(limit: Option<u64>) -> Self {
        Self { started: AtomicU64::new(0), limit: limit.unwrap_or(u64::MAX) }
    }

    /// The next iteration's number, or `None` when all are taken.
    pub fn take(&self) -> Option<u64> {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        (number < self.limit).then_some(number)
    }
}

/// What happens to a VU while it is driven, told to whoever counts VUs.
pub trait Watcher {
    /// The VU became active.
    fn active(&self);
    /// The VU is no longer active.
    fn idle(&self);
}

/// Everything that decides when one VU runs.
#[derive(Debug)]
pub struct Drive<'a> {
    /// When the load started.
    pub load_start: Instant,
    /// When the VU may start iterations.
    pub activities: Vec<Activity>,
    /// The scenario's count of iterations.
    pub iterations: &'a Iterations,
    /// How many of them this VU may run.
    pub iterations_of_this_vu: Option<u64>,
    /// How long an iteration may go on after a graceful stop was asked for.
    pub graceful_stop: Duration,
    /// How the run is asked to end.
    pub stop: Stop,
}

/// Why a VU stopped starting iterations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// This activity is over; there may be another.
    Activity,
    /// The VU has nothing more to do.
    ForGood,
}

impl Drive<'_> {
    /// Takes the VU through all its activities.
    pub async fn run(mut self, vu: &mut impl VirtualUser, watcher: &impl Watcher) {
        let mut left = self.iterations_of_this_vu.unwrap_or(u64::MAX);
        let mut carried_on = false;
        for index in 0..self.activities.len() {
            let activity = self.activities[index];
            if !carried_on && !self.wait_until(activity.from).await {
                return;
            }
            watcher.active();
            let ended = self.run_activity(index, &mut left, &mut carried_on, vu).await;
            watcher.idle();
            vu.rest();
            if ended == Ended::ForGood {
                return;
            }
        }
    }

    /// Waits for a moment of the load; false when a stop was asked for first.
    async fn wait_until(&mut self, at: Duration) -> bool {
        tokio::select! {
            biased;
            () = self.stop.reached(Urgency::Graceful) => false,
            () = tokio::time::sleep_until(self.load_start + at) => true,
        }
    }

    /// Runs iterations until the activity ends. An iteration that outlasts it
    /// and is not to be cut off carries on into the next activity.
    async fn run_activity(
        &mut self,
        index: usize,
        left: &mut u64,
        carried_on: &mut bool,
        vu: &mut impl VirtualUser,
    ) -> Ended {
        *carried_on = false;
        let activity = self.activities[index];
        // The next activity that ends in a cut-off says when this VU's
        // iteration must be over, whichever activity it started in.
        let cut_off = self.activities[index..]
            .iter()
            .find_map(|activity| activity.cut_off)
            .unwrap_or(activity.until);
        let mut stop = self.stop.clone();
        // Both are made once for the activity and not for each iteration, so
        // that an iteration registers no timer and takes no lock of its own.
        let mut cut = pin!(cut_off_or_stopped(
            self.load_start + cut_off,
            &mut stop,
            self.graceful_stop
        ));
        let until = self.load_start + activity.until;
        while Instant::now() < until && !self.stop.is(Urgency::Graceful) {
            if *left == 0 {
                return Ended::ForGood;
            }
            let Some(number) = self.iterations.take() else {
                return Ended::ForGood;
            };
            *left -= 1;
            let started = Instant::now();
            let finished = tokio::select! {
                biased;
                () = &mut cut => false,
                () = vu.iterate(number) => true,
            };
            if !finished {
                vu.interrupt();
                return if self.stop.is(Urgency::Graceful) { Ended::ForGood } else { Ended::Activity };
            }
            if Instant::now() == started {
                // An iteration that never waits would keep the other VUs of
                // this worker from running.
                tokio::task::yield_now().await;
            }
        }
        if self.stop.is(Urgency::Graceful) {
            return Ended::ForGood;
        }
        *carried_on = self
            .activities
            .get(index + 1)
            .is_some_and(|next| self.load_start + next.from <= Instant::now());
        Ended::Activity
    }
}

/// Ends at the cut-off, at a stop at once, or when graceful stop after a request
/// to stop is over.
async fn cut_off_or_stopped(cut_off: Instant, stop: &mut Stop, graceful_stop: Duration) {
    tokio::select! {
        () = tokio::time::sleep_until(cut_off) => return,
        () = stop.reached(Urgency::Graceful) => {}
    }
    let deadline = cut_off.min(Instant::now() + graceful_stop);
    tokio::select! {
        () = tokio::time::sleep_until(deadline) => {}
        () = stop.reached(Urgency::AtOnce) => {}
    }
}
