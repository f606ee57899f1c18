//! A worker: one thread, one single-threaded runtime, its share of the VUs,
//! their connections and their samples.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use crate::component::Scenario;
use crate::executor::{Drive, Iterations, Schedule, Stop, Watcher};
use crate::imports::{RunContext, VuIdentity};
use crate::metrics::{Delta, Shard, TagSet, install_shard, with_shard};
use crate::plan::{Plan, ScenarioPlan};
use crate::vu::LiveUser;

/// How often a worker hands over its samples.
pub(super) const MERGE_EVERY: Duration = Duration::from_secs(1);

/// What all workers need to know.
#[derive(Clone)]
pub(super) struct Load {
    pub(super) plan: Arc<Plan>,
    pub(super) scenario: Arc<Scenario>,
    pub(super) run: Arc<RunContext>,
    pub(super) setup_data: Arc<str>,
    /// One count for each scenario of the plan.
    pub(super) iterations: Arc<[Iterations]>,
    pub(super) start: Instant,
    pub(super) stop: Stop,
}

/// What a worker tells whoever collects.
#[derive(Debug)]
pub(super) struct Report {
    /// Its samples since the last report.
    pub(super) delta: Delta,
    /// Which worker it is.
    pub(super) worker: usize,
    /// How many of its VUs are active.
    pub(super) active_vus: u32,
}

/// A VU that a worker is to start at its time.
struct Start {
    at: Duration,
    /// The VU's number in the whole run, from 1.
    vu: u32,
    /// The scenario's place in the plan.
    scenario: usize,
    /// The VU's number in its scenario, from 0.
    vu_of_scenario: u32,
}

/// Starts a worker. It takes every VU whose number leaves its own as the rest,
/// and ends when they are done; the channel then closes on its side.
pub(super) fn spawn(
    worker: usize,
    workers: usize,
    load: Load,
    reports: UnboundedSender<Report>,
) -> std::io::Result<JoinHandle<()>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new()
        .name(format!("worker-{worker}"))
        .spawn(move || {
            work(&runtime, worker, workers, &load, &reports);
            // A name that a slow resolver still looks up is nothing to wait for.
            runtime.shutdown_background();
        })
}

fn work(
    runtime: &Runtime,
    worker: usize,
    workers: usize,
    load: &Load,
    reports: &UnboundedSender<Report>,
) {
    install_shard(Shard::new(Arc::clone(&load.run.schema)));
    let active = Arc::new(Active::default());
    let report = |delta| {
        let active_vus = active.0.load(Ordering::Relaxed);
        // Nobody collects any more only when the run is given up.
        let _ = reports.send(Report {
            delta,
            worker,
            active_vus,
        });
    };
    runtime.block_on(async {
        let mut vus = JoinSet::new();
        let mut starts = starts(load, worker, workers).into_iter().peekable();
        let mut merge = tokio::time::interval(MERGE_EVERY);
        merge.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stop = load.stop.clone();
        loop {
            let next = starts.peek().map(|start| load.start + start.at);
            tokio::select! {
                () = wait_for(next), if next.is_some() => {
                    if let Some(start) = starts.next() {
                        vus.spawn(drive(load.clone(), start, Arc::clone(&active)));
                    }
                }
                () = stop.reached(crate::executor::Urgency::Graceful), if next.is_some() => {
                    starts = Vec::new().into_iter().peekable();
                }
                _ = merge.tick() => report(taken()),
                ended = vus.join_next(), if !vus.is_empty() => {
                    if let Some(Err(error)) = ended {
                        std::panic::resume_unwind(error.into_panic());
                    }
                }
                else => break,
            }
            if starts.peek().is_none() && vus.is_empty() {
                break;
            }
        }
    });
    report(taken());
}

async fn wait_for(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn taken() -> Delta {
    with_shard(Shard::take).unwrap_or_default()
}

/// The VUs of a worker in the order of their first activity.
fn starts(load: &Load, worker: usize, workers: usize) -> Vec<Start> {
    let mut starts = Vec::new();
    let mut vu = 0_u32;
    for (scenario, plan) in load.plan.scenarios.iter().enumerate() {
        let schedule = Schedule::new(plan);
        for vu_of_scenario in 0..schedule.most_vus() {
            vu += 1;
            let of_this_worker = vu as usize % workers == worker;
            if let Some(first) = schedule.activities(vu_of_scenario).first()
                && of_this_worker
            {
                starts.push(Start {
                    at: first.from,
                    vu,
                    scenario,
                    vu_of_scenario,
                });
            }
        }
    }
    starts.sort_by_key(|start| start.at);
    starts
}

/// One VU, from its first activity to its last.
async fn drive(load: Load, start: Start, active: Arc<Active>) {
    let plan = &load.plan.scenarios[start.scenario];
    let schedule = Schedule::new(plan);
    let identity = VuIdentity {
        vu: start.vu,
        scenario: Arc::from(plan.name.as_str()),
        tags: tags(&load.plan, Some(plan)),
    };
    let mut user = LiveUser::new(
        Arc::clone(&load.scenario),
        Arc::clone(&load.run),
        identity,
        Arc::from(plan.exec.as_str()),
        Arc::clone(&load.setup_data),
    );
    let drive = Drive {
        load_start: load.start,
        activities: schedule.activities(start.vu_of_scenario),
        iterations: &load.iterations[start.scenario],
        iterations_of_this_vu: schedule.iterations_per_vu(),
        graceful_stop: plan.graceful_stop,
        stop: load.stop.clone(),
    };
    drive.run(&mut user, &*active).await;
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

/// How many VUs of a worker are active.
#[derive(Debug, Default)]
struct Active(AtomicU32);

impl Watcher for Active {
    fn active(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn idle(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
