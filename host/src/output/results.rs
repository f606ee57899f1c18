//! The results file: the shape that k6 hands to `handleSummary`, with members of
//! ours: `endpoints`, `run`, and `recorded`, which is everything that was measured
//! without loss, for `vuelo merge`.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::groups::{self, Shape};
use super::{RunRecord, number};
use crate::component::CONTRACT_VERSION;
use crate::metrics::{Verdict, WindowsJudged};

/// The results file as a value.
#[must_use]
pub fn value(record: &RunRecord<'_>) -> Value {
    let outcome = record.outcome;
    let setup_data: Option<Value> = outcome
        .setup_data
        .as_deref()
        .and_then(|data| serde_json::from_str(data).ok());
    json!({
        "root_group": groups::root(&outcome.summary, Shape::Lists),
        "options": {
            "summaryTrendStats": TREND_STATS,
            "summaryTimeUnit": "ms",
            "noColor": !record.colours,
        },
        "state": {
            "isStdOutTTY": record.terminals.0,
            "isStdErrTTY": record.terminals.1,
            "testRunDurationMs": outcome.load_time.as_secs_f64() * 1e3,
        },
        "metrics": metrics(record),
        "setup_data": setup_data,
        "endpoints": endpoints(record),
        "run": run(record),
        "recorded": outcome.recorded,
    })
}

/// What every trend has, in this order.
const TREND_STATS: [&str; 12] = [
    "count", "sum", "min", "max", "avg", "med", "p(50)", "p(75)", "p(90)", "p(95)", "p(99)",
    "p(99.9)",
];

/// The metrics by name, those included that a threshold names and that have no
/// samples.
fn metrics(record: &RunRecord<'_>) -> Map<String, Value> {
    let summary = &record.outcome.summary;
    let mut metrics = Map::new();
    for metric in &summary.metrics {
        let values: Map<String, Value> = metric
            .values
            .iter()
            .map(|(name, value)| (name.clone(), number(*value)))
            .collect();
        let described = json!({
            "type": metric.metric_type,
            "contains": metric.unit.contains(),
            "values": values,
        });
        metrics.insert(metric.name.clone(), described);
    }
    for verdict in &record.outcome.verdicts {
        let name = verdict.selector.to_string();
        let metric = metrics
            .entry(name)
            .or_insert_with(|| without_samples(record, verdict));
        // Two that are written alike, as one that passes without data and one that
        // does not, are one row, and only both are ok.
        let alike = &metric["thresholds"][&verdict.threshold]["ok"];
        metric["thresholds"][&verdict.threshold] = json!({
            "ok": verdict.ok && *alike != Value::Bool(false),
            "observed": verdict.finding.observed().map(number),
            "noData": verdict.finding.observed().is_none(),
        });
        if verdict.ended_the_run {
            metric["thresholds"][&verdict.threshold]["endedTheRun"] = Value::Bool(true);
        }
        if let Some(windows) = &verdict.windows {
            metric["thresholds"][&verdict.threshold]["windows"] = self::windows(windows);
        }
    }
    metrics.sort_keys();
    metrics
}

/// What came of a threshold's windows; times in milliseconds since the start of
/// the load.
fn windows(windows: &WindowsJudged) -> Value {
    let milliseconds = |duration: Duration| number(duration.as_secs_f64() * 1e3);
    json!({
        "length": milliseconds(windows.length),
        "judged": windows.judged,
        "crossed": windows.crossed,
        "worstEnded": windows.worst_ended.map(milliseconds),
        "empty": windows.empty,
        "firstEmptyEnded": windows.first_empty_ended.map(milliseconds),
    })
}

fn without_samples(record: &RunRecord<'_>, verdict: &Verdict) -> Value {
    let registry = record.schema.registry();
    registry
        .find(&verdict.selector.metric)
        .map_or(Value::Null, |id| {
            let metric = registry.get(id);
            json!({
                "type": metric.metric_type,
                "contains": metric.unit.contains(),
                "values": {},
            })
        })
}

fn endpoints(record: &RunRecord<'_>) -> Value {
    let rows = record.outcome.summary.endpoints.iter().map(|row| {
        let tags: Map<String, Value> = row
            .tags
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        let duration: Map<String, Value> = row
            .duration
            .iter()
            .map(|(name, value)| (name.clone(), number(*value)))
            .collect();
        json!({
            "tags": tags,
            "requests": row.requests,
            "failed": row.failed,
            "interrupted": row.interrupted,
            "statuses": row.statuses,
            "duration": duration,
        })
    });
    rows.collect()
}

fn run(record: &RunRecord<'_>) -> Value {
    let outcome = record.outcome;
    let reasons: Vec<String> = outcome
        .endings
        .all()
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut run = json!({
        "id": record.id,
        "scenario": record.name,
        "artifact": record.artifacts.first(),
        "contract": CONTRACT_VERSION,
        "host_version": env!("CARGO_PKG_VERSION"),
        "environment": record.environment,
        // As text, since JSON's readers lose the last digits of large numbers.
        "seed": record.seed.to_string(),
        "plan": record.plan,
        "start": outcome.started.to_string(),
        "end": outcome.ended.to_string(),
        "verdict": {
            "outcome": outcome.endings.decisive().name(),
            "exit_code": outcome.endings.exit_code(),
            "reasons": reasons,
            "endings": outcome.endings.all(),
        },
    });
    if record.artifacts.len() > 1 {
        run["artifacts"] = json!(record.artifacts);
    }
    run
}
