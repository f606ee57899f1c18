#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;
use crate::plan::{ArrivalPool, Arrivals, OnNoVu, RateStage, Stage};

fn scaled(options: &Value, scale: TimeScale) -> Result<Vec<ScenarioPlan>, Vec<Wrong>> {
    let options = Options::from_json(&options.to_string()).unwrap();
    let mut wrongs = Wrongs::default();
    let drafted = scenarios(&options, scale, &mut wrongs);
    if wrongs.0.is_empty() {
        return Ok(drafted.into_iter().map(|drafted| drafted.plan).collect());
    }
    Err(wrongs.0)
}

fn plan(options: &Value) -> Result<Vec<ScenarioPlan>, Vec<Wrong>> {
    scaled(options, TimeScale::ONE)
}

fn only_executor(options: &Value) -> Executor {
    let mut scenarios = plan(options).unwrap();
    assert_eq!(scenarios.len(), 1);
    assert_eq!(scenarios[0].name, "default");
    scenarios.remove(0).executor
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn the_short_forms_mean_what_they_mean_in_k6() {
    assert_eq!(
        only_executor(&json!({"vus": 3, "duration": "1m"})),
        Executor::ConstantVus {
            vus: 3,
            duration: seconds(60)
        }
    );
    assert_eq!(
        only_executor(&json!({"vus": 3, "iterations": 9})),
        Executor::SharedIterations {
            vus: 3,
            iterations: 9,
            max_duration: seconds(600)
        }
    );
    assert_eq!(
        only_executor(&json!({"iterations": 9, "duration": "5s"})),
        Executor::SharedIterations {
            vus: 1,
            iterations: 9,
            max_duration: seconds(5)
        }
    );
    assert_eq!(
        only_executor(&json!({"stages": [{"duration": "30s", "target": 20}]})),
        Executor::RampingVus {
            start_vus: 1,
            stages: vec![Stage {
                duration: seconds(30),
                target: 20
            }],
            graceful_ramp_down: seconds(30),
        }
    );
    assert_eq!(
        only_executor(&json!({})),
        Executor::PerVuIterations {
            vus: 1,
            iterations: 1,
            max_duration: seconds(600)
        }
    );
}

#[test]
fn what_could_not_run_is_refused_where_it_stands() {
    for (options, path, reason) in [
        (json!({"vus": 0, "duration": "1m"}), "vus", "with 0 VUs"),
        (json!({"duration": "0s"}), "duration", "needs one above 0"),
        (json!({"vus": 5}), "vus", "nothing says for how long"),
        (json!({"stages": []}), "stages", "at least one"),
        (
            json!({"stages": [{"duration": "0s", "target": 5}]}),
            "stages",
            "take no time",
        ),
        (
            json!({"vus": 0, "stages": [{"duration": "9s", "target": 0}]}),
            "stages",
            "0 VUs throughout",
        ),
        (
            json!({"vus": 0, "stages": [{"duration": "9s", "target": 0}, {"duration": "0s", "target": 9}]}),
            "stages",
            "0 VUs throughout",
        ),
        (json!({"iterations": 0}), "iterations", "0 iterations"),
        (
            json!({"iterations": 2, "vus": 3}),
            "iterations",
            "fewer than the 3 VUs",
        ),
        (
            json!({"iterations": 2, "duration": "0s"}),
            "duration",
            "no iteration starts",
        ),
        (
            json!({"duration": "5s", "stages": []}),
            "duration",
            "beside `stages`",
        ),
        (
            json!({"iterations": 5, "scenarios": {}}),
            "iterations",
            "beside `scenarios`",
        ),
        (json!({"scenarios": {}}), "scenarios", "there are none"),
        (
            json!({"scenarios": {"a b": {"executor": "per-vu-iterations"}}}),
            "scenarios.a b",
            "letters",
        ),
        (
            json!({"scenarios": {"a": {"executor": "constant-vus", "vus": 1}}}),
            "scenarios.a.duration",
            "needs one above 0",
        ),
        (
            json!({"scenarios": {"a": {"executor": "constant-vus", "duration": "1s", "maxDuration": "1s"}}}),
            "scenarios.a.maxDuration",
            "constant-vus does not take it",
        ),
        (
            json!({"scenarios": {"a": {"executor": "per-vu-iterations", "vus": 0}}}),
            "scenarios.a.vus",
            "0 VUs",
        ),
    ] {
        let found = plan(&options).unwrap_err();
        assert_eq!(found[0].path, path, "{options}: {found:?}");
        assert!(found[0].reason.contains(reason), "{options}: {found:?}");
    }
}

#[test]
fn arrival_rates_have_k6_s_defaults() {
    let plan = plan(&json!({"scenarios": {
        "constant": {"executor": "constant-arrival-rate", "rate": 30, "duration": "30s", "preAllocatedVUs": 50},
        "ramping": {"executor": "ramping-arrival-rate", "preAllocatedVUs": 0, "maxVUs": 7, "timeUnit": "1m",
            "stages": [{"duration": "2m", "target": 60}], "arrivals": "poisson", "onNoVU": "queue"},
        "from": {"executor": "ramping-arrival-rate", "preAllocatedVUs": 1, "startRate": 300,
            "stages": [{"duration": "1m", "target": 0}], "arrivals": "even", "onNoVU": "drop"},
    }}))
    .unwrap();
    let pool = |pre_allocated_vus, max_vus| ArrivalPool {
        pre_allocated_vus,
        max_vus,
        arrivals: Arrivals::Even,
        on_no_vu: OnNoVu::Drop,
    };
    assert_eq!(
        plan[0].executor,
        Executor::ConstantArrivalRate {
            rate: 30,
            time_unit: seconds(1),
            duration: seconds(30),
            pool: pool(50, 50),
        }
    );
    assert_eq!(
        plan[1].executor,
        Executor::RampingArrivalRate {
            start_rate: 0,
            time_unit: seconds(60),
            stages: vec![RateStage {
                duration: seconds(120),
                target: 60
            }],
            pool: ArrivalPool {
                arrivals: Arrivals::Poisson,
                on_no_vu: OnNoVu::Queue,
                ..pool(0, 7)
            },
        }
    );
    assert_eq!(
        plan[2].executor,
        Executor::RampingArrivalRate {
            start_rate: 300,
            time_unit: seconds(1),
            stages: vec![RateStage {
                duration: seconds(60),
                target: 0
            }],
            pool: pool(1, 1),
        }
    );
    assert_eq!(plan[1].executor.most_vus(), 7);
    assert_eq!(plan[1].executor.duration(), seconds(120));
    assert_eq!(plan[2].graceful_stop, seconds(30));
}

#[test]
fn every_executor_says_what_it_lacks_and_what_it_does_not_take_all_at_once() {
    for (members, expected) in [
        (
            json!({"executor": "constant-arrival-rate"}),
            &["rate", "duration", "preAllocatedVUs"][..],
        ),
        (
            json!({"executor": "constant-arrival-rate", "rate": 0, "timeUnit": 0, "duration": 0, "preAllocatedVUs": 9,
                "maxVUs": 3, "pacing": "1s", "vus": 3}),
            &["vus", "pacing", "timeUnit", "rate", "duration", "maxVUs"],
        ),
        (
            json!({"executor": "constant-arrival-rate", "rate": 20_000_000, "duration": "1s", "preAllocatedVUs": 0}),
            &["rate", "preAllocatedVUs"],
        ),
        (
            json!({"executor": "constant-arrival-rate", "rate": 1, "duration": "1s", "preAllocatedVUs": 1, "maxVUs": 0}),
            &["maxVUs"],
        ),
        (
            json!({"executor": "constant-arrival-rate", "rate": 1, "duration": "1s", "preAllocatedVUs": 1,
                "maxVUs": 9_000_000}),
            &["maxVUs"],
        ),
        (
            json!({"executor": "ramping-arrival-rate", "rate": 5, "gracefulRampDown": "1s"}),
            &["rate", "gracefulRampDown", "stages", "preAllocatedVUs"],
        ),
        (
            json!({"executor": "ramping-arrival-rate", "preAllocatedVUs": 1, "stages": [
                {"duration": "0s", "target": 9}, {"duration": "0s", "target": 0}]}),
            &["stages"],
        ),
        (
            json!({"executor": "ramping-arrival-rate", "preAllocatedVUs": 1, "stages": [
                {"duration": "0s", "target": 9}, {"duration": "0s", "target": 0}, {"duration": "9s", "target": 0}]}),
            &["stages"],
        ),
        (
            json!({"executor": "ramping-arrival-rate", "preAllocatedVUs": 1, "timeUnit": "1ms", "startRate": 20_000, "stages": [
                {"duration": "1s", "target": 10_001}, {"duration": "1s", "target": 10_000}, {"duration": "1s", "target": 10_002}]}),
            &["startRate", "stages[0].target", "stages[2].target"],
        ),
        (
            json!({"executor": "constant-vus", "vus": 0, "rate": 1, "pacing": "0s"}),
            &["rate", "pacing", "vus", "duration"],
        ),
        (
            json!({"executor": "per-vu-iterations", "vus": 0, "iterations": 0, "maxDuration": 0, "arrivals": "even"}),
            &["arrivals", "vus", "iterations", "maxDuration"],
        ),
        (
            json!({"executor": "ramping-vus", "startVUs": 2_000_000, "stages": [{"duration": "1s", "target": 3_000_000}]}),
            &["startVUs", "stages[0].target"],
        ),
    ] {
        let found = plan(&json!({"scenarios": {"a": members}})).unwrap_err();
        let found: Vec<_> = found
            .iter()
            .map(|wrong| wrong.path.strip_prefix("scenarios.a.").unwrap())
            .collect();
        assert_eq!(found, expected, "{members}");
    }
}

#[test]
fn a_time_scale_shortens_the_profile_and_not_what_is_there_for_iterations() {
    let options = json!({"scenarios": {
        "a": {"executor": "ramping-vus", "startTime": "10s", "stages": [
            {"duration": "30s", "target": 20}, {"duration": "0s", "target": 5}, {"duration": "2ms", "target": 0}]},
        "b": {"executor": "per-vu-iterations", "maxDuration": "1m", "gracefulStop": "5s", "pacing": "2s"},
        "c": {"executor": "constant-arrival-rate", "rate": 5, "timeUnit": "1m", "duration": "10m", "preAllocatedVUs": 1}
    }});
    let scenarios = scaled(&options, TimeScale::new(0.1).unwrap()).unwrap();
    assert_eq!(scenarios[0].start_time, seconds(1));
    let Executor::RampingVus {
        stages,
        graceful_ramp_down,
        ..
    } = &scenarios[0].executor
    else {
        panic!()
    };
    let durations: Vec<_> = stages
        .iter()
        .map(|stage| stage.duration.as_millis())
        .collect();
    assert_eq!(durations, [3000, 0, 1]);
    assert_eq!(*graceful_ramp_down, seconds(30));
    assert_eq!(scenarios[1].executor.duration(), seconds(60));
    assert_eq!(scenarios[1].graceful_stop, seconds(5));
    assert_eq!(scenarios[1].pacing, Some(seconds(2)));
    let Executor::ConstantArrivalRate {
        rate,
        time_unit,
        duration,
        ..
    } = scenarios[2].executor
    else {
        panic!()
    };
    assert_eq!((rate, time_unit, duration), (5, seconds(60), seconds(60)));
    for bad in ["0", "-1", "nan", "inf", "x", ""] {
        assert!(bad.parse::<TimeScale>().is_err(), "{bad}");
    }
}

/// Any member, set to anything small.
fn members() -> impl proptest::strategy::Strategy<Value = Value> {
    use proptest::prelude::*;
    let number = |name: &'static str| (0..3_u64).prop_map(move |value| (name, json!(value)));
    let span =
        |name: &'static str| (0..3_u64).prop_map(move |value| (name, json!(format!("{value}s"))));
    let stage = (0..3_u64, 0..3_u64).prop_map(
        |(duration, target)| json!({"duration": format!("{duration}s"), "target": target}),
    );
    let stages = prop::collection::vec(stage, 0..3).prop_map(|stages| ("stages", json!(stages)));
    let member = prop_oneof![
        stages,
        prop::sample::select(vec![
            "startVUs",
            "startRate",
            "rate",
            "vus",
            "iterations",
            "preAllocatedVUs",
            "maxVUs"
        ])
        .prop_flat_map(number),
        prop::sample::select(vec![
            "timeUnit",
            "duration",
            "maxDuration",
            "gracefulRampDown",
            "pacing",
            "startTime"
        ])
        .prop_flat_map(span),
    ];
    let kind = prop::sample::select(ExecutorKind::ALL.map(ExecutorKind::name).to_vec());
    (kind, prop::collection::vec(member, 0..6)).prop_map(|(kind, members)| {
        let mut written = json!({"executor": kind});
        for (name, value) in members {
            written[name] = value;
        }
        written
    })
}

proptest::proptest! {
    #[test]
    fn a_scenario_either_runs_something_or_says_why_not(written in members()) {
        match plan(&json!({"scenarios": {"a": written}})) {
            Ok(plans) => {
                proptest::prop_assert_eq!(plans.len(), 1);
                let executor = &plans[0].executor;
                proptest::prop_assert!(executor.most_vus() > 0 && !executor.duration().is_zero());
                proptest::prop_assert_eq!(json!(executor.name()), written["executor"].clone());
            }
            Err(wrongs) => {
                for wrong in &wrongs {
                    proptest::prop_assert!(wrong.path.starts_with("scenarios.a."), "{:?}", wrong);
                }
                let paths: std::collections::BTreeSet<_> = wrongs.iter().map(|wrong| &wrong.path).collect();
                // One error for each member but for one that is stray and wrong at once.
                proptest::prop_assert!(paths.len() + 1 >= wrongs.len(), "{:?}", wrongs);
            }
        }
    }
}
