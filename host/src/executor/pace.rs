//! `pacing`: an iteration of a VU every so often.

use std::time::Duration;

use tokio::time::Instant;

/// When the iterations of one VU are to start: one every so often from when it
/// became active. One that finds the last still running is late; none is left
/// out, so that a VU that fell behind runs one after the other until it has
/// caught up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    from: Instant,
    every: Duration,
    begun: u64,
}

impl Pace {
    pub(super) fn new(from: Instant, every: Duration) -> Self {
        Self {
            from,
            every,
            begun: 0,
        }
    }

    /// When the next iteration is to start.
    pub(super) fn intended(&self) -> Instant {
        let nanos = self.every.as_nanos() * u128::from(self.begun);
        self.from + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// The next iteration has started.
    pub(super) fn advance(&mut self) {
        self.begun += 1;
    }
}
