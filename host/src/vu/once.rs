//! The calls that a run makes once: options, setup, teardown, summary. Each has
//! an instance of its own.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::instance::{fault, store};
use super::trap::Fault;
use crate::component::{Optional, Scenario};
use crate::imports::bindings::optional;
use crate::imports::{RunContext, Stage, VuIdentity};

/// Why a call that is made once has no result.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum OnceError {
    /// The guest returned an error.
    #[error("{0}")]
    Refused(String),
    /// The guest trapped.
    #[error("`{call}` trapped: {reason}")]
    Trapped {
        /// Which call.
        call: &'static str,
        /// What the guest printed, and where it stopped.
        reason: String,
    },
    /// The guest called `flow.abort`.
    #[error("`{0}` aborted the run")]
    Aborted(&'static str),
    /// The time was up.
    #[error("`{call}` was not done after {limit:?}{}", way_out(.option))]
    TimedOut {
        /// Which call.
        call: &'static str,
        /// How long it was given.
        limit: Duration,
        /// The option that says how long, if one does.
        option: Option<&'static str>,
    },
}

impl OnceError {
    /// Reads a fault. What the guest printed may quote a secret.
    pub(super) fn new(call: &'static str, fault: Fault, run: &RunContext) -> Self {
        match fault {
            Fault::Aborted => Self::Aborted(call),
            Fault::Trapped(reason) => {
                let reason = run.masked(&reason);
                Self::Trapped { call, reason }
            }
        }
    }
}

/// How long `options` may take. It only puts a text together; 10 s is for
/// interpreters that start slowly.
pub(super) const OPTIONS_TIMEOUT: Duration = Duration::from_secs(10);

/// How long `summarize` may take.
const SUMMARY_TIMEOUT: Duration = Duration::from_secs(60);

/// Asks the component for its options: JSON text, not yet read.
///
/// # Errors
///
/// When the guest traps (calling the host from here is a trap) or takes longer
/// than 10 s.
pub async fn options(
    scenario: &Scenario,
    run: &Arc<RunContext>,
    identity: VuIdentity,
) -> Result<String, OnceError> {
    let mut store = store(scenario, run, Stage::Options, identity, None);
    let call = async {
        let guest = scenario.pre().instantiate_async(&mut store).await?;
        guest.vuelo_load_scenario().call_options(&mut store).await
    };
    let result = within(OPTIONS_TIMEOUT, "options", None, call).await?;
    result.map_err(|error| OnceError::new("options", fault(&store, &error), run))
}

/// Runs setup, where the component has one, and returns its data: JSON text.
///
/// # Errors
///
/// When setup returns an error, traps, aborts, or takes longer than `limit`.
pub async fn setup(
    scenario: &Scenario,
    run: &Arc<RunContext>,
    identity: VuIdentity,
    limit: Duration,
) -> Result<Option<String>, OnceError> {
    if !scenario.has(Optional::Setup) {
        return Ok(None);
    }
    let mut store = store(scenario, run, Stage::Setup, identity, None);
    let call = async {
        let instance = scenario
            .instance_pre()
            .instantiate_async(&mut store)
            .await?;
        let guest = optional::setup::OnlySetup::new(&mut store, &instance)?;
        guest.vuelo_load_setup().call_setup(&mut store).await
    };
    let result = within(limit, "setup", Some("setupTimeout"), call).await?;
    store.data_mut().end_iteration();
    match result {
        Ok(Ok(data)) => Ok(Some(data)),
        Ok(Err(reason)) => Err(OnceError::Refused(run.masked(&reason))),
        Err(error) => Err(OnceError::new("setup", fault(&store, &error), run)),
    }
}

/// Runs teardown, where the component has one.
///
/// # Errors
///
/// As for [`setup`].
pub async fn teardown(
    scenario: &Scenario,
    run: &Arc<RunContext>,
    identity: VuIdentity,
    setup_data: &str,
    limit: Duration,
) -> Result<(), OnceError> {
    if !scenario.has(Optional::Teardown) {
        return Ok(());
    }
    let mut store = store(scenario, run, Stage::Teardown, identity, None);
    let call = async {
        let instance = scenario
            .instance_pre()
            .instantiate_async(&mut store)
            .await?;
        let guest = optional::teardown::OnlyTeardown::new(&mut store, &instance)?;
        guest
            .vuelo_load_teardown()
            .call_teardown(&mut store, setup_data)
            .await
    };
    let result = within(limit, "teardown", Some("teardownTimeout"), call).await?;
    store.data_mut().end_iteration();
    match result {
        Ok(Ok(())) => Ok(()),
        Ok(Err(reason)) => Err(OnceError::Refused(run.masked(&reason))),
        Err(error) => Err(OnceError::new("teardown", fault(&store, &error), run)),
    }
}

/// Has the component summarise the results, where it can.
///
/// # Errors
///
/// As for [`setup`].
pub async fn summarize(
    scenario: &Scenario,
    run: &Arc<RunContext>,
    identity: VuIdentity,
    results: &str,
) -> Result<Option<Vec<SummaryOutput>>, OnceError> {
    if !scenario.has(Optional::Summary) {
        return Ok(None);
    }
    let mut store = store(scenario, run, Stage::Summary, identity, None);
    let call = async {
        let instance = scenario
            .instance_pre()
            .instantiate_async(&mut store)
            .await?;
        let guest = optional::summary::OnlySummary::new(&mut store, &instance)?;
        guest
            .vuelo_load_summary()
            .call_summarize(&mut store, results)
            .await
    };
    let result = within(SUMMARY_TIMEOUT, "summarize", None, call).await?;
    match result {
        Ok(Ok(outputs)) => Ok(Some(outputs)),
        Ok(Err(reason)) => Err(OnceError::Refused(run.masked(&reason))),
        Err(error) => Err(OnceError::new("summarize", fault(&store, &error), run)),
    }
}

/// A text of the scenario's own summary, and where it goes.
pub use optional::summary::exports::vuelo::load::summary::{
    Destination as SummaryDestination, Output as SummaryOutput,
};

fn way_out(option: &Option<&'static str>) -> String {
    option.map_or_else(String::new, |option| {
        format!("; raise `{option}` if it needs longer")
    })
}

pub(super) async fn within<T>(
    limit: Duration,
    call: &'static str,
    option: Option<&'static str>,
    future: impl Future<Output = T>,
) -> Result<T, OnceError> {
    tokio::time::timeout(limit, future)
        .await
        .map_err(|_| OnceError::TimedOut {
            call,
            limit,
            option,
        })
}
