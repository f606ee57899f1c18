//! The components of the plan, each with what its calls work on.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Job;
use crate::component::Scenario;
use crate::imports::{Events, RunContext};
use crate::plan::{Config, ScenarioPlan};

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
    pub(super) fn new(job: &Job, events: &Events) -> Self {
        let parts = job.plan.components.iter().zip(&job.components);
        let parts = parts.map(|(planned, scenario)| Part {
            name: planned.name.clone(),
            scenario: Arc::clone(scenario),
            run: Arc::new(RunContext {
                config: planned.config.clone(),
                schema: Arc::clone(&job.schema),
                http: Arc::clone(&job.http),
                seed: job.plan.seed,
                events: events.clone(),
            }),
            setup_data: None,
            is_set_up: false,
        });
        Self(parts.collect())
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
}
