//! AgentOS's own pages, the web application, AG-UI and the router.

use super::*;

const AGUI_INPUT: &str = r#"{"threadId":"t\"1","runId":"r-1","state":{},"messages":[{"id":"m","role":"user","content":"hi"}],"tools":[],"context":[],"forwardedProps":{}}"#;

#[test]
fn every_page_answers_200_in_its_media_type() {
    let target = target();
    for (path, media_type, contains) in [
        ("/health", "application/json", "\"status\""),
        (
            "/agents/dashboard/health",
            "application/json",
            "\"healthy\"",
        ),
        ("/agents/pm/a2a/status", "application/json", "\"agents\""),
        (
            "/metrics",
            "text/plain; version=0.0.4; charset=utf-8",
            "# TYPE agentos_requests_total counter",
        ),
        ("/dashboard", "text/html; charset=utf-8", "<!DOCTYPE html>"),
        ("/api/dashboard/widgets", "application/json", "\"widgets\""),
        ("/api/dashboard/alerts", "application/json", "\"alerts\""),
        (
            "/api/dashboard/activity",
            "application/json",
            "\"activity\"",
        ),
        ("/api/dashboard/metrics", "application/json", "\"metrics\""),
        ("/ccr/health", "application/json", "\"status\""),
    ] {
        let answer = get(&target, path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some(media_type), "{path}");
        assert!(
            answer.complete && answer.body.contains(contains),
            "{path}: {}",
            answer.body
        );
        if media_type == "application/json" {
            answer.json();
        }
    }
}

#[test]
fn the_dashboard_has_the_size_of_a_real_page() {
    let size = get(&target(), "/dashboard").body.len();
    assert!((30_000..80_000).contains(&size), "{size} bytes");
}

#[test]
fn an_agui_run_streams_its_text_and_finishes() {
    let answer = post(&target(), "/agui", AGUI_INPUT);
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert!(answer.complete && answer.body.contains("\n: ping\n\n"));
    let events = answer.events();
    let kinds: Vec<&str> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    let texts = kinds
        .iter()
        .filter(|kind| **kind == "TEXT_MESSAGE_CONTENT")
        .count();
    assert!(texts >= 3, "{kinds:?}");
    assert_eq!(kinds[..2], ["RUN_STARTED", "TEXT_MESSAGE_START"]);
    assert_eq!(
        kinds[kinds.len() - 2..],
        ["TEXT_MESSAGE_END", "RUN_FINISHED"]
    );
    assert_eq!(events[0]["threadId"], "t\"1");
    assert_eq!(events.last().unwrap()["runId"], "r-1");
    let message = &events[1]["messageId"];
    assert!(
        events[2..events.len() - 1]
            .iter()
            .all(|event| event["messageId"] == *message)
    );
}

#[test]
fn an_agui_run_without_its_ids_is_422_and_no_stream() {
    let answer = post(&target(), "/agui", r#"{"messages":[]}"#);
    assert_eq!(answer.status, 422);
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[test]
fn the_router_says_by_the_model_where_a_message_went() {
    let target = target();
    for (requested, routed) in [
        ("claude-3-opus-20240229", "claude-3-opus-20240229"),
        ("claude-3-sonnet-20240229", "claude-3-sonnet-20240229"),
        ("claude-3-haiku-20240307", "deepseek-chat"),
        ("gpt-4-turbo", "claude-3-opus-20240229"),
        ("gpt-3.5-turbo", "claude-3-haiku-20240307"),
    ] {
        let body = format!(r#"{{"model":"{requested}","max_tokens":16,"messages":[]}}"#);
        let answer = post(&target, "/v1/messages", &body).json();
        assert_eq!(answer["model"], routed);
        assert_eq!(answer["type"], "message");
        assert_eq!(answer["content"][0]["type"], "text");
        assert!(answer["usage"]["output_tokens"].is_u64());
    }
    let refused = post(&target, "/v1/messages", "{}");
    assert_eq!(
        (refused.status, refused.json()["type"].as_str()),
        (400, Some("error"))
    );
}

#[test]
fn the_routers_metrics_have_a_quota_and_a_decision_only_when_asked() {
    let target = target();
    let plain = get(&target, "/ccr/metrics").json();
    assert!(plain["quota"].is_null() && plain["routing"].is_null());
    let headers = [("X-Quota-Check", "true")];
    assert!(
        send(&target, "GET", "/ccr/metrics", &headers, "")
            .unwrap()
            .json()["quota"]
            .is_object()
    );
    let headers = [
        ("X-Requested-Model", "gpt-4-turbo"),
        ("X-Task-Type", "say \"hi\""),
        ("X-Priority", "high"),
    ];
    let routing = send(&target, "GET", "/ccr/metrics", &headers, "")
        .unwrap()
        .json()["routing"]
        .clone();
    assert_eq!(routing["requested_model"], "gpt-4-turbo");
    assert_eq!(routing["routed_model"], "claude-3-opus-20240229");
    assert_eq!(routing["task_type"], "say \"hi\"");
}

#[test]
fn what_is_not_deployed_is_404() {
    let target = target_with(|settings| {
        settings.ccr = Presence::Absent;
        settings.web = Presence::Absent;
    });
    for path in [
        "/dashboard",
        "/api/dashboard/widgets",
        "/ccr/health",
        "/ccr/metrics",
    ] {
        assert_eq!(get(&target, path).status, 404, "{path}");
    }
    assert_eq!(post(&target, "/v1/messages", "{}").status, 404);
    assert_eq!(get(&target, "/health").status, 200);
}
