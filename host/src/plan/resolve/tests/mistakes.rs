//! Everything that is wrong is said, once, with its place.

use std::path::Path;

use super::*;

fn errors(name: &str, file: &str, options: &str) -> Vec<String> {
    let component = Component {
        name: "a2a",
        options,
    };
    let file = PlanFile::parse(Path::new(name), file).unwrap();
    let process = ProcessEnvironment::default();
    let resolved = resolve(&[component], &file, &process, &Flags::default());
    let errors = resolved.unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

/// A plan with every kind of mistake.
const EVERYTHING: &str = include_str!("every_mistake.toml");

const COMPONENT: &str = r#"{"config": {"BASE_URL": {"kind": "url"}, "TOKEN": {"secret": true}}}"#;

#[test]
fn a_plan_with_every_kind_of_mistake_gets_one_error_for_each() {
    let starts = [
        "the plan file vuelo.toml: line 2, column 1: `options.rsp`: there is no member `rsp`; did you mean `rps`?",
        "vuelo.toml [options], line 3, column 1: `setupTimeout`: `0s` leaves no time",
        "vuelo.toml [options], line 4, column 1: `maxSeries`: with 0 series",
        "the plan file vuelo.toml: line 5, column 1: `options.executionSegment`: the segment `1/4:1/8` is no part",
        "the plan file vuelo.toml: line 8, column 1: `options.scenarios.unknown.executor`: there is no executor \
         `ramping-vu`; did you mean `ramping-vus`?",
        "the plan file vuelo.toml: line 12, column 11: `options.scenarios.stageless.stages[0]`: `duration` is missing",
        "vuelo.toml [options], line 19, column 1: `scenarios.few.maxVUs`: at most 5 VUs are fewer than the 10",
        "the plan file vuelo.toml: line 23, column 1: `options.scenarios.negative.rate`: invalid value: integer `-5`",
        "the plan file vuelo.toml: line 27, column 20: `few` stands there twice",
        "vuelo.toml [options], line 32, column 1: `scenarios.strange.rate`: the executor per-vu-iterations does not",
        "vuelo.toml [options], line 33, column 9: `scenarios.strange.env.BASE_URI`: `a2a` declares no key `BASE_URI`; \
         did you mean `BASE_URL`?",
        "vuelo.toml [options], line 33, column 32: `scenarios.strange.env.TOKEN`: `TOKEN` is a secret",
        "vuelo.toml [options], line 35, column 20: `scenarios.two words`: a scenario's name is of letters",
        "vuelo.toml [options], line 35, column 20: `scenarios.two words.duration`: the executor constant-vus needs",
        "vuelo.toml [options], line 39, column 1: `thresholds.http_req_duratoin`: there is no metric",
        "the plan file vuelo.toml: line 40, column 11: `options.thresholds.checks[0]`: one of count",
        "vuelo.toml [options], line 40, column 32: `thresholds.checks[2]`: `p(95)` is nothing that a rate has",
        "vuelo.toml [environments.staging.options], line 42, column 31: `metrics`: only a component declares these",
    ];
    let found = errors("vuelo.toml", EVERYTHING, COMPONENT);
    for (start, found) in starts.iter().zip(&found) {
        assert!(found.starts_with(start), "{start}\n{found}");
    }
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    assert!(!found.join("").contains("hush"), "{found:#?}");
}

#[test]
fn the_text_of_several_is_a_paragraph_for_each() {
    let component = Component {
        name: "a2a",
        options: r#"{"vus": 0, "duration": "1s", "batch": 0}"#,
    };
    let none = (
        PlanFile::built_in(),
        ProcessEnvironment::default(),
        Flags::default(),
    );
    let errors = resolve(&[component], &none.0, &none.1, &none.2).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "the plan has 2 mistakes\n\nthe options of `a2a`: `vus`: with 0 VUs nothing would run; ask for 1 or more\n\n\
         the options of `a2a`: `batch`: with 0 requests at a time none would be sent; ask for 1 or more"
    );
}

#[test]
fn a_json_plan_file_is_pointed_into_as_well() {
    let file = "{\"options\": {\n  \"scenarios\": {\n    \"a\": {\"executor\": \"constant-vus\", \"duration\": 0},\n    \
                \"a\": {\"executor\": \"constant-vus\"}\n  }, \"batch\": 0\n}}";
    assert_eq!(
        errors("plan.json", file, "{}"),
        [
            "plan.json [options], line 3, column 39: `scenarios.a.duration`: the executor constant-vus needs one above \
             0, such as `30s`",
            "the plan file plan.json: line 4, column 5: `options.scenarios`: `a` stands there twice; take one away",
            "plan.json [options], line 5, column 6: `batch`: with 0 requests at a time none would be sent; ask for 1 \
             or more",
        ]
    );
}

#[test]
fn a_component_s_mistakes_have_json_paths_and_no_lines() {
    let options = "{\n\"vus\": -1,\n\"duration\": \"soon\", \"metrics\": {\"mine\": {\"type\": \"histogram\"}},\n\
                   \"thresholds\": {\"mine\": \"p(95)<1\"}, \"setupTimeout\": \"0s\"}";
    assert_eq!(
        errors("vuelo.toml", "", options),
        [
            "the options of `a2a` do not parse: `vus`: invalid value: integer `-1`, expected a whole number from 0 to \
             4294967295",
            "the options of `a2a` do not parse: `duration`: `soon` is no duration: write numbers with units (d, h, m, \
             s, ms, us, ns), such as `30s`, `1m30s` or `500ms`",
            "the options of `a2a` do not parse: `metrics.mine.type`: `histogram` is none of counter, gauge, rate, trend",
            "the options of `a2a`: `setupTimeout`: `0s` leaves no time at all; write a longer one, such as `60s`",
        ]
    );
}

#[test]
fn contradictory_flags_and_variables_are_refused_together() {
    let flags = Flags {
        iterations: Some(5),
        stages: vec!["30s:5".parse().unwrap()],
        execution_segment_sequence: Some("0,1/2,1".parse().unwrap()),
        env: vec![Unshown("staging".to_owned())],
        ..Flags::default()
    };
    let process: ProcessEnvironment = [("VUELO_BATCH", "many"), ("VUELO_SETUP_TIMEOUT", "10")]
        .into_iter()
        .collect();
    let component = Component {
        name: "a2a",
        options: "{}",
    };
    let errors = resolve(&[component], &PlanFile::built_in(), &process, &flags).unwrap_err();
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    for start in [
        "--env asks for the environment `staging`",
        "the environment variable VUELO_BATCH: `many` is not",
        "the environment variable VUELO_SETUP_TIMEOUT: `10` has no unit: write `10s`",
        "--iterations --stage: `iterations` stands beside `stages`, and only one",
        "--execution-segment-sequence: the sequence 0:1/2",
    ] {
        let start = start.replace("0:1/2", "0,1/2,1 has several segments");
        assert!(
            errors.iter().any(|text| text.starts_with(&start)),
            "{start}\n{errors:#?}"
        );
    }
    assert_eq!(errors.len(), 5, "{errors:#?}");
}

#[test]
fn what_components_share_is_said_once() {
    let component = |name| Component {
        name,
        options: "{}",
    };
    let file = PlanFile::parse(Path::new("vuelo.toml"), "[options]\nbatch = 0\nx = 1\n").unwrap();
    let (process, flags) = (ProcessEnvironment::default(), Flags::default());
    let errors = resolve(&[component("a"), component("b")], &file, &process, &flags).unwrap_err();
    assert_eq!(errors.iter().count(), 2, "{errors}");
}

#[test]
fn a_name_that_would_run_twice_is_refused() {
    let check = |names: &[&str]| {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        crate::plan::check_names(&names).map_err(|error| error.to_string())
    };
    assert!(check(&["a2a", "ccr", "./a2a.wasm"]).is_ok());
    assert!(check(&["all", "./a2a.wasm"]).is_ok());
    let error = check(&["a2a", "ccr", "a2a"]).unwrap_err();
    assert!(error.starts_with("`a2a` is named twice"), "{error}");
    let error = check(&["all", "ccr"]).unwrap_err();
    assert!(error.contains("`ccr` among them"), "{error}");
}
