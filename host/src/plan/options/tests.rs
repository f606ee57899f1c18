#![allow(clippy::unwrap_used)]

use std::path::Path;

use serde_json::{Value, json};

use super::*;

fn error_of(options: &Value) -> String {
    let errors = Options::from_json(&options.to_string()).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors[0].to_string()
}

/// Options with every member there is.
fn everything() -> Value {
    json!({
        "scenarios": {
            "ramping": {
                "executor": "ramping-vus", "startVUs": 2, "gracefulRampDown": "5s",
                "stages": [{"duration": "30s", "target": 20}, {"duration": 1500, "target": 0}],
            },
            "constant": {
                "executor": "constant-vus", "vus": 3, "duration": "1m", "gracefulStop": "0s",
                "startTime": "10s", "exec": "buy", "tags": {"team": "sales"},
            },
            "shared": {"executor": "shared-iterations", "vus": 2, "iterations": 10, "maxDuration": "1h"},
            "each": {"executor": "per-vu-iterations", "vus": 2, "iterations": 10, "pacing": "1s"},
            "rate": {
                "executor": "constant-arrival-rate", "rate": 90, "timeUnit": "1m", "duration": "5m",
                "preAllocatedVUs": 5, "maxVUs": 50, "arrivals": "poisson", "onNoVU": "queue",
                "env": {"BASE_URL": "http://localhost:1"}, "component": "a2a",
            },
            "rates": {
                "executor": "ramping-arrival-rate", "startRate": 10, "preAllocatedVUs": 5, "onNoVU": "drop",
                "stages": [{"duration": "1m", "target": 100}], "arrivals": "even",
            },
        },
        "thresholds": {
            "http_req_failed": "rate<0.01",
            "http_req_duration{endpoint:rpc}": ["p(95)<500", {
                "threshold": "p(99)<1000", "abortOnFail": true, "delayAbortEval": "10s", "onNoData": "pass", "window": "30s",
            }],
        },
        "tags": {"build": "7"},
        "setupTimeout": "10s", "teardownTimeout": "10s", "userAgent": "mine/1",
        "insecureSkipTLSVerify": true, "noConnectionReuse": false, "discardResponseBodies": false,
        "batch": 20, "batchPerHost": 0, "rps": 50, "maxSeries": 1000,
        "executionSegment": "1/4:1/2", "executionSegmentSequence": "0,1/4,1/2,1",
        "noVUConnectionReuse": true, "connections": "shared", "httpVersion": "1.1", "maxRedirects": 0,
        "noCookiesReset": true, "connectTimeout": "5s", "responseHeadTimeout": 1000, "streamIdleTimeout": "0s",
        "maxBodySize": "1MiB",
        "hosts": {"test.k6.io": "1.2.3.4", "*.grafana.com:443": "[::1]:8443", "a": "unix:/run/a.sock"},
        "dns": {"ttl": "inf", "select": "roundRobin", "policy": "onlyIPv6"},
        "localIPs": "192.168.20.12-192.168.20.15,192.168.10.0/27",
        "blacklistIPs": ["10.0.0.0/8"], "blockHostnames": ["test.k6.io", "*.example.com"],
        "allowHosts": ["cdn.example.com", "*:443"], "proxy": "http://proxy:3128",
        "tlsAuth": [{"domains": ["example.com"], "cert": "mycert.pem", "key": "mycert-key.pem", "password": "x"}],
        "tlsVersion": {"min": "tls1.2", "max": "tls1.3"}, "tlsCaFiles": ["ca.pem"],
        "config": {
            "BASE_URL": {"default": "http://localhost:7777", "kind": "url", "required": true},
            "AUTH_TOKEN": {"description": "bearer token", "kind": "string", "secret": true},
        },
        "metrics": {"a2a_errors": {"type": "rate"}, "a2a_duration": {"type": "trend", "unit": "ms"}},
    })
}

#[test]
fn every_member_is_read_and_the_author_s_order_kept() {
    let options = Options::from_json(&everything().to_string()).unwrap();
    let names: Vec<_> = options.scenarios.as_ref().unwrap().names().collect();
    assert_eq!(
        names,
        ["ramping", "constant", "shared", "each", "rate", "rates"]
    );
    let thresholds = options.thresholds.unwrap();
    let rpc = &thresholds.get("http_req_duration{endpoint:rpc}").unwrap().0;
    assert_eq!(rpc[0].expression.to_string(), "p(95)<500");
    assert!(rpc[1].abort_on_fail);
    assert_eq!(rpc[1].on_no_data, NoData::Pass);
    assert_eq!(rpc[1].delay_abort_eval.to_string(), "10s");
    assert_eq!(rpc[1].window.unwrap().0.to_string(), "30s");
    assert_eq!(rpc[0].window, None);
    assert_eq!(
        options.dns,
        Some("ttl=inf,select=roundRobin,policy=onlyIPv6".parse().unwrap())
    );
    let hosts: Vec<_> = options.hosts.as_ref().unwrap().names().collect();
    assert_eq!(hosts, ["test.k6.io", "*.grafana.com:443", "a"]);
    assert_eq!(
        options.metrics.unwrap().get("a2a_errors").unwrap().unit,
        MetricUnit::None
    );
}

#[test]
fn a_misspelt_member_is_named_with_its_path_and_the_near_one() {
    assert_eq!(
        error_of(&json!({"treshold": {}})),
        "`treshold`: there is no member `treshold`; did you mean `thresholds`?"
    );
    assert_eq!(
        error_of(&json!({"scenarios": {"a": {"executor": "ramping-vus", "startVus": 1}}})),
        "`scenarios.a.startVus`: there is no member `startVus`; did you mean `startVUs`?"
    );
}

#[test]
fn an_option_of_k6_that_is_not_there_is_called_that() {
    let text = error_of(&json!({"minIterationDuration": "1s"}));
    assert!(
        text.contains(
            "`minIterationDuration` is k6's, and this version of Vuelo does not have it; `pacing`"
        ),
        "{text}"
    );
    let text = error_of(&json!({"scenarios": {"a": {"executor": "externally-controlled"}}}));
    assert_eq!(
        text,
        "`scenarios.a.executor`: the executor `externally-controlled` is k6's, and this version of Vuelo does not \
         have it; it has ramping-vus, constant-vus, shared-iterations, per-vu-iterations, constant-arrival-rate, \
         ramping-arrival-rate"
    );
    let text =
        error_of(&json!({"scenarios": {"a": {"executor": "per-vu-iterations", "options": {}}}}));
    assert!(text.contains("`options` is k6's"), "{text}");
    let text = error_of(&json!({"scenarios": {"a": {"executor": "ramping-vu"}}}));
    assert!(text.contains("did you mean `ramping-vus`?"), "{text}");
}

#[test]
fn every_mistake_comes_with_its_json_path() {
    for (options, text) in [
        (
            json!({"stages": [{"duration": "30s", "target": 1}, {"duration": "soon", "target": 1}]}),
            "`stages[1].duration`: `soon` is no duration",
        ),
        (
            json!({"stages": [{"duration": "30s", "target": -1}]}),
            "`stages[0].target`: invalid value: integer `-1`, expected a whole number from 0",
        ),
        (
            json!({"stages": [{"duration": "30s"}]}),
            "`stages[0]`: `target` is missing; add it",
        ),
        (
            json!({"vus": "five"}),
            "`vus`: invalid type: string \"five\"",
        ),
        (
            json!({"thresholds": {"checks": ["rate>0.9", {"threshold": "rate>"}]}}),
            "`thresholds.checks[1].threshold`: a number was expected\n  rate>\n       ^",
        ),
        (
            json!({"thresholds": {"checks": "p95<1"}}),
            "`thresholds.checks`: ",
        ),
        (
            json!({"thresholds": {"checks": {"threshold": "rate>0"}}}),
            "`thresholds.checks`: invalid type: map, expected a threshold such as",
        ),
        (
            json!({"metrics": {"x": {"type": "trend", "unit": "seconds"}}}),
            "`metrics.x.unit`: `seconds` is none of none, ms, bytes",
        ),
        (
            json!({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": -5}}}),
            "`scenarios.a.rate`: invalid value: integer `-5`, expected a whole number from 0",
        ),
        (
            json!({"scenarios": {"a": {"executor": "ramping-vus", "arrivals": "poison"}}}),
            "`scenarios.a.arrivals`: `poison` is none of even, poisson; did you mean `poisson`?",
        ),
        (
            json!({"thresholds": {"checks": [{"threshold": "rate>0.9", "window": "500ms"}]}}),
            "`thresholds.checks[0].window`: a window of 500ms is shorter than a second",
        ),
        (
            json!({"executionSegment": "half"}),
            "`executionSegment`: `half` is no part of a whole",
        ),
        (
            json!({"executionSegmentSequence": "0,1/2,1/4"}),
            "`executionSegmentSequence`: the sequence `0,1/2,1/4` does not go up from 0 to 1",
        ),
        (
            json!({"config": {"A": {"requried": true}}}),
            "did you mean `required`?",
        ),
    ] {
        let found = error_of(&options);
        assert!(found.contains(text), "{options}\n{found}\nlacks {text}");
        assert!(!found.contains(" at line "), "{found}");
    }
}

#[test]
fn what_is_no_json_is_pointed_at() {
    let errors = Options::from_json("{\"vus\": 1,\n  \"stages\" []}").unwrap_err();
    assert_eq!(errors[0].to_string(), "line 2, column 12: expected `:`");
    let errors = Options::from_json("{} {}").unwrap_err();
    assert!(matches!(errors[0], ReadError::Syntax { .. }), "{errors:?}");
    let errors = Options::from_json("[]").unwrap_err();
    assert!(errors[0].to_string().contains("expected"), "{errors:?}");
}

#[test]
fn a_member_that_stands_there_twice_is_refused() {
    let errors = Options::from_json(r#"{"tags": {"a": "1", "a": "2"}}"#).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(
        errors[0].to_string(),
        "`tags`: `a` stands there twice; take one away"
    );
    assert!(Options::from_json(r#"{"vus": 1, "vus": 2}"#).is_err());
}

#[test]
fn a_layer_that_says_when_to_iterate_replaces_the_whole_profile_below() {
    let mut options = Options::from_json(
        r#"{"stages": [{"duration": "1m", "target": 9}], "vus": 3, "tags": {"a": "1", "b": "1"}}"#,
    )
    .unwrap();
    options.overlay(Options::from_json(r#"{"duration": "5s", "tags": {"b": "2"}}"#).unwrap());
    assert_eq!(options.stages, None);
    assert_eq!(options.duration.unwrap().to_string(), "5s");
    assert_eq!(options.vus, Some(3));
    let tags: Vec<_> = options
        .tags
        .as_ref()
        .unwrap()
        .iter()
        .map(|(name, value)| (name, value.as_str()))
        .collect();
    assert_eq!(tags, [("a", "1"), ("b", "2")]);
}

#[test]
fn the_committed_json_schema_is_made_of_these_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit/options.schema.json");
    let text = format!(
        "{}\n",
        serde_json::to_string_pretty(&json_schema()).unwrap()
    );
    if std::env::var_os("VUELO_RENEW").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "wit/options.schema.json is not what the types in host/src/plan/options say; renew it with \
         `VUELO_RENEW=1 cargo test -p vuelo --lib json_schema`, and look at the difference"
    );
}

#[test]
fn the_json_schema_takes_what_the_reader_takes() {
    let validator = jsonschema::validator_for(json_schema().as_value()).unwrap();
    for good in [
        everything(),
        json!({}),
        json!({"vus": 2, "iterations": 5, "duration": 1000}),
        json!({"tlsVersion": "tls1.2", "maxBodySize": 1024, "dns": {"ttl": 0}, "proxy": "none"}),
        json!({"dns": {"ttl": "1m30s"}, "tlsVersion": {"min": "tls1.3"}, "hosts": {}, "tlsAuth": []}),
    ] {
        let errors: Vec<_> = validator
            .iter_errors(&good)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{good}: {errors:?}");
        Options::from_json(&good.to_string()).unwrap();
    }
    for bad in [
        json!({"linger": true}),
        json!({"vus": -1}),
        json!({"stages": [{"duration": "soon", "target": 1}]}),
        json!({"scenarios": {"a": {"executor": "externally-controlled"}}}),
        json!({"scenarios": {"a": {"executor": "per-vu-iterations", "onNoVU": "wait"}}}),
        json!({"thresholds": {"checks": "p95<1"}}),
        json!({"thresholds": {"checks": {"threshold": "rate>0"}}}),
        json!({"metrics": {"a": {"unit": "ms"}}}),
        json!({"metrics": {"a": {"type": "histogram"}}}),
        json!({"config": {"A": {"kind": "uri"}}}),
        json!({"connections": "own"}),
        json!({"httpVersion": "1.0"}),
        json!({"httpVersion": 2}),
        json!({"maxBodySize": "64"}),
        json!({"dns": {"ttl": "never"}}),
        json!({"dns": {"select": "last"}}),
        json!({"dns": "ttl=5m"}),
        json!({"blacklistIPs": "10.0.0.0/8"}),
        json!({"tlsVersion": "tls1.1"}),
        json!({"tlsVersion": {"max": "tls2"}}),
        json!({"tlsAuth": [{"cert": "a"}]}),
    ] {
        assert!(!validator.is_valid(&bad), "{bad}");
        assert!(Options::from_json(&bad.to_string()).is_err(), "{bad}");
    }
    // What the reader leaves to the plan, the schema says as well.
    for bad in [
        json!({"scenarios": {"a": {"executor": "constant-vus"}}}),
        json!({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 5, "duration": "1s"}}}),
        json!({"scenarios": {"a": {"executor": "constant-vus", "duration": "1s", "preAllocatedVUs": 1}}}),
        json!({"maxSeries": 0}),
        json!({"scenarios": {"a": {"executor": "constant-vus", "duration": "1s", "stages": []}}}),
        json!({"scenarios": {"a": {"executor": "ramping-vus", "stages": [], "vus": 1}}}),
    ] {
        assert!(!validator.is_valid(&bad), "{bad}");
    }
}
