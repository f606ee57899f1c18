//! What the runner counts, against what the target counts.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::harness::{Folder, TargetProcess};

/// The requests of a results file by method and path.
fn by_path(result: &Value, url: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for row in result["endpoints"].as_array().unwrap() {
        let name = row["tags"]["name"].as_str().unwrap();
        let path = name.strip_prefix(url).unwrap();
        let key = format!("{} {path}", row["tags"]["method"].as_str().unwrap());
        *counts.entry(key).or_default() += row["requests"].as_u64().unwrap();
    }
    counts
}

/// Runs a scenario against a target of its own process, and compares.
fn compare(scenario: &str, target: &[&str], more: &[&str]) -> Value {
    let target = TargetProcess::start(target);
    let mut arguments = vec!["run", scenario];
    for flag in ["--base-url", "--web-url", "--ccr-url"] {
        arguments.extend([flag, &target.url]);
    }
    arguments.extend(more);
    compare_with(&target, &Folder::new(), &arguments)
}

/// Runs the command, and compares what it says with what the target counted.
fn compare_with(target: &TargetProcess, folder: &Folder, arguments: &[&str]) -> Value {
    let ran = folder.vuelo(arguments);
    assert!(
        [0, 95, 99].contains(&ran.code),
        "{}\n{}",
        ran.stdout,
        ran.stderr
    );
    let result = folder.result();
    // What was cut off may still lie in the target's sockets.
    std::thread::sleep(std::time::Duration::from_millis(300));
    let counted: BTreeMap<String, u64> = target.counts().into_iter().collect();
    assert_eq!(by_path(&result, &target.url), counted, "{}", ran.stdout);
    let total: u64 = counted.values().sum();
    assert_eq!(
        result["metrics"]["http_reqs"]["values"]["count"].as_f64(),
        Some(total as f64)
    );
    result
}

#[test]
fn requests_per_endpoint_equal_those_that_the_target_counted() {
    for scenario in ["a2a", "dashboard", "ccr"] {
        compare(scenario, &[], &["-u", "8", "-i", "16"]);
    }
}

#[test]
fn requests_that_are_cut_off_at_the_end_are_counted_too() {
    // Answers take a second, and nothing waits for iterations at the end.
    let plan = "[components.a2a.options.scenarios.default]\n\
                executor = \"constant-vus\"\nvus = 60\nduration = \"4s\"\ngracefulStop = \"0s\"\n";
    let folder = Folder::new().with("vuelo.toml", plan);
    let plan = folder.path().join("vuelo.toml");
    let result = compare(
        "a2a",
        &["--latency", "700ms..1300ms"],
        &["--plan", plan.to_str().unwrap()],
    );
    let interrupted = interrupted(&result);
    assert!(
        interrupted > 10,
        "{interrupted} requests were under way at the end"
    );
}

/// How many requests were under way when their virtual user was stopped.
fn interrupted(result: &Value) -> u64 {
    let rows = result["endpoints"].as_array().unwrap().iter();
    rows.map(|row| row["interrupted"].as_u64().unwrap()).sum()
}

#[test]
fn so_are_those_that_a_guests_own_client_has_under_way() {
    let plan = "[components.guest.options.scenarios.default]\n\
                executor = \"constant-vus\"\nvus = 10\nduration = \"3s\"\ngracefulStop = \"0s\"\n";
    let folder = Folder::new().with_guest().with("vuelo.toml", plan);
    let target = TargetProcess::start(&["--latency", "300ms..900ms"]);
    let base = format!("BASE_URL={}", target.url);
    let arguments = ["run", "guest.wasm", "--plan", "vuelo.toml", "-e", &base];
    let more = ["-e", "DO=keep asking with another client"];
    let result = compare_with(&target, &folder, &[&arguments[..], &more[..]].concat());
    let interrupted = interrupted(&result);
    assert!(
        interrupted > 10,
        "{interrupted} requests were under way at the end"
    );
}

#[test]
fn requests_are_counted_when_the_target_drops_connections() {
    let result = compare("a2a", &["--fault-rate", "0.2"], &["-u", "10", "-i", "30"]);
    assert!(
        result["metrics"]["http_req_failed"]["values"]["rate"]
            .as_f64()
            .unwrap()
            > 0.0
    );
}
