#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;

fn plan(options: &Value) -> Result<Vec<ScenarioPlan>, Wrong> {
    scenarios(
        &Options::from_json(&options.to_string()).unwrap(),
        TimeScale::ONE,
    )
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
        assert_eq!(found.path, path, "{options}: {found:?}");
        assert!(found.reason.contains(reason), "{options}: {found:?}");
    }
}

#[test]
fn a_time_scale_shortens_the_profile_and_not_what_is_there_for_iterations() {
    let options = Options::from_json(
        r#"{"scenarios": {
            "a": {"executor": "ramping-vus", "startTime": "10s", "stages": [
                {"duration": "30s", "target": 20}, {"duration": "0s", "target": 5}, {"duration": "2ms", "target": 0}]},
            "b": {"executor": "per-vu-iterations", "maxDuration": "1m", "gracefulStop": "5s"}
        }}"#,
    )
    .unwrap();
    let scenarios = scenarios(&options, TimeScale::new(0.1).unwrap()).unwrap();
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
    for bad in ["0", "-1", "nan", "inf", "x", ""] {
        assert!(bad.parse::<TimeScale>().is_err(), "{bad}");
    }
}
