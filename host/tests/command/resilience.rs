//! Scenarios that misbehave cost themselves, and the run goes on.

use crate::harness::Folder;

fn count(result: &serde_json::Value, metric: &str) -> f64 {
    result["metrics"][metric]["values"]["count"]
        .as_f64()
        .unwrap_or(0.0)
}

#[test]
fn a_trap_costs_its_iteration_is_counted_and_shown_and_the_run_goes_on() {
    let folder = Folder::new().with_guest();
    let arguments = [
        "run",
        "guest.wasm",
        "-u",
        "2",
        "-i",
        "20",
        "-e",
        "DO=panic every second time",
    ];
    folder
        .vuelo(&arguments)
        .ends_with(0)
        .says("the second iteration of this instance");
    let result = folder.result();
    assert_eq!(count(&result, "iterations"), 20.0);
    let traps = count(&result, "iteration_traps");
    assert!((9.0..=10.0).contains(&traps), "{traps}");
}

#[test]
fn an_iteration_that_fails_is_counted_and_its_reason_shown_a_few_times_only() {
    let folder = Folder::new().with_guest();
    let ran = folder
        .vuelo(&["run", "guest.wasm", "-i", "50", "-e", "DO=fail"])
        .ends_with(0);
    assert_eq!(
        ran.stderr.matches("this one fails").count(),
        4,
        "{}",
        ran.stderr
    );
    ran.says("50 times in all");
    assert_eq!(count(&folder.result(), "iterations_failed"), 50.0);
}

#[test]
fn users_that_do_not_start_fail_their_iterations_slowly_and_the_run_is_invalid() {
    let folder = Folder::new().with_guest();
    let arguments = ["run", "guest.wasm", "-i", "3", "-e", "DO=refuse to start"];
    let started = std::time::Instant::now();
    folder
        .vuelo(&arguments)
        .ends_with(95)
        .says("this one does not start");
    assert!(started.elapsed().as_secs() >= 3, "a second between starts");
    assert_eq!(count(&folder.result(), "iterations_failed"), 3.0);
}

#[test]
fn a_guest_that_spins_is_stopped_and_holds_up_nobody() {
    let plan = "[components.guest.options.scenarios.default]\n\
                executor = \"constant-vus\"\nvus = 3\nduration = \"1s\"\ngracefulStop = \"0s\"\n";
    let folder = Folder::new().with_guest().with("vuelo.toml", plan);
    let started = std::time::Instant::now();
    folder
        .vuelo(&["run", "guest.wasm", "-e", "DO=spin"])
        .ends_with(95);
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    assert_eq!(count(&folder.result(), "iterations_interrupted"), 3.0);
}

#[test]
fn a_guest_that_eats_memory_meets_its_limit() {
    let folder = Folder::new().with_guest();
    folder
        .vuelo(&["run", "guest.wasm", "-i", "1", "-e", "DO=eat memory"])
        .ends_with(0);
    assert_eq!(count(&folder.result(), "iteration_traps"), 1.0);
}

#[test]
fn the_flow_that_the_plan_names_reaches_the_iteration() {
    let plan = "[components.guest.options.scenarios.one]\nexecutor = \"shared-iterations\"\n\
                iterations = 2\nexec = \"browse\"\n\
                [components.guest.options.scenarios.two]\nexecutor = \"per-vu-iterations\"\n\
                vus = 3\niterations = 2\nexec = \"order\"\n";
    let folder = Folder::new().with_guest().with("vuelo.toml", plan);
    folder
        .vuelo(&["run", "guest.wasm", "-e", "DO=count the flow"])
        .ends_with(0);
    let result = folder.result();
    let checks = result["root_group"]["checks"].as_array().unwrap().iter();
    let passes: Vec<_> = checks
        .map(|check| {
            (
                check["name"].as_str().unwrap(),
                check["passes"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(passes, [("browse", 2), ("order", 6)]);
}

#[test]
fn the_summary_of_a_scenario_takes_the_place_of_the_built_in_one_and_stays_in_its_folder() {
    let folder = Folder::new().with_guest();
    let ran = folder
        .vuelo(&["run", "guest.wasm", "-i", "1", "-e", "SUMMARY=own"])
        .ends_with(0);
    assert_eq!(ran.stdout, "results came");
    ran.says("../escaped.txt");
    let own = std::fs::read_to_string(folder.path().join("results/own.txt")).unwrap();
    assert_eq!(own, "mine");
    assert!(!folder.path().join("escaped.txt").exists());
}

#[test]
fn the_same_seed_draws_the_same() {
    let durations = |seed: &str| {
        let folder = Folder::new();
        let arguments = [
            "run",
            "a2a",
            "--demo",
            "--latency",
            "none",
            "-i",
            "2",
            "--seed",
            seed,
        ];
        folder.vuelo(&arguments).ends_with(0);
        let result = folder.result();
        let values = &result["metrics"]["iteration_duration"]["values"];
        let rows = result["endpoints"].as_array().unwrap().iter();
        let requests: Vec<(String, u64)> = rows
            .map(|row| {
                // The target has another port each time.
                let mut tags = row["tags"].clone();
                tags.as_object_mut().unwrap().remove("name");
                (tags.to_string(), row["requests"].as_u64().unwrap())
            })
            .collect();
        (values["sum"].as_f64().unwrap(), requests)
    };
    let (first, second, other) = (durations("11"), durations("11"), durations("12"));
    assert_eq!(first.1, second.1);
    assert!((first.0 - second.0).abs() < 150.0, "{first:?} {second:?}");
    assert!((first.0 - other.0).abs() > 150.0, "{first:?} {other:?}");
}

#[test]
fn a_value_that_no_metric_takes_is_counted_and_its_metric_named_once() {
    let folder = Folder::new().with_guest();
    let ran = folder
        .vuelo(&["run", "guest.wasm", "-i", "4", "-e", "DO=measure nonsense"])
        .ends_with(0);
    assert_eq!(
        ran.stderr.matches("`things` was handed").count(),
        1,
        "{}",
        ran.stderr
    );
    let result = folder.result();
    assert_eq!(count(&result, "metrics_errors"), 8.0);
    assert_eq!(count(&result, "things"), 0.0);
}

#[test]
fn a_trap_costs_the_instance_and_not_its_connections() {
    let target = crate::harness::TargetProcess::start(&[]);
    let folder = Folder::new().with_guest();
    let url = format!("BASE_URL={}/health", target.url);
    let arguments = [
        "run",
        "guest.wasm",
        "-i",
        "10",
        "-e",
        "DO=get and panic",
        "-e",
        &url,
    ];
    folder.vuelo(&arguments).ends_with(0);
    let result = folder.result();
    assert_eq!(count(&result, "iteration_traps"), 10.0);
    let connecting = &result["metrics"]["http_req_connecting"]["values"];
    assert!(connecting["max"].as_f64().unwrap() > 0.0);
    assert_eq!(connecting["p(90)"], 0.0, "one connection served all ten");
}
