#![allow(clippy::unwrap_used)]

use std::path::Path;

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
    assert_eq!(resolved().text("sha256:abc (built in)"), expected);
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
