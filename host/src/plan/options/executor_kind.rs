//! The executors by their names, and which members each takes.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer};
use serde_json::json;

use super::execution::ScenarioOptions;
use super::k6;

/// A member of [`ScenarioOptions`] that not every executor takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) enum ScenarioMember {
    StartVus,
    StartRate,
    Rate,
    TimeUnit,
    Stages,
    GracefulRampDown,
    Vus,
    Duration,
    Iterations,
    MaxDuration,
    PreAllocatedVus,
    MaxVus,
    Arrivals,
    OnNoVu,
    Pacing,
}

impl ScenarioMember {
    const ALL: [Self; 15] = [
        Self::StartVus,
        Self::StartRate,
        Self::Rate,
        Self::TimeUnit,
        Self::Stages,
        Self::GracefulRampDown,
        Self::Vus,
        Self::Duration,
        Self::Iterations,
        Self::MaxDuration,
        Self::PreAllocatedVus,
        Self::MaxVus,
        Self::Arrivals,
        Self::OnNoVu,
        Self::Pacing,
    ];

    /// Its name in the options.
    pub(in crate::plan) fn name(self) -> &'static str {
        match self {
            Self::StartVus => "startVUs",
            Self::StartRate => "startRate",
            Self::Rate => "rate",
            Self::TimeUnit => "timeUnit",
            Self::Stages => "stages",
            Self::GracefulRampDown => "gracefulRampDown",
            Self::Vus => "vus",
            Self::Duration => "duration",
            Self::Iterations => "iterations",
            Self::MaxDuration => "maxDuration",
            Self::PreAllocatedVus => "preAllocatedVUs",
            Self::MaxVus => "maxVUs",
            Self::Arrivals => "arrivals",
            Self::OnNoVu => "onNoVU",
            Self::Pacing => "pacing",
        }
    }

    fn is_set(self, written: &ScenarioOptions) -> bool {
        match self {
            Self::StartVus => written.start_vus.is_some(),
            Self::StartRate => written.start_rate.is_some(),
            Self::Rate => written.rate.is_some(),
            Self::TimeUnit => written.time_unit.is_some(),
            Self::Stages => written.stages.is_some(),
            Self::GracefulRampDown => written.graceful_ramp_down.is_some(),
            Self::Vus => written.vus.is_some(),
            Self::Duration => written.duration.is_some(),
            Self::Iterations => written.iterations.is_some(),
            Self::MaxDuration => written.max_duration.is_some(),
            Self::PreAllocatedVus => written.pre_allocated_vus.is_some(),
            Self::MaxVus => written.max_vus.is_some(),
            Self::Arrivals => written.arrivals.is_some(),
            Self::OnNoVu => written.on_no_vu.is_some(),
            Self::Pacing => written.pacing.is_some(),
        }
    }
}

impl ScenarioOptions {
    /// The members that are set and that the executor does not take.
    pub(in crate::plan) fn stray_members(&self) -> impl Iterator<Item = ScenarioMember> {
        ScenarioMember::ALL
            .into_iter()
            .filter(|member| member.is_set(self) && !self.executor.takes().contains(member))
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
    /// Iterations start at a fixed rate, however long they take.
    ConstantArrivalRate,
    /// Iterations start at a rate that follows stages.
    RampingArrivalRate,
}

impl ExecutorKind {
    pub(in crate::plan) const ALL: [Self; 6] = [
        Self::RampingVus,
        Self::ConstantVus,
        Self::SharedIterations,
        Self::PerVuIterations,
        Self::ConstantArrivalRate,
        Self::RampingArrivalRate,
    ];

    /// Its name in the options.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RampingVus => "ramping-vus",
            Self::ConstantVus => "constant-vus",
            Self::SharedIterations => "shared-iterations",
            Self::PerVuIterations => "per-vu-iterations",
            Self::ConstantArrivalRate => "constant-arrival-rate",
            Self::RampingArrivalRate => "ramping-arrival-rate",
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
            Self::ConstantArrivalRate => {
                "Iterations start at a fixed rate, however long they take."
            }
            Self::RampingArrivalRate => "Iterations start at a rate that follows stages.",
        }
    }

    /// The members that it takes beside those that every executor takes.
    fn takes(self) -> &'static [ScenarioMember] {
        use ScenarioMember as M;
        match self {
            Self::RampingVus => &[M::StartVus, M::Stages, M::GracefulRampDown, M::Pacing],
            Self::ConstantVus => &[M::Vus, M::Duration, M::Pacing],
            Self::SharedIterations | Self::PerVuIterations => {
                &[M::Vus, M::Iterations, M::MaxDuration, M::Pacing]
            }
            Self::ConstantArrivalRate => &[
                M::Rate,
                M::TimeUnit,
                M::Duration,
                M::PreAllocatedVus,
                M::MaxVus,
                M::Arrivals,
                M::OnNoVu,
            ],
            Self::RampingArrivalRate => &[
                M::StartRate,
                M::TimeUnit,
                M::Stages,
                M::PreAllocatedVus,
                M::MaxVus,
                M::Arrivals,
                M::OnNoVu,
            ],
        }
    }

    /// The members without which it does not know what to do.
    fn needs(self) -> &'static [ScenarioMember] {
        use ScenarioMember as M;
        match self {
            Self::RampingVus => &[M::Stages],
            Self::ConstantVus => &[M::Duration],
            Self::SharedIterations | Self::PerVuIterations => &[],
            Self::ConstantArrivalRate => &[M::Rate, M::Duration, M::PreAllocatedVus],
            Self::RampingArrivalRate => &[M::Stages, M::PreAllocatedVus],
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
pub(super) fn members_by_executor(schema: &mut Schema) {
    let rules: Vec<_> = ExecutorKind::ALL
        .iter()
        .map(|kind| {
            let stray: serde_json::Map<_, _> = ScenarioMember::ALL
                .iter()
                .filter(|member| !kind.takes().contains(member))
                .map(|member| (member.name().to_owned(), json!(false)))
                .collect();
            let needed: Vec<_> = kind.needs().iter().map(|member| member.name()).collect();
            json!({
                "if": {"properties": {"executor": {"const": kind.name()}}},
                "then": {"properties": stray, "required": needed},
            })
        })
        .collect();
    schema.insert("allOf".to_owned(), rules.into());
}
