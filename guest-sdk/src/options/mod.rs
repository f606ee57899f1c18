//! How a scenario wants to be run: k6's options, and ours beside them.

mod executor;
mod key;
mod threshold;

pub use executor::{Executor, Stage, stage};
pub use key::Key;
pub use threshold::Threshold;

use crate::json::Json;
use crate::metrics::{Declaration, Metric};

/// What [`Scenario::options`](crate::Scenario::options) returns. The names and
/// rules are k6's; [`config`](Self::config) and [`metric`](Self::metric) are
/// ours. Durations are k6's texts: `30s`, `1m30s`, `500ms`.
///
/// ```
/// use vuelo_sdk::prelude::*;
///
/// let options = Options::new()
///     .vus(10)
///     .duration("1m")
///     .thresholds("http_req_duration", ["p(95)<500", "p(99)<1000"])
///     .config(Key::url("BASE_URL").default("http://localhost:7777"));
/// assert_eq!(
///     options.to_json(),
///     r#"{"vus":10,"duration":"1m","thresholds":{"http_req_duration":["p(95)<500","p(99)<1000"]},"config":{"BASE_URL":{"kind":"url","default":"http://localhost:7777"}}}"#
/// );
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Options {
    vus: Option<u32>,
    duration: Option<String>,
    iterations: Option<u64>,
    stages: Vec<Stage>,
    scenarios: Vec<(String, Executor)>,
    thresholds: Vec<(String, Vec<Threshold>)>,
    tags: Vec<(String, String)>,
    config: Vec<Key>,
    metrics: Vec<Declaration>,
    texts: Vec<(&'static str, String)>,
}

impl Options {
    /// No options: one virtual user, one iteration.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many virtual users.
    pub fn vus(mut self, vus: u32) -> Self {
        self.vus = Some(vus);
        self
    }

    /// For how long.
    pub fn duration(mut self, duration: &str) -> Self {
        self.duration = Some(duration.to_owned());
        self
    }

    /// How many iterations in all.
    pub fn iterations(mut self, iterations: u64) -> Self {
        self.iterations = Some(iterations);
        self
    }

    /// Numbers of virtual users to go to, one after another.
    pub fn stages(mut self, stages: impl IntoIterator<Item = Stage>) -> Self {
        self.stages.extend(stages);
        self
    }

    /// One of k6's `scenarios`; several run side by side.
    pub fn scenario(mut self, name: &str, executor: Executor) -> Self {
        self.scenarios.push((name.to_owned(), executor));
        self
    }

    /// What must hold for a metric, or for one series of it
    /// (`http_req_duration{endpoint:rpc}`), for the run to pass. Called again
    /// for the same metric, it adds.
    pub fn threshold(mut self, metric: &str, threshold: impl Into<Threshold>) -> Self {
        let threshold = threshold.into();
        match self.thresholds.iter_mut().find(|(name, _)| name == metric) {
            Some((_, thresholds)) => thresholds.push(threshold),
            None => self.thresholds.push((metric.to_owned(), vec![threshold])),
        }
        self
    }

    /// Several [`threshold`](Self::threshold)s for one metric.
    pub fn thresholds<T: Into<Threshold>>(
        self,
        metric: &str,
        thresholds: impl IntoIterator<Item = T>,
    ) -> Self {
        thresholds.into_iter().fold(self, |options, threshold| {
            options.threshold(metric, threshold)
        })
    }

    /// Lets every threshold that is declared so far pass where nothing was
    /// measured; see [`Threshold::or_no_data`].
    pub fn no_data_passes(mut self) -> Self {
        for (_, thresholds) in &mut self.thresholds {
            for threshold in thresholds {
                *threshold = std::mem::take(threshold).or_no_data();
            }
        }
        self
    }

    /// Marks every sample of the run.
    pub fn tag(mut self, name: &str, value: &str) -> Self {
        self.tags.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Declares a key that the scenario reads.
    pub fn config(mut self, key: Key) -> Self {
        self.config.push(key);
        self
    }

    /// Declares a metric of the scenario.
    pub fn metric(mut self, metric: &dyn Metric) -> Self {
        self.metrics.push(metric.declaration());
        self
    }

    /// How long setup may take; 60 s unless set.
    pub fn setup_timeout(self, timeout: &str) -> Self {
        self.text("setupTimeout", timeout)
    }

    /// How long teardown may take; 60 s unless set.
    pub fn teardown_timeout(self, timeout: &str) -> Self {
        self.text("teardownTimeout", timeout)
    }

    /// The `user-agent` header; the product's name and version unless set.
    pub fn user_agent(self, agent: &str) -> Self {
        self.text("userAgent", agent)
    }

    fn text(mut self, name: &'static str, value: &str) -> Self {
        self.texts.push((name, value.to_owned()));
        self
    }

    /// The options as the host takes them.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = Json::default();
        json.object(|json| self.members(json));
        json.into_text()
    }

    fn members(&self, json: &mut Json) {
        if let Some(vus) = self.vus {
            json.key("vus").number(vus.into());
        }
        if let Some(duration) = &self.duration {
            json.key("duration").string(duration);
        }
        if let Some(iterations) = self.iterations {
            json.key("iterations").number(iterations);
        }
        if !self.stages.is_empty() {
            executor::write_stages(json, &self.stages);
        }
        write_map(
            json,
            "scenarios",
            &self.scenarios,
            |json, (name, executor)| {
                json.key(name);
                executor.write(json);
            },
        );
        write_map(
            json,
            "thresholds",
            &self.thresholds,
            |json, (metric, thresholds)| {
                json.key(metric).list(|json| {
                    for threshold in thresholds {
                        threshold.write(json);
                    }
                });
            },
        );
        write_map(json, "tags", &self.tags, |json, (name, value)| {
            json.key(name).string(value)
        });
        for (name, value) in &self.texts {
            json.key(name).string(value);
        }
        write_map(json, "config", &self.config, |json, key| key.write(json));
        write_map(json, "metrics", &self.metrics, |json, metric| {
            json.key(metric.name).object(|json| {
                json.key("type").string(metric.kind);
                json.key("unit").string(metric.unit);
            });
        });
    }
}

/// A member that is an object; left out where it would be empty.
fn write_map<T>(json: &mut Json, name: &str, entries: &[T], write: impl Fn(&mut Json, &T)) {
    if !entries.is_empty() {
        json.key(name).object(|json| {
            for entry in entries {
                write(json, entry);
            }
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::metrics::{Rate, Trend};
    use serde_json::{Value, json};

    fn parsed(options: &Options) -> Value {
        serde_json::from_str(&options.to_json()).unwrap()
    }

    #[test]
    fn no_options_are_an_empty_object() {
        assert_eq!(Options::new().to_json(), "{}");
    }

    #[test]
    fn every_option_is_written_in_k6_s_schema_and_ours() {
        static DURATION: Trend = Trend::milliseconds("a2a_duration");
        static ERRORS: Rate = Rate::new("a2a_errors");
        let options = Options::new()
            .vus(3)
            .iterations(7)
            .stages([stage("30s", 20), stage("2m", 50)])
            .threshold("x", "rate<0.01")
            .threshold(
                "x",
                Threshold::new("p(95)<100")
                    .or_no_data()
                    .abort_on_fail()
                    .delay_abort_eval("10s"),
            )
            .tag("team", "sales")
            .setup_timeout("10s")
            .teardown_timeout("5s")
            .user_agent("mine/1")
            .config(
                Key::url("BASE_URL")
                    .default("http://a")
                    .description("where")
                    .required(),
            )
            .config(Key::secret("TOKEN"))
            .metric(&DURATION)
            .metric(&ERRORS);
        assert_eq!(
            parsed(&options),
            json!({
                "vus": 3, "iterations": 7,
                "stages": [{"duration": "30s", "target": 20}, {"duration": "2m", "target": 50}],
                "thresholds": {"x": ["rate<0.01", {"threshold": "p(95)<100", "onNoData": "pass",
                    "abortOnFail": true, "delayAbortEval": "10s"}]},
                "tags": {"team": "sales"},
                "setupTimeout": "10s", "teardownTimeout": "5s", "userAgent": "mine/1",
                "config": {
                    "BASE_URL": {"kind": "url", "default": "http://a", "description": "where", "required": true},
                    "TOKEN": {"kind": "string", "secret": true},
                },
                "metrics": {"a2a_duration": {"type": "trend", "unit": "ms"}, "a2a_errors": {"type": "rate", "unit": "none"}},
            })
        );
    }

    #[test]
    fn an_executor_is_written_with_what_holds_for_all_of_them() {
        let options = Options::new()
            .scenario(
                "load",
                Executor::ramping_vus([stage("1m", 5)])
                    .start_vus(2)
                    .graceful_ramp_down("3s")
                    .exec("browse")
                    .start_time("10s")
                    .graceful_stop("5s")
                    .tag("kind", "load"),
            )
            .scenario("once", Executor::per_vu_iterations(1, 4).max_duration("9s"));
        assert_eq!(
            parsed(&options)["scenarios"],
            json!({
                "load": {"executor": "ramping-vus", "stages": [{"duration": "1m", "target": 5}],
                    "startVUs": 2, "gracefulRampDown": "3s", "exec": "browse", "startTime": "10s",
                    "gracefulStop": "5s", "tags": {"kind": "load"}},
                "once": {"executor": "per-vu-iterations", "vus": 1, "iterations": 4, "maxDuration": "9s"},
            })
        );
    }

    #[test]
    fn texts_are_escaped() {
        let options = Options::new().tag("a\"b", "c\\d\ne\u{1}ü");
        assert_eq!(parsed(&options)["tags"], json!({"a\"b": "c\\d\ne\u{1}ü"}));
    }
}
