//! One execution of a plan: setup, load, teardown, judgement.
//!
//! - [`execute`]: the whole of it
//! - [`options`], [`summarize`]: calls of a component that need no load
//! - `worker`: a thread with its share of the VUs
//! - `collector`: what comes together of the workers' samples
//! - [`Ending`]: how it ended, and the exit code
//! - [`Observer`]: who is told while it goes on

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::component::Scenario;
use crate::executor::{Iterations, Schedule, StopSource, Urgency};
use crate::imports::{Event, Events, Level, RunContext, VuIdentity};
use crate::metrics::{Schema, Selector, Shard, Summary, Verdict, install_shard};
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
        ended_by: Vec::new(),
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
    run: Arc<RunContext>,
    events: mpsc::UnboundedReceiver<Event>,
    stop: StopSource,
    endings: Endings,
    /// The thresholds that ended the load. What they say later, when the last
    /// iterations are in, does not make good for it.
    ended_by: Vec<(Selector, String)>,
    observer: &'a mut dyn Observer,
}

impl Execution<'_> {
    async fn through(mut self) -> Result<Outcome, RunError> {
        let mut signals = Signals::listen()?;
        let mut collector = Collector::new(Arc::clone(&self.job.schema));
        let (started, setup_start) = (Timestamp::now(), Instant::now());
        let setup_data = self.setup(&mut signals).await;
        let ready = self.endings.let_the_run_go_on();
        let load_start = Instant::now();
        if ready {
            let setup_data: Arc<str> = setup_data.as_deref().unwrap_or("null").into();
            self.load(&setup_data, load_start, &mut signals, &mut collector)
                .await?;
        }
        // Without a load, what setup measured was measured in setup's time.
        let load_time = if ready {
            load_start.elapsed()
        } else {
            setup_start.elapsed()
        };
        // What setup prepared is cleaned up even when the load was stopped.
        if ready {
            let setup_data = setup_data.as_deref().unwrap_or("null");
            self.teardown(setup_data, &mut signals).await;
        }
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
            verdict.ok &= !self.ended_by.contains(&judged);
        }
        let summary = collector.summary(load_time);
        if ready && collector.iterations_begun() == 0 {
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
        match self.attend(setup, signals, 1).await? {
            Ok(data) => return data,
            Err(OnceError::Aborted(_)) => {}
            Err(error @ OnceError::TimedOut { .. }) => {
                self.endings.add(Ending::SetupTimedOut(error.to_string()));
            }
            Err(error) => self.endings.add(Ending::SetupFailed(error.to_string())),
        }
        None
    }

    async fn teardown(&mut self, setup_data: &str, signals: &mut Signals) {
        self.observer.phase(Phase::Teardown);
        let limit = self.job.plan.teardown_timeout;
        let identity = nobody(&self.job.plan, "teardown");
        let (scenario, run) = (Arc::clone(&self.job.scenario), Arc::clone(&self.run));
        let teardown = vu::teardown(&scenario, &run, identity, setup_data, limit);
        let Some(result) = self.attend(teardown, signals, 2).await else {
            return;
        };
        match result {
            Ok(()) | Err(OnceError::Aborted(_)) => {}
            Err(error @ OnceError::TimedOut { .. }) => {
                self.endings
                    .add(Ending::TeardownTimedOut(error.to_string()));
            }
            Err(error) => self.endings.add(Ending::TeardownFailed(error.to_string())),
        }
    }

    /// Waits for a call that is made once, and listens meanwhile. `None` where so
    /// many signals in all gave it up.
    async fn attend<T>(
        &mut self,
        call: impl Future<Output = T>,
        signals: &mut Signals,
        most_signals: u32,
    ) -> Option<T> {
        let mut call = pin!(call);
        let result = loop {
            tokio::select! {
                result = &mut call => break result,
                Some(event) = self.events.recv() => self.handle(event),
                () = signals.next() => {
                    self.endings.add(Ending::Stopped);
                    if signals.count() >= most_signals {
                        return None;
                    }
                }
            }
        };
        self.drain_events();
        Some(result)
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
        let most_vus = plan.most_vus();
        collector.begin(self.job.workers, most_vus, worker::tags(plan, None));
        let (sender, mut reports) = mpsc::unbounded_channel();
        let mut threads = Vec::with_capacity(self.job.workers);
        let mut refused = None;
        for index in 0..self.job.workers {
            match worker::spawn(index, self.job.workers, load.clone(), sender.clone()) {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    // A part of the load is no load: those that run already stop.
                    self.stop.request(Urgency::AtOnce);
                    refused = Some(error);
                    break;
                }
            }
        }
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
        if let Some(error) = refused {
            return Err(error.into());
        }
        Ok(())
    }

    /// Shows how the run stands, and stops it where a threshold says so.
    fn judge(&mut self, collector: &mut Collector, elapsed: Duration) {
        collector.sample_vus();
        self.pass_on(collector);
        self.observer.progress(collector.snapshot(elapsed));
        if self.stop.requested() != Urgency::None {
            return;
        }
        let verdicts = collector.evaluate(&self.job.plan.thresholds, elapsed);
        for verdict in verdicts.into_iter().filter(|verdict| verdict.abort) {
            let why = format!(
                "the threshold `{}: {}` failed and ends the run",
                verdict.selector, verdict.threshold
            );
            self.observer
                .log(Level::Error, &self.job.plan.name, 0, &why);
            self.ended_by.push((verdict.selector, verdict.threshold));
        }
        if !self.ended_by.is_empty() {
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
