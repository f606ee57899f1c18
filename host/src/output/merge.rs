//! The results of a run's parts, put together and judged again.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use thiserror::Error;

use super::part::Part;
use super::{ArtifactRecord, RunRecord};
use crate::metrics::{RecordError, Schema, Selector, Threshold, Totals, builtin};
use crate::run::{Ending, Endings, Outcome};

/// Why results files cannot be put together.
#[derive(Debug, Error)]
pub enum MergeError {
    /// A file cannot be read.
    #[error("cannot read `{}`: {error}", .path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// A file is not what `vuelo run` writes.
    #[error(
        "`{}` is no results file of this version of vuelo: {reason}", .path.display()
    )]
    NoResults {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// What was measured does not fit the plan beside it.
    #[error("`{}` cannot be merged: {error}", .path.display())]
    Record {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        error: RecordError,
    },
    /// There is nothing to put together.
    #[error("name the results files of at least two parts of a run")]
    TooFew,
    /// A file is of a whole run.
    #[error(
        "`{}` is the result of a whole run; parts are what runs with --execution-segment write",
        .0.display()
    )]
    WholeRun(PathBuf),
    /// Two files are not of one run.
    #[error(
        "`{}` and `{}` are not parts of one run: `{what}` is {} in the first and {} in the second; \
         run all parts with the same {}",
        .one.display(), .other.display(), .values.0, .values.1, to_be_the_same(.what)
    )]
    Different {
        /// The first file.
        one: PathBuf,
        /// The other file.
        other: PathBuf,
        /// What differs, as a path in the file.
        what: String,
        /// What it is in each.
        values: Box<(Value, Value)>,
    },
    /// Parts are not there.
    #[error(
        "the run has more parts than these: {} is missing; name its results file, too, or take \
         what there is with --allow-missing", .0.join(", ")
    )]
    Missing(Vec<String>),
    /// Two files are of the same part.
    #[error(
        "`{}` and `{}` are the same part of the run, {segment}: each part counts once",
        .one.display(), .other.display()
    )]
    SamePart {
        /// The part.
        segment: String,
        /// The first file.
        one: PathBuf,
        /// The other file.
        other: PathBuf,
    },
    /// A part is none of those that the run was divided into.
    #[error("`{}` is the part {segment}, which is none of {sequence}", .path.display())]
    NotInSequence {
        /// Which file.
        path: PathBuf,
        /// The part.
        segment: String,
        /// What the run was divided into.
        sequence: String,
    },
}

/// What has to be said alike for every part.
fn to_be_the_same(what: &str) -> &'static str {
    match what {
        "run.seed" => "--seed",
        "run.environment" => "--env",
        "run.host_version" | "run.contract" => "version of vuelo",
        "run.plan.executionSegmentSequence" => "--execution-segment-sequence",
        _ if what.starts_with("run.artifact") => "artifact",
        _ => "plan and flags",
    }
}

/// The parts of a run, put together.
#[derive(Debug)]
pub struct Merged {
    id: String,
    first: Part,
    plan: Value,
    schema: Arc<Schema>,
    outcome: Outcome,
    missing: Vec<String>,
}

/// Puts the parts of one run together, in whatever order they come, and judges
/// the whole by the thresholds of the plan. The run gets this id.
///
/// # Errors
///
/// When they are not parts of one run, or one comes twice.
pub fn merge(parts: Vec<Part>, id: String) -> Result<Merged, MergeError> {
    let (parts, missing) = in_order(parts)?;
    let [first, others @ ..] = &parts[..] else {
        return Err(MergeError::TooFew);
    };
    let schema = first.schema()?;
    // Parts may have the same thresholds in another order.
    let thresholds = first.thresholds()?;
    let mut totals = first.totals(&schema, &thresholds)?;
    for part in others {
        totals.merge_part(&part.totals(&schema, &thresholds)?);
    }
    let outcome = outcome(&parts, first, &totals, &thresholds);
    let mut plan = first.run.plan.clone();
    if let Some(plan) = plan.as_object_mut() {
        plan.shift_remove("executionSegment");
        if missing.is_empty() {
            plan.shift_remove("executionSegmentSequence");
        }
        let described = parts
            .iter()
            .map(|part| json!({"id": part.run.id, "executionSegment": part.segment}));
        plan.insert("mergedFrom".to_owned(), described.collect());
    }
    Ok(Merged {
        id,
        first: first.clone(),
        plan,
        schema,
        outcome,
        missing,
    })
}

impl Merged {
    /// The run's parts that are not among those that were put together.
    #[must_use]
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// What came of the run.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// What formats write of it.
    #[must_use]
    pub fn record(&self, terminals: (bool, bool), colours: bool) -> RunRecord<'_> {
        let run = &self.first.run;
        RunRecord {
            id: &self.id,
            name: &run.scenario,
            artifacts: run.all_artifacts().to_vec(),
            environment: &run.environment,
            // Checked when the part was compared with the others.
            seed: run.seed.parse().unwrap_or_default(),
            plan: self.plan.clone(),
            schema: &self.schema,
            outcome: &self.outcome,
            terminals,
            colours,
        }
    }
}

/// Makes sure that the parts are of one run and none comes twice, and puts them
/// in the order of their segments: sums of floating-point numbers, as those of
/// gauges, depend on it. The segments that are missing come with them.
fn in_order(parts: Vec<Part>) -> Result<(Vec<Part>, Vec<String>), MergeError> {
    let Some(first) = parts.first() else {
        return Err(MergeError::TooFew);
    };
    if parts.len() < 2 {
        return Err(MergeError::TooFew);
    }
    for part in &parts[1..] {
        if let Some((what, one, other)) = difference("run", &identity(first), &identity(part)) {
            return Err(MergeError::Different {
                one: first.path.clone(),
                other: part.path.clone(),
                what,
                values: Box::new((one, other)),
            });
        }
    }
    let bounds: Vec<&str> = first.sequence.split(',').collect();
    let segments = bounds
        .windows(2)
        .map(|pair| format!("{}:{}", pair[0], pair[1]));
    let mut places: Vec<(String, Option<Part>)> = segments.map(|segment| (segment, None)).collect();
    for part in parts {
        let place = places
            .iter_mut()
            .find(|(segment, _)| *segment == part.segment);
        match place {
            Some((_, place @ None)) => *place = Some(part),
            Some((segment, Some(known))) => {
                return Err(MergeError::SamePart {
                    segment: segment.clone(),
                    one: known.path.clone(),
                    other: part.path,
                });
            }
            None => {
                return Err(MergeError::NotInSequence {
                    path: part.path,
                    segment: part.segment,
                    sequence: part.sequence,
                });
            }
        }
    }
    let mut ordered = Vec::new();
    let mut missing = Vec::new();
    for (segment, part) in places {
        match part {
            Some(part) => ordered.push(part),
            None => missing.push(segment),
        }
    }
    Ok((ordered, missing))
}

/// Takes away who gave each key its value: the same may come from elsewhere on
/// another machine.
fn without_origins(holder: &mut Value) {
    let config = holder.get_mut("config").and_then(Value::as_object_mut);
    for entry in config.into_iter().flat_map(serde_json::Map::values_mut) {
        if let Some(entry) = entry.as_object_mut() {
            entry.shift_remove("from");
        }
    }
}

/// What all parts of one run have in common.
fn identity(part: &Part) -> Value {
    let run = &part.run;
    let mut plan = run.plan.clone();
    if let Some(plan) = plan.as_object_mut() {
        plan.shift_remove("executionSegment");
        // The same file may lie elsewhere on another machine.
        plan.shift_remove("planFile");
    }
    without_origins(&mut plan);
    let components = plan.get_mut("components").and_then(Value::as_object_mut);
    for component in components.into_iter().flat_map(serde_json::Map::values_mut) {
        without_origins(component);
    }
    // The same artifact may come from elsewhere on another machine.
    let digest = |artifact: &ArtifactRecord| artifact.digest.clone();
    json!({
        "scenario": run.scenario,
        // Versions may measure, or read a plan, otherwise.
        "host_version": run.host_version,
        "contract": run.contract,
        "artifact": {"digest": run.artifact.digest},
        "artifacts": run.all_artifacts().iter().map(digest).collect::<Vec<_>>(),
        "environment": run.environment,
        "seed": run.seed,
        "plan": plan,
    })
}

/// Where two values differ first, and what stands there.
fn difference(at: &str, one: &Value, other: &Value) -> Option<(String, Value, Value)> {
    match (one, other) {
        (Value::Object(members), Value::Object(others)) => {
            let names = members.keys().chain(others.keys());
            names
                .map(|name| {
                    let member = |of: &serde_json::Map<String, Value>| {
                        of.get(name).cloned().unwrap_or(Value::Null)
                    };
                    (format!("{at}.{name}"), member(members), member(others))
                })
                .find_map(|(at, one, other)| difference(&at, &one, &other))
        }
        _ => (one != other).then(|| (at.to_owned(), one.clone(), other.clone())),
    }
}

fn outcome(
    parts: &[Part],
    first: &Part,
    totals: &Totals,
    thresholds: &[(Selector, Vec<Threshold>)],
) -> Outcome {
    let load_time = parts
        .iter()
        .map(|part| part.load_time)
        .max()
        .unwrap_or_default();
    // Without a load there is nothing to judge.
    let no_load = parts.iter().flat_map(|part| &part.run.verdict.endings);
    let no_load = no_load
        .filter(|ending| matches!(ending, Ending::SetupFailed(_) | Ending::SetupTimedOut(_)))
        .count();
    let mut verdicts = Vec::new();
    if no_load == 0 {
        verdicts = totals.evaluate(thresholds, load_time);
    }
    for verdict in &mut verdicts {
        let judged = (verdict.selector.to_string(), verdict.threshold.clone());
        verdict.ended_the_run = parts.iter().any(|part| part.ended_by.contains(&judged));
        verdict.ok &= !verdict.ended_the_run;
    }
    let mut endings = Endings::default();
    for ending in parts.iter().flat_map(|part| &part.run.verdict.endings) {
        // These two are said of the whole below.
        if !matches!(ending, Ending::ThresholdsFailed(_) | Ending::NothingRan) {
            endings.add(ending.clone());
        }
    }
    if totals.samples(builtin::ITERATION_DURATION) == 0 && endings.let_the_run_go_on() {
        endings.add(Ending::NothingRan);
    }
    let crossed: Vec<String> = verdicts
        .iter()
        .filter(|verdict| !verdict.ok)
        .map(|verdict| format!("{}: {}", verdict.selector, verdict.threshold))
        .collect();
    if !crossed.is_empty() {
        endings.add(Ending::ThresholdsFailed(crossed));
    }
    // Each part has a setup of its own; what differs is of no part in particular.
    let same_setup = parts.iter().all(|part| part.setup_data == first.setup_data);
    let setup_data =
        (same_setup && !first.setup_data.is_null()).then(|| first.setup_data.to_string());
    Outcome {
        started: parts
            .iter()
            .map(|part| part.run.start)
            .min()
            .unwrap_or(first.run.start),
        ended: parts
            .iter()
            .map(|part| part.run.end)
            .max()
            .unwrap_or(first.run.end),
        load_time,
        setup_data,
        summary: totals.summary(load_time),
        recorded: totals.record(),
        verdicts,
        endings,
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
