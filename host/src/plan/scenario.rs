//! When iterations start, and what they run: a scenario of the plan.

use std::collections::BTreeMap;
use std::time::Duration;

/// One of k6's `scenarios`: an executor and what it runs.
#[derive(Debug, Clone)]
pub struct ScenarioPlan {
    /// Its name; `default` where the options are the short form.
    pub name: String,
    /// When iterations start.
    pub executor: Executor,
    /// The component that it runs: its place in [`Plan::components`](super::Plan::components).
    pub component: usize,
    /// The flow handed to `scenario.iteration`; k6's `exec`.
    pub exec: String,
    /// How long after the start of the load it begins.
    pub start_time: Duration,
    /// How long iterations under way may go on at the end; 30 s unless set.
    pub graceful_stop: Duration,
    /// Tags of this scenario's samples, those of its component among them.
    pub tags: BTreeMap<String, String>,
    /// Values of configuration keys that differ for this scenario: k6's `env`.
    /// They lie over the component's [`Config::values`](super::Config::values);
    /// an empty one takes the value away. No secrets.
    pub env: BTreeMap<String, String>,
    /// Ours: each VU starts an iteration every so often, however long the last
    /// one took. `None` with the arrival rates.
    pub pacing: Option<Duration>,
}

/// When iterations start. The names and rules are k6's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Executor {
    /// A fixed number of VUs for a fixed time.
    ConstantVus {
        /// How many VUs.
        vus: u32,
        /// For how long.
        duration: Duration,
    },
    /// A number of VUs that follows stages.
    RampingVus {
        /// How many VUs run at the start.
        start_vus: u32,
        /// One after another.
        stages: Vec<Stage>,
        /// How long the iteration of a VU that is ramped down may go on.
        graceful_ramp_down: Duration,
    },
    /// A fixed number of iterations, taken by whichever VU is free.
    SharedIterations {
        /// How many VUs.
        vus: u32,
        /// How many iterations in all.
        iterations: u64,
        /// After which no iteration starts.
        max_duration: Duration,
    },
    /// A fixed number of iterations for each VU.
    PerVuIterations {
        /// How many VUs.
        vus: u32,
        /// How many iterations each.
        iterations: u64,
        /// After which no iteration starts.
        max_duration: Duration,
    },
    /// Iterations that start at a fixed rate, in whichever VU is free.
    ConstantArrivalRate {
        /// How many iterations start per `time_unit`.
        rate: u64,
        /// What the rate counts in; 1 s unless set.
        time_unit: Duration,
        /// For how long.
        duration: Duration,
        /// The VUs.
        pool: ArrivalPool,
    },
    /// Iterations that start at a rate that follows stages, in whichever VU is
    /// free.
    RampingArrivalRate {
        /// How many iterations start per `time_unit` at the start.
        start_rate: u64,
        /// What the rates count in; 1 s unless set.
        time_unit: Duration,
        /// One after another.
        stages: Vec<RateStage>,
        /// The VUs.
        pool: ArrivalPool,
    },
}

impl Executor {
    /// The executor's name in the options.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ConstantVus { .. } => "constant-vus",
            Self::RampingVus { .. } => "ramping-vus",
            Self::SharedIterations { .. } => "shared-iterations",
            Self::PerVuIterations { .. } => "per-vu-iterations",
            Self::ConstantArrivalRate { .. } => "constant-arrival-rate",
            Self::RampingArrivalRate { .. } => "ramping-arrival-rate",
        }
    }

    /// The most VUs it has at any time.
    #[must_use]
    pub fn most_vus(&self) -> u32 {
        match self {
            Self::ConstantVus { vus, .. }
            | Self::SharedIterations { vus, .. }
            | Self::PerVuIterations { vus, .. } => *vus,
            Self::RampingVus {
                start_vus, stages, ..
            } => stages
                .iter()
                .map(|stage| stage.target)
                .fold(*start_vus, u32::max),
            Self::ConstantArrivalRate { pool, .. } | Self::RampingArrivalRate { pool, .. } => {
                pool.max_vus
            }
        }
    }

    /// Its VUs, where the clock starts iterations and not a VU.
    #[must_use]
    pub fn pool(&self) -> Option<&ArrivalPool> {
        match self {
            Self::ConstantArrivalRate { pool, .. } | Self::RampingArrivalRate { pool, .. } => {
                Some(pool)
            }
            Self::ConstantVus { .. }
            | Self::RampingVus { .. }
            | Self::SharedIterations { .. }
            | Self::PerVuIterations { .. } => None,
        }
    }

    /// The time from its start after which it starts no iteration.
    #[must_use]
    pub fn duration(&self) -> Duration {
        match self {
            Self::ConstantVus { duration, .. } | Self::ConstantArrivalRate { duration, .. } => {
                *duration
            }
            Self::SharedIterations { max_duration, .. }
            | Self::PerVuIterations { max_duration, .. } => *max_duration,
            Self::RampingVus { stages, .. } => stages.iter().map(|stage| stage.duration).sum(),
            Self::RampingArrivalRate { stages, .. } => {
                stages.iter().map(|stage| stage.duration).sum()
            }
        }
    }
}

/// A straight line to a number of VUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// How long it takes.
    pub duration: Duration,
    /// How many VUs there are at its end.
    pub target: u32,
}

/// A straight line to a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateStage {
    /// How long it takes.
    pub duration: Duration,
    /// Iterations per `time_unit` at its end.
    pub target: u64,
}

/// The VUs of an arrival rate, and what happens when none is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArrivalPool {
    /// How many VUs are made before the load starts.
    pub pre_allocated_vus: u32,
    /// How many there may be at most; not below `pre_allocated_vus`.
    pub max_vus: u32,
    /// How iterations follow one another.
    pub arrivals: Arrivals,
    /// What happens to an iteration that finds no free VU.
    pub on_no_vu: OnNoVu,
}

/// How the iterations of an arrival rate follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arrivals {
    /// At even distances, as in k6.
    #[default]
    Even,
    /// As independent users come: a Poisson process of that rate, seeded.
    Poisson,
}

/// What happens to an iteration that finds no free VU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnNoVu {
    /// It is dropped and counted, as in k6.
    #[default]
    Drop,
    /// It waits for the next free VU.
    Queue,
}
