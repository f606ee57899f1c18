//! Executors, paces and parts of a run, held against what the target counted.

use serde_json::{Value, json};

use super::harness::{Folder, Ran, TargetProcess};

const GET: &str = "GET /health";

/// A folder with the guest and a plan of these options.
fn folder(options: &Value) -> Folder {
    let plan = json!({ "options": options });
    Folder::new()
        .with_guest()
        .with("plan.json", plan.to_string())
}

/// Runs the guest's one GET, as the plan says.
fn run(folder: &Folder, target: &TargetProcess, more: &[&str]) -> Ran {
    let url = format!("{}/health", target.url);
    let mut arguments = vec!["run", "./guest.wasm", "--plan", "plan.json"];
    arguments.extend(["-e", "DO=get", "--base-url", &url]);
    arguments.extend(more);
    folder.vuelo(&arguments)
}

fn count(result: &Value, metric: &str) -> u64 {
    let count = &result["metrics"][metric]["values"]["count"];
    count.as_u64().unwrap_or(0)
}

fn value(result: &Value, metric: &str, name: &str) -> f64 {
    let value = &result["metrics"][metric]["values"][name];
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{metric} has no {name}"))
}

#[test]
fn an_arrival_rate_starts_exactly_as_many_iterations_as_it_says() {
    let target = TargetProcess::start(&["--latency", "5ms"]);
    let folder = folder(&json!({ "scenarios": { "steady": {
        "executor": "constant-arrival-rate",
        "rate": 50,
        "duration": "3s",
        "preAllocatedVUs": 20,
    }}}));
    run(&folder, &target, &[]).ends_with(0);
    let result = folder.result();
    assert_eq!(count(&result, "iterations"), 150);
    assert_eq!(count(&result, "dropped_iterations"), 0);
    assert_eq!(count(&result, "iteration_lag"), 150);
    assert_eq!(target.counts(), [(GET.to_owned(), 150)]);
    assert!(
        result["metrics"]["iteration_duration_corrected"].is_null(),
        "nothing can queue, so there is nothing to correct"
    );
}

#[test]
fn a_ramp_of_the_rate_starts_the_integral_of_it() {
    let target = TargetProcess::start(&["--latency", "none"]);
    let folder = folder(&json!({ "scenarios": { "ramp": {
        "executor": "ramping-arrival-rate",
        "startRate": 0,
        "timeUnit": "1s",
        "preAllocatedVUs": 20,
        "stages": [
            { "duration": "2s", "target": 40 },
            { "duration": "1s", "target": 40 },
        ],
    }}}));
    run(&folder, &target, &[]).ends_with(0);
    assert_eq!(count(&folder.result(), "iterations"), 80);
    assert_eq!(target.counts(), [(GET.to_owned(), 80)]);
}

#[test]
fn iterations_that_find_no_vu_are_dropped_counted_and_said() {
    let target = TargetProcess::start(&["--latency", "300ms"]);
    let folder = folder(&json!({ "scenarios": { "steady": {
        "executor": "constant-arrival-rate",
        "rate": 50,
        "duration": "2s",
        "preAllocatedVUs": 2,
    }}}));
    run(&folder, &target, &[])
        .ends_with(0)
        .says("all of its VUs are busy");
    let result = folder.result();
    let (ran, dropped) = (
        count(&result, "iterations"),
        count(&result, "dropped_iterations"),
    );
    assert_eq!(ran + dropped, 100);
    assert!((10..=16).contains(&ran), "{ran} of two VUs at 300 ms each");
    assert_eq!(target.counts(), [(GET.to_owned(), ran)]);
}

#[test]
fn vus_that_are_missing_are_made_up_to_the_maximum() {
    let target = TargetProcess::start(&["--latency", "200ms"]);
    let folder = folder(&json!({ "scenarios": { "steady": {
        "executor": "constant-arrival-rate",
        "rate": 50,
        "duration": "2s",
        "preAllocatedVUs": 1,
        "maxVUs": 30,
    }}}));
    run(&folder, &target, &[]).ends_with(0);
    let result = folder.result();
    let most = value(&result, "vus_max", "max");
    assert!((5.0..=30.0).contains(&most), "{most} VUs");
    let ran = count(&result, "iterations");
    assert_eq!(ran + count(&result, "dropped_iterations"), 100);
    assert!(ran > 60, "{ran}");
}

#[test]
fn iterations_that_queue_are_late_and_their_corrected_times_say_so() {
    let target = TargetProcess::start(&["--latency", "100ms"]);
    let folder = folder(&json!({ "scenarios": { "steady": {
        "executor": "constant-arrival-rate",
        "rate": 20,
        "duration": "2s",
        "preAllocatedVUs": 1,
        "onNoVU": "queue",
    }}}));
    run(&folder, &target, &[])
        .ends_with(0)
        .says("http_req_duration_corrected")
        .says("from when the iteration was to start");
    let result = folder.result();
    let ran = count(&result, "iterations");
    assert_eq!(ran + count(&result, "dropped_iterations"), 40);
    assert_eq!(target.counts(), [(GET.to_owned(), ran)]);
    let plain = value(&result, "http_req_duration", "max");
    let corrected = value(&result, "http_req_duration_corrected", "max");
    assert!(corrected > plain + 500.0, "{corrected} ms, {plain} ms");
}

#[test]
fn paced_vus_start_an_iteration_each_time_however_long_the_last_one_took() {
    let target = TargetProcess::start(&["--latency", "20ms"]);
    let folder = folder(&json!({ "scenarios": { "paced": {
        "executor": "constant-vus",
        "vus": 3,
        "duration": "2s",
        "pacing": "100ms",
    }}}));
    run(&folder, &target, &[]).ends_with(0);
    let result = folder.result();
    assert_eq!(count(&result, "iterations"), 60);
    assert_eq!(count(&result, "iteration_duration_corrected"), 60);
}

#[test]
fn requests_keep_to_the_limit_of_the_run() {
    let target = TargetProcess::start(&["--latency", "none"]);
    let folder = folder(&json!({ "vus": 5, "duration": "2s" }));
    run(&folder, &target, &["--rps", "20"]).ends_with(0);
    let requests = count(&folder.result(), "http_reqs");
    assert!((35..=46).contains(&requests), "{requests} in two seconds");
}

#[test]
fn the_parts_of_a_run_add_up_to_it_and_merge_into_it() {
    let target = TargetProcess::start(&["--latency", "5ms"]);
    let options = json!({
        "scenarios": { "shared": {
            "executor": "shared-iterations",
            "vus": 5,
            "iterations": 101,
        }},
        "thresholds": { "http_reqs": "count==101" },
    });
    let folders = [folder(&options), folder(&options)];
    let mut files = Vec::new();
    let mut iterations = 0;
    for (folder, segment) in folders.iter().zip(["0:1/2", "1/2:1"]) {
        let part = ["--execution-segment", segment];
        let parts = ["--execution-segment-sequence", "0,1/2,1", "--seed", "7"];
        // Of a part the threshold on the whole cannot hold.
        run(
            folder,
            &target,
            &[part.as_slice(), parts.as_slice()].concat(),
        )
        .ends_with(99);
        iterations += count(&folder.result(), "iterations");
        files.push(folder.results().remove(0));
    }
    assert_eq!(iterations, 101);
    assert_eq!(target.counts(), [(GET.to_owned(), 101)]);
    let files: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let together = Folder::new();
    together
        .vuelo(&["merge", files[0], files[1]])
        .ends_with(0)
        .says("http_reqs: count==101");
    let merged = together.result();
    assert_eq!(count(&merged, "iterations"), 101);
    assert_eq!(count(&merged, "http_req_duration"), 101);
    together
        .vuelo(&["merge", files[0], files[0]])
        .ends_with(104)
        .says("0:1/2");
}

#[test]
fn windows_are_judged_of_all_parts_together() {
    let target = TargetProcess::start(&["--latency", "1ms"]);
    // Of each part alone, half of that.
    let options = json!({
        "scenarios": { "steady": {
            "executor": "constant-arrival-rate",
            "rate": 40,
            "duration": "3s",
            "preAllocatedVUs": 10,
        }},
        "thresholds": { "iterations": [{ "threshold": "count>=35", "window": "1s" }] },
    });
    let mut files = Vec::new();
    let folders = [folder(&options), folder(&options)];
    for (folder, segment) in folders.iter().zip(["0:1/2", "1/2:1"]) {
        let part = ["--execution-segment", segment];
        let parts = ["--execution-segment-sequence", "0,1/2,1", "--seed", "7"];
        run(
            folder,
            &target,
            &[part.as_slice(), parts.as_slice()].concat(),
        )
        .ends_with(99);
        files.push(folder.results().remove(0));
    }
    let files: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let together = Folder::new();
    together.vuelo(&["merge", files[0], files[1]]).ends_with(0);
    let merged = &together.result()["metrics"]["iterations"];
    let threshold = &merged["thresholds"]["count>=35 in every 1s"];
    assert_eq!(threshold["windows"]["judged"], 3);
    let rate = merged["values"]["rate"].as_f64().unwrap();
    assert!((39.0..=41.0).contains(&rate), "{rate} a second");
}

#[test]
fn a_rate_is_exact_from_the_first_second_on_and_of_the_load_alone() {
    let target = TargetProcess::start(&["--latency", "none"]);
    let folder = folder(&json!({
        "scenarios": { "steady": {
            "executor": "constant-arrival-rate",
            "rate": 50,
            "duration": "3s",
            "preAllocatedVUs": 10,
        }},
        "thresholds": { "iterations": [
            { "threshold": "rate>45", "abortOnFail": true },
            { "threshold": "rate<55", "abortOnFail": true },
        ]},
    }));
    run(&folder, &target, &[]).ends_with(0);
    let result = folder.result();
    assert_eq!(count(&result, "iterations"), 150);
    let memory = count(&result, "vu_memory");
    assert_eq!(memory, 150, "one sample for each iteration");
}

#[test]
fn scenarios_of_one_plan_run_together_each_with_its_own_flow_and_values() {
    let target = TargetProcess::start(&["--latency", "none"]);
    let (health, card) = (
        format!("{}/health", target.url),
        format!("{}/metrics", target.url),
    );
    let plan = json!({ "options": { "scenarios": {
        "first": {
            "component": "./guest.wasm",
            "executor": "per-vu-iterations",
            "vus": 2,
            "iterations": 3,
            "env": { "DO": "get", "BASE_URL": health },
        },
        "second": {
            "component": "./other.wasm",
            "executor": "shared-iterations",
            "vus": 1,
            "iterations": 4,
            "startTime": "500ms",
            "env": { "DO": "get", "BASE_URL": card },
        },
    }}});
    let folder = Folder::new()
        .with_guest()
        .with("other.wasm", super::guests::rust())
        .with("together.json", plan.to_string());
    folder
        .vuelo(&["run", "--plan", "together.json"])
        .ends_with(0)
        .says("together");
    let result = folder.result();
    assert_eq!(count(&result, "iterations"), 10);
    let artifacts = result["run"]["artifacts"].as_array().unwrap();
    let names: Vec<_> = artifacts.iter().map(|one| one["name"].as_str()).collect();
    assert_eq!(names, [Some("guest"), Some("other")]);
    let mut counts = target.counts();
    counts.sort();
    assert_eq!(
        counts,
        [(GET.to_owned(), 6), ("GET /metrics".to_owned(), 4)]
    );
}

#[test]
fn a_bad_second_fails_a_windowed_threshold_that_the_whole_run_would_pass() {
    let target = TargetProcess::start(&["--latency", "1ms", "--stall", "1s@2s"]);
    let folder = folder(&json!({
        "scenarios": { "steady": {
            "executor": "constant-arrival-rate",
            "rate": 50,
            // Too short to be invalid on a machine that is busy otherwise.
            "duration": "4500ms",
            "preAllocatedVUs": 80,
        }},
        "thresholds": { "http_req_duration": [
            { "threshold": "avg<200" },
            { "threshold": "avg<200", "window": "1s" },
        ]},
    }));
    run(&folder, &target, &[])
        .ends_with(99)
        .says("http_req_duration: avg<200 in every 1s");
    let thresholds = &folder.result()["metrics"]["http_req_duration"]["thresholds"];
    assert_eq!(thresholds["avg<200"]["ok"], true);
    assert_eq!(thresholds["avg<200 in every 1s"]["ok"], false);
}

#[test]
fn a_generator_that_is_saturated_makes_the_run_invalid() {
    let folder = Folder::new().with_guest();
    let spinning = [
        "run",
        "./guest.wasm",
        "-e",
        "DO=spin",
        "-u",
        "8",
        "-d",
        "7s",
    ];
    let url = ["--base-url", "http://127.0.0.1:9"];
    folder
        .vuelo(&[spinning.as_slice(), url.as_slice()].concat())
        .ends_with(95)
        .says("the generator was saturated");
    let reasons = folder.result()["run"]["verdict"]["reasons"].to_string();
    assert!(reasons.contains("saturated"), "{reasons}");
}

#[test]
fn what_was_set_up_is_torn_down_when_another_component_s_setup_fails() {
    let scenario =
        |component| json!({ "component": component, "executor": "per-vu-iterations", "vus": 1 });
    let plan = json!({
        "options": { "scenarios": {
            "first": scenario("./guest.wasm"),
            "second": scenario("./other.wasm"),
            "third": scenario("./another.wasm"),
        }},
        "config": { "SETUP": "say so", "TEARDOWN": "say so" },
        "components": { "other": { "config": { "SETUP": "fail" } } },
    });
    let folder = Folder::new()
        .with_guest()
        .with("other.wasm", super::guests::rust())
        .with("another.wasm", super::guests::rust())
        .with("together.json", plan.to_string());
    let ran = folder
        .vuelo(&["run", "--plan", "together.json"])
        .ends_with(107)
        .says("other: it was told to");
    let said = |what: &str| ran.stderr.matches(what).count();
    assert_eq!(said("here is SETUP"), 1, "{}", ran.stderr);
    assert_eq!(said("here is TEARDOWN"), 1, "{}", ran.stderr);
    assert_eq!(count(&folder.result(), "iterations"), 0);
}
