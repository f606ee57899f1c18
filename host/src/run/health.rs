//! Whether the generator keeps up: a run in which it was the bottleneck measured
//! the generator and not the target.

use std::collections::VecDeque;
use std::time::Duration;

/// How busy the busiest worker may be, of 1. Beyond that a request that is ready waits
/// for another one's code, and its time is the generator's.
const MOST_BUSY: f64 = 0.95;

/// How late the generator may be with 1 in 100 of what it does, where a pace is
/// to be kept.
const MOST_LAG: Duration = Duration::from_millis(50);

/// How many seconds together are no accident.
const SECONDS: u32 = 5;

/// How many seconds later a report may come than it should.
const GRACE: u64 = 1;

/// How one worker did in a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct WorkerHealth {
    /// The share of the time in which it was not waiting, from 0 to 1.
    pub(super) busy: f64,
    /// How late timers came: 99 of 100 came no later.
    pub(super) lag: Duration,
}

/// A worker that did not come to report its second in time: it was busy for all
/// of it, and late by at least as much.
const UNREPORTED: WorkerHealth = WorkerHealth {
    busy: 1.0,
    lag: Duration::from_secs(GRACE),
};

/// Which workers have reported which seconds.
#[derive(Debug, Default)]
pub(super) struct RollCall {
    /// Whether each worker still has something to report.
    present: Vec<bool>,
    /// How many seconds were taken.
    taken: u64,
    /// The reports of those after them.
    seconds: VecDeque<Vec<Reported>>,
}

#[derive(Debug, Clone, Copy)]
enum Reported {
    NotYet,
    /// It had nothing to do.
    Idle,
    As(WorkerHealth),
}

impl RollCall {
    pub(super) fn new(workers: usize) -> Self {
        Self {
            present: vec![true; workers],
            taken: 0,
            seconds: VecDeque::new(),
        }
    }

    /// A worker says how it did in a second, the first of which is 1; without
    /// health it had nothing to do.
    pub(super) fn report(&mut self, worker: usize, number: u64, health: Option<WorkerHealth>) {
        let Some(place) = number.checked_sub(self.taken + 1) else {
            // Too late: it counts as what it was, too busy to report.
            return;
        };
        let reported = health.map_or(Reported::Idle, Reported::As);
        self.second(place)[worker] = reported;
    }

    /// A worker has nothing more to report.
    pub(super) fn leave(&mut self, worker: usize) {
        self.present[worker] = false;
    }

    /// How the workers did that had something to do, in each second that all have
    /// reported, or that was over long enough for them to do so.
    pub(super) fn take(&mut self, over: u64) -> Vec<Vec<WorkerHealth>> {
        let mut taken = Vec::new();
        while self.taken < over {
            let overdue = self.taken + 1 + GRACE <= over;
            let present = self.present.clone();
            let second = self.second(0);
            let missing = |(reported, present): (&Reported, &bool)| {
                *present && matches!(reported, Reported::NotYet)
            };
            if !overdue && second.iter().zip(&present).any(missing) {
                break;
            }
            let health =
                second
                    .iter()
                    .zip(&present)
                    .filter_map(|(reported, present)| match reported {
                        Reported::As(health) => Some(*health),
                        Reported::NotYet => present.then_some(UNREPORTED),
                        Reported::Idle => None,
                    });
            taken.push(health.collect());
            self.seconds.pop_front();
            self.taken += 1;
        }
        taken
    }

    /// The reports of a second, by its place among those that were not taken.
    fn second(&mut self, place: u64) -> &mut [Reported] {
        // So many that there is no memory for them would be years.
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        while self.seconds.len() <= place {
            let nobody = vec![Reported::NotYet; self.present.len()];
            self.seconds.push_back(nobody);
        }
        &mut self.seconds[place]
    }
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
        // VUs stay with their worker, so one that is saturated is not relieved by
        // another that waits.
        let busy = workers.iter().map(|worker| worker.busy).fold(0.0, f64::max);
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
                "the generator was saturated: its busiest worker was busy {:.0}% of the time \
                 for {SECONDS} s together, so latencies are its own",
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
    fn one_worker_that_is_busy_is_saturated_though_another_one_waits() {
        let mut health = Health::new(false);
        for _ in 0..4 {
            assert_eq!(health.second(&[FINE, BUSY]), None);
        }
        assert!(health.second(&[FINE, BUSY]).is_some());
    }

    #[test]
    fn a_second_in_which_no_worker_had_anything_to_do_begins_the_count_anew() {
        let mut health = Health::new(false);
        for second in 0..20 {
            let workers: &[_] = if second % 5 == 4 { &[] } else { &[BUSY] };
            assert_eq!(health.second(workers), None, "second {second}");
        }
    }

    #[test]
    fn a_second_is_taken_when_all_workers_have_reported_it() {
        let mut roll_call = RollCall::new(2);
        roll_call.report(0, 1, Some(FINE));
        assert!(roll_call.take(1).is_empty(), "the other one may be late");
        roll_call.report(1, 1, Some(BUSY));
        roll_call.report(1, 2, Some(LATE));
        assert_eq!(roll_call.take(1), [[FINE, BUSY]]);
        assert!(roll_call.take(1).is_empty());
        roll_call.report(0, 2, None);
        assert_eq!(roll_call.take(2), [[LATE]], "the other one was idle");
    }

    #[test]
    fn a_worker_too_busy_to_report_was_busy_and_late_and_its_report_comes_too_late() {
        let mut roll_call = RollCall::new(2);
        let mut health = Health::new(true);
        let mut found = None;
        for second in 1..=6 {
            roll_call.report(0, second, Some(FINE));
            for workers in roll_call.take(second) {
                assert_eq!(workers, [FINE, UNREPORTED]);
                found = found.or(health.second(&workers).map(str::to_owned));
            }
        }
        assert!(found.is_some_and(|found| found.contains("busy 100%")));
        roll_call.report(1, 1, Some(FINE));
        roll_call.report(1, 6, Some(FINE));
        assert_eq!(roll_call.take(6), [[FINE, FINE]]);
    }

    #[test]
    fn nobody_waits_for_a_worker_that_is_done() {
        let mut roll_call = RollCall::new(2);
        roll_call.leave(1);
        roll_call.report(0, 1, Some(FINE));
        assert_eq!(roll_call.take(1), [[FINE]]);
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
