//! When an iteration under way is cut off.

use std::time::Duration;

use tokio::time::Instant;

use super::{Stop, Urgency};

/// Ends at the cut-off, at a stop at once, or when graceful stop after a request
/// to stop is over.
pub(super) async fn cut_off_or_stopped(cut_off: Instant, stop: &mut Stop, graceful_stop: Duration) {
    tokio::select! {
        () = tokio::time::sleep_until(cut_off) => return,
        () = stop.reached(Urgency::Graceful) => {}
    }
    let deadline = cut_off.min(Instant::now() + graceful_stop);
    tokio::select! {
        () = tokio::time::sleep_until(deadline) => {}
        () = stop.reached(Urgency::AtOnce) => {}
    }
}
