//! `shared-iterations`: a fixed number of iterations, taken by whichever VU is
//! free. Which number is next is the business of `super::Iterations`; here is
//! only the time in which it may be taken.

use std::time::Duration;

use super::{Activity, constant_vus};

/// Every VU is active until `max_duration`, or until no iteration is left.
pub(super) fn activities(
    vu: u32,
    vus: u32,
    max_duration: Duration,
    graceful_stop: Duration,
) -> Vec<Activity> {
    constant_vus::activities(vu, vus, max_duration, graceful_stop)
}
