//! The components of the plan, each with what its calls work on.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::{Job, RunError};
use crate::component::Scenario;
use crate::http::{ConnectionLife, Engine};
use crate::imports::{Events, RunContext};
use crate::plan::{Config, ExecutionPart, Plan, ScenarioPlan};

/// A component of the run.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) scenario: Arc<Scenario>,
    pub(super) run: Arc<RunContext>,
    /// What its setup returned, or `null`.
    pub(super) setup_data: Option<Arc<str>>,
    /// Its setup returned, if it has one: there may be something to tear down.
    pub(super) is_set_up: bool,
}

/// The components of the run, in the order of the plan.
pub(super) struct Parts(Vec<Part>);

impl Parts {
    /// All of a job. They share one HTTP engine, and with it the limit of
    /// requests a second.
    pub(super) fn new(job: &Job, events: &Events) -> Result<Self, RunError> {
        let http = Engine::new(http_settings(&job.plan))?;
        let parts = job.plan.components.iter().zip(&job.components);
        let parts = parts.map(|(planned, scenario)| Part {
            name: planned.name.clone(),
            scenario: Arc::clone(scenario),
            run: Arc::new(RunContext {
                config: planned.config.clone(),
                schema: Arc::clone(&job.schema),
                http: Arc::clone(&http),
                seed: job.plan.seed,
                events: events.clone(),
            }),
            setup_data: None,
            is_set_up: false,
        });
        Ok(Self(parts.collect()))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Part> {
        self.0.iter()
    }

    /// Keeps what a setup returned.
    pub(super) fn set_up(&mut self, index: usize, data: Option<String>) {
        self.0[index].setup_data = data.map(Arc::from);
        self.0[index].is_set_up = true;
    }

    /// What the setups returned: JSON text; of several components, by name.
    pub(super) fn setup_data(&self) -> Option<String> {
        if let [only] = &*self.0 {
            return only.setup_data.as_deref().map(str::to_owned);
        }
        let read = |part: &Part| {
            let data = part.setup_data.as_deref()?;
            // A text that is no JSON was refused when it was returned.
            Some((part.name.clone(), serde_json::from_str(data).ok()?))
        };
        let by_name: serde_json::Map<_, _> = self.0.iter().filter_map(read).collect();
        (!by_name.is_empty()).then(|| serde_json::Value::Object(by_name).to_string())
    }

    /// The component of a scenario, with the values that are the scenario's own.
    pub(super) fn of(&self, scenario: &ScenarioPlan) -> Part {
        let mut part = self.0[scenario.component].clone();
        if !scenario.env.is_empty() {
            let run = &part.run;
            part.run = Arc::new(RunContext {
                config: overlaid(&run.config, &scenario.env),
                schema: Arc::clone(&run.schema),
                http: Arc::clone(&run.http),
                seed: run.seed,
                events: run.events.clone(),
            });
        }
        part
    }
}

/// The values of a component under those of a scenario; an empty one takes the
/// value away.
fn overlaid(config: &Config, env: &BTreeMap<String, String>) -> Config {
    let mut config = config.clone();
    for (key, value) in env {
        if value.is_empty() {
            config.values.remove(key);
        } else {
            config.values.insert(key.clone(), value.clone());
        }
    }
    config
}

/// What the plan says of the HTTP engine.
fn http_settings(plan: &Plan) -> crate::http::Settings {
    let mut settings = crate::http::Settings::default();
    settings.user_agent.clone_from(&plan.http.user_agent);
    settings.tls.insecure_skip_verify = plan.http.insecure_skip_tls_verify;
    if plan.http.no_connection_reuse {
        settings.connections = ConnectionLife::Request;
    }
    settings.discard_bodies = plan.http.discard_response_bodies;
    settings.batch = plan.http.batch;
    settings.per_host = plan.http.batch_per_host;
    settings.request_period = plan.rps.map(|rps| period(rps, &plan.part));
    settings
}

/// From one request to the next. A part of a run has its share of the limit, so
/// that all parts together keep to it.
fn period(rps: NonZeroU32, part: &ExecutionPart) -> Duration {
    // The share of so many VUs: exact where the pattern of shares divides their
    // number, and else as near as makes no difference to a limit.
    const WHOLE: u64 = 1_000_000;
    let share = part.vus().below(WHOLE).max(1) as f64 / WHOLE as f64;
    Duration::from_secs_f64(1.0 / (f64::from(rps.get()) * share))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_scenarios_own_values_lie_over_the_components_and_an_empty_one_takes_away() {
        let text = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
            pairs.iter().map(owned).collect()
        };
        let config = Config {
            values: text(&[("A", "1"), ("B", "2"), ("C", "3")]),
            ..Config::default()
        };
        let config = overlaid(&config, &text(&[("B", "other"), ("C", ""), ("D", "4")]));
        assert_eq!(
            config.values,
            text(&[("A", "1"), ("B", "other"), ("D", "4")])
        );
    }

    #[test]
    fn the_parts_of_a_run_share_the_limit_of_requests() {
        let rps = NonZeroU32::new(20).unwrap();
        let whole = ExecutionPart::whole();
        assert_eq!(period(rps, &whole), Duration::from_millis(50));
        let segment = "0:1/4".parse().unwrap();
        let quarter = ExecutionPart::new(Some(segment), None).unwrap();
        let period = period(rps, &quarter);
        assert_eq!(period.as_millis(), 200);
    }
}
