//! What a worker knows of its own health: how busy it is, and how late its
//! timers come.

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
    lags: Vec<Duration>,
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
            lags: Vec::with_capacity(128),
            busy: runtime.worker_total_busy_duration(0),
            runtime,
            since: Instant::now(),
            tags,
        }
    }

    /// Waits for the next look at the clock. It can be dropped at any time.
    pub(super) async fn look(&mut self) {
        let due = self.interval.tick().await;
        let lag = due.elapsed();
        self.lags.push(lag);
        with_shard(|shard| shard.add_duration(builtin::GENERATOR_LAG, self.tags, lag));
    }

    /// How the worker did since the last call.
    pub(super) fn take(&mut self) -> WorkerHealth {
        let busy = self.runtime.worker_total_busy_duration(0);
        let (was_busy, passed) = (busy - self.busy, self.since.elapsed());
        (self.busy, self.since) = (busy, Instant::now());
        let share = if passed.is_zero() {
            0.0
        } else {
            (was_busy.as_secs_f64() / passed.as_secs_f64()).min(1.0)
        };
        with_shard(|shard| shard.add(builtin::GENERATOR_CPU, self.tags, share * 100.0));
        self.lags.sort_unstable();
        let rank = (self.lags.len() * 99).div_ceil(100);
        let lag = rank
            .checked_sub(1)
            .map_or(Duration::ZERO, |at| self.lags[at]);
        self.lags.clear();
        WorkerHealth { busy: share, lag }
    }
}
