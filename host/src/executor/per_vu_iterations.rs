//! `per-vu-iterations`: a fixed number of iterations for each VU. The count is
//! kept by `drive::Drive`; here is only the time in which they may start.

use std::time::Duration;

use super::{Activity, constant_vus};

/// Every VU is active until `max_duration`, or until it has run its share.
pub(super) fn activities(
    vu: u32,
    vus: u32,
    max_duration: Duration,
    graceful_stop: Duration,
) -> Vec<Activity> {
    constant_vus::activities(vu, vus, max_duration, graceful_stop)
}
