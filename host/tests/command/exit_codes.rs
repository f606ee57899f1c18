//! The table of `docs/exit-codes.md`, a test for each row.

use crate::harness::{Folder, Ran, TargetProcess, signal};

fn guest(arguments: &[&str]) -> (Folder, Ran) {
    let folder = Folder::new().with_guest();
    let mut all = vec!["run", "guest.wasm"];
    all.extend(arguments);
    let ran = folder.vuelo(&all);
    (folder, ran)
}

#[test]
fn passed_is_0() {
    guest(&["-i", "2"]).1.ends_with(0).says("(unpinned)");
}

#[test]
fn an_artifact_that_was_refused_is_94() {
    let lock = format!(
        "version = 1\n[artifacts.shop]\nfile = \"shop.wasm\"\ndigest = \"sha256:{}\"\n",
        "0".repeat(64)
    );
    let folder = Folder::new()
        .with("vuelo.lock", lock)
        .with("shop.wasm", "something else");
    let ran = folder.vuelo(&["run", "shop"]).ends_with(94);
    ran.says(&"0".repeat(64)).says("found:  sha256:");
}

#[test]
fn bad_usage_is_104() {
    Folder::new().vuelo(&["run"]).ends_with(104);
    Folder::new()
        .vuelo(&["run", "a2a", "--vus", "many"])
        .ends_with(104)
        .says("--vus");
}

#[test]
fn a_first_signal_lets_iterations_finish_writes_results_and_is_105() {
    let folder = Folder::new().with_guest();
    let child = folder.start(&["run", "guest.wasm", "-u", "2", "-d", "60s"]);
    std::thread::sleep(std::time::Duration::from_millis(1500));
    signal(&child, "-INT");
    Ran::new(child.wait_with_output().unwrap())
        .ends_with(105)
        .says("stopped by a signal");
    let result = folder.result();
    assert!(
        result["metrics"]["iterations"]["values"]["count"]
            .as_f64()
            .unwrap()
            > 0.0
    );
    assert!(result["metrics"].get("iterations_interrupted").is_none());
    assert_eq!(result["run"]["verdict"]["exit_code"], 105);
}

#[test]
fn a_second_signal_cuts_iterations_off_and_still_writes_results() {
    let folder = Folder::new().with_guest();
    let child = folder.start(&[
        "run",
        "guest.wasm",
        "-u",
        "2",
        "-d",
        "60s",
        "-e",
        "DO=sleep long",
    ]);
    let started = std::time::Instant::now();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    signal(&child, "-INT");
    std::thread::sleep(std::time::Duration::from_millis(500));
    signal(&child, "-TERM");
    Ran::new(child.wait_with_output().unwrap()).ends_with(105);
    assert!(started.elapsed().as_secs() < 10);
    let result = folder.result();
    assert_eq!(
        result["metrics"]["iterations_interrupted"]["values"]["count"],
        2.0
    );
}

#[test]
fn an_abort_by_the_scenario_is_108() {
    let (folder, ran) = guest(&["-u", "2", "-d", "30s", "-e", "DO=abort"]);
    ran.ends_with(108).says("enough is enough");
    assert_eq!(folder.results().len(), 1);
}

#[test]
fn a_setup_that_takes_too_long_is_100() {
    guest(&["-i", "1", "-e", "SETUP=hang"])
        .1
        .ends_with(100)
        .says("setupTimeout");
}

#[test]
fn a_teardown_that_takes_too_long_is_101() {
    guest(&["-i", "1", "-e", "TEARDOWN=hang"])
        .1
        .ends_with(101)
        .says("teardownTimeout");
}

#[test]
fn a_setup_that_fails_or_panics_is_107() {
    guest(&["-i", "1", "-e", "SETUP=fail"])
        .1
        .ends_with(107)
        .says("setup failed: it was told to");
    guest(&["-i", "1", "-e", "SETUP=panic"])
        .1
        .ends_with(107)
        .says("it was told to");
    guest(&["-i", "1", "-e", "TEARDOWN=fail"])
        .1
        .ends_with(107)
        .says("teardown failed");
}

#[test]
fn a_target_that_is_not_there_is_107_and_says_where() {
    let folder = Folder::new();
    let ran = folder.vuelo(&["run", "a2a", "--base-url", "http://127.0.0.1:1", "-i", "1"]);
    ran.ends_with(107).says("127.0.0.1:1").says("refused");
    assert_eq!(folder.result()["run"]["verdict"]["exit_code"], 107);
}

#[test]
fn a_target_that_refuses_the_token_is_107_and_says_so() {
    let target = TargetProcess::start(&["--token", "another"]);
    let ran = Folder::new().vuelo(&["run", "a2a", "--base-url", &target.url, "-i", "1"]);
    ran.ends_with(107).says("403").says("AUTH_TOKEN");
}

#[test]
fn a_run_that_the_scenario_marked_failed_is_110() {
    guest(&["-i", "1", "-e", "DO=mark failed"])
        .1
        .ends_with(110)
        .says("this was not good");
}

#[test]
fn a_run_in_which_nothing_ran_is_95() {
    let plan = "[components.guest.options.scenarios.default]\n\
                executor = \"constant-vus\"\nvus = 1\nduration = \"1s\"\ngracefulStop = \"0s\"\n";
    let folder = Folder::new().with_guest().with("vuelo.toml", plan);
    let ran = folder.vuelo(&["run", "guest.wasm", "-e", "DO=sleep long"]);
    ran.ends_with(95).says("not one iteration");
}

#[test]
fn thresholds_that_failed_or_had_no_data_are_99() {
    let plan = "[components.guest.options.thresholds]\nshare = [\"rate>0.5\"]\n";
    let folder = Folder::new().with_guest().with("vuelo.toml", plan);
    let arguments = [
        "run",
        "guest.wasm",
        "-i",
        "1",
        "-e",
        "DO=leave the share without samples",
    ];
    folder
        .vuelo(&arguments)
        .ends_with(99)
        .says("share: rate>0.5")
        .says("no data");
}

#[test]
fn of_several_runs_the_most_serious_reason_counts() {
    let folder = Folder::new().with_guest();
    let guest = folder.path().join("guest.wasm");
    std::fs::copy(&guest, guest.with_file_name("other.wasm")).unwrap();
    let arguments = [
        "run",
        "guest.wasm",
        "other.wasm",
        "-i",
        "1",
        "-e",
        "DO=mark failed",
    ];
    folder.vuelo(&arguments).ends_with(110);
    assert_eq!(folder.results().len(), 2);
}

#[test]
fn a_setup_that_marks_the_run_failed_lets_it_go_on() {
    let (folder, ran) = guest(&["-i", "2", "-e", "SETUP=mark failed"]);
    ran.ends_with(110)
        .says("the target is not what it should be");
    assert_eq!(
        folder.result()["metrics"]["iterations"]["values"]["count"],
        2.0
    );
}

#[test]
fn a_threshold_that_ended_the_run_fails_it() {
    let plan = "[[components.guest.options.thresholds.share]]\n\
                threshold = \"rate>0.5\"\nabortOnFail = true\n";
    let folder = Folder::new().with_guest().with("vuelo.toml", plan);
    let started = std::time::Instant::now();
    let arguments = [
        "run",
        "guest.wasm",
        "-d",
        "60s",
        "-e",
        "DO=leave a bad share",
    ];
    folder
        .vuelo(&arguments)
        .ends_with(99)
        .says("share: rate>0.5, observed 0.00%");
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn a_signal_ends_a_setup_at_once_and_a_second_one_a_teardown() {
    for (what, signals) in [("SETUP=hang", 1), ("TEARDOWN=hang", 2)] {
        let plan = "[options]\nsetupTimeout = \"60s\"\nteardownTimeout = \"60s\"\n";
        let folder = Folder::new().with_guest().with("vuelo.toml", plan);
        let started = std::time::Instant::now();
        let child = folder.start(&["run", "guest.wasm", "-i", "1", "-e", what]);
        for _ in 0..signals {
            std::thread::sleep(std::time::Duration::from_millis(1500));
            signal(&child, "-INT");
        }
        Ran::new(child.wait_with_output().unwrap()).ends_with(105);
        assert!(started.elapsed().as_secs() < 15, "{what}");
    }
}

#[test]
fn an_export_that_cannot_be_written_is_104_before_the_load() {
    let folder = Folder::new().with("file", "not a folder");
    let arguments = [
        "run",
        "a2a",
        "--demo",
        "-i",
        "1",
        "--summary-export",
        "file/x.json",
    ];
    folder.vuelo(&arguments).ends_with(104).says("`file`");
    let arguments = [
        "run",
        "all",
        "--demo",
        "-i",
        "1",
        "--summary-export",
        "x.json",
    ];
    folder
        .vuelo(&arguments)
        .ends_with(104)
        .says("one at a time");
    assert!(folder.results().is_empty());
}

#[test]
fn a_reader_that_goes_away_changes_nothing() {
    let folder = Folder::new();
    let mut child = folder.start(&["run", "a2a", "--dry-run"]);
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
