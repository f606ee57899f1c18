//! When iterations start: k6's `scenarios` and stages.

use schemars::JsonSchema;
use serde::Deserialize;

use super::config_value::ConfigValue;
use super::executor_kind::{ExecutorKind, members_by_executor};
use crate::plan::duration::{DurationError, TimeSpan};
use crate::plan::named::Named;

/// A straight line to a number of virtual users, or to a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StageOptions {
    /// How long it takes. `0s` jumps.
    pub duration: TimeSpan,

    /// How many virtual users there are at its end. Of `ramping-arrival-rate`:
    /// how many iterations start per `timeUnit`.
    pub target: u64,
}

/// One of the scenarios that run side by side: an executor and what it runs.
/// Which members it takes depends on the executor.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = members_by_executor)]
pub struct ScenarioOptions {
    /// When iterations start.
    pub executor: ExecutorKind,

    /// Of `ramping-vus`: how many virtual users run at the start; 1 unless set.
    #[serde(rename = "startVUs")]
    pub start_vus: Option<u32>,

    /// Of `ramping-arrival-rate`: how many iterations start per `timeUnit` at
    /// the start; 0 unless set.
    pub start_rate: Option<u64>,

    /// Of `constant-arrival-rate`: how many iterations start per `timeUnit`.
    #[schemars(range(min = 1))]
    pub rate: Option<u64>,

    /// Of the arrival rates: the time that a rate is given for; `1s` unless
    /// set.
    pub time_unit: Option<TimeSpan>,

    /// Of `ramping-vus` and `ramping-arrival-rate`: one after another.
    pub stages: Option<Vec<StageOptions>>,

    /// Of `ramping-vus`: how long the iteration of a virtual user that is
    /// ramped down may go on; `30s` unless set.
    pub graceful_ramp_down: Option<TimeSpan>,

    /// Of `constant-vus`, `shared-iterations` and `per-vu-iterations`: how many
    /// virtual users; 1 unless set.
    pub vus: Option<u32>,

    /// Of `constant-vus` and `constant-arrival-rate`: for how long.
    pub duration: Option<TimeSpan>,

    /// Of `shared-iterations`: how many iterations in all. Of
    /// `per-vu-iterations`: how many for each virtual user. 1 unless set.
    pub iterations: Option<u64>,

    /// Of `shared-iterations` and `per-vu-iterations`: after which time no
    /// iteration starts; `10m` unless set.
    pub max_duration: Option<TimeSpan>,

    /// Of the arrival rates: how many virtual users are there from the start.
    #[serde(rename = "preAllocatedVUs")]
    pub pre_allocated_vus: Option<u32>,

    /// Of the arrival rates: up to how many virtual users are added when none
    /// is free; `preAllocatedVUs` unless set.
    #[serde(rename = "maxVUs")]
    #[schemars(range(min = 1))]
    pub max_vus: Option<u32>,

    /// Ours, of the arrival rates: how iterations spread over the time; `even`
    /// unless set.
    pub arrivals: Option<ArrivalsOption>,

    /// Ours, of the arrival rates: what becomes of an iteration for which no
    /// virtual user is free; `drop` unless set.
    #[serde(rename = "onNoVU")]
    pub on_no_vu: Option<OnNoVuOption>,

    /// Ours, of all but the arrival rates: each virtual user starts an
    /// iteration every so often, however long the last one took. One that took
    /// longer is followed at once.
    pub pacing: Option<TimeSpan>,

    /// How long iterations under way may go on at the end; `30s` unless set.
    pub graceful_stop: Option<TimeSpan>,

    /// How long after the start of the load it begins; `0s` unless set.
    pub start_time: Option<TimeSpan>,

    /// The flow that the scenario's `iteration` is handed; `default` unless
    /// set.
    pub exec: Option<String>,

    /// Values of configuration keys in this scenario alone. The component must
    /// have declared the key, and not as a secret. They lie over every other
    /// value but those of the command line.
    pub env: Option<Named<ConfigValue>>,

    /// Tags of this scenario's samples.
    pub tags: Option<Named<String>>,

    /// Ours, in a plan file alone: the component that it runs, by the name of
    /// its artifact or the path of its `.wasm` file from the plan file's
    /// folder. `vuelo run --plan FILE` without a name runs scenarios of several
    /// components side by side.
    pub component: Option<String>,
}

impl ScenarioOptions {
    /// A scenario of which nothing is said but the executor.
    pub(in crate::plan) fn bare(executor: ExecutorKind) -> Self {
        Self {
            executor,
            start_vus: None,
            start_rate: None,
            rate: None,
            time_unit: None,
            stages: None,
            graceful_ramp_down: None,
            vus: None,
            duration: None,
            iterations: None,
            max_duration: None,
            pre_allocated_vus: None,
            max_vus: None,
            arrivals: None,
            on_no_vu: None,
            pacing: None,
            graceful_stop: None,
            start_time: None,
            exec: None,
            env: None,
            tags: None,
            component: None,
        }
    }
}

/// How iterations spread over the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ArrivalsOption {
    /// Evenly: iteration n starts after n periods, as in k6.
    Even,
    /// At random, as people come who do not know of each other: the times
    /// between are drawn from an exponential distribution, by the seed.
    Poisson,
}

/// What becomes of an iteration for which no virtual user is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OnNoVuOption {
    /// It is dropped and counted in `dropped_iterations`, as in k6.
    Drop,
    /// It waits for one. How late it starts is in `iteration_lag`.
    Queue,
}

/// k6's short form on a command line: `30s:20`.
impl std::str::FromStr for StageOptions {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((duration, target)) = text.split_once(':') else {
            return Err(format!(
                "`{text}` is no stage; write a duration and a number of VUs: `30s:20`"
            ));
        };
        Ok(Self {
            duration: TimeSpan::with_unit(duration)
                .map_err(|error: DurationError| error.to_string())?,
            target: target.trim().parse().map_err(|_| {
                format!(
                    "`{target}` is no number of VUs; write a duration and a number of VUs: `30s:20`"
                )
            })?,
        })
    }
}
