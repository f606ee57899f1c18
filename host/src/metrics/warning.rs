//! What somebody should know of the samples while a run goes on.

use std::fmt;
use std::sync::Arc;

/// What somebody should know of the samples while a run goes on. Each is told
/// once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A tag has so many values that new ones are left out.
    TooManySeries {
        /// The tag that has the most values.
        tag: Arc<str>,
        /// How many it has.
        values: usize,
        /// How many sets of tags a worker keeps apart.
        most: usize,
    },
    /// There are so many checks or groups that not all have a row of their own.
    TooManyChecks,
    /// A tag has a value that is longer than it may be.
    ValueCut(Arc<str>),
    /// A metric was handed a value that it does not take.
    RefusedValue(Arc<str>),
    /// The histograms took more than they may, so that percentiles were given
    /// up.
    HistogramsDropped {
        /// How many bytes they may take.
        most: usize,
        /// Whether series of metrics are among them, and not only rows of the
        /// endpoints' table.
        series: bool,
    },
    /// The seconds that the windows of a part of a run are put together of took
    /// more than they may.
    SecondsGivenUp {
        /// How many bytes they may take.
        most: usize,
    },
    /// The histograms that thresholds are about take more than they may.
    HistogramsTooLarge {
        /// How many bytes they may take.
        most: usize,
    },
}

impl Warning {
    /// Whether this says the same as another one, in other numbers.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::TooManySeries { tag: one, .. }, Self::TooManySeries { tag: other, .. })
            | (Self::ValueCut(one), Self::ValueCut(other))
            | (Self::RefusedValue(one), Self::RefusedValue(other)) => one == other,
            (
                Self::HistogramsDropped { series: one, .. },
                Self::HistogramsDropped { series: other, .. },
            ) => one == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManySeries { tag, values, most } => write!(
                f,
                "there are more than {most} different sets of tags; the tag `{tag}` has the most \
                 values ({values} so far). New values of `{tag}` are left out from now on, beyond \
                 {} sets those of all tags, and no sample is lost: give `{tag}` fewer values, or \
                 leave it away",
                most * 2
            ),
            Self::ValueCut(tag) => write!(
                f,
                "the tag `{tag}` has a value of more than {} bytes; such values are cut, so that \
                 those that begin alike count together",
                super::tags::LONGEST_VALUE
            ),
            Self::TooManyChecks => write!(
                f,
                "there are more than {} different checks and groups: further ones are counted \
                 together as `(all others)`; give them names without ids",
                super::tally::MOST
            ),
            Self::RefusedValue(metric) => write!(
                f,
                "`{metric}` was handed a value that it does not take (negative, infinite, no \
                 number, or too large); such values are counted in `metrics_errors` and not recorded"
            ),
            Self::HistogramsDropped { most, series } => {
                let what = if *series {
                    "metrics that no threshold names"
                } else {
                    "the endpoints with the fewest requests"
                };
                write!(
                    f,
                    "the histograms take more than {} MiB: {what} show no percentiles any more; \
                     counts, averages, minima and maxima go on. Give requests fewer names",
                    most >> 20
                )
            }
            Self::SecondsGivenUp { most } => write!(
                f,
                "the seconds of the thresholds with a window take more than {} MiB, so this part of \
                 the run does not keep them: its windows cannot be put together with those of other \
                 parts, and these thresholds fail then. Use fewer of them, or a shorter run",
                most >> 20
            ),
            Self::HistogramsTooLarge { most } => write!(
                f,
                "the histograms of the thresholds alone take more than {} MiB; they are kept",
                most >> 20
            ),
        }
    }
}
