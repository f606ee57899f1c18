//! One VU's way through its schedule.

use std::pin::pin;
use std::time::Duration;

use tokio::time::Instant;

use super::cut_off::{cut_off_or_stopped, prepared_in_time};
use super::pace::Pace;
use super::{Activity, Iterations, Stop, Urgency, Watcher};
use crate::vu::{Iteration, VirtualUser};

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
    /// How often it starts one; `None` for as soon as the last is over.
    pub pacing: Option<Duration>,
    /// How long an iteration may go on after a graceful stop was asked for.
    pub graceful_stop: Duration,
    /// How the run is asked to end.
    pub stop: Stop,
    /// Whether the VU is prepared, as far as that can be, or makes itself ready
    /// first. One whose preparation failed is not prepared again: its first
    /// iteration tells why.
    pub preparation: Preparation,
}

/// Who prepares a VU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preparation {
    /// It was done before the load started.
    Done,
    /// The VU itself does so, before its first activity.
    Own,
}

/// Why a VU stopped starting iterations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// This activity is over; there may be another.
    Activity,
    /// The VU has nothing more to do.
    ForGood,
}

/// What a VU takes along from activity to activity.
struct Progress {
    /// How many iterations it may still start.
    left: u64,
    /// An iteration outlasted the last activity and reached into this one.
    carried_on: bool,
    /// Since it became active.
    pace: Option<Pace>,
}

impl Drive<'_> {
    /// Takes the VU through all its activities.
    pub async fn run(mut self, vu: &mut impl VirtualUser, watcher: &impl Watcher) {
        let mut progress = Progress {
            left: self.iterations_of_this_vu.unwrap_or(u64::MAX),
            carried_on: false,
            pace: None,
        };
        if self.preparation == Preparation::Own && !self.prepare(vu).await {
            return;
        }
        for index in 0..self.activities.len() {
            let from = self.load_start + self.activities[index].from;
            if !progress.carried_on {
                if !self.wait_until(from).await {
                    return;
                }
                watcher.active();
            }
            // Also where an iteration carries on: what was not wanted in between
            // is not late now.
            progress.pace = self.pacing.map(|every| Pace::new(from, every));
            let ended = self.run_activity(index, &mut progress, vu).await;
            if !progress.carried_on {
                watcher.idle();
                vu.rest();
            }
            if ended == Ended::ForGood {
                return;
            }
        }
    }

    /// Prepares the VU; false when it came to nothing before there was no
    /// iteration for it any more.
    async fn prepare(&mut self, vu: &mut impl VirtualUser) -> bool {
        let Some(last) = self.activities.last() else {
            return false;
        };
        let until = self.load_start + last.until;
        prepared_in_time(vu, until, &mut self.stop).await
    }

    /// Waits for a moment; false when a stop was asked for first.
    async fn wait_until(&mut self, at: Instant) -> bool {
        tokio::select! {
            biased;
            () = self.stop.reached(Urgency::Graceful) => false,
            () = tokio::time::sleep_until(at) => true,
        }
    }

    /// Runs iterations until the activity ends. An iteration that outlasts it
    /// and is not to be cut off carries on into the next activity.
    async fn run_activity(
        &mut self,
        index: usize,
        progress: &mut Progress,
        vu: &mut impl VirtualUser,
    ) -> Ended {
        let activity = self.activities[index];
        // Whether or not a pace is kept, a VU is to start when it becomes active.
        let mut first = (!progress.carried_on).then(|| self.load_start + activity.from);
        progress.carried_on = false;
        // The next activity that ends in a cut-off says when this VU's
        // iteration must be over, whichever activity it started in.
        let cut_off = self.activities[index..]
            .iter()
            .find_map(|activity| activity.cut_off)
            .unwrap_or(activity.until);
        let mut stop = self.stop.clone();
        // Made once for the activity and not for each iteration, so that an
        // iteration registers no timer of its own.
        let mut cut = pin!(cut_off_or_stopped(
            self.load_start + cut_off,
            &mut stop,
            self.graceful_stop
        ));
        // The same for a stop while the VU waits for its pace.
        let mut stop = self.stop.clone();
        let mut stopped = pin!(stop.reached(Urgency::Graceful));
        let until = self.load_start + activity.until;
        while Instant::now() < until && !self.stop.is(Urgency::Graceful) {
            if progress.left == 0 || self.iterations.all_taken() {
                return Ended::ForGood;
            }
            let paced = progress.pace.map(|pace| pace.intended());
            if let Some(at) = paced
                && let now = Instant::now()
                && at > now
            {
                vu.pause(at - now);
                tokio::select! {
                    biased;
                    // Of a VU that waits, the activity ends like that of any other.
                    () = tokio::time::sleep_until(at.min(until)) => {}
                    () = &mut stopped => {}
                }
                if at >= until || self.stop.is(Urgency::Graceful) {
                    continue;
                }
            }
            let Some(number) = self.iterations.take() else {
                return Ended::ForGood;
            };
            progress.left -= 1;
            if let Some(pace) = &mut progress.pace {
                pace.advance();
            }
            let iteration = Iteration {
                number,
                intended_start: paced.or(first.take()),
            };
            // The iteration first: when an answer lets it go on to its end, nobody need
            // look at timer and stop.
            let finished = tokio::select! {
                biased;
                () = vu.iterate(iteration) => true,
                () = &mut cut => false,
            };
            if !finished {
                vu.interrupt();
                return if self.stop.is(Urgency::Graceful) {
                    Ended::ForGood
                } else {
                    Ended::Activity
                };
            }
            // An iteration that never waits would keep the other VUs of this
            // worker from running.
            tokio::task::coop::consume_budget().await;
        }
        if self.stop.is(Urgency::Graceful) {
            return Ended::ForGood;
        }
        progress.carried_on = self
            .activities
            .get(index + 1)
            .is_some_and(|next| self.load_start + next.from <= Instant::now());
        Ended::Activity
    }
}
