//! A resolved plan for people (`--dry-run`) and for the results file. Secrets
//! are masked in both.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::config::Shown;
use super::duration::TimeSpan;
use super::profile::TimeScale;
use super::resolve::Resolved;
use super::{Executor, ScenarioPlan};
use crate::metrics::{OnNoData, Threshold};

/// What stands in the place of a secret.
const MASK: &str = "***";

impl Resolved {
    /// The plan as people read it. `artifact` says what is run and where it
    /// came from.
    #[must_use]
    pub fn text(&self, artifact: &str) -> String {
        let plan = &self.plan;
        let file = match &self.plan_file {
            Some(path) => path.display().to_string(),
            None => "none, built-in values".to_owned(),
        };
        let mut text = Text(format!("plan of {}\n", plan.name));
        text.rows(&[
            ["artifact", artifact],
            ["environment", &plan.environment],
            ["plan file", &file],
            ["seed", &plan.seed.to_string()],
        ]);
        text.head(&format!("scenarios: {}", self.extent()));
        for scenario in &plan.scenarios {
            for line in scenario_lines(scenario) {
                text.line(&line);
            }
        }
        if !plan.thresholds.is_empty() {
            text.head("thresholds");
            let rows: Vec<_> = plan
                .thresholds
                .iter()
                .flat_map(|(selector, thresholds)| {
                    thresholds
                        .iter()
                        .enumerate()
                        .map(move |(index, threshold)| {
                            let name = if index == 0 {
                                selector.to_string()
                            } else {
                                String::new()
                            };
                            [name, threshold_text(threshold)]
                        })
                })
                .collect();
            text.rows(&rows);
        }
        if !self.config.is_empty() {
            text.head("config");
            let rows: Vec<_> = self
                .config
                .iter()
                .map(|entry| {
                    let value = match &entry.value {
                        Shown::Value(value) => value.clone(),
                        Shown::Masked => MASK.to_owned(),
                        Shown::Absent => "(none)".to_owned(),
                    };
                    let origin = entry.origin.as_ref();
                    [
                        entry.key.clone(),
                        value,
                        origin.map_or_else(String::new, |origin| format!("from {origin}")),
                    ]
                })
                .collect();
            text.rows(&rows);
        }
        text.head("tags");
        let rows: Vec<_> = plan
            .tags
            .iter()
            .map(|(name, value)| [name.as_str(), value.as_str()])
            .collect();
        text.rows(&rows);
        text.head("http");
        text.rows(&self.http_rows());
        for note in &self.notes {
            text.head(&format!("note: {note}"));
        }
        text.0
    }

    /// The scenarios of the plan, a line each: `default: shared-iterations, 3
    /// iterations shared by 3 VUs, at most 10m, …`.
    #[must_use]
    pub fn scenario_heads(&self) -> Vec<String> {
        let heads = self.plan.scenarios.iter().map(scenario_lines);
        heads.map(|mut lines| lines.swap_remove(0)).collect()
    }

    /// How much the plan asks for, in a line: `up to 100 VUs for 6m30s`.
    #[must_use]
    pub fn extent(&self) -> String {
        let plan = &self.plan;
        let mut text = format!(
            "up to {} for {} (at most {} with graceful stop)",
            vus(plan.most_vus()),
            TimeSpan(plan.load_time()),
            TimeSpan(plan.longest_load_time()),
        );
        if self.time_scale != TimeScale::ONE {
            let _ = write!(text, ", time scale {}", self.time_scale.factor());
        }
        text
    }

    fn http_rows(&self) -> Vec<[String; 2]> {
        let http = &self.plan.http;
        let per_host = match http.batch_per_host {
            usize::MAX => "without limit".to_owned(),
            most => most.to_string(),
        };
        let mut rows = vec![
            ["user agent".to_owned(), http.user_agent.clone()],
            [
                "batch".to_owned(),
                format!("{} at a time, {per_host} per host", http.batch),
            ],
            [
                "timeouts".to_owned(),
                format!(
                    "setup {}, teardown {}",
                    TimeSpan(self.plan.setup_timeout),
                    TimeSpan(self.plan.teardown_timeout)
                ),
            ],
        ];
        for (set, name, meaning) in [
            (
                http.insecure_skip_tls_verify,
                "TLS",
                "certificates are NOT verified",
            ),
            (
                http.no_connection_reuse,
                "connections",
                "a new one for each request",
            ),
            (
                http.discard_response_bodies,
                "bodies",
                "dropped as they arrive",
            ),
        ] {
            if set {
                rows.push([name.to_owned(), meaning.to_owned()]);
            }
        }
        rows
    }

    /// The plan for the results file, in the words of the options.
    #[must_use]
    pub fn json(&self) -> Value {
        let plan = &self.plan;
        let scenarios: Map<_, _> = plan
            .scenarios
            .iter()
            .map(|scenario| (scenario.name.clone(), scenario_json(scenario)))
            .collect();
        let thresholds: Map<_, _> = plan
            .thresholds
            .iter()
            .map(|(selector, thresholds)| {
                (
                    selector.to_string(),
                    thresholds.iter().map(threshold_json).collect(),
                )
            })
            .collect();
        let config: Map<_, _> = self
            .config
            .iter()
            .map(|entry| {
                let value = match &entry.value {
                    Shown::Value(value) => json!(value),
                    Shown::Masked => json!(MASK),
                    Shown::Absent => Value::Null,
                };
                let from = entry.origin.as_ref().map(ToString::to_string);
                (entry.key.clone(), json!({"value": value, "from": from}))
            })
            .collect();
        let metrics: Map<_, _> = plan
            .metrics
            .iter()
            .map(|(name, metric)| {
                (
                    name.clone(),
                    json!({"type": metric.metric_type.name(), "unit": metric.unit.name()}),
                )
            })
            .collect();
        let http = &plan.http;
        json!({
            "environment": plan.environment,
            "planFile": self.plan_file.as_ref().map(|path| path.display().to_string()),
            "seed": plan.seed.to_string(),
            "timeScale": self.time_scale.factor(),
            "scenarios": scenarios,
            "thresholds": thresholds,
            "tags": plan.tags,
            "config": config,
            "metrics": metrics,
            "setupTimeout": span(plan.setup_timeout),
            "teardownTimeout": span(plan.teardown_timeout),
            "userAgent": http.user_agent,
            "insecureSkipTLSVerify": http.insecure_skip_tls_verify,
            "noConnectionReuse": http.no_connection_reuse,
            "discardResponseBodies": http.discard_response_bodies,
            "batch": http.batch,
            "batchPerHost": if http.batch_per_host == usize::MAX { 0 } else { http.batch_per_host },
        })
    }
}

fn scenario_lines(scenario: &ScenarioPlan) -> Vec<String> {
    let mut head = format!("{}: {}", scenario.name, scenario.executor.name());
    let mut stages = Vec::new();
    let _ = match &scenario.executor {
        Executor::ConstantVus {
            vus: count,
            duration,
        } => {
            write!(head, ", {} for {}", vus(*count), TimeSpan(*duration))
        }
        Executor::RampingVus {
            start_vus,
            stages: planned,
            graceful_ramp_down,
        } => {
            let width = planned
                .iter()
                .map(|stage| TimeSpan(stage.duration).to_string().len())
                .max();
            stages = planned
                .iter()
                .map(|stage| {
                    let duration = TimeSpan(stage.duration).to_string();
                    format!(
                        "  {duration:>width$} -> {}",
                        vus(stage.target),
                        width = width.unwrap_or(0)
                    )
                })
                .collect();
            write!(
                head,
                ", from {} in {}, graceful ramp-down {}",
                vus(*start_vus),
                TimeSpan(scenario.executor.duration()),
                TimeSpan(*graceful_ramp_down)
            )
        }
        Executor::SharedIterations {
            vus: count,
            iterations,
            max_duration,
        } => {
            write!(
                head,
                ", {iterations} iterations shared by {}, at most {}",
                vus(*count),
                TimeSpan(*max_duration)
            )
        }
        Executor::PerVuIterations {
            vus: count,
            iterations,
            max_duration,
        } => {
            write!(
                head,
                ", {iterations} iterations for each of {}, at most {}",
                vus(*count),
                TimeSpan(*max_duration)
            )
        }
    };
    let _ = write!(head, ", graceful stop {}", TimeSpan(scenario.graceful_stop));
    if scenario.exec != "default" {
        let _ = write!(head, ", flow {}", scenario.exec);
    }
    if !scenario.start_time.is_zero() {
        let _ = write!(head, ", starts after {}", TimeSpan(scenario.start_time));
    }
    for (name, value) in &scenario.tags {
        let _ = write!(head, ", tag {name}={value}");
    }
    stages.insert(0, head);
    stages
}

fn scenario_json(scenario: &ScenarioPlan) -> Value {
    let mut written = json!({"executor": scenario.executor.name()});
    let own = match &scenario.executor {
        Executor::ConstantVus { vus, duration } => json!({"vus": vus, "duration": span(*duration)}),
        Executor::RampingVus {
            start_vus,
            stages,
            graceful_ramp_down,
        } => {
            let stages: Vec<_> = stages
                .iter()
                .map(|stage| json!({"duration": span(stage.duration), "target": stage.target}))
                .collect();
            json!({"startVUs": start_vus, "stages": stages, "gracefulRampDown": span(*graceful_ramp_down)})
        }
        Executor::SharedIterations {
            vus,
            iterations,
            max_duration,
        }
        | Executor::PerVuIterations {
            vus,
            iterations,
            max_duration,
        } => {
            json!({"vus": vus, "iterations": iterations, "maxDuration": span(*max_duration)})
        }
    };
    let every = json!({
        "exec": scenario.exec,
        "startTime": span(scenario.start_time),
        "gracefulStop": span(scenario.graceful_stop),
        "tags": scenario.tags,
    });
    if let (Value::Object(written), Value::Object(own), Value::Object(every)) =
        (&mut written, own, every)
    {
        written.extend(own);
        written.extend(every);
    }
    written
}

fn threshold_text(threshold: &Threshold) -> String {
    let mut text = threshold.expression.to_string();
    if threshold.on_no_data == OnNoData::Pass {
        text.push_str(", passes without data");
    }
    if threshold.abort_on_fail {
        text.push_str(", aborts the run");
        if !threshold.delay_abort_eval.is_zero() {
            let _ = write!(text, " after {}", TimeSpan(threshold.delay_abort_eval));
        }
    }
    text
}

fn threshold_json(threshold: &Threshold) -> Value {
    json!({
        "threshold": threshold.expression.to_string(),
        "abortOnFail": threshold.abort_on_fail,
        "delayAbortEval": span(threshold.delay_abort_eval),
        "onNoData": match threshold.on_no_data {
            OnNoData::Fail => "fail",
            OnNoData::Pass => "pass",
        },
    })
}

fn span(duration: Duration) -> String {
    TimeSpan(duration).to_string()
}

fn vus(count: u32) -> String {
    if count == 1 {
        "1 VU".to_owned()
    } else {
        format!("{count} VUs")
    }
}

/// Indented lines in columns.
struct Text(String);

impl Text {
    fn head(&mut self, text: &str) {
        self.0.push('\n');
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn line(&mut self, text: &str) {
        self.0.push_str("  ");
        self.0.push_str(text.trim_end());
        self.0.push('\n');
    }

    fn rows<S: AsRef<str>, const N: usize>(&mut self, rows: &[[S; N]]) {
        let widths: [usize; N] = std::array::from_fn(|column| {
            rows.iter()
                .map(|row| row[column].as_ref().chars().count())
                .max()
                .unwrap_or(0)
        });
        for row in rows {
            let cells: Vec<_> = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{:width$}", cell.as_ref()))
                .collect();
            self.line(&cells.join("  "));
        }
    }
}

#[cfg(test)]
#[path = "show_tests.rs"]
mod tests;
