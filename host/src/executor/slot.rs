//! How a free VU is handed its next iteration.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use atomic_waker::AtomicWaker;

use super::arrivals::Arrival;

/// A place for one iteration, between a dispatcher and a VU that waits for it.
/// Nothing is allocated and no lock is taken to hand one over.
#[derive(Debug, Default)]
pub(super) struct Slot {
    state: AtomicU8,
    number: AtomicU64,
    /// In nanoseconds since the load's start.
    at: AtomicU64,
    waker: AtomicWaker,
}

const EMPTY: u8 = 0;
const GIVEN: u8 = 1;
const CLOSED: u8 = 2;

impl Slot {
    /// Hands an iteration to the VU, which is known to wait.
    pub(super) fn give(&self, arrival: Arrival) {
        let at = u64::try_from(arrival.at.as_nanos()).unwrap_or(u64::MAX);
        self.number.store(arrival.number, Ordering::Relaxed);
        self.at.store(at, Ordering::Relaxed);
        self.state.store(GIVEN, Ordering::Release);
        self.waker.wake();
    }

    /// Tells the VU that there will be no other.
    pub(super) fn close(&self) {
        self.state.store(CLOSED, Ordering::Release);
        self.waker.wake();
    }

    /// Waits for an iteration; `None` when there will be no other.
    pub(super) async fn next(&self) -> Option<Arrival> {
        poll_fn(|context| {
            if self.state.load(Ordering::Acquire) == EMPTY {
                self.waker.register(context.waker());
            }
            match self.state.load(Ordering::Acquire) {
                EMPTY => return Poll::Pending,
                CLOSED => return Poll::Ready(None),
                _ => {}
            }
            self.state.store(EMPTY, Ordering::Relaxed);
            Poll::Ready(Some(Arrival {
                number: self.number.load(Ordering::Relaxed),
                at: Duration::from_nanos(self.at.load(Ordering::Relaxed)),
            }))
        })
        .await
    }
}
