//! When an iteration under way is cut off, and the preparation of a VU given up.

use std::time::Duration;

use tokio::task::coop::unconstrained;
use tokio::time::Instant;

use super::{Stop, Urgency};
use crate::vu::VirtualUser;

/// Ends at the cut-off, at a stop at once, or when graceful stop after a request
/// to stop is over: also where the iteration has had all its turns, as with a server
/// that keeps it busy.
pub(super) async fn cut_off_or_stopped(cut_off: Instant, stop: &mut Stop, graceful_stop: Duration) {
    unconstrained(async {
        tokio::select! {
            () = tokio::time::sleep_until(cut_off) => return,
            () = stop.reached(Urgency::Graceful) => {}
        }
        let deadline = cut_off.min(Instant::now() + graceful_stop);
        tokio::select! {
            () = tokio::time::sleep_until(deadline) => {}
            () = stop.reached(Urgency::AtOnce) => {}
        }
    })
    .await;
}

/// Prepares a VU; false when that was given up, since no iteration starts any
/// more: no iteration is under way that graceful stop would be for.
pub(super) async fn prepared_in_time(
    vu: &mut impl VirtualUser,
    until: Instant,
    stop: &mut Stop,
) -> bool {
    tokio::select! {
        biased;
        () = stop.reached(Urgency::Graceful) => false,
        () = tokio::time::sleep_until(until) => false,
        () = vu.prepare() => true,
    }
}
