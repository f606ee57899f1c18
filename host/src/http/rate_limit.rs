//! No more requests a second than somebody allowed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Spaces the requests of all clients evenly, as k6's `rps`: each takes the next
/// place in one line, whose places are a period apart. One atomic number for
/// all threads; a run without a limit has no line.
#[derive(Debug)]
pub(super) struct RateLimit {
    /// Nanoseconds between two places.
    period: u64,
    start: Instant,
    /// The next place, in nanoseconds after the start.
    next: AtomicU64,
    /// Places of those who left the line before their turn.
    given_back: Mutex<BinaryHeap<Reverse<u64>>>,
    /// Whether there are any: most of the time nobody has to look.
    any_given_back: AtomicBool,
}

/// A place in the line. Whoever leaves before the turn gives it back.
struct Place<'a> {
    limit: &'a RateLimit,
    at: u64,
    is_taken: bool,
}

impl RateLimit {
    pub(super) fn new(period: Duration) -> Self {
        Self {
            period: u64::try_from(period.as_nanos()).unwrap_or(u64::MAX),
            start: Instant::now(),
            next: AtomicU64::new(0),
            given_back: Mutex::default(),
            any_given_back: AtomicBool::new(false),
        }
    }

    /// Waits for a turn. A place that passed while nobody wanted it is lost, so
    /// that a pause is not followed by a burst.
    pub(super) async fn turn(&self) {
        let now = self.now();
        let mut place = Place {
            limit: self,
            at: self.place(now),
            is_taken: false,
        };
        if place.at > now {
            sleep_until(self.start + Duration::from_nanos(place.at)).await;
        }
        place.is_taken = true;
    }

    /// Nanoseconds after the start.
    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// The next place that is still to come: one that was given back, or else the
    /// end of the line.
    fn place(&self, now: u64) -> u64 {
        if let Some(place) = self.take_back(now) {
            return place;
        }
        let take = |next: u64| Some(next.max(now).saturating_add(self.period));
        self.next
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .unwrap_or_else(|next| next)
            .max(now)
    }
}

impl RateLimit {
    /// The first place to come that was given back.
    fn take_back(&self, now: u64) -> Option<u64> {
        if !self.any_given_back.load(Ordering::Relaxed) {
            return None;
        }
        let mut places = self.given_back();
        let place = std::iter::from_fn(|| places.pop()).find(|Reverse(place)| *place > now);
        self.any_given_back
            .store(!places.is_empty(), Ordering::Relaxed);
        place.map(|Reverse(place)| place)
    }

    fn give_back(&self, place: u64) {
        let mut places = self.given_back();
        places.push(Reverse(place));
        self.any_given_back.store(true, Ordering::Relaxed);
    }

    fn given_back(&self) -> MutexGuard<'_, BinaryHeap<Reverse<u64>>> {
        self.given_back
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if !self.is_taken {
            self.limit.give_back(self.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_are_a_period_apart_whoever_takes_them() {
        let limit = RateLimit::new(Duration::from_millis(100));
        let start = Instant::now();
        let takes = async |turns: usize| {
            let mut at = Vec::new();
            for _ in 0..turns {
                limit.turn().await;
                at.push(start.elapsed().as_millis());
            }
            at
        };
        let (one, other) = tokio::join!(takes(3), takes(2));
        let mut all = [one, other].concat();
        all.sort_unstable();
        assert_eq!(all, [0, 100, 200, 300, 400]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_place_of_one_who_leaves_the_line_is_had_by_who_comes_next() {
        let period = Duration::from_millis(100);
        let limit = RateLimit::new(period);
        limit.turn().await;
        let start = Instant::now();
        // They leave in the order of their places, and in the other.
        let line = || Box::pin(tokio::time::timeout(period / 2, limit.turn()));
        let (one, two, three) = tokio::join!(line(), line(), line());
        assert!(one.is_err() && two.is_err() && three.is_err());
        for turn in 1..=2 {
            limit.turn().await;
            assert_eq!(start.elapsed(), period * turn);
        }
        let start = Instant::now();
        let mut waiting = Vec::new();
        for _ in 0..3 {
            let mut turn = Box::pin(limit.turn());
            let taken = tokio::time::timeout(Duration::ZERO, &mut turn).await;
            assert!(taken.is_err());
            waiting.push(turn);
        }
        while let Some(left) = waiting.pop() {
            drop(left);
        }
        for turn in 1..=4 {
            limit.turn().await;
            assert_eq!(start.elapsed(), period * turn);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_not_followed_by_a_burst() {
        let limit = RateLimit::new(Duration::from_millis(100));
        limit.turn().await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        let start = Instant::now();
        for _ in 0..3 {
            limit.turn().await;
        }
        assert_eq!(start.elapsed(), Duration::from_millis(200));
    }
}
