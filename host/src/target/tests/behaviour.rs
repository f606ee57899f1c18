//! Counts, tokens, limits, latency, faults and the end.

use std::thread;
use std::time::Instant;

use super::*;

const AGUI_INPUT: &str = r#"{"threadId":"t","runId":"r","messages":[]}"#;
const HEALTH_CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"health"}"#;

#[test]
fn counts_are_exact_over_threads_and_served_as_json() {
    let target = target();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    get(&target, "/health?verbose=1");
                    post(&target, "/a2a/navi/rpc", HEALTH_CALL);
                }
            });
        }
    });
    get(&target, "/nowhere");
    let counts = target.counts();
    assert_eq!(
        (
            counts.of("GET", "/health"),
            counts.of("POST", "/a2a/navi/rpc")
        ),
        (100, 100)
    );
    assert_eq!((counts.of("GET", "/nowhere"), counts.total()), (1, 201));
    let served = get(&target, "/_target/requests").json();
    assert_eq!(served["total"], 201);
    assert_eq!(
        served["requests"][0],
        serde_json::json!({ "method": "GET", "path": "/health", "count": 100 })
    );
    assert_eq!(post(&target, "/_target/reset", "").json()["total"], 0);
    assert_eq!(counts.total(), 0);
}

#[test]
fn an_unknown_path_is_404_and_a_wrong_method_405() {
    let target = target();
    assert_eq!(get(&target, "/nowhere").status, 404);
    let answer = get(&target, "/agui");
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
}

#[test]
fn one_connection_carries_many_requests() {
    let target = target();
    let mut stream = TcpStream::connect(target.address()).unwrap();
    for _ in 0..3 {
        stream
            .write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
            .unwrap();
        let mut buffer = [0; 2048];
        let mut received = String::new();
        while !received.ends_with('}') {
            let length = stream.read(&mut buffer).unwrap();
            assert!(length > 0, "the connection was closed");
            received.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        }
        assert!(received.starts_with("HTTP/1.1 200"));
    }
}

#[test]
fn a_wrong_token_is_403_everywhere_and_counted() {
    let target = target_with(|settings| settings.token = Some(Token::new("right")));
    let wrong = [("Authorization", "Bearer wrong")];
    for (method, path) in [
        ("GET", "/health"),
        ("GET", "/dashboard"),
        ("POST", "/agui"),
        ("POST", "/a2a/rpc"),
    ] {
        assert_eq!(
            send(&target, method, path, &wrong, "{}").unwrap().status,
            403,
            "{path}"
        );
    }
    assert_eq!(target.counts().total(), 4);
}

#[test]
fn a_missing_token_is_an_error_at_200_for_rpc_and_a_401_for_agui_and_the_router() {
    let target = target_with(|settings| settings.token = Some(Token::new("right")));
    let answer = post(&target, "/a2a/navi/rpc", HEALTH_CALL);
    assert_eq!(
        (answer.status, answer.json()["error"]["code"].as_i64()),
        (200, Some(-32600))
    );
    assert_eq!(post(&target, "/agui", AGUI_INPUT).status, 401);
    let router = post(&target, "/v1/messages", r#"{"model":"gpt-4-turbo"}"#);
    assert_eq!(
        (router.status, router.header("content-type")),
        (401, Some("text/plain; charset=utf-8"))
    );
    assert_eq!(get(&target, "/health").status, 200);
    let right = [("Authorization", "Bearer right")];
    let granted = send(&target, "POST", "/a2a/navi/rpc", &right, HEALTH_CALL).unwrap();
    assert!(granted.json()["error"].is_null());
}

#[test]
fn requests_above_the_limit_are_429_with_a_time_to_retry_after() {
    let target = target_with(|settings| settings.rate_limit = Some("5".parse().unwrap()));
    let mut media_types = Vec::new();
    let mut served = 0;
    for _ in 0..40 {
        let answer = post(&target, "/a2a/navi/rpc", HEALTH_CALL);
        if answer.status == 200 {
            served += 1;
            continue;
        }
        assert_eq!(
            (answer.status, answer.header("retry-after")),
            (429, Some("1"))
        );
        media_types.push(answer.header("content-type").unwrap().to_owned());
    }
    assert!(
        (5..=10).contains(&served),
        "{served} served in less than two seconds"
    );
    media_types.sort();
    media_types.dedup();
    assert_eq!(media_types.len(), 2, "JSON and plain text both come");
    assert_eq!(target.counts().total(), 40);
}

#[test]
fn an_answer_takes_its_latency() {
    let target = target_with(|settings| settings.latency = "40ms".parse().unwrap());
    let asked = Instant::now();
    get(&target, "/health");
    assert!(asked.elapsed() >= Duration::from_millis(40));
}

/// A line for what a request met, identifiers left out.
fn met(answer: io::Result<Received>) -> String {
    match answer {
        Err(error) => format!("{:?}", error.kind()),
        Ok(answer) if answer.header("content-type") == Some("text/event-stream") => {
            let last = answer.events().last().unwrap()["type"].to_string();
            format!("stream to {last}, complete: {}", answer.complete)
        }
        Ok(answer) => format!("{} {}", answer.status, answer.body.len()),
    }
}

fn fate(seed: u64, first_ask_for: &str) -> Vec<String> {
    let target = target_with(|settings| {
        settings.seed = seed;
        settings.fault_rate = FaultRate::new(0.5).unwrap();
    });
    for _ in 0..7 {
        // What happens on another path must make no difference.
        let _ = send(&target, "GET", first_ask_for, &[], "");
    }
    let rpc = (0..20).map(|_| met(send(&target, "POST", "/a2a/navi/rpc", &[], HEALTH_CALL)));
    let mut fate: Vec<String> = rpc.collect();
    fate.extend((0..10).map(|_| met(send(&target, "POST", "/agui", &[], AGUI_INPUT))));
    fate
}

#[test]
fn a_seed_repeats_the_faults_of_a_path_whatever_else_is_asked() {
    let first = fate(11, "/metrics");
    assert_eq!(first, fate(11, "/dashboard"));
    assert_ne!(first, fate(12, "/metrics"));
}

#[test]
fn rpc_meets_every_kind_of_fault() {
    let target = target_with(|settings| settings.fault_rate = FaultRate::ALL);
    let (mut reset, mut errors, mut hidden, mut statuses) = (0, 0, 0, Vec::new());
    for _ in 0..60 {
        let answer = match send(&target, "POST", "/a2a/navi/rpc", &[], HEALTH_CALL) {
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
                reset += 1;
                continue;
            }
            Ok(answer) => answer,
        };
        statuses.push(answer.status);
        match answer.status {
            200 if answer.json()["error"].is_null() => {
                let content: Value =
                    serde_json::from_str(answer.json()["result"]["content"].as_str().unwrap())
                        .unwrap();
                assert_eq!(content["status"], "error");
                hidden += 1;
            }
            200 => errors += 1,
            503 => assert_eq!(answer.header("retry-after"), Some("1")),
            500 => assert_eq!(
                answer.header("content-type"),
                Some("text/plain; charset=utf-8")
            ),
            other => panic!("{other}"),
        }
    }
    assert!(
        reset > 0 && errors > 0 && hidden > 0,
        "{reset} {errors} {hidden}"
    );
    assert!(statuses.contains(&500) && statuses.contains(&503));
    assert_eq!(target.counts().of("POST", "/a2a/navi/rpc"), 60);
}

#[test]
fn agui_streams_break_end_early_and_report_errors() {
    let target = target_with(|settings| settings.fault_rate = FaultRate::ALL);
    let met: Vec<String> = (0..60)
        .map(|_| met(send(&target, "POST", "/agui", &[], AGUI_INPUT)))
        .collect();
    for expected in [
        "stream to \"TEXT_MESSAGE_CONTENT\", complete: false",
        "stream to \"TEXT_MESSAGE_CONTENT\", complete: true",
        "stream to \"RUN_ERROR\", complete: true",
        "ConnectionReset",
    ] {
        assert!(
            met.iter().any(|one| one == expected),
            "no `{expected}` in {met:?}"
        );
    }
    assert!(!met.iter().any(|one| one.contains("RUN_FINISHED")));
}

#[test]
fn standard_streams_fail_without_a_completed_task() {
    let target = target_with(|settings| settings.fault_rate = FaultRate::ALL);
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"message/stream","params":{"message":{"messageId":"m","role":"user","parts":[]}}}"#;
    let (mut cut, mut unfinished, mut failed, mut plain) = (0, 0, 0, 0);
    for _ in 0..60 {
        let Ok(answer) = send(&target, "POST", "/a2a/rpc", &[], call) else {
            continue;
        };
        assert!(!answer.body.contains("completed"));
        match answer.header("content-type") {
            Some("text/event-stream") if !answer.complete => cut += 1,
            Some("text/event-stream") if answer.body.contains("\"failed\"") => failed += 1,
            Some("text/event-stream") => unfinished += 1,
            Some("application/json") if answer.status == 200 => plain += 1,
            _ => {}
        }
    }
    assert!(
        cut > 0 && unfinished > 0 && failed > 0 && plain > 0,
        "{cut} {unfinished} {failed} {plain}"
    );
}

#[test]
fn health_has_no_faults_unless_it_is_included() {
    let exempt = target_with(|settings| settings.fault_rate = FaultRate::ALL);
    assert!((0..20).all(|_| get(&exempt, "/health").status == 200));
    let included = target_with(|settings| {
        settings.fault_rate = FaultRate::ALL;
        settings.health_faults = HealthFaults::Included;
    });
    let failed = |answer: io::Result<Received>| answer.map_or(true, |answer| answer.status != 200);
    assert!((0..20).all(|_| failed(send(&included, "GET", "/health", &[], ""))));
}

#[test]
fn a_stopped_target_lets_go_of_its_port_and_of_idle_connections() {
    // Where there is a second loopback address, no other test takes the port
    // in the moment in which it is free.
    let host = if cfg!(target_os = "linux") {
        [127, 0, 0, 2]
    } else {
        [127, 0, 0, 1]
    };
    let target = Target::spawn(SocketAddr::from((host, 0)), Settings::default()).unwrap();
    let address = target.address();
    let mut idle = TcpStream::connect(address).unwrap();
    idle.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    let asked = Instant::now();
    thread::sleep(Duration::from_millis(50));
    target.stop();
    assert!(asked.elapsed() < Duration::from_secs(2));
    let mut received = String::new();
    idle.read_to_string(&mut received).unwrap();
    assert!(received.starts_with("HTTP/1.1 200"));
    assert!(TcpStream::connect(address).is_err());
    Target::spawn(address, Settings::default()).unwrap();
}

#[test]
fn an_address_in_use_is_refused_with_a_way_out() {
    let target = target();
    let error = Target::spawn(target.address(), Settings::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(&target.address().to_string()) && error.contains("port 0"),
        "{error}"
    );
}

#[test]
fn a_target_can_be_spawned_from_within_a_runtime_or_served_by_one() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let spawned = target();
        assert_eq!(get(&spawned, "/health").status, 200);
        let served = Target::bind(SocketAddr::from(([127, 0, 0, 1], 0)), Settings::default())
            .await
            .unwrap();
        let (counts, address) = (served.counts(), served.address());
        let client = tokio::task::spawn_blocking(move || TcpStream::connect(address).is_ok());
        served.serve(async { assert!(client.await.unwrap()) }).await;
        assert_eq!(counts.total(), 0);
    });
}
