//! The life of a virtual user: start, iterations, and a new instance after one
//! was lost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::VirtualUser;
use super::instance::Instance;
use super::trap::Fault;
use crate::component::Scenario;
use crate::http::Client;
use crate::imports::{Event, Level, RunContext, VuIdentity};
use crate::metrics::{TagSet, builtin, with_shard};

/// How long a VU waits after a start that failed.
const BETWEEN_STARTS: Duration = Duration::from_secs(1);

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

    /// One iteration's outcome, and how long the guest took; no time where it
    /// never came to the iteration. The instance is put back only when the guest
    /// came back from the call: one that trapped, or whose call was dropped, is
    /// not to be called again.
    async fn run_iteration(
        &mut self,
        number: u64,
    ) -> (Result<Result<(), String>, Fault>, Option<Duration>) {
        let mut instance = match self.instance().await {
            Ok(Ok(instance)) => instance,
            Ok(Err(refusal)) => return (Ok(Err(format!("its start failed: {refusal}"))), None),
            Err(fault) => return (Err(fault), None),
        };
        instance
            .store
            .data_mut()
            .begin_iteration(self.iterations, number);
        let started = Instant::now();
        let result = instance.iterate(&self.flow).await;
        let took = started.elapsed();
        instance.store.data_mut().end_iteration();
        if result.is_ok() {
            self.instance = Some(instance);
        } else {
            self.client = Some(instance.store.data_mut().take_client());
        }
        (result, Some(took))
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
    async fn iterate(&mut self, number: u64) {
        let (result, took) = self.run_iteration(number).await;
        self.iterations += 1;
        let tags = self.tags();
        with_shard(|shard| {
            shard.add_count(builtin::ITERATIONS, tags, 1);
            if let Some(took) = took {
                shard.add_duration(builtin::ITERATION_DURATION, tags, took);
            }
        });
        if took.is_none() {
            // A VU that does not start would try again at once, and do nothing
            // else for as long as the load lasts.
            tokio::time::sleep(BETWEEN_STARTS).await;
        }
        match result {
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
    }

    fn interrupt(&mut self) {
        // The instance went with the future that was dropped.
        self.iterations += 1;
        let tags = self.tags();
        with_shard(|shard| shard.add_count(builtin::ITERATIONS_INTERRUPTED, tags, 1));
    }

    fn rest(&mut self) {
        if let Some(instance) = &mut self.instance {
            instance.store.data_mut().rest();
        }
    }
}
