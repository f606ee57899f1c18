//! One execution of a plan: setup, load, teardown, judgement.
//!
//! - [`http_engine`]: what is to be made before, since a plan can have it wrong
//! - [`schema`]: which metrics there are
//! - [`execute`]: the whole of it
//! - [`options`], [`summarize`], [`footprint`]: calls of a component that need no load
//! - [`capacity`]: whether this machine has room for the VUs
//! - `parts`: the components of the plan, with what their calls work on
//! - `http_settings`: what the plan says of the HTTP engine
//! - `once`: setup and teardown; `loading`: the load in between
//! - `worker`: a thread with its share of the VUs; `maker`: who makes them;
//!   `watch`: who counts them
//! - `probe`, `health`: whether the generator keeps up
//! - `collector`: what comes together of the workers' samples
//! - [`Ending`]: how it ended, and the exit code
//! - [`Observer`]: who is told while it goes on

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::component::Scenario;
use crate::executor::StopSource;
use crate::http::Engine;
use crate::imports::{Event, Events, Level, VuIdentity};
use crate::metrics::{Recorded, Schema, Selector, Shard, Summary, Verdict, install_shard};
use crate::plan::Plan;
use crate::vu;

mod alone;
pub mod capacity;
mod collector;
mod ending;
mod health;
mod http_settings;
mod loading;
mod maker;
mod measures;
mod once;
mod parts;
mod probe;
mod signals;
mod watch;
mod worker;

pub use alone::{footprint, options, summarize};
use capacity::{MemoryWatch, Shortage};
use collector::Collector;
pub use ending::{Ending, Endings};
pub use measures::schema;
use parts::{Part, Parts};
use signals::Signals;

/// How a run stands, for whoever shows it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Snapshot {
    /// Since the load started.
    pub elapsed: Duration,
    /// How many VUs are active.
    pub vus: u32,
    /// Iterations that ran to their end.
    pub iterations: u64,
    /// Requests so far.
    pub requests: u64,
    /// Of these, how many failed.
    pub failed_requests: u64,
}

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Setup.
    Setup,
    /// So many VUs are made before the load starts.
    Preparing(usize),
    /// The load.
    Load,
    /// No further iteration starts, those under way come to their end.
    Stopping,
    /// Teardown.
    Teardown,
}

/// Who is told while a run goes on. Calls come from one thread.
pub trait Observer {
    /// Another phase has begun.
    fn phase(&mut self, phase: Phase);
    /// A second has passed.
    fn progress(&mut self, snapshot: Snapshot);
    /// Somebody said something.
    fn log(&mut self, level: Level, scenario: &str, vu: u32, message: &str);
}

/// A run that came to its end, however it did.
#[derive(Debug)]
pub struct Outcome {
    /// When setup started.
    pub started: Timestamp,
    /// When teardown ended.
    pub ended: Timestamp,
    /// How long the load took.
    pub load_time: Duration,
    /// What setup returned: JSON text. Of several components an object of what
    /// each one's returned, by the component's name.
    pub setup_data: Option<String>,
    /// Everything that was measured.
    pub summary: Summary,
    /// The same without loss, to be written down.
    pub recorded: Recorded,
    /// What the thresholds say of it.
    pub verdicts: Vec<Verdict>,
    /// Everything that was the matter.
    pub endings: Endings,
}

/// Why a run could not even start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A runtime or thread could not be made.
    #[error("the run could not be started: {0}; is there a limit on threads or open files?")]
    Resources(#[from] std::io::Error),
    /// The metrics do not fit together.
    #[error("the metrics of the plan do not fit together: {0}")]
    Schema(String),
    /// The client engine cannot be made as the plan wants it.
    #[error("the plan's options of HTTP cannot be kept to: {0}")]
    Http(#[from] crate::http::Error),
    /// The VUs do not fit into this process.
    #[error(transparent)]
    Capacity(#[from] Shortage),
}

/// What `execute` needs.
pub struct Job {
    /// What is run: the components of the plan, in its order.
    pub components: Vec<Arc<Scenario>>,
    /// How it is run.
    pub plan: Arc<Plan>,
    /// What sends its requests: the one of [`http_engine`].
    pub http: Arc<Engine>,
    /// Which metrics there are.
    pub schema: Arc<Schema>,
    /// How many worker threads; one per core unless somebody has a reason.
    pub workers: usize,
    /// What becomes of a run whose generator did not keep up.
    pub saturation: Saturation,
}

/// What becomes of a run whose generator did not keep up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saturation {
    /// It is invalid: it measured the generator.
    Invalidates,
    /// It is told: the target shares the machine, so that nothing else is to be
    /// expected.
    Warns,
}

/// The HTTP engine of a plan. The components of a run share one, and with it the
/// limit of requests a second.
///
/// # Errors
///
/// When this was built without what the plan wants, or a file of the plan cannot
/// be used: a mistake of the plan, to be told before anything runs.
pub fn http_engine(plan: &Plan) -> Result<Arc<Engine>, RunError> {
    Ok(Engine::new(http_settings::http_settings(plan))?)
}

/// Runs a plan from setup to judgement. Returns when it is over, on the
/// calling thread, which must not be inside an asynchronous runtime.
///
/// # Errors
///
/// When threads or runtimes cannot be made. Everything that happens after that
/// is an [`Outcome`].
pub fn execute(job: &Job, observer: &mut dyn Observer) -> Result<Outcome, RunError> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (events, receiver) = Events::channel();
    let parts = Parts::new(job, &events);
    install_shard(Shard::new(Arc::clone(&job.schema)));
    // The engines' clocks tick as long as anything of a guest may run.
    let tick = |component: &Arc<Scenario>| component.tick(vu::EPOCH_TICK);
    let _tickers: Vec<_> = job.components.iter().map(tick).collect();
    let execution = Execution {
        job,
        parts,
        own_events: events,
        events: receiver,
        stop: StopSource::default(),
        endings: Endings::default(),
        ended_by: Vec::new(),
        has_vus: true,
        memory: MemoryWatch::new(capacity::vus_of_this_part(&job.plan)),
        observer,
    };
    let outcome = runtime.block_on(execution.through());
    // A name that a slow resolver still looks up is nothing to wait for.
    runtime.shutdown_background();
    outcome
}

/// A run under way.
struct Execution<'a> {
    job: &'a Job,
    parts: Parts,
    own_events: Events,
    events: mpsc::UnboundedReceiver<Event>,
    stop: StopSource,
    endings: Endings,
    /// The thresholds that ended the load. What they say later, when the last
    /// iterations are in, does not make good for it.
    ended_by: Vec<(Selector, String)>,
    /// A part of a run may have none.
    has_vus: bool,
    memory: MemoryWatch,
    observer: &'a mut dyn Observer,
}

impl Execution<'_> {
    async fn through(mut self) -> Result<Outcome, RunError> {
        let mut signals = Signals::listen()?;
        let mut collector = Collector::new(Arc::clone(&self.job.schema));
        let (started, setup_start) = (Timestamp::now(), Instant::now());
        self.setup(&mut signals).await;
        let ready = self.endings.let_the_run_go_on();
        // Without a load, what setup measured was measured in setup's time.
        let mut load_time = setup_start.elapsed();
        if ready {
            load_time = self.load(&mut signals, &mut collector).await?;
        }
        // What a setup prepared is cleaned up even when the load was stopped, or
        // another's setup failed.
        self.teardown(&mut signals).await;
        self.drain_events();
        collector.merge_own();
        self.pass_on(&mut collector);
        // Without a load there is nothing to judge.
        let mut verdicts = Vec::new();
        if ready {
            verdicts = collector.evaluate(&self.job.plan.thresholds, load_time);
        }
        for verdict in &mut verdicts {
            let judged = (verdict.selector.clone(), verdict.threshold.clone());
            verdict.ended_the_run = self.ended_by.contains(&judged);
            verdict.ok &= !verdict.ended_the_run;
        }
        let summary = collector.summary(load_time);
        if ready && self.has_vus && collector.iterations_begun() == 0 {
            self.endings.add(Ending::NothingRan);
        }
        let crossed: Vec<String> = verdicts
            .iter()
            .filter(|verdict| !verdict.ok)
            .map(|verdict| format!("{}: {}", verdict.selector, verdict.threshold))
            .collect();
        if !crossed.is_empty() {
            self.endings.add(Ending::ThresholdsFailed(crossed));
        }
        Ok(Outcome {
            started,
            ended: Timestamp::now(),
            load_time,
            setup_data: self.parts.setup_data(),
            summary,
            recorded: collector.record(),
            verdicts,
            endings: self.endings,
        })
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Log {
                level,
                scenario,
                vu,
                message,
            } => {
                self.observer.log(level, &scenario, vu, &message);
            }
            Event::Abort(reason) => {
                self.endings.add(Ending::Aborted(reason));
                self.stop_load();
            }
            Event::MarkFailed(reason) => self.endings.add(Ending::MarkedFailed(reason)),
        }
    }

    /// Tells what the samples themselves give reason to say.
    fn pass_on(&mut self, collector: &mut Collector) {
        for warning in collector.take_warnings() {
            self.observer
                .log(Level::Warn, &self.job.plan.name, 0, &warning);
        }
    }

    fn drain_events(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            self.handle(event);
        }
    }
}

/// Who calls setup, teardown and summary: no virtual user.
fn nobody(plan: &Plan, call: &str) -> VuIdentity {
    VuIdentity {
        vu: 0,
        scenario: Arc::from(call),
        tags: worker::tags(plan, None),
    }
}
