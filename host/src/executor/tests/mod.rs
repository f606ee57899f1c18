//! Executors with users that do nothing but take time, on a paused clock.
//!
//! tokio's clock goes in milliseconds, paused or not: what is intended in
//! between starts at the next one. Where a test needs more it asks for the
//! intended start, which is exact.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::*;
use crate::plan::{
    ArrivalPool, Arrivals, ExecutionPart, Executor, OnNoVu, RateStage, ScenarioPlan, Seed, Stage,
};
use crate::vu::{Iteration, VirtualUser};

mod arrival_rates;
mod arrival_times;
mod k6_examples;
mod pacing;
mod preparation;
mod queueing;
mod segments;
mod stopping;
mod timer;
mod vu_schedules;
mod workers;

const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);

/// Something that happened, and when in the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Prepared(u32),
    Started {
        vu: u32,
        number: u64,
        intended: Option<Duration>,
    },
    Finished(u32),
    Interrupted(u32),
    Paused(Duration),
    Active,
    Idle,
    Made,
    Dropped,
    ShortOfVus,
}

/// A scenario under test, and all that happened in it.
struct World {
    scenario: ScenarioPlan,
    part: ExecutionPart,
    workers: usize,
    /// How long an iteration takes, by its number.
    takes: fn(u64) -> Duration,
    preparing_takes: Duration,
    /// Of VUs that decide themselves when they start an iteration.
    preparation: Preparation,
    load_start: Mutex<Instant>,
    events: Mutex<Vec<(Duration, Event)>>,
    stop: Arc<StopSource>,
}

impl World {
    fn new(executor: Executor, takes: fn(u64) -> Duration) -> Self {
        Self {
            scenario: scenario(executor),
            part: ExecutionPart::whole(),
            workers: 1,
            takes,
            preparing_takes: Duration::ZERO,
            preparation: Preparation::Own,
            load_start: Mutex::new(Instant::now()),
            events: Mutex::default(),
            stop: Arc::default(),
        }
    }

    fn load_start(&self) -> Instant {
        *self.load_start.lock().unwrap()
    }

    fn tell(&self, event: Event) {
        let at = self.load_start().elapsed();
        self.events.lock().unwrap().push((at, event));
    }

    fn user(self: &Arc<Self>, vu: u32) -> FakeUser {
        FakeUser {
            vu,
            world: Arc::clone(self),
        }
    }

    /// Runs the scenario on so many workers, which here share a thread.
    async fn run(self) -> Arc<Self> {
        let world = Arc::new(self);
        let schedule = Schedule::new(&world.scenario, &world.part);
        let mut crews = Vec::new();
        for shift in schedule.shifts(Seed(1), world.workers) {
            let make = |vu| world.user(vu);
            crews.push(shift.prepare(make, far_off(), world.stop.stop()).await);
        }
        let load_start = Instant::now();
        *world.load_start.lock().unwrap() = load_start;
        let mut tasks = JoinSet::new();
        for crew in crews {
            let world = Arc::clone(&world);
            tasks.spawn(async move {
                let site = Site {
                    load_start,
                    stop: world.stop.stop(),
                    watcher: Arc::clone(&world),
                    timer: Timer::plain(),
                };
                crew.run(|vu| world.user(vu), site).await;
            });
        }
        let iterations = Arc::new(schedule.iterations());
        for vu in schedule.vus() {
            let (world, schedule) = (Arc::clone(&world), schedule.clone());
            let iterations = Arc::clone(&iterations);
            tasks.spawn(async move {
                let drive = Drive {
                    load_start,
                    activities: schedule.activities(vu),
                    iterations: &iterations,
                    iterations_of_this_vu: schedule.iterations_per_vu(),
                    pacing: schedule.pacing(),
                    graceful_stop: world.scenario.graceful_stop,
                    stop: world.stop.stop(),
                    preparation: world.preparation,
                };
                drive.run(&mut world.user(vu), &*world).await;
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
        world
    }

    /// Asks for a stop at a time of the load, while it runs.
    async fn run_and_stop(self, requests: &[(Duration, Urgency)]) -> Arc<Self> {
        let stop = Arc::clone(&self.stop);
        let start = Instant::now();
        let requests = requests.to_vec();
        let stopping = tokio::spawn(async move {
            for (at, urgency) in requests {
                tokio::time::sleep_until(start + at).await;
                stop.request(urgency);
            }
        });
        let world = self.run().await;
        stopping.abort();
        world
    }

    fn events(&self) -> Vec<(Duration, Event)> {
        self.events.lock().unwrap().clone()
    }

    /// When something happened.
    fn times(&self, wanted: impl Fn(Event) -> bool) -> Vec<Duration> {
        let events = self.events();
        let wanted = events.iter().filter(|&&(_, event)| wanted(event));
        wanted.map(|&(at, _)| at).collect()
    }

    /// The number and start of each iteration.
    fn starts(&self) -> Vec<(u64, Duration)> {
        let events = self.events();
        let starts = events.iter().filter_map(|&(at, event)| match event {
            Event::Started { number, .. } => Some((number, at)),
            _ => None,
        });
        starts.collect()
    }

    fn start_times(&self) -> Vec<Duration> {
        self.starts().into_iter().map(|(_, at)| at).collect()
    }

    /// How many VUs are active at a time, what happens at it included.
    fn active_at(&self, time: Duration) -> usize {
        let count = |event| {
            let times = self.times(|other| other == event);
            times.iter().filter(|&&at| at <= time).count()
        };
        count(Event::Active) - count(Event::Idle)
    }

    /// The intended start of each iteration.
    fn intended(&self) -> Vec<Duration> {
        let events = self.events();
        let intended = events.iter().filter_map(|&(_, event)| match event {
            Event::Started { intended, .. } => intended,
            _ => None,
        });
        intended.collect()
    }

    fn active_each_second(&self, seconds: u32) -> Vec<usize> {
        (0..=seconds)
            .map(|second| self.active_at(second * SECOND))
            .collect()
    }

    /// When everything was over.
    fn over(&self) -> Duration {
        self.events().last().map_or(Duration::ZERO, |&(at, _)| at)
    }
}

impl Watcher for World {
    fn active(&self) {
        self.tell(Event::Active);
    }

    fn idle(&self) {
        self.tell(Event::Idle);
    }

    fn made(&self) {
        self.tell(Event::Made);
    }

    fn dropped(&self, count: u64) {
        (0..count).for_each(|_| self.tell(Event::Dropped));
    }

    fn short_of_vus(&self) {
        self.tell(Event::ShortOfVus);
    }
}

struct FakeUser {
    vu: u32,
    world: Arc<World>,
}

impl VirtualUser for FakeUser {
    async fn prepare(&mut self) {
        if !self.world.preparing_takes.is_zero() {
            tokio::time::sleep(self.world.preparing_takes).await;
        }
        self.world.tell(Event::Prepared(self.vu));
    }

    async fn iterate(&mut self, iteration: Iteration) {
        let load_start = self.world.load_start();
        self.world.tell(Event::Started {
            vu: self.vu,
            number: iteration.number,
            intended: iteration.intended_start.map(|at| at - load_start),
        });
        tokio::time::sleep((self.world.takes)(iteration.number)).await;
        self.world.tell(Event::Finished(self.vu));
    }

    fn interrupt(&mut self) {
        self.world.tell(Event::Interrupted(self.vu));
    }

    fn pause(&mut self, how_long: Duration) {
        self.world.tell(Event::Paused(how_long));
    }

    fn rest(&mut self) {}
}

/// A deadline that nothing here comes to.
fn far_off() -> Instant {
    Instant::now() + 3600 * SECOND
}

fn scenario(executor: Executor) -> ScenarioPlan {
    ScenarioPlan {
        name: "default".to_owned(),
        executor,
        component: 0,
        exec: "default".to_owned(),
        start_time: Duration::ZERO,
        graceful_stop: 30 * SECOND,
        tags: std::collections::BTreeMap::new(),
        env: std::collections::BTreeMap::new(),
        pacing: None,
    }
}

fn pool(pre_allocated_vus: u32, max_vus: u32) -> ArrivalPool {
    ArrivalPool {
        pre_allocated_vus,
        max_vus,
        arrivals: Arrivals::Even,
        on_no_vu: OnNoVu::Drop,
    }
}

fn constant_rate(rate: u64, duration: Duration, pool: ArrivalPool) -> Executor {
    Executor::ConstantArrivalRate {
        rate,
        time_unit: SECOND,
        duration,
        pool,
    }
}

fn stages<const N: usize>(stages: [(u64, u32); N]) -> Vec<Stage> {
    let stage = |(seconds, target)| Stage {
        duration: Duration::from_secs(seconds),
        target,
    };
    stages.map(stage).to_vec()
}

fn rate_stages<const N: usize>(stages: [(u64, u64); N]) -> Vec<RateStage> {
    let stage = |(seconds, target)| RateStage {
        duration: Duration::from_secs(seconds),
        target,
    };
    stages.map(stage).to_vec()
}
