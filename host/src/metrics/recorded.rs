//! The form in which everything that was measured is written down.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use super::distribution::Distribution;
use super::endpoints::Row;
use super::packed::{Packed, PackedBuckets};
use super::sink::{GaugeValues, Sink};

/// The version of the form that records are written in.
pub(super) const VERSION: u32 = 1;

/// Everything that was measured, lossless: a member of the results file.
///
/// Numbers that a float cannot hold are texts: JSON's readers lose their last
/// digits. Trends and counters are in the fixed point that their unit is kept
/// in: nanoseconds, bytes, millionths.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    pub(super) version: u32,
    pub(super) series: Vec<RecordedSeries>,
    pub(super) endpoints: Vec<RecordedRow>,
    pub(super) checks: Vec<RecordedCheck>,
    pub(super) groups: Vec<RecordedGroup>,
    pub(super) windows: Vec<RecordedWindows>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedSeries {
    /// The metric, or the part of it: a selector.
    pub(super) name: String,
    pub(super) unit: String,
    #[serde(flatten)]
    pub(super) samples: RecordedSamples,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum RecordedSamples {
    Counter {
        sum: Text<u128>,
        samples: u64,
    },
    Gauge {
        last: Text<f64>,
        /// When it was set last, in nanoseconds of the Unix epoch.
        at: Text<u64>,
        min: Text<f64>,
        max: Text<f64>,
        samples: u64,
    },
    Rate {
        passes: u64,
        total: u64,
    },
    Trend(RecordedTrend),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedTrend {
    pub(super) count: u64,
    pub(super) sum: Text<u128>,
    pub(super) min: Text<u64>,
    pub(super) max: Text<u64>,
    /// The buckets in use in base64; nothing where they were given up for want
    /// of memory.
    pub(super) buckets: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedRow {
    pub(super) tags: BTreeMap<String, String>,
    pub(super) requests: u64,
    pub(super) failed: u64,
    pub(super) interrupted: u64,
    pub(super) statuses: BTreeMap<String, u64>,
    pub(super) duration: RecordedTrend,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedCheck {
    pub(super) group: String,
    pub(super) name: String,
    pub(super) passes: u64,
    pub(super) fails: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedGroup {
    pub(super) path: String,
    pub(super) entered: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedWindows {
    pub(super) name: String,
    pub(super) threshold: String,
    pub(super) window_ns: u64,
    pub(super) judged: u64,
    pub(super) crossed: u64,
    pub(super) empty: u64,
    pub(super) worst: Option<RecordedWorst>,
    pub(super) first_empty_ns: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedWorst {
    pub(super) value: Text<f64>,
    pub(super) ended_ns: u64,
}

/// Why a record cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordError {
    /// It was written by another version.
    #[error("it was recorded in the form {0}, and this version of vuelo reads the form {VERSION}")]
    Version(u32),
    /// It has a series that the plan does not have.
    #[error("the series `{0}` is none of the plan's")]
    UnknownSeries(String),
    /// It has a series of another type or unit than the plan has.
    #[error("the series `{0}` has another type or unit in the plan")]
    OtherType(String),
    /// It has windows of a threshold that the plan does not have.
    #[error("the threshold `{name}: {threshold}` is none of the plan's")]
    UnknownThreshold {
        /// What the threshold is about.
        name: String,
        /// Its condition.
        threshold: String,
    },
    /// What is written does not fit together.
    #[error("the record of `{0}` is damaged: its buckets do not add up to its samples")]
    Damaged(String),
}

/// A number as text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Text<T>(pub(super) T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

impl RecordedSamples {
    pub(super) fn of(sink: &Sink) -> Option<Self> {
        Some(match sink {
            Sink::Counter { sum, samples } => Self::Counter {
                sum: Text(*sum),
                samples: *samples,
            },
            Sink::Gauge(values) => {
                let values = (*values)?;
                Self::Gauge {
                    last: Text(values.last.1),
                    at: Text(values.last.0),
                    min: Text(values.min),
                    max: Text(values.max),
                    samples: values.samples,
                }
            }
            Sink::Rate { passes, total } => Self::Rate {
                passes: *passes,
                total: *total,
            },
            Sink::Trend(distribution) => Self::Trend(RecordedTrend::of(&distribution.packed())),
        })
    }

    pub(super) fn sink(&self, name: &str) -> Result<Sink, RecordError> {
        Ok(match self {
            Self::Counter { sum, samples } => Sink::Counter {
                sum: sum.0,
                samples: *samples,
            },
            Self::Gauge {
                last,
                at,
                min,
                max,
                samples,
            } => Sink::Gauge(Some(GaugeValues {
                last: (at.0, last.0),
                min: min.0,
                max: max.0,
                samples: *samples,
            })),
            Self::Rate { passes, total } if passes > total => {
                return Err(RecordError::Damaged(name.to_owned()));
            }
            Self::Rate { passes, total } => Sink::Rate {
                passes: *passes,
                total: *total,
            },
            Self::Trend(trend) => Sink::Trend(Box::new(trend.distribution(name)?)),
        })
    }
}

impl RecordedTrend {
    pub(super) fn of_row(row: &Row) -> Self {
        match &row.duration {
            Sink::Trend(distribution) => Self::of(&distribution.packed()),
            _ => Self::of(&Distribution::new().packed()),
        }
    }

    pub(super) fn of(packed: &Packed) -> Self {
        let buckets = packed.buckets.as_ref();
        Self {
            count: packed.count,
            sum: Text(packed.sum),
            min: Text(packed.min),
            max: Text(packed.max),
            buckets: buckets.map(|buckets| BASE64.encode(buckets.bytes())),
        }
    }

    pub(super) fn distribution(&self, name: &str) -> Result<Distribution, RecordError> {
        let damaged = || RecordError::Damaged(name.to_owned());
        let buckets = match &self.buckets {
            None => None,
            Some(text) => {
                let bytes = BASE64.decode(text).map_err(|_| damaged())?;
                Some(PackedBuckets::from_bytes(bytes).map_err(|_| damaged())?)
            }
        };
        let packed = Packed {
            count: self.count,
            sum: self.sum.0,
            min: self.min.0,
            max: self.max.0,
            buckets,
        };
        Distribution::unpacked(&packed).map_err(|_| damaged())
    }
}
