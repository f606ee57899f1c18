#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use vuelo_sdk::fake::{Host, Reply, Report, reply, unreachable};

use super::*;

const EVENTS: [&str; 4] = [
    r#"{"type":"RUN_STARTED"}"#,
    r#"{"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"All"}"#,
    r#"{"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":" well"}"#,
    r#"{"type":"RUN_FINISHED"}"#,
];

fn agentos() -> Host {
    Host::new()
        .on("GET", "/health", reply(200))
        .on("GET", "/agents/dashboard/health", reply(200))
        .on("GET", "/agents/pm/a2a/status", reply(200))
        .on("GET", "/metrics", reply(200).text("# HELP up\nup 1\n"))
}

fn whole() -> Host {
    let mut host = agentos().on("GET", "/dashboard", reply(200).text("<html>"));
    for part in ["widgets", "alerts", "activity", "metrics"] {
        let path = format!("/api/dashboard/{part}");
        host = host.on("GET", &path, reply(200).json(&json!({"items": []})));
    }
    host
}

fn stream(events: &[&str]) -> Reply {
    events
        .iter()
        .fold(reply(200).event_stream(), |reply, event| reply.event(event))
}

/// One session that talks to the agent (the second draw).
fn talk(answer: Reply) -> Report {
    whole()
        .on("POST", "/agui", answer)
        .draws([0.0, 0.1])
        .run_with_setup::<Visitor>()
}

#[test]
fn a_session_loads_the_page_its_widgets_and_metrics_and_polls_three_times() {
    let report = whole().draws([0.99, 0.9]).run_with_setup::<Visitor>();
    assert!(report.failures.is_empty());
    assert!(report.checks.iter().all(|check| check.passed));
    let asked: Vec<_> = report.requests[2..]
        .iter()
        .map(|it| (it.tag("endpoint").unwrap(), it.path()))
        .collect();
    assert_eq!(
        asked,
        [
            ("health", "/health"),
            ("page", "/dashboard"),
            ("health", "/agents/dashboard/health"),
            ("health", "/agents/pm/a2a/status"),
            ("widget", "/api/dashboard/widgets"),
            ("widget", "/api/dashboard/alerts"),
            ("widget", "/agents/dashboard/health"),
            ("widget", "/api/dashboard/activity"),
            ("widget", "/agents/dashboard/health"),
            ("metrics", "/api/dashboard/metrics"),
            ("metrics", "/metrics"),
            ("poll", "/agents/dashboard/health"),
            ("poll", "/agents/dashboard/health"),
            ("poll", "/agents/dashboard/health"),
        ]
    );
    assert_eq!(report.requests[8].header("x-widget-type"), Some("agents"));
    assert_eq!(report.values("dashboard_widget_duration"), [5.0; 5]);
    assert_eq!(report.values("successful_requests").len(), 14);
    // Two between polls; the third is the think time at the end.
    assert_eq!(
        report
            .sleeps
            .iter()
            .filter(|sleep| **sleep == seconds(2))
            .count(),
        3
    );
}

#[test]
fn the_smallest_batch_is_of_three() {
    let report = whole().draws([0.0, 0.9]).run_with_setup::<Visitor>();
    assert_eq!(report.values("dashboard_widget_duration").len(), 3);
}

#[test]
fn without_the_web_application_its_requests_are_left_out_and_that_is_said_once() {
    let host = agentos()
        .on("GET", "/dashboard", unreachable())
        .draws([0.99, 0.9])
        .iterations(2);
    let report = host.run_with_setup::<Visitor>();
    assert!(report.failures.is_empty());
    assert_eq!(report.logs.len(), 1);
    assert!(!report.requests[1].judged);
    assert!(
        report.requests[2..]
            .iter()
            .all(|request| request.url.contains(":7777"))
    );
    // Two agents' widgets of a batch of five, one of a batch of four.
    assert_eq!(report.values("dashboard_widget_duration").len(), 3);
    assert_eq!(report.values("failed_requests").len(), 0);
}

#[test]
fn a_web_application_that_answers_badly_is_there() {
    let (data, report) = whole()
        .on("GET", "http://localhost:3000/dashboard", reply(500))
        .setup::<Visitor>();
    assert!(data.unwrap().web_url.is_some());
    assert!(report.logs.is_empty());
}

#[test]
fn a_talk_sends_a_whole_run_agent_input_and_measures_its_stream() {
    let report = talk(stream(&EVENTS));
    let sent = report.requests_to("/agui").next().unwrap();
    let input: Value = serde_json::from_slice(&sent.body).unwrap();
    for member in [
        "threadId",
        "runId",
        "state",
        "messages",
        "tools",
        "context",
        "forwardedProps",
    ] {
        assert!(input.get(member).is_some(), "{member}");
    }
    assert_eq!(sent.header("accept"), Some("text/event-stream"));
    assert_eq!(sent.timeout, Some(seconds(30)));
    assert_eq!(report.values("agui_time_to_first_token"), [10.0]);
    assert_eq!(report.values("agui_errors"), [0.0]);
    assert_eq!(
        report
            .samples_of("agui_run_duration")
            .next()
            .unwrap()
            .tag("outcome"),
        Some("ok")
    );
}

#[test]
fn a_talk_is_an_error_without_text_unfinished_failed_or_refused() {
    for answer in [
        stream(&[EVENTS[0], EVENTS[3]]),
        stream(&EVENTS[..3]),
        stream(&EVENTS[..2]).cut(),
        stream(&[
            EVENTS[0],
            EVENTS[1],
            r#"{"type":"RUN_ERROR","message":"no model"}"#,
        ]),
        stream(&[]),
        stream(&["no JSON"]),
        reply(200).json(&json!({"detail": "no"})),
        reply(429),
        unreachable(),
    ] {
        let report = talk(answer);
        assert!(report.failures.is_empty());
        assert_eq!(report.values("agui_errors"), [1.0]);
        let run = report.samples_of("agui_run_duration").next().unwrap();
        assert_eq!(run.tag("outcome"), Some("error"));
    }
}

#[test]
fn an_unhealthy_server_fails_setup() {
    let (outcome, _) = Host::new()
        .on("GET", "/health", unreachable())
        .setup::<Visitor>();
    assert!(
        outcome
            .err()
            .unwrap()
            .text()
            .starts_with("the health check failed")
    );
}
