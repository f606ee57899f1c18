use serde_json::json;

use super::*;

fn server() -> fake::Host {
    let listing = json!({"agents": [{"name": "navi"}, {"name": "herald"}]});
    let result = json!({"jsonrpc": "2.0", "id": 1, "result": {"status": "healthy"}, "error": null});
    fake::Host::new()
        .on(
            "GET",
            "/.well-known/agent-card.json",
            fake::reply(200).json(&json!({"name": "x"})),
        )
        .on(
            "GET",
            "/.well-known/agents",
            fake::reply(200).json(&listing),
        )
        .on("POST", "/a2a/navi/rpc", fake::reply(200).json(&result))
        .on(
            "POST",
            "/a2a/herald/rpc",
            fake::reply(200).json(&json!({"error": {"code": -1}})),
        )
}

#[test]
fn an_agent_of_the_listing_is_called_with_the_token() {
    let report = server().draws([0.0]).run_with_setup::<Visitor>();
    assert_eq!(report.failures, Vec::<String>::new());
    assert!(report.checks.iter().all(|check| check.passed));
    assert_eq!(report.checks.len(), 6);
    let call = report.requests_to("/a2a/navi/rpc").next().unwrap();
    assert_eq!(call.header("authorization"), Some("Bearer test-token"));
    assert_eq!(call.tag("language"), Some("rust"));
    assert_eq!(call.group, "::rpc");
    assert_eq!(report.values("agents_found"), [2.0]);
    assert_eq!(report.values("rpc_errors"), [0.0]);
    assert_eq!(report.values("rpc_duration"), [5.0]);
    assert_eq!(report.sleeps.len(), 3);
}

#[test]
fn an_error_at_status_200_counts_as_an_error() {
    let report = server().draws([0.9]).run_with_setup::<Visitor>();
    assert!(report.check_passed("rpc: status is 200"));
    assert!(!report.check_passed("rpc: has a result"));
    assert_eq!(report.values("rpc_errors"), [1.0]);
}

#[test]
fn no_answer_fails_both_checks_and_is_told() {
    let report = server()
        .on("POST", "/a2a/pulse/rpc", fake::unreachable())
        .data(r#"{"agents": ["pulse"]}"#)
        .run::<Visitor>();
    let failed = report.checks.iter().filter(|check| !check.passed);
    assert_eq!(failed.count(), 2);
    assert!(report.values("rpc_duration").is_empty());
    assert_eq!(report.logs.len(), 1);
}

#[test]
fn setup_says_what_is_wrong_with_the_listing() {
    for (reply, words) in [
        (
            fake::reply(503),
            "setup: http://localhost:7777/.well-known/agents answered 503",
        ),
        (fake::reply(200).text("{}"), "lists no agent"),
    ] {
        let host = fake::Host::new().on("GET", "/.well-known/agents", reply);
        let failure = host.setup::<Visitor>().0.err().unwrap();
        assert!(failure.text().contains(words), "{failure}");
    }
}
