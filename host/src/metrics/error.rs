//! What can be wrong with metrics, selectors and thresholds.

use thiserror::Error;

use super::{MetricType, Unit};

/// What can be wrong with metrics, selectors and thresholds.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MetricsError {
    /// A metric's name is not one that k6 takes.
    #[error(
        "`{0}` cannot be a metric's name: use 2 to 129 letters, digits and `_`, and no digit first"
    )]
    BadName(String),
    /// Two declarations of one metric differ.
    #[error(
        "the metric `{name}` is a {} of unit `{}` already and cannot be a {} of unit `{}` too",
        .existing.0, .existing.1.name(), .wanted.0, .wanted.1.name()
    )]
    Clash {
        /// The metric.
        name: String,
        /// What it is.
        existing: (MetricType, Unit),
        /// What it was to be.
        wanted: (MetricType, Unit),
    },
    /// There is no such metric.
    #[error(
        "there is no metric `{name}`{}",
        .near.as_ref().map_or_else(
            || "; declare it in `metrics` in the options".to_owned(),
            |near| format!("; did you mean `{near}`?"),
        )
    )]
    Unknown {
        /// The name.
        name: String,
        /// The name that was probably meant.
        near: Option<String>,
    },
    /// A text does not parse.
    #[error("{reason}\n  {text}\n  {}^", " ".repeat(*.column))]
    Syntax {
        /// The whole text.
        text: String,
        /// The character that is wrong, from 0.
        column: usize,
        /// What was expected there.
        reason: String,
    },
    /// A threshold asks for what the metric does not have.
    #[error("`{aggregation}` is nothing that a {metric_type} has; it has {}", .valid.join(", "))]
    WrongAggregation {
        /// What was asked for.
        aggregation: String,
        /// The metric's type.
        metric_type: MetricType,
        /// What can be asked for.
        valid: &'static [&'static str],
    },
}
