//! What tells a run from all others.

use std::time::SystemTime;

/// What tells a run from all others: 8 hexadecimal digits.
pub(super) fn run_id() -> String {
    let by_time = || {
        SystemTime::UNIX_EPOCH
            .elapsed()
            .map_or(0, |since| since.subsec_nanos())
    };
    format!("{:08x}", getrandom::u32().unwrap_or_else(|_| by_time()))
}
