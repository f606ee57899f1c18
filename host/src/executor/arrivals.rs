//! Which iteration of an arrival rate starts when.
//!
//! Both executors come down to this: a rate over time, and the iteration that
//! starts when the rate has come so far. With even arrivals that is a whole
//! number of iterations, as in k6; with Poisson arrivals it is the sum of random
//! gaps of one iteration on average. Either way every process and every worker
//! computes the same times and picks its own numbers from them.

use std::sync::Arc;
use std::time::Duration;

use super::poisson::PoissonProcess;
use super::rate_profile::{Progress, RateProfile};
use crate::plan::{Arrivals, Seed, Stripe};

/// An iteration and when it is to start, counted from the load's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) number: u64,
    pub(super) at: Duration,
}

/// The arrivals of one part of a scenario.
#[derive(Debug, Clone)]
pub(super) struct ArrivalSchedule {
    /// The rate, from the scenario's start.
    pub(super) profile: Arc<RateProfile>,
    /// How far the rate has come when iteration 0 starts evenly: 0 iterations
    /// where it starts at once, 1 where it starts once the rate makes up one.
    pub(super) first: u64,
    /// Nothing starts at this time from the scenario's start or later; `None`
    /// where the profile alone says when it ends.
    pub(super) before: Option<Duration>,
    pub(super) arrivals: Arrivals,
    pub(super) seed: Seed,
    pub(super) scenario: Arc<str>,
    pub(super) start_time: Duration,
    /// Which iterations are this part's.
    pub(super) stripe: Stripe,
}

impl ArrivalSchedule {
    /// The arrivals of the part that a worker is the first to take up: every
    /// `workers`-th of them.
    pub(super) fn of_worker(&self, worker: usize, workers: usize) -> ArrivalTimes {
        let random = match self.arrivals {
            Arrivals::Even => None,
            Arrivals::Poisson => Some(PoissonProcess::new(self.seed, &self.scenario)),
        };
        ArrivalTimes {
            schedule: self.clone(),
            random,
            ramp: 0,
            place: worker as u64,
            step: workers.max(1) as u64,
        }
    }
}

/// Arrivals one after another.
#[derive(Debug)]
pub(super) struct ArrivalTimes {
    schedule: ArrivalSchedule,
    random: Option<PoissonProcess>,
    /// Where in the profile the last one was found.
    ramp: usize,
    /// The next one's place among those of the part.
    place: u64,
    step: u64,
}

impl Iterator for ArrivalTimes {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        let schedule = &self.schedule;
        let number = schedule.stripe.nth(self.place);
        let progress = match &mut self.random {
            None => Progress::whole(number.checked_add(schedule.first)?),
            Some(process) => process.progress(number),
        };
        let at = schedule.profile.reaches(progress, &mut self.ramp)?;
        if schedule.before.is_some_and(|before| at >= before) {
            return None;
        }
        self.place = self.place.checked_add(self.step)?;
        Some(Arrival {
            number,
            at: schedule.start_time + at,
        })
    }
}
