//! What a scenario comes down to in this part of the run.

use std::sync::Arc;
use std::time::Duration;

use super::arrivals::ArrivalSchedule;
use super::crew::Shift;
use super::dispatch::{ArrivalPlan, Dispatch};
use super::rate_profile::RateProfile;
use super::{
    Activity, Iterations, constant_arrival_rate, constant_vus, per_vu_iterations,
    ramping_arrival_rate, ramping_vus, shared_iterations,
};
use crate::plan::{ExecutionPart, Executor, ScenarioPlan, Seed, Stripe};

/// When the VUs of one scenario are active, and which iterations they start, in
/// one part of the run.
#[derive(Debug, Clone)]
pub struct Schedule {
    scenario: ScenarioPlan,
    part: ExecutionPart,
    /// The part's iterations; `None` where none of the VUs is of this part. Kept,
    /// since to divide a fine sequence takes its time.
    iterations: Option<Stripe>,
}

impl Schedule {
    /// The schedule of a part of a scenario.
    #[must_use]
    pub fn new(scenario: &ScenarioPlan, part: &ExecutionPart) -> Self {
        Self {
            scenario: scenario.clone(),
            part: part.clone(),
            iterations: part.iterations(scenario.executor.most_vus()),
        }
    }

    /// The most VUs that the scenario has at any time, in all parts together.
    /// They are numbered from 0.
    #[must_use]
    pub fn most_vus(&self) -> u32 {
        self.scenario.executor.most_vus()
    }

    /// Whether the clock starts its iterations and no VU.
    #[must_use]
    pub fn has_rate(&self) -> bool {
        self.scenario.executor.pool().is_some()
    }

    /// The numbers of this part's VUs that are there before the load starts.
    /// Their count is what k6's `vus_max` starts with.
    pub fn vus(&self) -> impl Iterator<Item = u32> {
        let count = match self.scenario.executor.pool() {
            Some(pool) => pool.pre_allocated_vus,
            None => self.most_vus(),
        };
        let stripe = self.part.vus().clone();
        (0..stripe.below(u64::from(count)))
            .map(move |place| u32::try_from(stripe.nth(place)).unwrap_or(u32::MAX))
    }

    /// The activities of the VU of this number, in order, not overlapping. None
    /// at an arrival rate, whose VUs have no times of their own.
    #[must_use]
    pub fn activities(&self, vu: u32) -> Vec<Activity> {
        let graceful_stop = self.scenario.graceful_stop;
        let mut activities = match &self.scenario.executor {
            Executor::ConstantVus { vus, duration } => {
                constant_vus::activities(vu, *vus, *duration, graceful_stop)
            }
            Executor::RampingVus {
                start_vus,
                stages,
                graceful_ramp_down,
            } => {
                ramping_vus::activities(vu, *start_vus, stages, *graceful_ramp_down, graceful_stop)
            }
            Executor::SharedIterations {
                vus, max_duration, ..
            } => shared_iterations::activities(vu, *vus, *max_duration, graceful_stop),
            Executor::PerVuIterations {
                vus, max_duration, ..
            } => per_vu_iterations::activities(vu, *vus, *max_duration, graceful_stop),
            Executor::ConstantArrivalRate { .. } | Executor::RampingArrivalRate { .. } => {
                Vec::new()
            }
        };
        for activity in &mut activities {
            activity.from += self.scenario.start_time;
            activity.until += self.scenario.start_time;
            activity.cut_off = activity.cut_off.map(|at| at + self.scenario.start_time);
        }
        activities
    }

    /// The count of the iterations that this part's VUs take from as they come.
    #[must_use]
    pub fn iterations(&self) -> Iterations {
        let Some(stripe) = self.iterations.clone() else {
            return Iterations::none();
        };
        let limit = match self.scenario.executor {
            Executor::SharedIterations { iterations, .. } => Some(iterations),
            _ => None,
        };
        Iterations::new(stripe, limit)
    }

    /// How many iterations this part is to start, where the plan gives a number:
    /// what is not started when the time is up is dropped, as in k6.
    #[must_use]
    pub fn planned_iterations(&self) -> Option<u64> {
        let stripe = self.iterations.as_ref();
        match self.scenario.executor {
            Executor::SharedIterations { iterations, .. } => {
                Some(stripe.map_or(0, |stripe| stripe.below(iterations)))
            }
            Executor::PerVuIterations { iterations, .. } => {
                Some((self.vus().count() as u64).saturating_mul(iterations))
            }
            _ => None,
        }
    }

    /// How many iterations each VU may start.
    #[must_use]
    pub fn iterations_per_vu(&self) -> Option<u64> {
        match self.scenario.executor {
            Executor::PerVuIterations { iterations, .. } => Some(iterations),
            _ => None,
        }
    }

    /// How often each VU starts an iteration.
    #[must_use]
    pub fn pacing(&self) -> Option<Duration> {
        self.scenario.pacing
    }

    /// At an arrival rate, what each of so many workers is to do; nothing where
    /// it is none, or where none of its VUs is of this part.
    #[must_use]
    pub fn shifts(&self, seed: Seed, workers: usize) -> Vec<Shift> {
        let Some(plan) = self.arrival_plan(seed) else {
            return Vec::new();
        };
        let (dispatch, inboxes) = Dispatch::new(plan, workers);
        Shift::each(&dispatch, inboxes)
    }

    pub(super) fn arrival_plan(&self, seed: Seed) -> Option<ArrivalPlan> {
        let scenario = &self.scenario;
        let (pool, (profile, first)) = (scenario.executor.pool()?, self.profile()?);
        let before = match scenario.executor {
            Executor::ConstantArrivalRate { duration, .. } => Some(duration),
            _ => None,
        };
        let share = |vus: u32| {
            let share = self.part.vus().below(u64::from(vus));
            u32::try_from(share).unwrap_or(u32::MAX)
        };
        Some(ArrivalPlan {
            arrivals: ArrivalSchedule {
                profile: Arc::new(profile),
                first,
                before,
                arrivals: pool.arrivals,
                seed,
                scenario: scenario.name.as_str().into(),
                start_time: scenario.start_time,
                stripe: self.iterations.clone()?,
            },
            until: scenario.start_time + scenario.executor.duration(),
            graceful_stop: scenario.graceful_stop,
            on_no_vu: pool.on_no_vu,
            vus: self.part.vus().clone(),
            pre_allocated_vus: share(pool.pre_allocated_vus),
            max_vus: share(pool.max_vus),
        })
    }

    /// The rate over time, and how far it has come when iteration 0 starts.
    fn profile(&self) -> Option<(RateProfile, u64)> {
        match &self.scenario.executor {
            Executor::ConstantArrivalRate {
                rate,
                time_unit,
                duration,
                ..
            } => Some(constant_arrival_rate::profile(*rate, *time_unit, *duration)),
            Executor::RampingArrivalRate {
                start_rate,
                time_unit,
                stages,
                ..
            } => Some(ramping_arrival_rate::profile(
                *start_rate,
                *time_unit,
                stages,
            )),
            _ => None,
        }
    }
}
