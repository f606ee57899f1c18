#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use vuelo_sdk::fake::{Host, Reply, Report, reply, unreachable};

use super::*;

const CARD: &str = "/.well-known/agent-card.json";

fn card() -> Value {
    json!({"name": "Navi", "capabilities": {"streaming": true}, "url": "http://localhost:7777/rpc",
        "preferredTransport": "JSONRPC", "protocolVersion": "0.3.0",
        "supportedInterfaces": [
            {"url": "http://localhost:7777/v1", "protocolBinding": "JSONRPC", "protocolVersion": "1.0"}]})
}

fn agentos() -> Host {
    let mut host = Host::new()
        .on("GET", "/health", reply(200))
        .on("GET", CARD, reply(200).json(&card()))
        .on("GET", "/.well-known/agent.json", reply(200).json(&card()))
        .on(
            "GET",
            "/.well-known/agents",
            reply(200).json(&json!({"agents": []})),
        );
    for agent in ["dashboard_gateway", "navi", "pulse", "herald"] {
        host = host
            .on(
                "GET",
                &format!("/a2a/{agent}/.well-known/agent.json"),
                reply(200).json(&card()),
            )
            .on_each("POST", &format!("/a2a/{agent}/rpc"), |request| {
                let call: Value = serde_json::from_slice(&request.body).unwrap();
                reply(200)
                    .json(&json!({"jsonrpc": "2.0", "id": call["id"], "result": {}, "error": null}))
            });
    }
    host
}

fn standard(dialect: &str, path: &str, answer: Reply, events: Reply) -> Report {
    Host::new()
        .config("A2A_DIALECT", dialect)
        .on("GET", CARD, reply(200).json(&card()))
        .on_each("POST", path, move |request| {
            if request.opened {
                events.clone()
            } else {
                answer.clone()
            }
        })
        .run_with_setup::<Visitor>()
}

fn body(request: &fake::SentRequest) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

#[test]
fn the_gateway_is_asked_for_health_capabilities_and_a_run_after_discovery() {
    let report = agentos().draws([0.0]).run_with_setup::<Visitor>();
    assert!(report.failures.is_empty());
    let paths: Vec<_> = report
        .requests
        .iter()
        .map(|request| request.path())
        .collect();
    assert_eq!(
        paths,
        [
            "/health",
            CARD,
            "/.well-known/agent.json",
            "/.well-known/agents",
            "/a2a/dashboard_gateway/.well-known/agent.json",
            "/a2a/navi/.well-known/agent.json",
            "/a2a/pulse/.well-known/agent.json",
            "/a2a/herald/.well-known/agent.json",
            "/a2a/dashboard_gateway/rpc",
            "/a2a/dashboard_gateway/rpc",
            "/a2a/dashboard_gateway/rpc",
        ]
    );
    let run = &report.requests[10];
    assert_eq!(run.timeout, Some(seconds(30)));
    assert_eq!(run.group, "::Dashboard Gateway RPC");
    assert_eq!(run.tag("agent"), Some("dashboard"));
    assert_eq!(run.tag("rpc_method"), Some("run"));
    assert_eq!(run.header("x-a2a-protocol"), Some("1.0"));
    assert_eq!(run.header("authorization"), Some("Bearer test-token"));
    assert_eq!(body(run)["params"]["context"]["caller_id"], "load-test");
    let marked = |sent: &fake::SentRequest| sent.tag("environment") == Some("development");
    assert!(report.requests.iter().all(marked));
    assert!(
        report.requests[1..8]
            .iter()
            .all(|request| request.tag("endpoint") == Some("discovery")
                && request.header("authorization").is_none())
    );

    assert_eq!(report.values("a2a_errors"), [0.0; 10]);
    assert_eq!(report.values("a2a_discovery_duration").len(), 7);
    assert_eq!(report.values("a2a_duration"), [5.0; 3]);
    assert_eq!(report.values("successful_requests").len(), 10);
    assert!(report.check_passed("rpc: answer is a success"));
    // Six between places, one after discovery, two between calls, one at the end.
    assert_eq!(report.sleeps.len(), 10);
}

#[test]
fn another_draw_calls_another_agent() {
    let report = agentos()
        .draws([0.3, 0.99])
        .iterations(2)
        .run_with_setup::<Visitor>();
    assert_eq!(report.requests_to("/a2a/navi/rpc").count(), 2);
    assert_eq!(report.requests_to("/a2a/herald/rpc").count(), 1);
}

#[test]
fn an_error_at_status_200_counts_as_error_and_in_the_trend() {
    let report = Host::new()
        .on("GET", "/health", reply(200))
        .on(
            "POST",
            "/a2a/herald/rpc",
            reply(200).json(&json!({"error": {"code": -32600}})),
        )
        .draws([0.99])
        .run_with_setup::<Visitor>();
    // Nothing is described here: discovery fails seven times.
    assert_eq!(report.values("a2a_errors"), [1.0; 8]);
    let call = report.samples_of("a2a_duration").next().unwrap();
    assert_eq!(call.tag("outcome"), Some("error"));
    assert_eq!(call.tag("method"), Some("health"));
    assert_eq!(report.values("failed_requests").len(), 8);
}

#[test]
fn setup_fails_where_the_server_is_not_healthy() {
    let (outcome, _) = Host::new()
        .on("GET", "/health", reply(503))
        .setup::<Visitor>();
    let failure = outcome.err().unwrap();
    assert!(
        failure
            .text()
            .contains("GET http://localhost:7777/health answered 503")
    );
}

#[test]
fn an_unknown_flow_and_an_unknown_dialect_are_failures() {
    let report = agentos().flow("other").run_with_setup::<Visitor>();
    assert!(report.failures[0].contains("no flow `other`"));
    let (outcome, _) = Host::new().config("A2A_DIALECT", "2.0").setup::<Visitor>();
    assert!(
        outcome
            .err()
            .unwrap()
            .text()
            .contains("agentos, 0.3 or 1.0")
    );
}

#[test]
fn version_0_3_sends_and_streams_messages_to_the_card_s_url() {
    let task = json!({"jsonrpc": "2.0", "id": 1, "result": {"kind": "task", "status": {"state": "completed"}}});
    let working = json!({"result": {"kind": "status-update", "final": false, "status": {"state": "working"}}});
    let done = json!({"result": {"kind": "status-update", "final": true, "status": {"state": "completed"}}});
    let report = standard(
        "0.3",
        "/rpc",
        reply(200).json(&task),
        reply(200)
            .event(&working.to_string())
            .event(&done.to_string()),
    );
    assert!(report.failures.is_empty());
    let sent: Vec<_> = report.requests_to("/rpc").collect();
    let message = body(sent[0]);
    assert_eq!(message["method"], "message/send");
    assert_eq!(message["params"]["message"]["kind"], "message");
    assert_eq!(message["params"]["message"]["role"], "user");
    assert_eq!(message["params"]["message"]["parts"][0]["kind"], "text");
    assert_eq!(body(sent[1])["method"], "message/stream");
    assert_ne!(
        message["params"]["message"]["messageId"],
        body(sent[1])["params"]["message"]["messageId"]
    );
    assert_eq!(sent[0].header("a2a-version"), None);
    assert_eq!(sent[1].header("accept"), Some("text/event-stream"));
    assert_eq!(report.values("a2a_errors"), [0.0; 3]);
    assert_eq!(report.values("a2a_time_to_first_event"), [5.0]);
    assert_eq!(report.values("a2a_stream_events"), [2.0]);
    assert_eq!(report.values("a2a_stream_duration").len(), 1);
}

#[test]
fn version_1_0_has_its_own_names_and_header() {
    let message =
        json!({"result": {"message": {"messageId": "x", "role": "ROLE_AGENT", "parts": []}}});
    let update = json!({"result": {"statusUpdate": {"status": {"state": "TASK_STATE_COMPLETED"}}}});
    let report = standard(
        "1.0",
        "/v1",
        reply(200).json(&message),
        reply(200).event(&update.to_string()),
    );
    let sent: Vec<_> = report.requests_to("/v1").collect();
    assert_eq!(body(sent[0])["method"], "SendMessage");
    assert_eq!(body(sent[0])["params"]["message"]["role"], "ROLE_USER");
    assert_eq!(
        body(sent[0])["params"]["message"]["parts"],
        json!([{"text": "Give a short status."}])
    );
    assert_eq!(body(sent[1])["method"], "SendStreamingMessage");
    assert_eq!(sent[1].header("a2a-version"), Some("1.0"));
    assert_eq!(report.values("a2a_errors"), [0.0; 3]);
}

#[test]
fn a_stream_is_an_error_when_it_is_cut_unfinished_refused_or_tells_of_a_failure() {
    let working = json!({"result": {"kind": "status-update", "final": false, "status": {"state": "working"}}});
    let failed =
        json!({"result": {"kind": "status-update", "final": true, "status": {"state": "failed"}}});
    let error = json!({"error": {"code": -32603, "message": "no"}});
    for events in [
        reply(200).event(&working.to_string()),
        reply(200).event(&working.to_string()).cut(),
        reply(200).event_stream(),
        reply(200)
            .event(&working.to_string())
            .event(&failed.to_string()),
        reply(200).event(&error.to_string()),
        reply(200).json(&error),
        reply(500),
        unreachable(),
    ] {
        let report = standard(
            "0.3",
            "/rpc",
            reply(200).json(&json!({"result": {}})),
            events,
        );
        assert_eq!(report.values("a2a_errors"), [0.0, 0.0, 1.0]);
        let stream = report.samples_of("a2a_stream_duration").next().unwrap();
        assert_eq!(stream.tag("outcome"), Some("error"));
    }
}

#[test]
fn the_token_goes_to_no_other_origin_and_streams_only_where_offered() {
    let card = json!({"name": "x", "capabilities": {}, "url": "http://elsewhere/rpc"});
    let report = Host::new()
        .config("A2A_DIALECT", "0.3")
        .on("GET", CARD, reply(200).json(&card))
        .on(
            "POST",
            "http://elsewhere/rpc",
            reply(200).json(&json!({"result": {}})),
        )
        .run_with_setup::<Visitor>();
    let sent: Vec<_> = report.requests_to("/rpc").collect();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].header("authorization"), None);
    assert_eq!(report.logs.len(), 2);
}

#[test]
fn a_card_without_the_version_fails_setup_and_says_so() {
    let card = json!({"name": "x", "capabilities": {}, "url": "http://localhost/rpc"});
    let (outcome, _) = Host::new()
        .config("A2A_DIALECT", "1.0")
        .on("GET", CARD, reply(200).json(&card))
        .setup::<Visitor>();
    assert!(
        outcome
            .err()
            .unwrap()
            .text()
            .contains("no JSON-RPC endpoint of A2A 1.0")
    );
}
