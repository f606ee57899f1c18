//! VUs that take their time to start, before the load and in it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::harness::{Folder, Ran, signal};

/// A folder with the guest and a plan of one scenario.
fn folder(scenario: &Value) -> Folder {
    let plan = json!({ "options": { "scenarios": { "only": scenario } } });
    Folder::new()
        .with_guest()
        .with("plan.json", plan.to_string())
}

fn arguments(what: &str) -> [String; 6] {
    let what = format!("DO={what}");
    ["run", "./guest.wasm", "--plan", "plan.json", "-e", &what].map(str::to_owned)
}

fn run(folder: &Folder, what: &str) -> Ran {
    let arguments = arguments(what);
    folder.vuelo(&arguments.each_ref().map(String::as_str))
}

/// Runs guests whose start takes a minute, and stops them after a while.
fn stopped(scenario: &Value, after: Duration) -> Folder {
    let folder = folder(scenario);
    let arguments = arguments("start for a minute");
    let child = folder.start(&arguments.each_ref().map(String::as_str));
    std::thread::sleep(after);
    let asked = Instant::now();
    signal(&child, "-INT");
    Ran::new(child.wait_with_output().unwrap()).ends_with(105);
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?} after one signal");
    folder
}

fn metric(folder: &Folder, name: &str, value: &str) -> Option<f64> {
    folder.result()["metrics"][name]["values"][value].as_f64()
}

#[test]
fn one_signal_ends_a_run_whose_vus_are_still_starting_before_the_load() {
    for scenario in [
        json!({ "executor": "constant-vus", "vus": 3, "duration": "60s" }),
        json!({
            "executor": "constant-arrival-rate",
            "rate": 5,
            "duration": "60s",
            "preAllocatedVUs": 3,
        }),
    ] {
        let folder = stopped(&scenario, Duration::from_secs(2));
        assert_eq!(metric(&folder, "iterations", "count"), None);
    }
}

#[test]
fn one_signal_ends_a_run_whose_vus_are_still_starting_in_the_load() {
    for scenario in [
        json!({ "executor": "constant-vus", "vus": 3, "duration": "60s", "startTime": "1s" }),
        json!({
            "executor": "constant-arrival-rate",
            "rate": 5,
            "duration": "60s",
            "preAllocatedVUs": 0,
            "maxVUs": 3,
        }),
    ] {
        let folder = stopped(&scenario, Duration::from_secs(3));
        assert_eq!(metric(&folder, "iterations", "count"), None);
        assert_eq!(metric(&folder, "vus", "max").unwrap_or(0.0), 0.0);
    }
}

#[test]
fn vus_that_never_get_ready_hold_up_no_end() {
    let began = Instant::now();
    let folder = folder(&json!({
        "executor": "constant-vus",
        "vus": 2,
        "duration": "1s",
        "startTime": "1s",
    }));
    run(&folder, "start for a minute").ends_with(95);
    let took = began.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn vus_that_are_wanted_at_once_are_ready_when_the_load_starts() {
    let folder = folder(&json!({ "executor": "constant-vus", "vus": 3, "duration": "1s" }));
    run(&folder, "start for a second").ends_with(0);
    assert_eq!(metric(&folder, "iteration_lag", "count"), Some(3.0));
    let lag = metric(&folder, "iteration_lag", "max").unwrap();
    assert!(lag < 500.0, "{lag} ms");
}

#[test]
fn vus_that_are_ready_too_late_say_so_in_the_lag_of_their_first_iteration() {
    let folder = folder(&json!({
        "executor": "constant-vus",
        "vus": 3,
        "duration": "2s",
        "startTime": "2s",
    }));
    run(&folder, "start for a second").ends_with(0);
    // They are made half a second before they are wanted.
    assert_eq!(metric(&folder, "iteration_lag", "count"), Some(3.0));
    let lag = metric(&folder, "iteration_lag", "min").unwrap();
    assert!((300.0..900.0).contains(&lag), "{lag} ms");
}

#[test]
fn a_start_that_fails_is_counted_once_and_told_when_the_load_ends_in_the_pause_after_it() {
    let folder = folder(&json!({
        "executor": "constant-vus",
        "vus": 1,
        "duration": "500ms",
        "gracefulStop": "0s",
    }));
    run(&folder, "refuse to start").says("this one does not start");
    assert_eq!(metric(&folder, "iterations", "count"), Some(1.0));
    assert_eq!(metric(&folder, "iterations_failed", "count"), Some(1.0));
    assert_eq!(metric(&folder, "iterations_interrupted", "count"), None);
}
