//! k6's older summary, as `k6 run --summary-export` writes it: values directly
//! under their metric, and a threshold is `true` when it was crossed.

use serde_json::{Map, Value, json};

use super::groups::{self, Shape};
use super::{RunRecord, number};
use crate::metrics::{MetricSummary, MetricType};

/// The values of a trend there.
const TREND_VALUES: [&str; 6] = ["avg", "min", "med", "max", "p(90)", "p(95)"];

/// The file's text.
#[must_use]
pub fn text(record: &RunRecord<'_>) -> String {
    let summary = &record.outcome.summary;
    let mut metrics: Map<String, Value> = summary
        .metrics
        .iter()
        .map(|metric| (metric.name.clone(), values(metric)))
        .collect();
    for verdict in &record.outcome.verdicts {
        let metric = metrics
            .entry(verdict.selector.to_string())
            .or_insert_with(|| json!({}));
        // k6 writes true for a threshold that was crossed.
        let alike = metric["thresholds"][&verdict.threshold] == Value::Bool(true);
        metric["thresholds"][&verdict.threshold] = json!(!verdict.ok || alike);
    }
    let value = json!({
        "root_group": groups::root(summary, Shape::ByName),
        "metrics": metrics,
    });
    format!("{value:#}\n")
}

fn values(metric: &MetricSummary) -> Value {
    let value = |name: &str| number(metric.value(name).unwrap_or_default());
    match metric.metric_type {
        MetricType::Rate => json!({
            "value": value("rate"),
            "passes": value("passes"),
            "fails": value("fails"),
        }),
        MetricType::Trend => Value::Object(
            TREND_VALUES
                .map(|name| (name.to_owned(), value(name)))
                .into_iter()
                .collect(),
        ),
        MetricType::Counter | MetricType::Gauge => metric
            .values
            .iter()
            .map(|(name, value)| (name.clone(), number(*value)))
            .collect(),
    }
}
