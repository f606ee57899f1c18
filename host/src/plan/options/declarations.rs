//! What a component declares: configuration keys and metrics.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::metrics::{MetricType, Unit};

/// A configuration key that the scenario reads. Its value comes from the
/// declared default, the plan file, the named environment, the process
/// environment (under the key's own name) or the command line, the last that
/// has one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigKey {
    /// Its value where nobody gives one.
    pub default: Option<String>,

    /// What it is for, in `vuelo inspect` and in error texts.
    pub description: Option<String>,

    /// What the value must be.
    #[serde(default)]
    pub kind: KeyKind,

    /// Refuses a run without a value.
    #[serde(default)]
    pub required: bool,

    /// The scenario can fill a header with the value and not read it. It is
    /// shown nowhere, and not taken from the command line.
    #[serde(default)]
    pub secret: bool,
}

/// What the value of a configuration key must be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum KeyKind {
    /// Any text.
    #[default]
    String,
    /// An absolute `http` or `https` URL. It is handed over without a `/` at
    /// its end.
    Url,
}

/// A metric of the scenario's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MetricOptions {
    /// What its samples add up to.
    #[serde(rename = "type")]
    pub kind: MetricKind,

    /// What they are counted in.
    #[serde(default)]
    pub unit: MetricUnit,
}

/// What the samples of a metric add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MetricKind {
    /// A sum that only grows.
    Counter,
    /// A value of which the last, the lowest and the highest are kept.
    Gauge,
    /// The share of samples that are true.
    Rate,
    /// A distribution, with percentiles.
    Trend,
}

/// What a metric is counted in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MetricUnit {
    /// Nothing in particular.
    #[default]
    None,
    /// Milliseconds.
    Ms,
    /// Bytes.
    Bytes,
}

impl From<MetricKind> for MetricType {
    fn from(kind: MetricKind) -> Self {
        match kind {
            MetricKind::Counter => Self::Counter,
            MetricKind::Gauge => Self::Gauge,
            MetricKind::Rate => Self::Rate,
            MetricKind::Trend => Self::Trend,
        }
    }
}

impl From<MetricUnit> for Unit {
    fn from(unit: MetricUnit) -> Self {
        match unit {
            MetricUnit::None => Self::None,
            MetricUnit::Ms => Self::Milliseconds,
            MetricUnit::Bytes => Self::Bytes,
        }
    }
}
