//! Recording, merging, series, thresholds. Knows nothing of HTTP or wasm but the
//! names of the built-in metrics.
//!
//! The way of a sample: a [`Shard`] on the worker's thread records it into every
//! series that it belongs to; once a second its [`Delta`] is merged into the
//! [`Totals`], of which thresholds and the [`Summary`] are made.
//!
//! - [`MetricType`], [`Unit`], [`Registry`]: which metrics there are
//! - [`Selector`], [`Schema`]: which series of them are kept
//! - [`TagSet`], [`Shard`]: recording
//! - [`Totals`], [`Summary`]: what it comes to
//! - [`Threshold`], [`Expression`], [`Verdict`]: what is said of it
//! - [`Recorded`]: all of it, to be written down and merged with other parts
//! - [`Warning`]: what somebody should know while it goes on

#[cfg(test)]
mod cap_tests;
mod distribution;
mod endpoints;
mod error;
mod kind;
mod packed;
mod record;
mod recorded;
mod registry;
mod schema;
mod seconds;
mod selector;
mod shard;
mod sink;
mod sliding;
mod summary;
mod tags;
mod tally;
#[cfg(test)]
mod tests;
mod threshold;
mod totals;
mod verdict;
mod warning;
mod window;
#[cfg(test)]
mod window_tests;

pub use error::MetricsError;
pub use kind::{MetricType, Unit};
pub use recorded::{RecordError, Recorded};
pub use registry::{Metric, MetricId, Registry, builtin};
pub use schema::Schema;
pub use selector::{Selector, TagMatch, ValueMatch};
pub use shard::{Delta, Shard, install_shard, with_shard};
pub use summary::{CheckRow, EndpointRow, MetricSummary, Summary};
pub use tags::TagSet;
pub use threshold::{Aggregation, Expression, OnNoData, Operator, Percentile, Threshold};
pub use totals::Totals;
pub use verdict::{Finding, Verdict, WindowsJudged};
pub use warning::Warning;
