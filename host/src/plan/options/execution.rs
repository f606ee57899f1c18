//! When iterations start: k6's `scenarios`, executors and stages.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer};
use serde_json::json;

use super::k6;
use crate::plan::duration::{DurationError, TimeSpan};
use crate::plan::named::Named;

/// A straight line to a number of virtual users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StageOptions {
    /// How long it takes. `0s` jumps.
    pub duration: TimeSpan,

    /// How many virtual users there are at its end.
    pub target: u32,
}

/// One of the scenarios that run side by side: an executor and what it runs.
/// Which members it takes depends on the executor.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = members_by_executor)]
pub struct ScenarioOptions {
    /// When iterations start.
    pub executor: ExecutorKind,

    /// Of `ramping-vus`: how many virtual users run at the start; 1 unless set.
    #[serde(rename = "startVUs")]
    pub start_vus: Option<u32>,

    /// Of `ramping-vus`: one after another.
    pub stages: Option<Vec<StageOptions>>,

    /// Of `ramping-vus`: how long the iteration of a virtual user that is
    /// ramped down may go on; `30s` unless set.
    pub graceful_ramp_down: Option<TimeSpan>,

    /// Of the others: how many virtual users; 1 unless set.
    pub vus: Option<u32>,

    /// Of `constant-vus`: for how long.
    pub duration: Option<TimeSpan>,

    /// Of `shared-iterations`: how many iterations in all. Of
    /// `per-vu-iterations`: how many for each virtual user. 1 unless set.
    pub iterations: Option<u64>,

    /// Of `shared-iterations` and `per-vu-iterations`: after which time no
    /// iteration starts; `10m` unless set.
    pub max_duration: Option<TimeSpan>,

    /// How long iterations under way may go on at the end; `30s` unless set.
    pub graceful_stop: Option<TimeSpan>,

    /// How long after the start of the load it begins; `0s` unless set.
    pub start_time: Option<TimeSpan>,

    /// The flow that the scenario's `iteration` is handed; `default` unless
    /// set.
    pub exec: Option<String>,

    /// Tags of this scenario's samples.
    pub tags: Option<Named<String>>,
}

/// A member of [`ScenarioOptions`] that not every executor takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) enum ScenarioMember {
    StartVus,
    Stages,
    GracefulRampDown,
    Vus,
    Duration,
    Iterations,
    MaxDuration,
}

impl ScenarioMember {
    const ALL: [Self; 7] = [
        Self::StartVus,
        Self::Stages,
        Self::GracefulRampDown,
        Self::Vus,
        Self::Duration,
        Self::Iterations,
        Self::MaxDuration,
    ];

    /// Its name in the options.
    pub(in crate::plan) fn name(self) -> &'static str {
        match self {
            Self::StartVus => "startVUs",
            Self::Stages => "stages",
            Self::GracefulRampDown => "gracefulRampDown",
            Self::Vus => "vus",
            Self::Duration => "duration",
            Self::Iterations => "iterations",
            Self::MaxDuration => "maxDuration",
        }
    }
}

impl ScenarioOptions {
    /// The first member that is set and that the executor does not take.
    pub(in crate::plan) fn stray_member(&self) -> Option<ScenarioMember> {
        let set = |member| match member {
            ScenarioMember::StartVus => self.start_vus.is_some(),
            ScenarioMember::Stages => self.stages.is_some(),
            ScenarioMember::GracefulRampDown => self.graceful_ramp_down.is_some(),
            ScenarioMember::Vus => self.vus.is_some(),
            ScenarioMember::Duration => self.duration.is_some(),
            ScenarioMember::Iterations => self.iterations.is_some(),
            ScenarioMember::MaxDuration => self.max_duration.is_some(),
        };
        ScenarioMember::ALL
            .into_iter()
            .find(|member| set(*member) && !self.executor.takes().contains(member))
    }
}

/// An executor: what decides when iterations start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutorKind {
    /// A number of virtual users that follows stages.
    RampingVus,
    /// A fixed number of virtual users for a fixed time.
    ConstantVus,
    /// A fixed number of iterations, taken by whichever virtual user is free.
    SharedIterations,
    /// A fixed number of iterations for each virtual user.
    PerVuIterations,
}

impl ExecutorKind {
    const ALL: [Self; 4] = [
        Self::RampingVus,
        Self::ConstantVus,
        Self::SharedIterations,
        Self::PerVuIterations,
    ];

    /// Its name in the options.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RampingVus => "ramping-vus",
            Self::ConstantVus => "constant-vus",
            Self::SharedIterations => "shared-iterations",
            Self::PerVuIterations => "per-vu-iterations",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::RampingVus => "A number of virtual users that follows stages.",
            Self::ConstantVus => "A fixed number of virtual users for a fixed time.",
            Self::SharedIterations => {
                "A fixed number of iterations, taken by whichever virtual user is free."
            }
            Self::PerVuIterations => "A fixed number of iterations for each virtual user.",
        }
    }

    /// The members that it takes beside those that every executor takes.
    fn takes(self) -> &'static [ScenarioMember] {
        use ScenarioMember as M;
        match self {
            Self::RampingVus => &[M::StartVus, M::Stages, M::GracefulRampDown],
            Self::ConstantVus => &[M::Vus, M::Duration],
            Self::SharedIterations | Self::PerVuIterations => {
                &[M::Vus, M::Iterations, M::MaxDuration]
            }
        }
    }

    /// The member without which it does not know what to do.
    fn needs(self) -> Option<ScenarioMember> {
        match self {
            Self::RampingVus => Some(ScenarioMember::Stages),
            Self::ConstantVus => Some(ScenarioMember::Duration),
            Self::SharedIterations | Self::PerVuIterations => None,
        }
    }
}

impl fmt::Display for ExecutorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl<'de> Deserialize<'de> for ExecutorKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let names = Self::ALL.map(Self::name);
        match Self::ALL.into_iter().find(|kind| kind.name() == name) {
            Some(kind) => Ok(kind),
            None => Err(de::Error::custom(k6::unknown_executor(&name, &names))),
        }
    }
}

impl JsonSchema for ExecutorKind {
    fn schema_name() -> Cow<'static, str> {
        "Executor".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let kinds: Vec<_> = Self::ALL
            .iter()
            .map(|kind| json!({"const": kind.name(), "description": kind.description()}))
            .collect();
        json_schema!({
            "description": "What decides when iterations start.",
            "type": "string",
            "oneOf": kinds,
        })
    }
}

/// Says in the schema, too, which members go with which executor.
fn members_by_executor(schema: &mut Schema) {
    let rules: Vec<_> = ExecutorKind::ALL
        .iter()
        .map(|kind| {
            let stray: serde_json::Map<_, _> = ScenarioMember::ALL
                .iter()
                .filter(|member| !kind.takes().contains(member))
                .map(|member| (member.name().to_owned(), json!(false)))
                .collect();
            let needed: Vec<_> = kind.needs().map(ScenarioMember::name).into_iter().collect();
            json!({
                "if": {"properties": {"executor": {"const": kind.name()}}},
                "then": {"properties": stray, "required": needed},
            })
        })
        .collect();
    schema.insert("allOf".to_owned(), rules.into());
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
            duration: duration
                .parse()
                .map_err(|error: DurationError| error.to_string())?,
            target: target.trim().parse().map_err(|_| {
                format!(
                    "`{target}` is no number of VUs; write a duration and a number of VUs: `30s:20`"
                )
            })?,
        })
    }
}
