//! Whether the generator keeps up: a run in which it was the bottleneck measured
//! the generator and not the target.

use std::time::Duration;

/// How busy the workers may be, of 1. Beyond that a request that is ready waits
/// for another one's code, and its time is the generator's.
const MOST_BUSY: f64 = 0.95;

/// How late the generator may be with 1 in 100 of what it does, where a pace is
/// to be kept.
const MOST_LAG: Duration = Duration::from_millis(50);

/// How many seconds together are no accident.
const SECONDS: u32 = 5;

/// How one worker did in the last second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct WorkerHealth {
    /// The share of the time in which it was not waiting, from 0 to 1.
    pub(super) busy: f64,
    /// How late timers came: 99 of 100 came no later.
    pub(super) lag: Duration,
}

/// Whether the generator kept up so far.
#[derive(Debug)]
pub(super) struct Health {
    paced: bool,
    busy_for: u32,
    late_for: u32,
    found: Option<String>,
}

impl Health {
    /// Of a run whose iterations have a pace to keep, or of one without.
    pub(super) fn new(paced: bool) -> Self {
        Self {
            paced,
            busy_for: 0,
            late_for: 0,
            found: None,
        }
    }

    /// A second has passed, for the workers that had something to do. What is the
    /// matter is said once, when it has lasted.
    pub(super) fn second(&mut self, workers: &[WorkerHealth]) -> Option<&str> {
        if workers.is_empty() {
            return None;
        }
        let count = workers.len() as f64;
        let busy = workers.iter().map(|worker| worker.busy).sum::<f64>() / count;
        let lag = workers
            .iter()
            .map(|worker| worker.lag)
            .max()
            .unwrap_or_default();
        let lasted = |holds: bool, before: u32| if holds { before + 1 } else { 0 };
        self.busy_for = lasted(busy > MOST_BUSY, self.busy_for);
        self.late_for = lasted(self.paced && lag > MOST_LAG, self.late_for);
        if self.found.is_some() {
            return None;
        }
        self.found = if self.busy_for >= SECONDS {
            Some(format!(
                "the generator was saturated: its workers were busy {:.0}% of the time for \
                 {SECONDS} s together, so latencies are its own",
                busy * 100.0
            ))
        } else if self.late_for >= SECONDS {
            Some(format!(
                "the generator did not keep the pace: 1 in 100 of its timers came {} ms late or \
                 later, for {SECONDS} s together",
                lag.as_millis()
            ))
        } else {
            None
        };
        self.found.as_deref()
    }

    /// What was the matter, if anything was.
    pub(super) fn found(&self) -> Option<&str> {
        self.found.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: WorkerHealth = WorkerHealth {
        busy: 0.5,
        lag: Duration::from_millis(2),
    };
    const BUSY: WorkerHealth = WorkerHealth { busy: 0.99, ..FINE };
    const LATE: WorkerHealth = WorkerHealth {
        lag: Duration::from_millis(80),
        ..FINE
    };

    #[test]
    fn workers_that_are_busy_for_five_seconds_together_are_saturated() {
        let mut health = Health::new(false);
        for _ in 0..4 {
            assert_eq!(health.second(&[BUSY, BUSY]), None);
        }
        let found = health.second(&[BUSY, BUSY]).map(str::to_owned);
        assert!(found.is_some_and(|found| found.contains("busy 99%")));
        assert_eq!(health.second(&[BUSY, BUSY]), None, "it is said once");
        assert!(health.found().is_some());
    }

    #[test]
    fn a_second_in_between_begins_the_count_anew() {
        let mut health = Health::new(true);
        for second in 0..20 {
            let workers = if second % 5 == 4 {
                [FINE, FINE]
            } else {
                [BUSY, BUSY]
            };
            assert_eq!(health.second(&workers), None, "second {second}");
        }
    }

    #[test]
    fn one_worker_that_is_busy_beside_one_that_waits_is_not_saturation() {
        let mut health = Health::new(false);
        for _ in 0..20 {
            assert_eq!(health.second(&[BUSY, FINE]), None);
        }
    }

    #[test]
    fn lateness_counts_where_there_is_a_pace_to_keep() {
        let (mut paced, mut unpaced) = (Health::new(true), Health::new(false));
        for _ in 0..5 {
            paced.second(&[FINE, LATE]);
            unpaced.second(&[FINE, LATE]);
        }
        assert!(paced.found().is_some_and(|found| found.contains("80 ms")));
        assert_eq!(unpaced.found(), None);
    }
}
