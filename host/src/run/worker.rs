//! A worker: one thread, one single-threaded runtime, its share of the VUs,
//! their connections and their samples.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::health::WorkerHealth;
use super::maker::Maker;
use super::parts::Part;
use super::probe::Probe;
use super::watch::{VuCounts, Watch};
use crate::executor::{
    Crew, Drive, Iterations, PREPARED_AT_A_TIME, Preparation, Prepared, Schedule, Shift, Site,
    Stop, Timer, Urgency, prepare,
};
use crate::imports::Events;
use crate::metrics::{Delta, Schema, Shard, TagSet, install_shard, with_shard};
use crate::plan::{Plan, ScenarioPlan};
use crate::vu::{LiveUser, Queueing};

/// How often a worker hands over its samples.
pub(super) const MERGE_EVERY: Duration = Duration::from_secs(1);

/// How long before its first activity a VU is made, and how long a batch of
/// VUs that are prepared at a time is given.
const AHEAD: Duration = Duration::from_millis(500);

/// How long the preparation of all VUs may hold up the start of the load: a
/// thousand VUs whose start hangs would hold it up for ten minutes.
const PREPARING: Duration = Duration::from_secs(300);

/// What all workers need to know.
#[derive(Clone)]
pub(super) struct Load {
    pub(super) plan: Arc<Plan>,
    pub(super) schema: Arc<Schema>,
    /// In the order of the plan's scenarios.
    pub(super) scenarios: Arc<[ScenarioLoad]>,
    pub(super) events: Events,
    /// How many VUs were begun to be made, by all workers.
    pub(super) made: Arc<AtomicU64>,
    /// When the load starts, once all workers are ready.
    pub(super) started: watch::Receiver<Option<Instant>>,
    pub(super) stop: Stop,
}

/// What the workers need to know of one scenario.
pub(super) struct ScenarioLoad {
    pub(super) part: Part,
    pub(super) schedule: Schedule,
    pub(super) iterations: Iterations,
    /// The number of its VU 0 in the whole run.
    pub(super) first_vu: u32,
    /// Whether its iterations can wait for their turn.
    pub(super) queueing: Queueing,
}

/// Which worker of how many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) worker: usize,
    pub(super) workers: usize,
}

/// What a worker tells whoever collects.
#[derive(Debug)]
pub(super) enum Report {
    /// It has made the VUs that must be there at the start.
    Ready {
        /// What that measured is of no second of the load.
        earlier: Delta,
        /// How many of its VUs are not ready.
        unready: usize,
    },
    /// A second has passed.
    Second(Second),
    /// It is done; what it measured since its last second.
    Done(Second),
}

/// A worker's second.
#[derive(Debug)]
pub(super) struct Second {
    /// Its samples.
    pub(super) delta: Delta,
    /// Which worker it is.
    pub(super) worker: usize,
    /// Which second of the load ended, from 1.
    pub(super) number: u64,
    /// How many of its VUs are active.
    pub(super) active_vus: u32,
    /// How many VUs it has made since the load started.
    pub(super) made_vus: u32,
    /// How it kept up; `None` where it had no VU to run, or not for a second.
    pub(super) health: Option<WorkerHealth>,
}

/// Starts a worker. `shifts` are its own, one for each scenario that has an
/// arrival rate. Of the other scenarios it takes its share of the VUs. It ends
/// when they are done; the channel then closes on its side.
pub(super) fn spawn(
    place: Place,
    load: Load,
    shifts: Vec<Option<Shift>>,
    reports: UnboundedSender<Report>,
) -> std::io::Result<JoinHandle<()>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new()
        .name(format!("worker-{}", place.worker))
        .spawn(move || {
            install_shard(Shard::new(Arc::clone(&load.schema)));
            let worker = Worker::new(place, load, reports);
            runtime.block_on(worker.work(&runtime, shifts));
            // A name that a slow resolver still looks up is nothing to wait for.
            runtime.shutdown_background();
        })
}

/// A worker at work.
struct Worker {
    place: Place,
    load: Load,
    counts: Arc<VuCounts>,
    /// In the order of the plan's scenarios, as what follows.
    makers: Vec<Arc<Maker>>,
    watches: Vec<Arc<Watch>>,
    reports: UnboundedSender<Report>,
}

/// A VU that a worker is to start at its time.
struct Start {
    at: Duration,
    /// The scenario's place in the plan.
    scenario: usize,
    /// The VU's number in its scenario, from 0.
    vu: u32,
    /// When the VU is made: a little before it is wanted.
    made_at: Duration,
}

/// A worker's VUs of scenarios without a rate, in the order of their first
/// activity. They are dealt out to workers by their place among those of this
/// part of the run.
fn starts(scenarios: &[ScenarioLoad], on: Place) -> Vec<Start> {
    let mut starts = Vec::new();
    let mut place = 0_usize;
    for (scenario, of) in scenarios.iter().enumerate() {
        for vu in of.schedule.vus() {
            place += 1;
            let own = place % on.workers == on.worker;
            if own && let Some(first) = of.schedule.activities(vu).first() {
                starts.push(Start {
                    at: first.from,
                    scenario,
                    vu,
                    made_at: Duration::ZERO,
                });
            }
        }
    }
    starts.sort_by_key(|start| start.at);
    let wanted: Vec<_> = starts.iter().map(|start| start.at).collect();
    for (start, made_at) in starts.iter_mut().zip(made_ahead(&wanted)) {
        start.made_at = made_at;
    }
    starts
}

/// How many VUs all workers make before the load starts.
pub(super) fn prepared_before_the_load(scenarios: &[ScenarioLoad], workers: usize) -> usize {
    let at_a_rate = scenarios
        .iter()
        .filter(|of| of.schedule.has_rate())
        .map(|of| of.schedule.vus().count());
    let first = (0..workers).map(|worker| {
        let starts = starts(scenarios, Place { worker, workers });
        starts.partition_point(|start| start.made_at.is_zero())
    });
    at_a_rate.sum::<usize>() + first.sum::<usize>()
}

/// When VUs are made that are wanted at these times, in their order: so that of
/// many that are wanted together the target does not meet all at once.
fn made_ahead(wanted: &[Duration]) -> Vec<Duration> {
    let mut made = vec![Duration::ZERO; wanted.len()];
    for (place, &at) in wanted.iter().enumerate().rev() {
        let next_batch = made.get(place + PREPARED_AT_A_TIME).copied();
        let ready_by = next_batch.map_or(at, |next| next.min(at));
        made[place] = ready_by.saturating_sub(AHEAD);
    }
    made
}

impl Worker {
    fn new(place: Place, load: Load, reports: UnboundedSender<Report>) -> Self {
        let counts: Arc<VuCounts> = Arc::default();
        let makers: Vec<_> = (0..load.scenarios.len())
            .map(|scenario| Arc::new(Maker::new(&load, scenario)))
            .collect();
        let watch = |maker: &Arc<Maker>| {
            Arc::new(Watch {
                counts: Arc::clone(&counts),
                events: load.events.clone(),
                scenario: Arc::clone(&maker.name),
                tags: maker.tags,
            })
        };
        Self {
            place,
            watches: makers.iter().map(watch).collect(),
            makers,
            counts,
            load,
            reports,
        }
    }

    async fn work(mut self, runtime: &Runtime, shifts: Vec<Option<Shift>>) {
        let deadline = Instant::now() + PREPARING;
        let crews = self.crews(shifts, deadline).await;
        let mut starts = VecDeque::from(starts(&self.load.scenarios, self.place));
        let first = self.first_vus(&mut starts, deadline).await;
        let of_crews = crews.iter().map(|(_, crew)| crew.unready());
        self.tell(Report::Ready {
            earlier: taken(),
            unready: of_crews.sum::<usize>() + first.unready,
        });
        let Some(load_start) = self.start().await else {
            return;
        };
        let mut tasks = JoinSet::new();
        for (scenario, crew) in crews {
            let maker = Arc::clone(&self.makers[scenario]);
            let site = Site {
                load_start,
                stop: self.load.stop.clone(),
                watcher: Arc::clone(&self.watches[scenario]),
                // Without a file for it, the start of iterations is a
                // millisecond less exact, and that is seen in their lag.
                timer: Timer::precise().unwrap_or_else(|_| Timer::plain()),
            };
            tasks.spawn(crew.run(move |vu| maker.make(vu), site));
        }
        for (start, user) in first.vus {
            tasks.spawn(self.drive(&start, user, Preparation::Done, load_start));
        }
        let mut probe = Probe::new(runtime.metrics(), tags(&self.load.plan, None));
        let mut merge = tokio::time::interval_at(load_start + MERGE_EVERY, MERGE_EVERY);
        // Seconds of all workers are the same seconds.
        merge.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut stop = self.load.stop.clone();
        while !starts.is_empty() || !tasks.is_empty() {
            let next = starts.front().map(|start| load_start + start.made_at);
            tokio::select! {
                () = wait_for(next), if next.is_some() => {
                    if let Some(start) = starts.pop_front() {
                        let user = self.makers[start.scenario].make(start.vu);
                        tasks.spawn(self.drive(&start, user, Preparation::Own, load_start));
                    }
                }
                () = stop.reached(Urgency::Graceful), if next.is_some() => starts.clear(),
                due = merge.tick() => {
                    let health = probe.take();
                    let number = (due - load_start).as_secs();
                    let second = self.second(number, (!tasks.is_empty()).then_some(health));
                    self.tell(Report::Second(second));
                }
                () = probe.look() => {}
                ended = tasks.join_next(), if !tasks.is_empty() => {
                    if let Some(Err(error)) = ended {
                        std::panic::resume_unwind(error.into_panic());
                    }
                }
            }
        }
        let number = load_start.elapsed().as_secs();
        // What a guest left to tasks of its own ends with it, and counts when it
        // does: at their next turn.
        tokio::task::yield_now().await;
        self.tell(Report::Done(self.second(number, None)));
    }

    /// Makes and prepares the VUs that there is no time for later, those that are
    /// active from the start among them, and takes them out of those to be
    /// started later.
    async fn first_vus(
        &self,
        starts: &mut VecDeque<Start>,
        deadline: Instant,
    ) -> Prepared<Start, LiveUser> {
        let now = starts.partition_point(|start| start.made_at.is_zero());
        let made = starts.drain(..now).map(|start| {
            let user = self.makers[start.scenario].make(start.vu);
            (start, user)
        });
        prepare(made, deadline, &mut self.load.stop.clone()).await
    }

    /// Makes the VUs that must be there at the start.
    async fn crews(
        &self,
        shifts: Vec<Option<Shift>>,
        deadline: Instant,
    ) -> Vec<(usize, Crew<LiveUser>)> {
        let mut crews = Vec::new();
        for (scenario, shift) in shifts.into_iter().enumerate() {
            if let Some(shift) = shift {
                let stop = self.load.stop.clone();
                let crew = shift
                    .prepare(|vu| self.makers[scenario].make(vu), deadline, stop)
                    .await;
                crews.push((scenario, crew));
            }
        }
        crews
    }

    /// The load's start, when its time has come; `None` when it never will.
    async fn start(&mut self) -> Option<Instant> {
        let started = self.load.started.wait_for(Option::is_some).await;
        started.ok().and_then(|start| *start)
    }

    /// One VU, from its first activity to its last.
    fn drive(
        &self,
        start: &Start,
        mut user: LiveUser,
        preparation: Preparation,
        load_start: Instant,
    ) -> impl Future<Output = ()> + use<> {
        let (load, scenario, vu) = (self.load.clone(), start.scenario, start.vu);
        let watch = Arc::clone(&self.watches[scenario]);
        async move {
            let of = &load.scenarios[scenario];
            let drive = Drive {
                load_start,
                activities: of.schedule.activities(vu),
                iterations: &of.iterations,
                iterations_of_this_vu: of.schedule.iterations_per_vu(),
                pacing: of.schedule.pacing(),
                graceful_stop: load.plan.scenarios[scenario].graceful_stop,
                stop: load.stop.clone(),
                preparation,
            };
            drive.run(&mut user, &*watch).await;
        }
    }

    fn second(&self, number: u64, health: Option<WorkerHealth>) -> Second {
        Second {
            delta: taken(),
            worker: self.place.worker,
            number,
            active_vus: self.counts.active(),
            made_vus: self.counts.made(),
            health,
        }
    }

    fn tell(&self, report: Report) {
        // Nobody collects any more only when the run is given up.
        let _ = self.reports.send(report);
    }
}

/// The samples of this thread since the last call.
fn taken() -> Delta {
    with_shard(Shard::take).unwrap_or_default()
}

async fn wait_for(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// The tags of every sample of a scenario, interned in this thread's shard.
pub(super) fn tags(plan: &Plan, scenario: Option<&ScenarioPlan>) -> TagSet {
    let interned = with_shard(|shard| {
        let mut set = shard.root();
        for (name, value) in &plan.tags {
            set = shard.with_tag(set, name, value);
        }
        if let Some(scenario) = scenario {
            set = shard.with_tag(set, "scenario", &scenario.name);
            for (name, value) in &scenario.tags {
                set = shard.with_tag(set, name, value);
            }
        }
        set
    });
    interned.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_made_a_little_ahead_and_many_of_them_batch_by_batch() {
        let second = Duration::from_secs(1);
        let mut wanted = vec![2 * second];
        wanted.extend(vec![5 * second; 2 * PREPARED_AT_A_TIME + 50]);
        wanted.push(60 * second);
        let made = made_ahead(&wanted);
        let count = |at| made.iter().filter(|&&made| made == at).count();
        assert_eq!(made[0], 2 * second - AHEAD);
        // The last hundred half a second before they are wanted, and so on.
        assert_eq!(count(5 * second - 3 * AHEAD), 50);
        assert_eq!(count(5 * second - 2 * AHEAD), PREPARED_AT_A_TIME);
        assert_eq!(count(5 * second - AHEAD), PREPARED_AT_A_TIME);
        assert_eq!(count(60 * second - AHEAD), 1);
        assert!(made.is_sorted());
    }

    #[test]
    fn users_who_there_is_no_time_for_during_the_load_are_made_before_it() {
        let wanted = vec![AHEAD * 3; 10 * PREPARED_AT_A_TIME];
        let made = made_ahead(&wanted);
        let before = made.iter().filter(|at| at.is_zero()).count();
        assert_eq!(before, 8 * PREPARED_AT_A_TIME);
    }
}
