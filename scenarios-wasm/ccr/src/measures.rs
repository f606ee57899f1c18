//! The metrics of this flow.

use vuelo_sdk::prelude::*;

/// One routing decision.
pub(crate) static ROUTING_DURATION: Trend = Trend::milliseconds("ccr_routing_duration");
/// One question for health, polls included.
pub(crate) static HEALTH_DURATION: Trend = Trend::milliseconds("ccr_health_duration");
/// One question for the quota.
pub(crate) static QUOTA_DURATION: Trend = Trend::milliseconds("ccr_quota_duration");
/// The share of questions for health that were answered well.
pub(crate) static AVAILABILITY: Rate = Rate::new("ccr_availability");
/// How often which model was asked for (`requested`), and which answered
/// (`routed`).
pub(crate) static ROUTING_DECISIONS: Counter = Counter::new("routing_decisions");

pub(crate) fn declare(options: Options) -> Options {
    options
        .metric(&ROUTING_DURATION)
        .metric(&HEALTH_DURATION)
        .metric(&QUOTA_DURATION)
        .metric(&AVAILABILITY)
        .metric(&ROUTING_DECISIONS)
}
