//! A resolved plan for the results file, in the words of the options.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::MASK;
use crate::metrics::{OnNoData, Threshold};
use crate::plan::config::{ConfigEntry, Shown};
use crate::plan::duration::TimeSpan;
use crate::plan::{
    ArrivalPool, Arrivals, ComponentPlan, Executor, OnNoVu, Plan, Resolved, ScenarioPlan,
};

impl Resolved {
    /// The plan for the results file, in the words of the options. Where it has
    /// several components, `components` has the values of each, and `config` is
    /// empty.
    #[must_use]
    pub fn json(&self) -> Value {
        let plan = &self.plan;
        let several = plan.components.len() > 1;
        let scenarios: Map<_, _> = plan
            .scenarios
            .iter()
            .map(|scenario| (scenario.name.clone(), scenario_json(plan, scenario)))
            .collect();
        let thresholds: Map<_, _> = plan
            .thresholds
            .iter()
            .map(|(selector, thresholds)| {
                (
                    selector.to_string(),
                    thresholds.iter().map(threshold_json).collect(),
                )
            })
            .collect();
        let metrics: Map<_, _> = plan
            .metrics
            .iter()
            .map(|(name, metric)| {
                (
                    name.clone(),
                    json!({"type": metric.metric_type.name(), "unit": metric.unit.name()}),
                )
            })
            .collect();
        let mut written = json!({
            "environment": plan.environment,
            "planFile": self.plan_file.as_ref().map(|path| path.display().to_string()),
            "seed": plan.seed.to_string(),
            "timeScale": self.time_scale.factor(),
            "scenarios": scenarios,
            "thresholds": thresholds,
            "tags": plan.tags,
            "config": if several { json!({}) } else { config_json(&self.config) },
            "metrics": metrics,
            "setupTimeout": span(plan.setup_timeout),
            "teardownTimeout": span(plan.teardown_timeout),
            "rps": plan.rps.map_or(0, u32::from),
            "maxSeries": plan.max_series,
        });
        for (member, value) in super::http::json(&plan.http) {
            written[member] = value;
        }
        if !plan.part.is_whole() {
            written["executionSegment"] = json!(plan.part.segment().to_string());
            written["executionSegmentSequence"] = json!(plan.part.sequence().to_string());
        }
        if several {
            written["components"] = plan
                .components
                .iter()
                .map(|component| (component.name.clone(), self.component_json(component)))
                .collect::<Map<_, _>>()
                .into();
        }
        written
    }

    fn component_json(&self, component: &ComponentPlan) -> Value {
        let entries = self.config.iter();
        let own = entries.filter(|entry| entry.component == component.name);
        json!({"config": config_json(own)})
    }
}

fn config_json<'a>(entries: impl IntoIterator<Item = &'a ConfigEntry>) -> Value {
    let config: Map<_, _> = entries
        .into_iter()
        .map(|entry| {
            let value = match &entry.value {
                Shown::Value(value) => json!(value),
                Shown::Masked => json!(MASK),
                Shown::Absent => Value::Null,
            };
            let from = entry.origin.as_ref().map(ToString::to_string);
            (entry.key.clone(), json!({"value": value, "from": from}))
        })
        .collect();
    config.into()
}

fn scenario_json(plan: &Plan, scenario: &ScenarioPlan) -> Value {
    let mut written = Map::new();
    let mut add = |members: Value| {
        if let Value::Object(members) = members {
            written.extend(members);
        }
    };
    add(json!({"executor": scenario.executor.name()}));
    add(executor_json(&scenario.executor));
    if let Some(pacing) = scenario.pacing {
        add(json!({"pacing": span(pacing)}));
    }
    add(json!({
        "exec": scenario.exec,
        "startTime": span(scenario.start_time),
        "gracefulStop": span(scenario.graceful_stop),
        "tags": scenario.tags,
    }));
    if !scenario.env.is_empty() {
        add(json!({"env": scenario.env}));
    }
    if plan.components.len() > 1 {
        add(json!({"component": plan.components[scenario.component].name}));
    }
    written.into()
}

fn executor_json(executor: &Executor) -> Value {
    match executor {
        Executor::ConstantVus { vus, duration } => json!({"vus": vus, "duration": span(*duration)}),
        Executor::RampingVus {
            start_vus,
            stages,
            graceful_ramp_down,
        } => {
            let stages = stages
                .iter()
                .map(|stage| (stage.duration, stage.target.into()));
            json!({
                "startVUs": start_vus,
                "stages": stages_json(stages),
                "gracefulRampDown": span(*graceful_ramp_down),
            })
        }
        Executor::SharedIterations {
            vus,
            iterations,
            max_duration,
        }
        | Executor::PerVuIterations {
            vus,
            iterations,
            max_duration,
        } => {
            json!({"vus": vus, "iterations": iterations, "maxDuration": span(*max_duration)})
        }
        Executor::ConstantArrivalRate {
            rate,
            time_unit,
            duration,
            pool,
        } => with_pool(
            json!({"rate": rate, "timeUnit": span(*time_unit), "duration": span(*duration)}),
            pool,
        ),
        Executor::RampingArrivalRate {
            start_rate,
            time_unit,
            stages,
            pool,
        } => {
            let stages = stages.iter().map(|stage| (stage.duration, stage.target));
            with_pool(
                json!({
                    "startRate": start_rate,
                    "timeUnit": span(*time_unit),
                    "stages": stages_json(stages),
                }),
                pool,
            )
        }
    }
}

fn stages_json(stages: impl Iterator<Item = (Duration, u64)>) -> Value {
    stages
        .map(|(duration, target)| json!({"duration": span(duration), "target": target}))
        .collect()
}

fn with_pool(mut written: Value, pool: &ArrivalPool) -> Value {
    written["preAllocatedVUs"] = json!(pool.pre_allocated_vus);
    written["maxVUs"] = json!(pool.max_vus);
    written["arrivals"] = json!(match pool.arrivals {
        Arrivals::Even => "even",
        Arrivals::Poisson => "poisson",
    });
    written["onNoVU"] = json!(match pool.on_no_vu {
        OnNoVu::Drop => "drop",
        OnNoVu::Queue => "queue",
    });
    written
}

fn threshold_json(threshold: &Threshold) -> Value {
    let mut written = json!({
        "threshold": threshold.expression.to_string(),
        "abortOnFail": threshold.abort_on_fail,
        "delayAbortEval": span(threshold.delay_abort_eval),
        "onNoData": match threshold.on_no_data {
            OnNoData::Fail => "fail",
            OnNoData::Pass => "pass",
        },
    });
    if let Some(window) = threshold.window {
        written["window"] = json!(span(window));
    }
    written
}

fn span(duration: Duration) -> String {
    TimeSpan(duration).to_string()
}
