//! One execution of a plan: setup, load, teardown, judgement.
//!
//! - [`execute`]: the whole of it
//! - [`options`], [`summarize`]: calls of a component that need no load
//! - `worker`: a thread with its share of the VUs
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
use crate::executor::{Iterations, Schedule, StopSource, Urgency};
use crate::imports::{Event, Events, Level, RunContext, VuIdentity};
use crate::metrics::{Schema, Shard, Summary, Verdict, install_shard};
use crate::plan::Plan;
use crate::vu::{self, OnceError};

mod alone;
mod collector;
mod ending;
mod signals;
mod worker;

pub use alone::{options, summarize};
use collector::Collector;
pub use ending::{Ending, Endings};
use signals::Signals;
use worker::Load;

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
    /// What setup returned: JSON text.
    pub setup_data: Option<String>,
    /// Everything that was measured.
    pub summary: Summary,
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
    /// The client engine could not be made.
    #[error("the HTTP engine could not be set up: {0}")]
    Http(#[from] crate::http::Error),
}

/// What `execute` needs.
pub struct Job {
    /// What is run.
    pub scenario: Arc<Scenario>,
    /// How it is run.
    pub plan: Arc<Plan>,
    /// Which metrics there are.
    pub schema: Arc<Schema>,
    /// How many worker threads; one per core unless somebody has a reason.
    pub workers: usize,
}

/// Runs a plan from setup to judgement. Returns when it is over, on the
/// calling thread, which must not be inside an asynchronous runtime.
///
/// # Errors
///
/// When threads, runtimes or the HTTP engine cannot be made. Everything that
/// happens after that is an [`Outcome`].
pub fn execute(job: &Job, observer: &mut dyn Observer) -> Result<Outcome, RunError> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (events, receiver) = Events::channel();
    let run = Arc::new(run_context(job, events)?);
    install_shard(Shard::new(Arc::clone(&job.schema)));
    // The engine's clock ticks as long as anything of the guest may run.
    let _ticker = job.scenario.tick(vu::EPOCH_TICK);
    let execution = Execution {
        job,
        run,
        events: receiver,
        stop: StopSource::default(),
        endings: Endings::default(),
        observer,
    };
    runtime.block_on(execution.through())
}

/// A run under way.
struct Execution<'a> {
    job: &'a Job,
    run: Arc<RunContext>,
    events: mpsc::UnboundedReceiver<Event>,
    stop: StopSource,
    endings: Endings,
    observer: &'a mut dyn Observer,
}

impl Execution<'_> {
    async fn through(mut self) -> Result<Outcome, RunError> {
        let mut signals = Signals::listen()?;
        let mut collector = Collector::new(Arc::clone(&self.job.schema));
        let started = Timestamp::now();
        let setup_data = self.setup(&mut signals).await;
        let ready = self.endings.all().is_empty();
        let load_start = Instant::now();
        if ready {
            let setup_data: Arc<str> = setup_data.as_deref().unwrap_or("null").into();
            self.load(&setup_data, load_start, &mut signals, &mut collector)
                .await?;
        }
        let load_time = load_start.elapsed();
        // What setup prepared is cleaned up even when the load was stopped.
        if ready {
            self.teardown(setup_data.as_deref().unwrap_or("null")).await;
        }
        self.drain_events();
        collector.merge_own();
        self.pass_on(&mut collector);
        let verdicts = collector.evaluate(&self.job.plan.thresholds, load_time);
        let summary = collector.summary(load_time);
        if ready && collector.iterations() == 0 {
            self.endings.add(Ending::NothingRan);
        }
        let crossed: Vec<String> = verdicts
            .iter()
            .filter(|verdict| ready && !verdict.ok)
            .map(|verdict| format!("{}: {}", verdict.selector, verdict.threshold))
            .collect();
        if !crossed.is_empty() {
            self.endings.add(Ending::ThresholdsFailed(crossed));
        }
        Ok(Outcome {
            started,
            ended: Timestamp::now(),
            load_time,
            setup_data,
            summary,
            verdicts,
            endings: self.endings,
        })
    }

    /// Runs setup. What goes wrong is an ending.
    async fn setup(&mut self, signals: &mut Signals) -> Option<String> {
        self.observer.phase(Phase::Setup);
        let (scenario, run, limit) = (
            Arc::clone(&self.job.scenario),
            Arc::clone(&self.run),
            self.job.plan.setup_timeout,
        );
        let identity = nobody(&self.job.plan, "setup");
        let setup = vu::setup(&scenario, &run, identity, limit);
        let result = tokio::select! {
            result = setup => result,
            () = signals.next() => {
                self.endings.add(Ending::Stopped);
                return None;
            }
        };
        self.drain_events();
        match result {
            Ok(data) => return data,
            Err(OnceError::Aborted(_)) => {}
            Err(error @ OnceError::TimedOut { .. }) => {
                self.endings.add(Ending::SetupTimedOut(error.to_string()));
            }
            Err(error) => self.endings.add(Ending::SetupFailed(error.to_string())),
        }
        None
    }

    async fn teardown(&mut self, setup_data: &str) {
        self.observer.phase(Phase::Teardown);
        let limit = self.job.plan.teardown_timeout;
        let identity = nobody(&self.job.plan, "teardown");
        let result = vu::teardown(&self.job.scenario, &self.run, identity, setup_data, limit).await;
        match result {
            Ok(()) | Err(OnceError::Aborted(_)) => {}
            Err(error @ OnceError::TimedOut { .. }) => {
                self.endings
                    .add(Ending::TeardownTimedOut(error.to_string()));
            }
            Err(error) => self.endings.add(Ending::TeardownFailed(error.to_string())),
        }
    }

    /// Runs the load until its end, or until somebody stops it.
    async fn load(
        &mut self,
        setup_data: &Arc<str>,
        load_start: Instant,
        signals: &mut Signals,
        collector: &mut Collector,
    ) -> Result<(), RunError> {
        self.observer.phase(Phase::Load);
        let plan = &self.job.plan;
        let iterations = plan
            .scenarios
            .iter()
            .map(|scenario| Iterations::new(Schedule::new(scenario).iterations_in_all()))
            .collect();
        let load = Load {
            plan: Arc::clone(plan),
            scenario: Arc::clone(&self.job.scenario),
            run: Arc::clone(&self.run),
            setup_data: Arc::clone(setup_data),
            iterations,
            start: load_start,
            stop: self.stop.stop(),
        };
        let most_vus: u32 = plan
            .scenarios
            .iter()
            .map(|scenario| scenario.executor.most_vus())
            .sum();
        collector.begin(self.job.workers, most_vus, worker::tags(plan, None));
        let (sender, mut reports) = mpsc::unbounded_channel();
        let threads = (0..self.job.workers)
            .map(|index| worker::spawn(index, self.job.workers, load.clone(), sender.clone()))
            .collect::<Result<Vec<_>, _>>()?;
        drop(sender);
        let mut tick = tokio::time::interval(worker::MERGE_EVERY);
        loop {
            tokio::select! {
                report = reports.recv() => match report {
                    Some(report) => collector.merge(report),
                    // All workers are done.
                    None => break,
                },
                Some(event) = self.events.recv() => self.handle(event),
                () = signals.next() => self.stop_by_signal(),
                _ = tick.tick() => self.judge(collector, load_start.elapsed()),
            }
        }
        for thread in threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
        Ok(())
    }

    /// Shows how the run stands, and stops it where a threshold says so.
    fn judge(&mut self, collector: &mut Collector, elapsed: Duration) {
        collector.sample_vus();
        self.pass_on(collector);
        self.observer.progress(collector.snapshot(elapsed));
        let verdicts = collector.evaluate(&self.job.plan.thresholds, elapsed);
        if self.stop.requested() == Urgency::None && verdicts.iter().any(|verdict| verdict.abort) {
            self.stop_load();
        }
    }

    fn stop_load(&mut self) {
        if self.stop.requested() == Urgency::None {
            self.observer.phase(Phase::Stopping);
        }
        self.stop.request(Urgency::Graceful);
    }

    fn stop_by_signal(&mut self) {
        let again = self.endings.all().contains(&Ending::Stopped);
        self.endings.add(Ending::Stopped);
        if again {
            self.stop.request(Urgency::AtOnce);
        } else {
            self.stop_load();
        }
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

/// What all virtual users of a run share.
fn run_context(job: &Job, events: Events) -> Result<RunContext, RunError> {
    Ok(RunContext {
        config: job.plan.config.clone(),
        schema: Arc::clone(&job.schema),
        http: crate::http::Engine::new(http_settings(&job.plan))?,
        seed: job.plan.seed,
        events,
    })
}

/// What the plan says of the HTTP engine.
fn http_settings(plan: &Plan) -> crate::http::Settings {
    let mut settings = crate::http::Settings::default();
    settings.user_agent.clone_from(&plan.http.user_agent);
    settings.tls.insecure_skip_verify = plan.http.insecure_skip_tls_verify;
    settings.connection_reuse = !plan.http.no_connection_reuse;
    settings.discard_bodies = plan.http.discard_response_bodies;
    settings.batch = plan.http.batch;
    settings.per_host = plan.http.batch_per_host;
    settings
}
