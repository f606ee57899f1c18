//! What an executor does for one iteration, with virtual users that do nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;
use vuelo::executor::{Drive, Preparation, Schedule, Site, StopSource, Timer, Watcher};
use vuelo::plan::{ArrivalPool, Arrivals, ExecutionPart, Executor, OnNoVu, ScenarioPlan, Seed};
use vuelo::vu::{Iteration, VirtualUser};

use super::part::{Setting, Work};

const SECOND: Duration = Duration::from_secs(1);

/// Longer than any measurement.
const A_DAY: Duration = Duration::from_secs(86_400);

/// How many there are at an arrival rate: more than a dispatcher that has fallen behind hands
/// iterations to before it lets them run, since an iteration that is dropped is another way.
const USERS: u32 = 200;

/// Iterations a second on a paused clock, which counts in milliseconds: each is started by
/// a timer of its own.
const RATE: u64 = 1_000;

/// Iterations a second in real time: as many as a busy generator starts.
const REAL_RATE: u64 = 10_000;

/// A user whose iterations are over at once.
struct Nobody;

impl VirtualUser for Nobody {
    async fn prepare(&mut self) {}
    async fn iterate(&mut self, _: Iteration) {}
    fn interrupt(&mut self) {}
    fn rest(&mut self) {}
    fn pause(&mut self, _: Duration) {}
}

struct NotInterested;

impl Watcher for NotInterested {
    fn active(&self) {}
    fn idle(&self) {}
    fn made(&self) {}
    fn dropped(&self, count: u64) {
        panic!("{count} iterations were dropped: this machine is too busy to measure");
    }
    fn short_of_vus(&self) {}
}

/// A virtual user that runs one iteration after the other.
pub fn of_users(setting: Setting) -> Work {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    Box::new(move |times| {
        let schedule = schedule(Executor::PerVuIterations {
            vus: 1,
            iterations: times,
            max_duration: A_DAY,
        });
        let (source, iterations) = (StopSource::default(), schedule.iterations());
        setting.time(|| {
            runtime.block_on(async {
                let drive = Drive {
                    load_start: Instant::now(),
                    activities: schedule.activities(0),
                    iterations: &iterations,
                    iterations_of_this_vu: schedule.iterations_per_vu(),
                    pacing: None,
                    graceful_stop: SECOND,
                    stop: source.stop(),
                    preparation: Preparation::Done,
                };
                drive.run(&mut Nobody, &NotInterested).await;
            });
            assert_eq!(iterations.taken(), times);
        })
    })
}

/// Iterations that the clock starts: the schedule's next one, the timer, the user that is
/// free, and the way to it and back.
pub fn of_a_rate(setting: Setting) -> Work {
    Box::new(move |times| {
        // The clock of a runtime cannot be set back.
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_time().start_paused(true).build().unwrap();
        at_a_rate(&runtime, RATE, times, Timer::plain, setting)
    })
}

/// The same with the timer that runs have, which is a file of the system.
pub fn of_a_rate_in_real_time(setting: Setting) -> Work {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    Box::new(move |times| {
        at_a_rate(
            &runtime,
            REAL_RATE,
            times,
            || Timer::precise().unwrap(),
            setting,
        )
    })
}

fn at_a_rate(
    runtime: &Runtime,
    rate: u64,
    times: u64,
    timer: fn() -> Timer,
    setting: Setting,
) -> Duration {
    let schedule = schedule(Executor::ConstantArrivalRate {
        rate,
        time_unit: SECOND,
        duration: Duration::from_nanos(times * 1_000_000_000 / rate),
        pool: ArrivalPool {
            pre_allocated_vus: USERS,
            max_vus: USERS,
            arrivals: Arrivals::Even,
            on_no_vu: OnNoVu::Drop,
        },
    });
    let source = StopSource::default();
    let shift = schedule.shifts(Seed(1), 1).remove(0);
    setting.time(|| {
        runtime.block_on(async {
            let far_off = Instant::now() + A_DAY;
            let crew = shift.prepare(|_| Nobody, far_off, source.stop()).await;
            let site = Site {
                load_start: Instant::now(),
                stop: source.stop(),
                watcher: Arc::new(NotInterested),
                timer: timer(),
            };
            crew.run(|_| Nobody, site).await;
        });
    })
}

fn schedule(executor: Executor) -> Schedule {
    let scenario = ScenarioPlan {
        name: "default".to_owned(),
        executor,
        component: 0,
        exec: "default".to_owned(),
        start_time: Duration::ZERO,
        graceful_stop: SECOND,
        tags: BTreeMap::new(),
        env: BTreeMap::new(),
        pacing: None,
    };
    Schedule::new(&scenario, &ExecutionPart::whole())
}
