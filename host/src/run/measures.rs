//! Which metrics a plan has.

use super::RunError;
use crate::metrics::{MetricsError, Registry, Schema, Selector};
use crate::plan::Plan;

/// Which metrics a plan has, and which series of them are kept.
///
/// # Errors
///
/// When they do not fit together.
pub fn schema(plan: &Plan) -> Result<Schema, RunError> {
    let wrong = |error: MetricsError| RunError::Schema(error.to_string());
    let mut registry = Registry::new();
    for (name, declared) in &plan.metrics {
        registry
            .declare(name, declared.metric_type, declared.unit)
            .map_err(wrong)?;
    }
    let selectors: Vec<&Selector> = plan
        .thresholds
        .iter()
        .map(|(selector, _)| selector)
        .collect();
    let schema = Schema::new(registry, selectors, plan.tags.keys().cloned()).map_err(wrong)?;
    Ok(schema.with_most_series(plan.max_series))
}
