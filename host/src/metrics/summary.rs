//! The figures of a run, for whoever shows or stores them.

use std::collections::BTreeMap;

use super::{MetricType, Unit};

/// The figures of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Every metric with samples, and its parts, by name.
    pub metrics: Vec<MetricSummary>,
    /// The requests, by what was requested.
    pub endpoints: Vec<EndpointRow>,
    /// The checks, by group and name.
    pub checks: Vec<CheckRow>,
    /// The paths of the groups that were entered: `::outer::inner`.
    pub groups: Vec<String>,
}

impl Summary {
    /// A metric, or a part of one, by its name as in results:
    /// `http_req_duration{endpoint:rpc}`.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&MetricSummary> {
        self.metrics.iter().find(|metric| metric.name == name)
    }
}

/// What one metric, or one part of it, came to.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricSummary {
    /// Its name, with the tags in braces for a part.
    pub name: String,
    /// The metric's name.
    pub metric: String,
    /// What its samples add up to.
    pub metric_type: MetricType,
    /// What they are counted in.
    pub unit: Unit,
    /// How many there are.
    pub samples: u64,
    /// Its values in the unit, in the order that results show them in.
    pub values: Vec<(String, f64)>,
}

impl MetricSummary {
    /// One of the values.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<f64> {
        self.values
            .iter()
            .find(|(known, _)| known == name)
            .map(|&(_, value)| value)
    }
}

/// The requests to one endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointRow {
    /// What tells it apart: `method`, `name`, and the scenario's own tags.
    pub tags: Vec<(String, String)>,
    /// How many requests.
    pub requests: u64,
    /// Of these, how many had no expected answer.
    pub failed: u64,
    /// Of these, how many were cut off.
    pub interrupted: u64,
    /// How many answers of each status.
    pub statuses: BTreeMap<String, u64>,
    /// How long they took, in milliseconds, as a trend's values.
    pub duration: Vec<(String, f64)>,
}

impl EndpointRow {
    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.tags
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// How often a check held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRow {
    /// The path of its group; empty outside of groups.
    pub group: String,
    /// Its name.
    pub name: String,
    /// How often it held.
    pub passes: u64,
    /// How often it did not.
    pub fails: u64,
}
