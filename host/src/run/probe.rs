//! What a worker knows of its own health: how busy it is, and how late its
//! timers come.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::RuntimeMetrics;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use super::health::WorkerHealth;
use crate::metrics::{TagSet, builtin, with_shard};

/// How often a worker looks at the clock: 1 in 100 of a second's looks is one.
const EVERY: Duration = Duration::from_millis(10);

/// Looks at the clock every 10 ms, whatever the VUs of the worker do meanwhile.
/// What it finds is a sample of `generator_lag`, and, once a second, one of
/// `generator_cpu`.
pub(super) struct Probe {
    interval: Interval,
    lags: Arc<Mutex<Vec<Duration>>>,
    runtime: RuntimeMetrics,
    busy: Duration,
    since: Instant,
    tags: TagSet,
}

impl Probe {
    /// A probe of the runtime that it is made on, which has one thread.
    pub(super) fn new(runtime: RuntimeMetrics, tags: TagSet) -> Self {
        let mut interval = interval(EVERY);
        // Late looks are one lateness and not many.
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Self {
            interval,
            lags: Arc::default(),
            busy: runtime.worker_total_busy_duration(0),
            runtime,
            since: Instant::now(),
            tags,
        }
    }

    /// Waits for the next look at the clock. It can be dropped at any time.
    ///
    /// A task looks, and not who asks: the runtime polls that one before all tasks, and it
    /// would not see how long those wait for their turn.
    pub(super) async fn look(&mut self) {
        let due = self.interval.tick().await;
        let (lags, tags) = (Arc::clone(&self.lags), self.tags);
        tokio::spawn(async move {
            let lag = due.elapsed();
            lags.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(lag);
            with_shard(|shard| shard.add_duration(builtin::GENERATOR_LAG, tags, lag));
        });
    }

    /// How the worker did since the last call.
    pub(super) fn take(&mut self) -> WorkerHealth {
        let busy = self.runtime.worker_total_busy_duration(0);
        let (was_busy, passed) = (busy - self.busy, self.since.elapsed());
        (self.busy, self.since) = (busy, Instant::now());
        let mut lags = self.lags.lock().unwrap_or_else(PoisonError::into_inner);
        let health = health(&mut lags, was_busy, passed);
        lags.clear();
        drop(lags);
        let percent = health.busy * 100.0;
        with_shard(|shard| shard.add(builtin::GENERATOR_CPU, self.tags, percent));
        health
    }
}

/// How a worker did that was so late with each of its looks, and busy for so much
/// of the time that passed.
fn health(lags: &mut [Duration], was_busy: Duration, passed: Duration) -> WorkerHealth {
    let busy = if passed.is_zero() {
        0.0
    } else {
        (was_busy.as_secs_f64() / passed.as_secs_f64()).min(1.0)
    };
    lags.sort_unstable();
    let rank = (lags.len() * 99).div_ceil(100);
    let lag = rank.checked_sub(1).map_or(Duration::ZERO, |at| lags[at]);
    WorkerHealth { busy, lag }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_hundred_looks_one_may_be_later() {
        let second = Duration::from_secs(1);
        let lag = |looks: u64| {
            let mut lags: Vec<_> = (1..=looks).rev().map(Duration::from_millis).collect();
            health(&mut lags, Duration::ZERO, second).lag.as_millis()
        };
        assert_eq!([lag(0), lag(1), lag(50), lag(100)], [0, 1, 50, 99]);
    }

    #[test]
    fn busy_is_a_share_of_the_time_that_passed() {
        let busy = |was, passed| {
            let [was, passed] = [was, passed].map(Duration::from_millis);
            health(&mut [], was, passed).busy
        };
        assert_eq!(busy(500, 2_000), 0.25);
        // The runtime counts a poll when it is over, which may be of the second
        // before.
        assert_eq!(busy(1_100, 1_000), 1.0);
        assert_eq!(busy(0, 0), 0.0);
    }
}
