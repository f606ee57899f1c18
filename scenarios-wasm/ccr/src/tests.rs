#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use vuelo_sdk::fake::{Host, Report, reply, unreachable};

use super::*;

const DIRECT: &str = "http://localhost:3456";
const AGENTOS: &str = "http://localhost:7777";

fn with_direct(host: Host) -> Host {
    host.on("GET", &[DIRECT, "/health"].concat(), reply(200))
        .on(
            "POST",
            "/v1/messages",
            reply(200).json(&json!({"type": "message", "model": "glm"})),
        )
}

fn with_agentos(host: Host) -> Host {
    host.on("GET", &[AGENTOS, "/ccr/health"].concat(), reply(200))
        .on_each("GET", "/ccr/metrics", |request| {
            let page = match request.header("x-quota-check") {
                Some(_) => json!({"quota": {"remaining": 5}}),
                None => json!({"routing": {"routed_model": "sonnet"}}),
            };
            reply(200).json(&page)
        })
}

/// The draws of an iteration without polls, straight at the first model.
const QUIET: [f64; 4] = [0.0, 0.0, 0.0, 0.9];

fn kinds(report: &Report) -> Vec<&str> {
    report
        .requests
        .iter()
        .filter_map(|request| request.tag("type"))
        .collect()
}

#[test]
fn what_answers_directly_is_routed_directly() {
    let host = with_direct(Host::new()).draws(QUIET);
    let report = host.run_with_setup::<Visitor>();
    assert!(report.failures.is_empty());
    assert_eq!(kinds(&report), ["health", "routing", "routing", "routing"]);
    let routing = report.requests_to("/v1/messages").next().unwrap();
    let body: Value = serde_json::from_slice(&routing.body).unwrap();
    assert_eq!(body["model"], "claude-3-opus-20240229");
    assert_eq!(routing.tag("model"), Some("claude-3-opus-20240229"));
    assert_eq!(routing.tag("endpoint"), Some("ccr"));
    assert_eq!(report.values("ccr_routing_duration"), [5.0; 3]);
    let decision = report.samples_of("routing_decisions").next().unwrap();
    assert_eq!(decision.tag("requested"), Some("claude-3-opus-20240229"));
    assert_eq!(decision.tag("routed"), Some("glm"));
    assert_eq!(report.values("ccr_availability"), [1.0]);
}

#[test]
fn through_agentos_there_are_metrics_and_quotas_too() {
    let report = with_agentos(Host::new()).run_with_setup::<Visitor>();
    assert_eq!(
        kinds(&report),
        [
            "health", "metrics", "routing", "routing", "routing", "quota"
        ]
    );
    let routing = report
        .requests
        .iter()
        .find(|it| it.tag("type") == Some("routing"))
        .unwrap();
    assert_eq!(routing.header("x-requested-model"), routing.tag("model"));
    assert!(routing.header("x-task-type").is_some() && routing.header("x-priority").is_some());
    assert!(report.check_passed("quota: answer tells about it"));
    assert_eq!(report.values("ccr_quota_duration"), [5.0]);
    let decision = report.samples_of("routing_decisions").next().unwrap();
    assert_eq!(decision.tag("routed"), Some("sonnet"));
}

#[test]
fn three_iterations_in_ten_poll() {
    let host = with_agentos(with_direct(Host::new())).draws([0.0, 0.0, 0.0, 0.29]);
    let report = host.run_with_setup::<Visitor>();
    assert_eq!(
        report
            .requests
            .iter()
            .filter(|it| it.tag("type") == Some("poll"))
            .count(),
        3
    );
    assert_eq!(
        report
            .sleeps
            .iter()
            .filter(|sleep| **sleep == seconds(1))
            .count(),
        3
    );
    assert_eq!(report.values("ccr_availability"), [1.0; 5]);
}

#[test]
fn without_a_router_nothing_is_asked_and_nothing_fails() {
    let host = Host::new()
        .on("GET", "http://localhost:3456/health", unreachable())
        .iterations(2);
    let report = host.run_with_setup::<Visitor>();
    assert!(report.failures.is_empty());
    assert_eq!(report.requests.len(), 2);
    assert!(report.requests.iter().all(|probe| !probe.judged));
    assert_eq!(report.samples.len(), 0);
    assert_eq!(report.sleeps.len(), 2);
    assert!(
        report
            .logs
            .last()
            .unwrap()
            .message
            .contains("the run passes")
    );
}

#[test]
fn every_threshold_passes_without_data() {
    let options: Value = serde_json::from_str(&Visitor::options().to_json()).unwrap();
    let thresholds = options["thresholds"].as_object().unwrap();
    assert_eq!(thresholds.len(), 6);
    for threshold in thresholds
        .values()
        .flat_map(|list| list.as_array().unwrap())
    {
        assert_eq!(threshold["onNoData"], "pass");
    }
}

#[test]
fn a_router_that_refuses_is_there_and_its_refusals_count() {
    let host = Host::new()
        .on("GET", &[DIRECT, "/health"].concat(), reply(200))
        .on("POST", "/v1/messages", reply(401).text("Unauthorized"))
        .draws(QUIET);
    let report = host.run_with_setup::<Visitor>();
    assert_eq!(report.values("failed_requests").len(), 3);
    assert_eq!(report.values("routing_decisions").len(), 0);
    assert!(
        report
            .samples_of("ccr_routing_duration")
            .all(|it| it.tag("outcome") == Some("error"))
    );
}

#[test]
fn an_error_of_the_router_behind_agentos_is_no_router() {
    let host = Host::new().on("GET", "/ccr/health", reply(502));
    let (data, _) = host.setup::<Visitor>();
    assert_eq!(
        data.unwrap(),
        SetupData {
            direct: None,
            through_agentos: false
        }
    );
}
