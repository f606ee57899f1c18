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
            // A percentile that was given up for want of memory is left out.
            TREND_VALUES
                .iter()
                .filter_map(|&name| {
                    let value = number(metric.value(name)?);
                    Some((name.to_owned(), value))
                })
                .collect(),
        ),
        MetricType::Counter | MetricType::Gauge => metric
            .values
            .iter()
            .map(|(name, value)| (name.clone(), number(*value)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Unit;

    #[test]
    fn a_percentile_that_was_given_up_is_left_out() {
        let metric = MetricSummary {
            name: "waiting".to_owned(),
            metric: "waiting".to_owned(),
            metric_type: MetricType::Trend,
            unit: Unit::Milliseconds,
            samples: 2,
            values: [("min", 1.0), ("max", 3.0), ("avg", 2.0)]
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
        };
        assert_eq!(values(&metric), json!({"avg": 2, "min": 1, "max": 3}));
    }
}
