//! The count of a scenario's iterations.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::plan::Stripe;

/// The numbers of a scenario's iterations in this part of the run, handed out to
/// all its VUs on all workers.
#[derive(Debug)]
pub struct Iterations {
    taken: AtomicU64,
    /// How many there are.
    limit: u64,
    stripe: Stripe,
}

impl Iterations {
    /// The numbers of a stripe, or those of them below a limit.
    #[must_use]
    pub fn new(stripe: Stripe, limit: Option<u64>) -> Self {
        Self {
            taken: AtomicU64::new(0),
            limit: limit.map_or(u64::MAX, |limit| stripe.below(limit)),
            stripe,
        }
    }

    /// No number at all.
    #[must_use]
    pub fn none() -> Self {
        Self::new(Stripe::whole(), Some(0))
    }

    /// The next iteration's number, or `None` when all are taken.
    pub fn take(&self) -> Option<u64> {
        let place = self.taken.fetch_add(1, Ordering::Relaxed);
        (place < self.limit).then(|| self.stripe.nth(place))
    }

    /// How many have been taken.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed).min(self.limit)
    }

    /// Whether none is left, so that it is no use to wait for the time to take
    /// one.
    pub(super) fn all_taken(&self) -> bool {
        self.taken.load(Ordering::Relaxed) >= self.limit
    }
}
