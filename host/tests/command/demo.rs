//! `--demo`: what the README promises.

use crate::harness::Folder;

#[test]
fn a_short_demo_passes_and_leaves_one_results_file() {
    let folder = Folder::new();
    let ran = folder.vuelo(&["run", "a2a", "--demo", "-u", "4", "-d", "6s", "--seed", "7"]);
    let ran = ran
        .ends_with(0)
        .says("✓ http_req_failed: rate<0.01")
        .says("passed: a2a");
    assert!(ran.stderr.contains("seed 7"), "{}", ran.stderr);
    let result = folder.result();
    assert!(
        result["metrics"]["http_req_duration"]["values"]["p(95)"]
            .as_f64()
            .unwrap()
            > 0.0
    );
    assert_eq!(result["metrics"]["http_req_failed"]["values"]["rate"], 0.0);
    assert_eq!(
        result["metrics"]["a2a_errors"]["thresholds"]["rate<0.01"]["ok"],
        true
    );
    let run = &result["run"];
    assert!(
        run["artifact"]["digest"]
            .as_str()
            .unwrap()
            .starts_with("sha256:")
    );
    assert_eq!(run["host_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (&run["seed"], &run["environment"]),
        (&"7".into(), &"development".into())
    );
    assert!(run["start"].as_str().unwrap() < run["end"].as_str().unwrap());
}

#[test]
fn faults_of_the_target_fail_the_thresholds_with_the_observed_values() {
    let folder = Folder::new();
    let arguments = [
        "run",
        "a2a",
        "--demo",
        "--fault-rate",
        "0.3",
        "-u",
        "10",
        "-d",
        "6s",
    ];
    let ran = folder.vuelo(&arguments).ends_with(99);
    let ran = ran
        .says("thresholds failed:")
        .says("a2a_errors: rate<0.01, observed ");
    assert!(
        ran.stdout.contains("http_req_failed: rate<0.01, observed "),
        "{}",
        ran.stdout
    );
    assert_eq!(
        folder.result()["metrics"]["a2a_errors"]["thresholds"]["rate<0.01"]["ok"],
        false
    );
}

#[test]
fn all_runs_the_three_one_after_another_and_archives_three_results() {
    let folder = Folder::new();
    folder
        .vuelo(&["run", "all", "--demo", "-u", "3", "-i", "3"])
        .ends_with(0);
    let names: Vec<String> = folder
        .results()
        .iter()
        .map(|file| {
            file.file_name()
                .unwrap()
                .to_string_lossy()
                .split('-')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(names, ["a2a", "ccr", "dashboard"]);
}

#[test]
fn a_dry_run_prints_the_plan_and_runs_nothing() {
    let folder = Folder::new();
    let ran = folder.vuelo(&[
        "run",
        "dashboard",
        "--dry-run",
        "--base-url",
        "http://agents.test:1/",
    ]);
    let ran = ran
        .ends_with(0)
        .says("ramping-vus")
        .says("http://agents.test:1")
        .says("sha256:");
    assert!(ran.stdout.contains("p(95)<800"), "{}", ran.stdout);
    assert!(folder.results().is_empty());
}

#[test]
fn there_are_no_colours_where_there_is_no_terminal() {
    let folder = Folder::new();
    let ran = folder
        .vuelo(&["run", "ccr", "--demo", "-u", "1", "-i", "1"])
        .ends_with(0);
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'));
}

#[test]
fn the_older_summary_is_written_where_it_is_asked_for() {
    let folder = Folder::new();
    let arguments = [
        "run",
        "a2a",
        "--demo",
        "-i",
        "1",
        "--summary-export",
        "summary.json",
    ];
    folder.vuelo(&arguments).ends_with(0);
    let text = std::fs::read_to_string(folder.path().join("summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(summary["metrics"]["a2a_errors"]["value"], 0.0);
    assert_eq!(
        summary["metrics"]["a2a_errors"]["thresholds"]["rate<0.01"],
        false
    );
}
