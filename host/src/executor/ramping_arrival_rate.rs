//! `ramping-arrival-rate`: iterations at a rate that follows stages.
//!
//! As in k6, iteration n, from 0, starts when the rate has made up n + 1
//! iterations: at an unchanging rate the first one starts after one period, and
//! the last one possibly at the very end. k6 computes this in floating point;
//! here it is exact and rounded down to the nanosecond.

use std::time::Duration;

use super::rate_profile::RateProfile;
use crate::plan::RateStage;

/// The rate, and how far it has come when iteration 0 starts: by one iteration.
pub(super) fn profile(
    start_rate: u64,
    time_unit: Duration,
    stages: &[RateStage],
) -> (RateProfile, u64) {
    (RateProfile::ramping(start_rate, time_unit, stages), 1)
}
