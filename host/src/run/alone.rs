//! The calls of a component that need no load: options and summary.

use std::sync::Arc;

use tokio::runtime::Builder;

use super::signals::Signals;
use super::{Job, Parts, RunError, nobody};
use crate::component::{Optional, Scenario};
use crate::http::{Engine, Settings};
use crate::imports::{Events, RunContext, VuIdentity};
use crate::metrics::{Registry, Schema, TagSet};
use crate::plan::{Config, Seed};
use crate::vu::{self, OnceError, SummaryOutput};

/// Asks a component for its options: JSON text.
///
/// # Errors
///
/// The outer one when there is no runtime to be had, the inner one when the
/// component traps or takes too long.
pub fn options(scenario: &Scenario) -> Result<Result<String, OnceError>, RunError> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let schema = Schema::new(Registry::new(), [], []);
    let (events, _nobody_listens) = Events::channel();
    let run = Arc::new(RunContext {
        config: Config::default(),
        schema: Arc::new(schema.map_err(|error| RunError::Schema(error.to_string()))?),
        http: Engine::new(Settings::default())?,
        seed: Seed(0),
        events,
    });
    let _ticker = scenario.tick(vu::EPOCH_TICK);
    let identity = VuIdentity {
        vu: 0,
        scenario: Arc::from("options"),
        tags: TagSet::default(),
    };
    Ok(runtime.block_on(vu::options(scenario, &run, identity)))
}

/// Has a component summarise the results: the first that can.
///
/// # Errors
///
/// As for [`options`]; the inner error also when the component returns one.
pub fn summarize(
    job: &Job,
    results: &str,
) -> Result<Result<Option<Vec<SummaryOutput>>, OnceError>, RunError> {
    let (events, _nobody_listens) = Events::channel();
    let parts = Parts::new(job, &events);
    let Some(part) = parts
        .iter()
        .find(|part| part.scenario.has(Optional::Summary))
    else {
        return Ok(Ok(None));
    };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let _ticker = part.scenario.tick(vu::EPOCH_TICK);
    let identity = nobody(&job.plan, "summary");
    let outputs = runtime.block_on(async {
        let mut signals = Signals::listen()?;
        tokio::select! {
            outputs = vu::summarize(&part.scenario, &part.run, identity, results) => Ok(outputs),
            () = signals.next() => Ok(Ok(None)),
        }
    });
    outputs.map_err(RunError::Resources)
}
