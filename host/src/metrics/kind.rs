//! What a metric adds up to, and what it is counted in.

use std::fmt;

use serde::Serialize;

/// What the samples of a metric add up to. The four types are k6's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricType {
    /// A sum that only grows.
    Counter,
    /// A value of which the last, the lowest and the highest are kept.
    Gauge,
    /// The share of samples that are not zero.
    Rate,
    /// A distribution.
    Trend,
}

impl MetricType {
    /// The word for it, in options and results alike.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Rate => "rate",
            Self::Trend => "trend",
        }
    }
}

impl fmt::Display for MetricType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a metric is counted in. It decides the fixed point that values are kept
/// in: sums of integers are exact in whatever order they are added, which sums
/// of floating-point numbers are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Unit {
    /// Nothing in particular; kept in millionths. k6's `default`.
    #[default]
    None,
    /// Milliseconds; kept in nanoseconds. k6's `time`.
    Milliseconds,
    /// Bytes; kept as they are. k6's `data`.
    Bytes,
}

impl Unit {
    /// The word for it in the options.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Milliseconds => "ms",
            Self::Bytes => "bytes",
        }
    }

    /// The word for it in results: k6's `contains`.
    #[must_use]
    pub fn contains(self) -> &'static str {
        match self {
            Self::None => "default",
            Self::Milliseconds => "time",
            Self::Bytes => "data",
        }
    }

    /// How many of the integers kept make one of the unit.
    pub(super) fn scale(self) -> f64 {
        match self {
            Self::None | Self::Milliseconds => 1e6,
            Self::Bytes => 1.0,
        }
    }
}
