//! What the samples of one series add up to.

use super::distribution::Distribution;
use super::{Aggregation, MetricType, Percentile, Unit};

/// What the samples of one series add up to. Merging is exact and in any order
/// the same.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sink {
    Counter {
        sum: u128,
        /// What of the sum was counted before the load or after it: it is no part
        /// of a rate, which is that of the load.
        outside: u128,
        samples: u64,
    },
    Gauge(Option<GaugeValues>),
    Rate {
        passes: u64,
        total: u64,
    },
    Trend(Box<Distribution>),
}

/// The values of a gauge that was set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct GaugeValues {
    /// When it was set last, in nanoseconds of the Unix epoch, and to what: the
    /// later one wins, and of two at the same time the larger, so that the order
    /// of merging does not matter.
    pub(super) last: (u64, f64),
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) samples: u64,
}

impl Sink {
    pub(super) fn new(metric_type: MetricType) -> Self {
        match metric_type {
            MetricType::Counter => Self::Counter {
                sum: 0,
                outside: 0,
                samples: 0,
            },
            MetricType::Gauge => Self::Gauge(None),
            MetricType::Rate => Self::Rate {
                passes: 0,
                total: 0,
            },
            MetricType::Trend => Self::Trend(Box::new(Distribution::new())),
        }
    }

    /// Adds a fixed-point value to a counter or trend.
    pub(super) fn add(&mut self, value: u64) {
        match self {
            Self::Counter { sum, samples, .. } => {
                *sum += u128::from(value);
                *samples += 1;
            }
            Self::Trend(distribution) => distribution.record(value),
            Self::Rate { passes, total } => {
                *passes += u64::from(value != 0);
                *total += 1;
            }
            Self::Gauge(_) => {}
        }
    }

    /// Sets a gauge at a moment, in nanoseconds of the Unix epoch.
    pub(super) fn set(&mut self, moment: u64, value: f64) {
        if let Self::Gauge(values) = self {
            let set = GaugeValues {
                last: (moment, value),
                min: value,
                max: value,
                samples: 1,
            };
            *values = Some(values.map_or(set, |values| values.merged(&set)));
        }
    }

    /// What it has was measured before the load or after it.
    pub(super) fn set_outside_the_load(&mut self) {
        if let Self::Counter { sum, outside, .. } = self {
            *outside = *sum;
        }
    }

    /// Takes the samples of a sink of the same type in.
    pub(super) fn merge(&mut self, other: &Self) {
        match (self, other) {
            (
                Self::Counter {
                    sum,
                    outside,
                    samples,
                },
                Self::Counter {
                    sum: more,
                    outside: more_outside,
                    samples: n,
                },
            ) => {
                *sum += more;
                *outside += more_outside;
                *samples += n;
            }
            (
                Self::Rate { passes, total },
                Self::Rate {
                    passes: more,
                    total: n,
                },
            ) => {
                *passes += more;
                *total += n;
            }
            (Self::Trend(distribution), Self::Trend(more)) => distribution.merge(more),
            (Self::Gauge(values), Self::Gauge(Some(more))) => {
                *values = Some(values.map_or(*more, |values| values.merged(more)));
            }
            // Sinks are made by the schema alone, which gives one series one
            // type; a gauge that was never set has nothing to merge.
            _ => {}
        }
    }

    pub(super) fn samples(&self) -> u64 {
        match self {
            Self::Counter { samples, .. } => *samples,
            Self::Gauge(values) => values.map_or(0, |values| values.samples),
            Self::Rate { total, .. } => *total,
            Self::Trend(distribution) => distribution.count(),
        }
    }

    /// What a threshold compares, in the metric's unit. `None` where there are
    /// no samples; a counter without samples is 0.
    pub(super) fn observed(
        &self,
        aggregation: Aggregation,
        unit: Unit,
        elapsed_seconds: f64,
    ) -> Option<f64> {
        if self.samples() == 0 && !matches!(self, Self::Counter { .. }) {
            return None;
        }
        let scale = unit.scale();
        Some(match (self, aggregation) {
            (Self::Counter { sum, outside, .. }, Aggregation::Rate) => {
                per_second(per(sum - outside, scale), elapsed_seconds)
            }
            (Self::Counter { sum, .. }, _) => per(*sum, scale),
            (Self::Gauge(values), _) => values.map_or(0.0, |values| values.last.1),
            (Self::Rate { passes, total }, _) => *passes as f64 / *total as f64,
            (Self::Trend(trend), aggregation) => {
                let figures = TrendFigures {
                    count: trend.count(),
                    sum: trend.sum(),
                    min: trend.min(),
                    max: trend.max(),
                };
                figures.observed(aggregation, unit, |percentile| trend.percentile(percentile))?
            }
        })
    }

    /// How many bytes the histogram takes, if there is one.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Trend(distribution) => distribution.bytes(),
            Self::Counter { .. } | Self::Gauge(_) | Self::Rate { .. } => 0,
        }
    }

    /// Gives up what percentiles are made of, for good.
    pub(super) fn drop_buckets(&mut self) {
        if let Self::Trend(distribution) = self {
            distribution.drop_buckets();
        }
    }

    /// All values that results and summaries show, in their order. The
    /// percentiles are left out where they were given up for want of memory.
    pub(super) fn values(&self, unit: Unit, elapsed_seconds: f64) -> Vec<(String, f64)> {
        let scale = unit.scale();
        let value = |name: &str, value: f64| (name.to_owned(), value);
        match self {
            Self::Counter { sum, outside, .. } => vec![
                value("count", per(*sum, scale)),
                value(
                    "rate",
                    per_second(per(sum - outside, scale), elapsed_seconds),
                ),
            ],
            Self::Gauge(values) => values.map_or_else(Vec::new, |values| {
                vec![
                    value("value", values.last.1),
                    value("min", values.min),
                    value("max", values.max),
                ]
            }),
            Self::Rate { passes, total } => {
                let rate = if *total == 0 {
                    0.0
                } else {
                    *passes as f64 / *total as f64
                };
                vec![
                    value("rate", rate),
                    value("passes", *passes as f64),
                    value("fails", (total - passes) as f64),
                ]
            }
            Self::Trend(trend) => {
                let count = trend.count();
                let avg = if count == 0 {
                    0.0
                } else {
                    per(trend.sum(), scale) / count as f64
                };
                let mut values = vec![
                    value("count", count as f64),
                    value("sum", per(trend.sum(), scale)),
                    value("min", trend.min() as f64 / scale),
                    value("max", trend.max() as f64 / scale),
                    value("avg", avg),
                ];
                let median = trend.percentile(Percentile::MEDIAN);
                values.extend(median.map(|median| value("med", median as f64 / scale)));
                for percentile in SHOWN_PERCENTILES.into_iter().filter_map(Percentile::new) {
                    let shown = trend.percentile(percentile);
                    values
                        .extend(shown.map(|shown| (percentile.to_string(), shown as f64 / scale)));
                }
                values
            }
        }
    }
}

/// What is exact of a trend that has samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct TrendFigures {
    pub(super) count: u64,
    pub(super) sum: u128,
    pub(super) min: u64,
    pub(super) max: u64,
}

impl TrendFigures {
    /// What a threshold compares, in the metric's unit. `None` where percentiles
    /// were given up.
    pub(super) fn observed(
        self,
        aggregation: Aggregation,
        unit: Unit,
        percentile: impl Fn(Percentile) -> Option<u64>,
    ) -> Option<f64> {
        let scale = unit.scale();
        Some(match aggregation {
            Aggregation::Count => self.count as f64,
            Aggregation::Avg => per(self.sum, scale) / self.count as f64,
            Aggregation::Min => self.min as f64 / scale,
            Aggregation::Max => self.max as f64 / scale,
            Aggregation::Percentile(wanted) => percentile(wanted)? as f64 / scale,
            Aggregation::Med | Aggregation::Rate | Aggregation::Value => {
                percentile(Percentile::MEDIAN)? as f64 / scale
            }
        })
    }
}

/// The percentiles of every trend in results.
const SHOWN_PERCENTILES: [f64; 6] = [50.0, 75.0, 90.0, 95.0, 99.0, 99.9];

/// A fixed-point sum in its unit.
fn per(sum: u128, scale: f64) -> f64 {
    sum as f64 / scale
}

/// 0 before any time has passed: a threshold on no number would be crossed.
fn per_second(count: f64, elapsed_seconds: f64) -> f64 {
    if elapsed_seconds > 0.0 {
        count / elapsed_seconds
    } else {
        0.0
    }
}

impl GaugeValues {
    /// What two processes saw of one thing of which each has a share, such as
    /// `vus`. Lowest and highest are exact where the shares are so at the same
    /// time, and bounds where they are not.
    pub(super) fn added(self, other: &Self) -> Self {
        Self {
            last: (self.last.0.max(other.last.0), self.last.1 + other.last.1),
            min: self.min + other.min,
            max: self.max + other.max,
            samples: self.samples.max(other.samples),
        }
    }

    fn merged(self, other: &Self) -> Self {
        let later = match self.last.0.cmp(&other.last.0) {
            std::cmp::Ordering::Less => other.last,
            std::cmp::Ordering::Greater => self.last,
            std::cmp::Ordering::Equal => (self.last.0, self.last.1.max(other.last.1)),
        };
        Self {
            last: later,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            samples: self.samples + other.samples,
        }
    }
}
