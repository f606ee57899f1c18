//! A resolved plan for people (`--dry-run`) and for the results file. Secrets
//! are masked in both.

use std::fmt::Write as _;

use super::config::{ConfigEntry, Shown};
use super::duration::TimeSpan;
use super::profile::TimeScale;
use super::resolve::Resolved;
use crate::metrics::{OnNoData, Threshold};

mod http;
mod json;
mod scenario;
mod table;

use table::Text;

/// What stands in the place of a secret.
const MASK: &str = "***";

impl Resolved {
    /// The plan as people read it. `artifacts` says of each component of the
    /// plan what is run and where it came from.
    #[must_use]
    pub fn text(&self, artifacts: &[String]) -> String {
        let plan = &self.plan;
        let file = match &self.plan_file {
            Some(path) => path.display().to_string(),
            None => "none, built-in values".to_owned(),
        };
        let mut text = Text(format!("plan of {}\n", plan.name));
        let (seed, part) = (plan.seed.to_string(), plan.part.to_string());
        let mut rows = Vec::new();
        for (component, artifact) in plan.components.iter().zip(artifacts) {
            if self.has_several_components() {
                rows.push([component.name.as_str(), artifact.as_str()]);
            } else {
                rows.push(["artifact", artifact.as_str()]);
            }
        }
        rows.extend([
            ["environment", plan.environment.as_str()],
            ["plan file", file.as_str()],
            ["seed", seed.as_str()],
        ]);
        if !plan.part.is_whole() {
            rows.push(["segment", &part]);
        }
        text.rows(&rows);
        text.head(&format!("scenarios: {}", self.extent()));
        for scenario in &plan.scenarios {
            let mut lines = scenario::lines(scenario);
            if self.has_several_components() {
                let component = &plan.components[scenario.component].name;
                lines[0].push_str(&format!(", component {component}"));
            }
            for line in lines {
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
        for component in &plan.components {
            let own = |entry: &&ConfigEntry| entry.component == component.name;
            let rows: Vec<_> = self.config.iter().filter(own).map(config_row).collect();
            if !rows.is_empty() {
                if self.has_several_components() {
                    text.head(&format!("config of {}", component.name));
                } else {
                    text.head("config");
                }
                text.rows(&rows);
            }
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
        text.head("network");
        text.rows(&http::reach_rows(&plan.http));
        let tls = http::tls_rows(&plan.http.tls);
        if !tls.is_empty() {
            text.head("TLS");
            text.rows(&tls);
        }
        for note in &self.notes {
            text.head(&format!("note: {note}"));
        }
        text.0
    }

    /// The scenarios of the plan, a line each: `default: shared-iterations, 3
    /// iterations shared by 3 VUs, at most 10m, …`.
    #[must_use]
    pub fn scenario_heads(&self) -> Vec<String> {
        let heads = self.plan.scenarios.iter().map(scenario::lines);
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
        if let Some(rps) = plan.rps {
            let _ = write!(text, ", at most {rps} requests a second");
        }
        if !plan.part.is_whole() {
            let _ = write!(text, ", of which this is {}", plan.part.segment());
        }
        text
    }

    fn has_several_components(&self) -> bool {
        self.plan.components.len() > 1
    }

    fn rps_row(&self) -> Option<[String; 2]> {
        let rps = self.plan.rps?;
        let mut text = format!("at most {rps} a second");
        if self.rps_by_default {
            let environment = &self.plan.environment;
            let _ = write!(
                text,
                ", the default in {environment}; `rps` or --rps says another, and 0 none"
            );
        }
        Some(["requests".to_owned(), text])
    }

    fn http_rows(&self) -> Vec<[String; 2]> {
        let mut rows = http::rows(&self.plan.http);
        rows.push([
            "timeouts".to_owned(),
            format!(
                "{}, setup {}, teardown {}",
                http::timeouts(&self.plan.http),
                TimeSpan(self.plan.setup_timeout),
                TimeSpan(self.plan.teardown_timeout)
            ),
        ]);
        rows.extend(self.rps_row());
        rows
    }
}

fn config_row(entry: &ConfigEntry) -> [String; 3] {
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
}

fn threshold_text(threshold: &Threshold) -> String {
    let mut text = threshold.expression.to_string();
    if let Some(window) = threshold.window {
        let _ = write!(text, " in every {}", TimeSpan(window));
    }
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

fn vus(count: u32) -> String {
    if count == 1 {
        "1 VU".to_owned()
    } else {
        format!("{count} VUs")
    }
}

#[cfg(test)]
mod tests;
