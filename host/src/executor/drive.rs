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
        Self {
            started: AtomicU64::new(0),
            limit: limit.unwrap_or(u64::MAX),
        }
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
            if !carried_on {
                watcher.active();
            }
            let ended = self
                .run_activity(index, &mut left, &mut carried_on, vu)
                .await;
            if !carried_on {
                watcher.idle();
                vu.rest();
            }
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
            let finished = tokio::select! {
                biased;
                () = &mut cut => false,
                () = vu.iterate(number) => true,
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::executor::{Schedule, StopSource};
    use crate::plan::{Executor, ScenarioPlan, Stage};

    const SECOND: Duration = Duration::from_secs(1);

    /// A VU whose iterations take a fixed time, and what happened to it.
    struct FakeUser {
        load_start: Instant,
        takes: Duration,
        starts: Vec<Duration>,
        interrupted: Vec<Duration>,
        /// Active and idle, in turn.
        log: Vec<bool>,
    }

    impl FakeUser {
        fn new(takes: Duration) -> Self {
            let load_start = Instant::now();
            Self {
                load_start,
                takes,
                starts: Vec::new(),
                interrupted: Vec::new(),
                log: Vec::new(),
            }
        }
    }

    impl VirtualUser for FakeUser {
        async fn iterate(&mut self, _: u64) {
            self.starts.push(self.load_start.elapsed());
            tokio::time::sleep(self.takes).await;
        }

        fn interrupt(&mut self) {
            self.interrupted.push(self.load_start.elapsed());
        }

        fn rest(&mut self) {}
    }

    /// When a VU became active and idle.
    #[derive(Default)]
    struct Log(Mutex<Vec<bool>>);

    impl Watcher for Log {
        fn active(&self) {
            self.0.lock().unwrap().push(true);
        }

        fn idle(&self) {
            self.0.lock().unwrap().push(false);
        }
    }

    fn plan(executor: Executor, graceful_stop: Duration) -> ScenarioPlan {
        ScenarioPlan {
            name: "default".to_owned(),
            executor,
            exec: "default".to_owned(),
            start_time: Duration::ZERO,
            graceful_stop,
            tags: std::collections::BTreeMap::new(),
        }
    }

    async fn run(plan: &ScenarioPlan, vu: u32, takes: Duration, stop: &StopSource) -> FakeUser {
        let schedule = Schedule::new(plan);
        let iterations = Iterations::new(schedule.iterations_in_all());
        let mut user = FakeUser::new(takes);
        let drive = Drive {
            load_start: user.load_start,
            activities: schedule.activities(vu),
            iterations: &iterations,
            iterations_of_this_vu: schedule.iterations_per_vu(),
            graceful_stop: plan.graceful_stop,
            stop: stop.stop(),
        };
        let log = Log::default();
        drive.run(&mut user, &log).await;
        user.log = log.0.into_inner().unwrap();
        user
    }

    #[tokio::test(start_paused = true)]
    async fn iterations_follow_one_another_until_the_end_and_the_last_one_is_finished() {
        let plan = plan(
            Executor::ConstantVus {
                vus: 1,
                duration: 10 * SECOND,
            },
            30 * SECOND,
        );
        let user = run(&plan, 0, 3 * SECOND, &StopSource::default()).await;
        assert_eq!(user.starts, [0, 3, 6, 9].map(|second| second * SECOND));
        assert!(user.interrupted.is_empty());
        assert_eq!(user.load_start.elapsed(), 12 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn an_iteration_that_outlasts_graceful_stop_is_cut_off_then() {
        let plan = plan(
            Executor::ConstantVus {
                vus: 1,
                duration: 10 * SECOND,
            },
            2 * SECOND,
        );
        let user = run(&plan, 0, 9 * SECOND, &StopSource::default()).await;
        assert_eq!(user.starts, [Duration::ZERO, 9 * SECOND]);
        assert_eq!(user.interrupted, [12 * SECOND]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_user_that_is_ramped_down_and_up_again_runs_in_both_spans_alone() {
        let stages = [(0, 1), (4, 1), (0, 0), (10, 0), (0, 1), (3, 1)];
        let stages = stages.map(|(seconds, target)| Stage {
            duration: seconds * SECOND,
            target,
        });
        let executor = Executor::RampingVus {
            start_vus: 0,
            stages: stages.to_vec(),
            graceful_ramp_down: Duration::ZERO,
        };
        let user = run(
            &plan(executor, SECOND),
            0,
            3 * SECOND,
            &StopSource::default(),
        )
        .await;
        assert_eq!(user.starts, [0, 3, 14].map(|second| second * SECOND));
        assert_eq!(user.interrupted, [4 * SECOND]);
        assert_eq!(user.log, [true, false, true, false]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_iteration_carries_on_when_its_user_is_wanted_again_in_time() {
        let stages = [(0, 1), (4, 1), (0, 0), (2, 0), (0, 1), (4, 1)];
        let stages = stages.map(|(seconds, target)| Stage {
            duration: seconds * SECOND,
            target,
        });
        let executor = Executor::RampingVus {
            start_vus: 0,
            stages: stages.to_vec(),
            graceful_ramp_down: 30 * SECOND,
        };
        let user = run(
            &plan(executor, SECOND),
            0,
            7 * SECOND,
            &StopSource::default(),
        )
        .await;
        assert_eq!(user.starts, [Duration::ZERO, 7 * SECOND]);
        assert_eq!(user.interrupted, [11 * SECOND]);
        assert_eq!(user.log, [true, false], "it never rested");
    }

    #[tokio::test(start_paused = true)]
    async fn a_graceful_stop_lets_the_iteration_finish_and_starts_no_other() {
        let plan = plan(
            Executor::ConstantVus {
                vus: 1,
                duration: 60 * SECOND,
            },
            30 * SECOND,
        );
        let stop = StopSource::default();
        let running = run(&plan, 0, 4 * SECOND, &stop);
        let stopping = async {
            tokio::time::sleep(5 * SECOND).await;
            stop.request(Urgency::Graceful);
        };
        let (user, ()) = tokio::join!(running, stopping);
        assert_eq!(user.starts, [Duration::ZERO, 4 * SECOND]);
        assert!(user.interrupted.is_empty());
        assert_eq!(user.load_start.elapsed(), 8 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_request_to_stop_cuts_the_iteration_off() {
        let plan = plan(
            Executor::ConstantVus {
                vus: 1,
                duration: 60 * SECOND,
            },
            30 * SECOND,
        );
        let stop = StopSource::default();
        let running = run(&plan, 0, 40 * SECOND, &stop);
        let stopping = async {
            tokio::time::sleep(5 * SECOND).await;
            stop.request(Urgency::Graceful);
            tokio::time::sleep(SECOND).await;
            stop.request(Urgency::AtOnce);
        };
        let (user, ()) = tokio::join!(running, stopping);
        assert_eq!(user.interrupted, [6 * SECOND]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_before_the_first_iteration_starts_none() {
        let executor = Executor::ConstantVus {
            vus: 1,
            duration: 60 * SECOND,
        };
        let mut plan = plan(executor, SECOND);
        plan.start_time = 10 * SECOND;
        let stop = StopSource::default();
        stop.request(Urgency::Graceful);
        let user = run(&plan, 0, SECOND, &stop).await;
        assert!(user.starts.is_empty());
        assert_eq!(user.load_start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn each_user_runs_its_own_number_of_iterations() {
        let executor = Executor::PerVuIterations {
            vus: 2,
            iterations: 3,
            max_duration: 60 * SECOND,
        };
        for vu in 0..2 {
            let plan = plan(executor.clone(), SECOND);
            let user = run(&plan, vu, SECOND, &StopSource::default()).await;
            assert_eq!(user.starts.len(), 3);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn shared_iterations_are_each_taken_once() {
        let iterations = Iterations::new(Some(3));
        let taken: Vec<_> = std::iter::from_fn(|| iterations.take()).collect();
        assert_eq!(taken, [0, 1, 2]);
        assert_eq!(iterations.take(), None);
        let executor = Executor::SharedIterations {
            vus: 1,
            iterations: 5,
            max_duration: 3 * SECOND,
        };
        let user = run(&plan(executor, SECOND), 0, SECOND, &StopSource::default()).await;
        assert_eq!(
            user.starts.len(),
            3,
            "maxDuration ends it before the last ones"
        );
    }
}
