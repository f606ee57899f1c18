//! No more requests a second than somebody allowed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_queue::SegQueue;
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
    given_back: SegQueue<u64>,
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
            given_back: SegQueue::new(),
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
        while let Some(place) = self.given_back.pop() {
            if place > now {
                return place;
            }
        }
        let take = |next: u64| Some(next.max(now).saturating_add(self.period));
        self.next
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .unwrap_or_else(|next| next)
            .max(now)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if !self.is_taken {
            self.limit.given_back.push(self.at);
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
        let left = tokio::time::timeout(period / 2, limit.turn()).await;
        assert!(left.is_err());
        limit.turn().await;
        assert_eq!(start.elapsed(), period);
        limit.turn().await;
        assert_eq!(start.elapsed(), period * 2);
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
