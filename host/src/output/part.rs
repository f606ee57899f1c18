//! A results file, read back as a part of a run.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::ArtifactRecord;
use super::merge::MergeError;
use crate::metrics::{MetricType, Recorded, Registry, Schema, Selector, Threshold, Totals, Unit};
use crate::plan::options::Thresholds;
use crate::run::Ending;

/// A results file of one part of a run.
#[derive(Debug, Clone)]
pub struct Part {
    pub(super) path: PathBuf,
    pub(super) run: RunMember,
    /// The share of the run that this part took: `0:1/2`.
    pub(super) segment: String,
    /// The shares of all parts: `0,1/2,1`.
    pub(super) sequence: String,
    pub(super) load_time: Duration,
    pub(super) setup_data: Value,
    pub(super) recorded: Recorded,
    /// The thresholds that ended it.
    pub(super) ended_by: Vec<(String, String)>,
}

/// The member `run` of a results file.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct RunMember {
    pub(super) id: String,
    pub(super) scenario: String,
    pub(super) contract: String,
    pub(super) host_version: String,
    pub(super) artifact: ArtifactRecord,
    /// All of them, where there are several.
    #[serde(default)]
    pub(super) artifacts: Vec<ArtifactRecord>,
    pub(super) environment: String,
    pub(super) seed: String,
    pub(super) plan: Value,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) verdict: VerdictMember,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct VerdictMember {
    pub(super) endings: Vec<Ending>,
}

impl RunMember {
    /// What ran.
    pub(super) fn all_artifacts(&self) -> &[ArtifactRecord] {
        match &*self.artifacts {
            [] => std::slice::from_ref(&self.artifact),
            several => several,
        }
    }
}

impl Part {
    /// Reads a results file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is no results file of this version, or is one of
    /// a whole run.
    pub fn read(path: &Path) -> Result<Self, MergeError> {
        let text = std::fs::read_to_string(path).map_err(|error| MergeError::Unreadable {
            path: path.to_owned(),
            error,
        })?;
        let value = serde_json::from_str(&text).map_err(|error| MergeError::NoResults {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        Self::from_value(path, &value)
    }

    /// Takes the contents of a results file apart.
    ///
    /// # Errors
    ///
    /// As [`Part::read`].
    pub fn from_value(path: &Path, value: &Value) -> Result<Self, MergeError> {
        let run: RunMember = member(path, value, "/run")?;
        let milliseconds: f64 = member(path, value, "/state/testRunDurationMs")?;
        let load_time = Duration::try_from_secs_f64(milliseconds / 1e3).map_err(|error| {
            MergeError::NoResults {
                path: path.to_owned(),
                reason: format!("`state.testRunDurationMs`: {error}"),
            }
        })?;
        let of_plan = |key: &str| run.plan.get(key).and_then(Value::as_str);
        let segments = of_plan("executionSegment").zip(of_plan("executionSegmentSequence"));
        let Some((segment, sequence)) = segments else {
            return Err(MergeError::WholeRun(path.to_owned()));
        };
        let mut part = Self {
            path: path.to_owned(),
            segment: segment.to_owned(),
            sequence: sequence.to_owned(),
            load_time,
            setup_data: value["setup_data"].clone(),
            recorded: member(path, value, "/recorded")?,
            ended_by: Vec::new(),
            run,
        };
        for (selector, thresholds) in part.thresholds()? {
            for threshold in thresholds.iter().filter(|one| one.abort_on_fail) {
                let (name, threshold) = (selector.to_string(), threshold.to_string());
                let said = &value["metrics"][&name]["thresholds"][&threshold];
                if said["endedTheRun"] == Value::Bool(true) {
                    part.ended_by.push((name, threshold));
                }
            }
        }
        Ok(part)
    }

    /// The thresholds of its plan.
    pub(super) fn thresholds(&self) -> Result<Vec<(Selector, Vec<Threshold>)>, MergeError> {
        let written: Map<String, Value> = member(&self.path, &self.run.plan, "/thresholds")?;
        let mut thresholds = Vec::with_capacity(written.len());
        for (name, conditions) in &written {
            let selector = name.parse().map_err(|error| self.wrong(&error))?;
            let conditions: Thresholds =
                Thresholds::deserialize(conditions).map_err(|error| self.wrong(&error))?;
            thresholds.push((selector, conditions.0.iter().map(Threshold::from).collect()));
        }
        Ok(thresholds)
    }

    /// The series of its plan.
    pub(super) fn schema(&self) -> Result<Arc<Schema>, MergeError> {
        let metrics: Map<String, Value> = member(&self.path, &self.run.plan, "/metrics")?;
        let mut registry = Registry::new();
        for (name, metric) in &metrics {
            let (metric_type, unit) = metric_type(&metric["type"])
                .zip(unit(&metric["unit"]))
                .ok_or_else(|| self.wrong(&format!("`{name}` has no type or unit")))?;
            registry
                .declare(name, metric_type, unit)
                .map_err(|error| self.wrong(&error))?;
        }
        let tags: Map<String, Value> = member(&self.path, &self.run.plan, "/tags")?;
        let thresholds = self.thresholds()?;
        let selectors = thresholds.iter().map(|(selector, _)| selector);
        let schema = Schema::new(registry, selectors, tags.into_iter().map(|(name, _)| name));
        Ok(Arc::new(schema.map_err(|error| self.wrong(&error))?))
    }

    /// What it measured.
    pub(super) fn totals(
        &self,
        schema: &Arc<Schema>,
        thresholds: &[(Selector, Vec<Threshold>)],
    ) -> Result<Totals, MergeError> {
        let restored = Totals::restore(Arc::clone(schema), thresholds, &self.recorded);
        restored.map_err(|error| MergeError::Record {
            path: self.path.clone(),
            error,
        })
    }

    fn wrong(&self, reason: &dyn std::fmt::Display) -> MergeError {
        MergeError::NoResults {
            path: self.path.clone(),
            reason: reason.to_string(),
        }
    }
}

fn member<T: DeserializeOwned>(path: &Path, value: &Value, at: &str) -> Result<T, MergeError> {
    let wrong = |reason: String| MergeError::NoResults {
        path: path.to_owned(),
        reason: format!("`{}`: {reason}", at[1..].replace('/', ".")),
    };
    let found = value
        .pointer(at)
        .ok_or_else(|| wrong("it is not there".to_owned()))?;
    T::deserialize(found).map_err(|error| wrong(error.to_string()))
}

fn metric_type(name: &Value) -> Option<MetricType> {
    use MetricType::{Counter, Gauge, Rate, Trend};
    let mut types = [Counter, Gauge, Rate, Trend].into_iter();
    types.find(|one| name == one.name())
}

fn unit(name: &Value) -> Option<Unit> {
    let mut units = [Unit::None, Unit::Milliseconds, Unit::Bytes].into_iter();
    units.find(|one| name == one.name())
}
