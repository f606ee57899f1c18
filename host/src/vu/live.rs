//! The life of a virtual user: start, iterations, and a new instance after one
//! was lost.

use std::sync::Arc;
use std::time::Duration;

use super::instance::Instance;
use super::trap::Fault;
use super::{Iteration, VirtualUser};
use crate::component::Scenario;
use crate::http::Client;
use crate::imports::{Event, Level, RunContext, VuIdentity};
use crate::metrics::{TagSet, builtin, with_shard};

/// How long a VU waits after a start that failed.
const BETWEEN_STARTS: Duration = Duration::from_secs(1);

/// How long the start of a VU may hold up the start of the load.
const PREPARING: Duration = Duration::from_secs(60);

/// Whether an iteration can wait for its turn, as with `pacing` and at an arrival
/// rate that queues. Then what a user would have waited is more than what is
/// measured from the iteration's start, and both are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queueing {
    /// It starts when it is to, or not at all.
    None,
    /// It can be late.
    Possible,
}

/// A virtual user of the load.
pub struct LiveUser {
    scenario: Arc<Scenario>,
    run: Arc<RunContext>,
    identity: VuIdentity,
    flow: Arc<str>,
    setup_data: Arc<str>,
    /// `None` before the first iteration and after one that cost the instance.
    instance: Option<Instance>,
    /// The connections of an instance that trapped: the user is the same, and
    /// goes on on them.
    client: Option<Client>,
    iterations: u64,
    /// It waits after a start that failed: of an iteration that was counted and
    /// told already.
    pausing: bool,
    queueing: Queueing,
}

/// What one iteration came to.
struct Ran {
    result: Result<Result<(), String>, Fault>,
    /// How long the guest took; `None` where it never came to the iteration.
    took: Option<Duration>,
    /// How late it started, where it had a time to start at.
    lag: Option<Duration>,
}

impl LiveUser {
    /// A virtual user that has not started yet. To be made on the worker thread
    /// whose shard interned the identity's tags.
    #[must_use]
    pub fn new(
        scenario: Arc<Scenario>,
        run: Arc<RunContext>,
        identity: VuIdentity,
        flow: Arc<str>,
        setup_data: Arc<str>,
        queueing: Queueing,
    ) -> Self {
        Self {
            scenario,
            run,
            identity,
            flow,
            setup_data,
            instance: None,
            client: None,
            iterations: 0,
            pausing: false,
            queueing,
        }
    }

    /// The instance, started first where there is none.
    async fn instance(&mut self) -> Result<Result<Instance, String>, Fault> {
        if let Some(instance) = self.instance.take() {
            return Ok(Ok(instance));
        }
        Instance::start(
            &self.scenario,
            &self.run,
            self.identity.clone(),
            &self.setup_data,
            self.client.take(),
        )
        .await
    }

    /// Runs one iteration. The instance is put back only when the guest came back
    /// from the call: one that trapped, or whose call was dropped, is not to be
    /// called again.
    async fn run_iteration(&mut self, iteration: Iteration) -> Ran {
        let instance = self.instance().await;
        let started = tokio::time::Instant::now();
        let lag = iteration
            .intended_start
            .map(|intended| started.saturating_duration_since(intended));
        let unstarted = |result| Ran {
            result,
            took: None,
            lag: None,
        };
        let mut instance = match instance {
            Ok(Ok(instance)) => instance,
            Ok(Err(refusal)) => return unstarted(Ok(Err(format!("its start failed: {refusal}")))),
            Err(fault) => return unstarted(Err(fault)),
        };
        if let Some(lag) = lag {
            // Now, and not when it ends: one that is cut off has been late, too.
            with_shard(|shard| shard.add_duration(builtin::ITERATION_LAG, self.tags(), lag));
        }
        let late_by = lag.filter(|_| self.queueing == Queueing::Possible);
        instance
            .store
            .data_mut()
            .begin_iteration(self.iterations, iteration.number, late_by);
        let result = instance.iterate(&self.flow).await;
        let took = Some(started.elapsed());
        instance.store.data_mut().end_iteration();
        if result.is_ok() {
            self.instance = Some(instance);
        } else {
            self.client = Some(instance.store.data_mut().take_client());
        }
        Ran { result, took, lag }
    }

    /// Records the times of an iteration that came to its end.
    fn record(&self, ran: &Ran) {
        let tags = self.identity.tags;
        with_shard(|shard| {
            shard.add_count(builtin::ITERATIONS, tags, 1);
            let Some(took) = ran.took else { return };
            shard.add_duration(builtin::ITERATION_DURATION, tags, took);
            if let (Queueing::Possible, Some(lag)) = (self.queueing, ran.lag) {
                shard.add_duration(builtin::ITERATION_DURATION_CORRECTED, tags, lag + took);
            }
        });
    }

    fn tags(&self) -> TagSet {
        self.identity.tags
    }

    fn say(&self, level: Level, message: &str) {
        self.run.events.send(Event::Log {
            level,
            scenario: self.identity.scenario.to_string(),
            vu: self.identity.vu,
            message: self.run.masked(message),
        });
    }
}

impl VirtualUser for LiveUser {
    async fn prepare(&mut self) {
        if self.instance.is_some() {
            return;
        }
        // A start that fails or hangs is tried again, and told, by the first
        // iteration.
        let started = tokio::time::timeout(PREPARING, self.instance()).await;
        if let Ok(Ok(Ok(instance))) = started {
            self.instance = Some(instance);
        }
    }

    async fn iterate(&mut self, iteration: Iteration) {
        let ran = self.run_iteration(iteration).await;
        self.iterations += 1;
        self.record(&ran);
        let tags = self.tags();
        match ran.result {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => {
                with_shard(|shard| shard.add_count(builtin::ITERATIONS_FAILED, tags, 1));
                self.say(Level::Warn, &format!("iteration failed: {reason}"));
            }
            // Whoever aborted has told the run already.
            Err(Fault::Aborted) => {}
            Err(Fault::Trapped(reason)) => {
                with_shard(|shard| {
                    shard.add_count(builtin::ITERATIONS_FAILED, tags, 1);
                    shard.add_count(builtin::ITERATION_TRAPS, tags, 1);
                });
                self.say(Level::Error, &format!("iteration trapped: {reason}"));
            }
        }
        if ran.took.is_none() {
            // A VU that does not start would try again at once, and do nothing
            // else for as long as the load lasts.
            self.pausing = true;
            tokio::time::sleep(BETWEEN_STARTS).await;
            self.pausing = false;
        }
    }

    fn interrupt(&mut self) {
        if std::mem::take(&mut self.pausing) {
            return;
        }
        // The instance went with the future that was dropped.
        self.iterations += 1;
        let tags = self.tags();
        with_shard(|shard| shard.add_count(builtin::ITERATIONS_INTERRUPTED, tags, 1));
    }

    fn pause(&mut self, how_long: Duration) {
        if let Some(instance) = &mut self.instance {
            instance.store.data_mut().pause(how_long);
        }
    }

    fn rest(&mut self) {
        if let Some(instance) = &mut self.instance {
            instance.store.data_mut().rest();
        }
    }
}
