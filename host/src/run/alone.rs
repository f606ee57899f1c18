//! The calls of a component that need no load: options and summary, and what it
//! takes of memory.

use std::sync::Arc;

use tokio::runtime::Builder;

use super::signals::Signals;
use super::{Job, Parts, RunError, nobody};
use crate::component::{Optional, Scenario};
use crate::http::{Engine, Settings};
use crate::imports::{Events, RunContext, VuIdentity};
use crate::metrics::{Registry, Schema, TagSet};
use crate::plan::{Config, Seed};
use crate::vu::{self, Footprint, OnceError, SummaryOutput};

/// Asks a component for its options: JSON text.
///
/// # Errors
///
/// The outer one when there is no runtime to be had, the inner one when the
/// component traps or takes too long.
pub fn options(scenario: &Scenario) -> Result<Result<String, OnceError>, RunError> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let run = unconfigured()?;
    let _ticker = scenario.tick(vu::EPOCH_TICK);
    Ok(runtime.block_on(vu::options(scenario, &run, for_options())))
}

/// Makes some virtual users and looks at what one takes of memory.
///
/// # Errors
///
/// As for [`options`].
pub fn footprint(scenario: &Scenario) -> Result<Result<Footprint, OnceError>, RunError> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let run = unconfigured()?;
    let _ticker = scenario.tick(vu::EPOCH_TICK);
    Ok(runtime.block_on(vu::footprint(scenario, &run, &for_options())))
}

/// What a component is asked for its options with: nothing.
fn unconfigured() -> Result<Arc<RunContext>, RunError> {
    let schema = Schema::new(Registry::new(), [], []);
    let (events, _nobody_listens) = Events::channel();
    Ok(Arc::new(RunContext {
        config: Config::default(),
        schema: Arc::new(schema.map_err(|error| RunError::Schema(error.to_string()))?),
        http: Engine::new(Settings::default())?,
        seed: Seed(0),
        events,
    }))
}

fn for_options() -> VuIdentity {
    VuIdentity {
        vu: 0,
        scenario: Arc::from("options"),
        tags: TagSet::default(),
    }
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
