//! Cards and JSON-RPC, in AgentOS's way and in the standard's.

use serde_json::json;

use super::*;

const AGENTS: [&str; 4] = ["dashboard_gateway", "navi", "pulse", "herald"];

/// A message as a client of either version sends it; the target reads no more
/// of it than that it is there.
fn call(method: &str) -> String {
    let message = json!({ "messageId": "m-1", "contextId": "c-1", "role": "user", "parts": [{ "text": "hello" }] });
    json!({ "jsonrpc": "2.0", "id": "call-7", "method": method, "params": { "message": message } })
        .to_string()
}

fn call_1_0(target: &RunningTarget, method: &str) -> Received {
    send(
        target,
        "POST",
        "/a2a/rpc",
        &[("A2A-Version", "1.0")],
        &call(method),
    )
    .unwrap()
}

#[test]
fn every_card_has_a_name_and_capabilities_and_names_the_address_it_was_asked_at() {
    let target = target();
    let mut paths = vec![
        "/.well-known/agent-card.json".to_owned(),
        "/.well-known/agent.json".to_owned(),
    ];
    paths.extend(AGENTS.map(|agent| format!("/a2a/{agent}/.well-known/agent.json")));
    for path in paths {
        let card = get(&target, &path).json();
        assert!(
            card["name"].is_string() && card["capabilities"].is_object(),
            "{path}: {card}"
        );
        let url = card["url"].as_str().unwrap();
        assert!(
            url.starts_with(&format!("http://{}/a2a/", target.address())),
            "{path}: {url}"
        );
    }
    let listing = get(&target, "/.well-known/agents").json();
    assert_eq!(listing["agents"].as_array().unwrap().len(), 4);
}

#[test]
fn a_card_follows_the_host_header_unless_it_could_not_stand_in_a_url() {
    let target = target();
    for (host, expected) in [
        (
            "agents.example:81",
            "http://agents.example:81/a2a/rpc".to_owned(),
        ),
        ("a\"b", format!("http://{}/a2a/rpc", target.address())),
    ] {
        let mut stream = TcpStream::connect(target.address()).unwrap();
        let request = format!(
            "GET /.well-known/agent.json HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert_eq!(receive(&text).unwrap().json()["url"], expected.as_str());
    }
}

#[test]
fn a_card_that_the_client_has_already_is_not_sent_again() {
    let target = target();
    let path = "/.well-known/agent.json";
    let first = get(&target, path);
    let tag = first.header("etag").unwrap().to_owned();
    for known in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"other\", {tag}"),
        "*".to_owned(),
    ] {
        let again = send(&target, "GET", path, &[("If-None-Match", &known)], "").unwrap();
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{known}");
        assert_eq!(again.header("etag"), Some(tag.as_str()));
    }
    let other = send(&target, "GET", path, &[("If-None-Match", "\"other\"")], "").unwrap();
    assert_eq!(other.status, 200);
}

#[test]
fn every_agent_answers_health_capabilities_and_run_with_both_members() {
    let target = target();
    for agent in AGENTS {
        for method in ["health", "capabilities", "run"] {
            let body = json!({ "jsonrpc": "2.0", "id": 41, "method": method, "params": { "task": "status" } });
            let answer = post(&target, &format!("/a2a/{agent}/rpc"), &body.to_string());
            assert_eq!(answer.status, 200);
            let answer = answer.json();
            assert_eq!(answer["id"], 41);
            assert_eq!(answer["result"]["agent"], agent);
            assert!(answer.as_object().unwrap().contains_key("error") && answer["error"].is_null());
        }
    }
}

#[test]
fn an_unknown_method_is_an_error_at_status_200() {
    let target = target();
    let answer = post(
        &target,
        "/a2a/navi/rpc",
        r#"{"jsonrpc":"2.0","id":"x","method":"dance"}"#,
    );
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["error"]["code"], -32601);
    assert_eq!(answer.json()["id"], "x");
    assert!(answer.json()["result"].is_null());
}

#[test]
fn a_body_that_cannot_be_read_is_422_with_a_list_of_details() {
    let target = target();
    for (body, kind) in [
        ("{not json", "json_invalid"),
        ("", "json_invalid"),
        (r#"{"id":1}"#, "missing"),
    ] {
        let answer = post(&target, "/a2a/navi/rpc", body);
        assert_eq!(answer.status, 422);
        assert_eq!(answer.json()["detail"][0]["type"], kind);
    }
}

#[test]
fn version_0_3_sends_tasks_and_messages_that_say_their_kind() {
    let target = target();
    let mut kinds = Vec::new();
    for _ in 0..40 {
        let answer = post(&target, "/a2a/rpc", &call("message/send")).json();
        assert_eq!(answer["id"], "call-7");
        assert!(!answer.as_object().unwrap().contains_key("error"));
        let result = &answer["result"];
        assert_eq!(result["contextId"], "c-1");
        match result["kind"].as_str().unwrap() {
            "task" => {
                assert_eq!(result["status"]["state"], "completed");
                assert_eq!(result["artifacts"][0]["parts"][0]["kind"], "text");
            }
            "message" => assert_eq!(result["role"], "agent"),
            other => panic!("{other}"),
        }
        kinds.push(result["kind"].to_string());
    }
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds.len(), 2, "tasks and messages both come");
}

#[test]
fn version_0_3_streams_until_a_final_status() {
    let target = target();
    let answer = post(&target, "/a2a/rpc", &call("message/stream"));
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert!(answer.complete && answer.body.contains(": ping\r\n\r\n"));
    let events = answer.events();
    let kinds: Vec<&str> = events
        .iter()
        .map(|event| event["result"]["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds[..3], ["task", "status-update", "artifact-update"]);
    let (last, before) = events.split_last().unwrap();
    assert_eq!(last["result"]["final"], true);
    assert_eq!(last["result"]["status"]["state"], "completed");
    assert!(before.iter().all(|event| event["result"]["final"] != true));
    let task = &events[0]["result"]["id"];
    assert!(
        events[1..]
            .iter()
            .all(|event| event["result"]["taskId"] == *task && event["id"] == "call-7")
    );
}

#[test]
fn version_1_0_wraps_results_and_ends_its_stream_with_a_terminal_state() {
    let target = target();
    for _ in 0..20 {
        let answer = call_1_0(&target, "SendMessage").json();
        let result = answer["result"].as_object().unwrap();
        match result.keys().next().unwrap().as_str() {
            "task" => assert_eq!(result["task"]["status"]["state"], "TASK_STATE_COMPLETED"),
            "message" => assert_eq!(result["message"]["role"], "ROLE_AGENT"),
            other => panic!("{other}"),
        }
        assert!(!answer.to_string().contains("\"kind\""));
    }
    let answer = call_1_0(&target, "SendStreamingMessage");
    let events = answer.events();
    assert!(answer.complete && !answer.body.contains("\"final\""));
    assert_eq!(
        events[0]["result"]["task"]["status"]["state"],
        "TASK_STATE_SUBMITTED"
    );
    assert!(events[2]["result"]["artifactUpdate"]["artifact"]["parts"][0]["text"].is_string());
    let last = &events.last().unwrap()["result"]["statusUpdate"];
    assert_eq!(last["status"]["state"], "TASK_STATE_COMPLETED");
}

#[test]
fn a_version_does_not_know_the_methods_of_the_other() {
    let target = target();
    assert_eq!(
        post(&target, "/a2a/rpc", &call("SendMessage")).json()["error"]["code"],
        -32601
    );
    assert_eq!(
        call_1_0(&target, "message/send").json()["error"]["code"],
        -32601
    );
    let unknown = send(
        &target,
        "POST",
        "/a2a/rpc",
        &[("A2A-Version", "9.1")],
        &call("SendMessage"),
    );
    assert_eq!(unknown.unwrap().json()["error"]["code"], -32009);
}

#[test]
fn the_standard_refuses_what_it_cannot_follow_at_status_200() {
    let target = target();
    for (body, code) in [
        ("{not json", -32700),
        ("[]", -32600),
        (
            r#"{"jsonrpc":"1.0","id":1,"method":"message/send"}"#,
            -32600,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"message/send","params":{}}"#,
            -32602,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"id":"x"}}"#,
            -32001,
        ),
    ] {
        let answer = post(&target, "/a2a/rpc", body);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["error"]["code"], code, "{body}");
    }
}
