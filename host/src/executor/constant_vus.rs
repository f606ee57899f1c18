//! `constant-vus`: a fixed number of VUs for a fixed time.

use std::time::Duration;

use super::Activity;

/// Every VU below `vus` is active from the start to the end.
pub(super) fn activities(
    vu: u32,
    vus: u32,
    duration: Duration,
    graceful_stop: Duration,
) -> Vec<Activity> {
    if vu >= vus || duration.is_zero() {
        return Vec::new();
    }
    vec![Activity {
        from: Duration::ZERO,
        until: duration,
        cut_off: Some(duration + graceful_stop),
    }]
}
