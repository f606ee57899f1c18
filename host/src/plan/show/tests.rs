#![allow(clippy::unwrap_used)]

use std::path::Path;

use serde_json::json;

use super::*;
use crate::plan::{Component, Flags, PlanFile, ProcessEnvironment, resolve};

fn resolved() -> Resolved {
    let options = r#"{
        "scenarios": {
            "browsing": {"executor": "ramping-vus", "startVUs": 0, "stages": [
                {"duration": "30s", "target": 20}, {"duration": "2m", "target": 1}]},
            "buying": {"executor": "constant-vus", "vus": 1, "duration": "1m", "exec": "buy",
                "startTime": "10s", "gracefulStop": "0s", "tags": {"team": "sales"}}
        },
        "thresholds": {
            "http_req_failed": "rate<0.01",
            "http_req_duration{endpoint:rpc}": ["p(95)<500",
                {"threshold": "p(99)<1000", "abortOnFail": true, "delayAbortEval": "10s", "onNoData": "pass"}]
        },
        "config": {
            "BASE_URL": {"kind": "url", "default": "http://localhost:7777"},
            "AUTH_TOKEN": {"secret": true},
            "OTHER": {}
        },
        "metrics": {"orders": {"type": "counter"}}
    }"#;
    let process: ProcessEnvironment = [("AUTH_TOKEN", "hush")].into_iter().collect();
    let flags = Flags {
        seed: Some(7),
        time_scale: TimeScale::new(0.5),
        ..Flags::default()
    };
    let file = PlanFile::parse(Path::new("vuelo.toml"), "").unwrap();
    let component = Component {
        name: "shop",
        options,
    };
    resolve(&[component], &file, &process, &flags)
        .unwrap()
        .remove(0)
}

#[test]
fn a_dry_run_reads_like_this() {
    let expected = "\
plan of shop
  artifact     sha256:abc (built in)
  environment  development
  plan file    vuelo.toml
  seed         7

scenarios: up to 21 VUs for 1m15s (at most 1m45s with graceful stop), time scale 0.5
  browsing: ramping-vus, from 0 VUs in 1m15s, graceful ramp-down 30s, graceful stop 30s
    15s -> 20 VUs
     1m -> 1 VU
  buying: constant-vus, 1 VU for 30s, graceful stop 0s, flow buy, starts after 5s, tag team=sales

thresholds
  http_req_failed                  rate<0.01
  http_req_duration{endpoint:rpc}  p(95)<500
                                   p(99)<1000, passes without data, aborts the run after 5s

config
  BASE_URL    http://localhost:7777  from the options of `shop`
  AUTH_TOKEN  ***                    from the environment variable AUTH_TOKEN
  OTHER       (none)

tags
  environment  development

http
  user agent  vuelo/VERSION
  batch       20 at a time, 6 per host
  timeouts    setup 1m, teardown 1m
";
    let expected = expected.replace("VERSION", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        resolved().text(&["sha256:abc (built in)".to_owned()]),
        expected
    );
}

#[test]
fn the_results_file_has_the_plan_in_the_words_of_the_options() {
    let json = resolved().json();
    assert_eq!(json["config"]["AUTH_TOKEN"]["value"], "***");
    assert_eq!(json["config"]["BASE_URL"]["from"], "the options of `shop`");
    assert_eq!(
        json["scenarios"]["browsing"],
        json!({
            "executor": "ramping-vus", "startVUs": 0,
            "stages": [{"duration": "15s", "target": 20}, {"duration": "1m", "target": 1}],
            "gracefulRampDown": "30s", "exec": "default", "startTime": "0s", "gracefulStop": "30s", "tags": {},
        })
    );
    assert_eq!(
        json["thresholds"]["http_req_duration{endpoint:rpc}"][1]["onNoData"],
        "pass"
    );
    assert_eq!(
        json["metrics"]["orders"],
        json!({"type": "counter", "unit": "none"})
    );
    assert!(!json.to_string().contains("hush"));
}

#[test]
fn arrival_rates_pacing_values_and_limits_read_like_this() {
    let options = r#"{
        "rps": 50, "executionSegment": "0:1/4", "executionSegmentSequence": "0,1/4,1",
        "scenarios": {
            "constant": {"executor": "constant-arrival-rate", "rate": 30, "duration": "1m", "preAllocatedVUs": 5,
                "maxVUs": 50, "arrivals": "poisson", "onNoVU": "queue"},
            "ramping": {"executor": "ramping-arrival-rate", "startRate": 1, "timeUnit": "1m", "preAllocatedVUs": 2,
                "stages": [{"duration": "30s", "target": 60}, {"duration": "2m", "target": 0}]},
            "paced": {"executor": "constant-vus", "vus": 4, "duration": "1m", "pacing": "5s",
                "env": {"MODEL": "small", "OTHER": ""}}
        },
        "thresholds": {"http_req_failed": {"threshold": "rate<0.01"}},
        "config": {"MODEL": {}, "OTHER": {}}
    }"#
    .replace(
        r#"{"threshold": "rate<0.01"}"#,
        r#"[{"threshold": "rate<0.01", "window": "30s"}]"#,
    );
    let component = Component {
        name: "shop",
        options: &options,
    };
    let (file, process, flags) = (
        PlanFile::built_in(),
        ProcessEnvironment::default(),
        Flags {
            seed: Some(7),
            ..Flags::default()
        },
    );
    let resolved = resolve(&[component], &file, &process, &flags)
        .unwrap()
        .remove(0);
    let text = resolved.text(&[]);
    let scenarios = "
scenarios: up to 56 VUs for 2m30s (at most 3m with graceful stop), at most 50 requests a second, of which this is 0:1/4
  constant: constant-arrival-rate, 30 iterations a second for 1m, 5 to 50 VUs, at random (poisson), waiting where no VU is free, graceful stop 30s
  ramping: ramping-arrival-rate, from 1 iteration per 1m in 2m30s, 2 VUs, graceful stop 30s
    30s -> 60 iterations per 1m
     2m -> 0 iterations per 1m
  paced: constant-vus, 4 VUs for 1m, an iteration every 5s each, graceful stop 30s, MODEL=small, without OTHER

thresholds
  http_req_failed  rate<0.01 in every 30s
";
    assert!(text.contains(scenarios), "{text}");
    assert!(text.contains("  segment      0:1/4 of 0,1/4,1\n"), "{text}");
    assert!(
        text.contains("  requests    at most 50 a second\n"),
        "{text}"
    );
    let json = resolved.json();
    assert_eq!(
        json["scenarios"]["constant"],
        json!({
            "executor": "constant-arrival-rate", "rate": 30, "timeUnit": "1s", "duration": "1m", "preAllocatedVUs": 5,
            "maxVUs": 50, "arrivals": "poisson", "onNoVU": "queue", "exec": "default", "startTime": "0s",
            "gracefulStop": "30s", "tags": {},
        })
    );
    assert_eq!(json["scenarios"]["ramping"]["startRate"], 1);
    assert_eq!(json["scenarios"]["ramping"]["maxVUs"], 2);
    assert_eq!(json["scenarios"]["paced"]["pacing"], "5s");
    assert_eq!(
        json["scenarios"]["paced"]["env"],
        json!({"MODEL": "small", "OTHER": ""})
    );
    assert_eq!(json["thresholds"]["http_req_failed"][0]["window"], "30s");
    assert_eq!(
        (&json["rps"], &json["maxSeries"], &json["executionSegment"]),
        (&json!(50), &json!(100_000), &json!("0:1/4"))
    );
}

#[test]
fn several_components_are_shown_one_by_one() {
    let file = "[options.scenarios.a]\ncomponent = \"agents\"\nexecutor = \"per-vu-iterations\"\n\
                [options.scenarios.b]\ncomponent = \"shop\"\nexecutor = \"per-vu-iterations\"\n";
    let file = PlanFile::parse(Path::new("both.toml"), file).unwrap();
    let flags = Flags::default();
    let named = file
        .components(&ProcessEnvironment::default(), &flags)
        .unwrap();
    let options = [
        r#"{"config": {"URL": {"default": "a"}}}"#,
        r#"{"config": {"URL": {"default": "b"}}}"#,
    ];
    let parts: Vec<_> = named
        .iter()
        .zip(options)
        .map(|(named, options)| crate::plan::Part {
            named,
            component: Component {
                name: &named.source,
                options,
            },
        })
        .collect();
    let resolved =
        crate::plan::resolve_together(&parts, &file, &ProcessEnvironment::default(), &flags)
            .unwrap();
    let text = resolved.text(&["sha256:a".to_owned(), "sha256:b".to_owned()]);
    for part in [
        "plan of both\n  agents       sha256:a\n  shop         sha256:b\n",
        "a: per-vu-iterations, 1 iteration for each of 1 VU, at most 10m, graceful stop 30s, component agents\n",
        "config of agents\n  URL  a  from the options of `agents`\n",
        "config of shop\n  URL  b  from the options of `shop`\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let json = resolved.json();
    assert_eq!(json["components"]["shop"]["config"]["URL"]["value"], "b");
    assert_eq!(json["scenarios"]["b"]["component"], "shop");
    assert_eq!(json["config"], json!({}));
}
