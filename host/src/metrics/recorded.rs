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
pub(super) const VERSION: u32 = 2;

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
    /// Of a part of a run whose thresholds have windows.
    pub(super) windows: Option<RecordedWindows>,
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
        /// What of the sum was counted before the load or after it.
        outside: Text<u128>,
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

/// The seconds of the load, of the series that thresholds see through windows.
/// Times are in nanoseconds since the start of the load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedWindows {
    /// When the last of them ended.
    pub(super) ended_ns: u64,
    /// Whether they were too many to be kept.
    pub(super) given_up: bool,
    pub(super) series: Vec<RecordedSeconds>,
}

/// The seconds of one series, but for those without samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedSeconds {
    pub(super) name: String,
    pub(super) seconds: Vec<RecordedSecond>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedSecond {
    pub(super) from_ns: u64,
    pub(super) to_ns: u64,
    #[serde(flatten)]
    pub(super) samples: RecordedSamples,
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
    /// What is written does not fit together.
    #[error("the record of `{0}` is damaged: what is written does not add up")]
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
            Sink::Counter {
                sum,
                outside,
                samples,
            } => Self::Counter {
                sum: Text(*sum),
                outside: Text(*outside),
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
            Self::Counter { sum, outside, .. } if outside.0 > sum.0 => {
                return Err(RecordError::Damaged(name.to_owned()));
            }
            Self::Counter {
                sum,
                outside,
                samples,
            } => Sink::Counter {
                sum: sum.0,
                outside: outside.0,
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
