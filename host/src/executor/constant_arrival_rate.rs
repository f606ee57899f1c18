//! `constant-arrival-rate`: iterations at a fixed rate.
//!
//! Iteration n, from 0, starts after exactly n periods: at 30 a second, every
//! tenth of them on a tenth of three seconds. None starts at the end itself.

use std::time::Duration;

use super::rate_profile::RateProfile;

/// The rate, and how far it has come when iteration 0 starts: at once.
pub(super) fn profile(rate: u64, time_unit: Duration, duration: Duration) -> (RateProfile, u64) {
    (RateProfile::constant(rate, time_unit, duration), 0)
}
