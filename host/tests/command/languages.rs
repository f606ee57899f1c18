//! Scenarios in other languages, written on the contract itself, and the cache
//! without which each run would compile their interpreters anew.

use std::path::Path;
use std::time::Instant;

use super::guests;
use super::harness::{Folder, Ran, TargetProcess};

/// Runs a guest whose options ask for six iterations of two VUs.
fn run(guest: &[u8], does: &str) -> (Folder, TargetProcess, Ran) {
    let target = TargetProcess::start(&["--token", "sesame"]);
    let folder = Folder::new().with("guest.wasm", guest);
    let output = folder
        .command(&[
            "run",
            "./guest.wasm",
            "--base-url",
            &target.url,
            "--seed",
            "7",
        ])
        .args(["-e", &format!("DO={does}")])
        .env("TOKEN", "sesame")
        .output()
        .unwrap();
    (folder, target, Ran::new(output))
}

fn greets_as_its_options_say(guest: &[u8], language: &str) {
    let (folder, target, ran) = run(guest, "greet");
    ran.ends_with(0).does_not_say("warning");
    let result = folder.result();
    let greet = &result["root_group"]["groups"][0];
    assert_eq!(greet["name"], "greet", "{language}");
    let checks = greet["checks"].as_array().unwrap();
    let rows = checks.iter().map(|check| {
        let number = |member: &str| check[member].as_u64().unwrap();
        (
            check["name"].as_str().unwrap(),
            number("passes"),
            number("fails"),
        )
    });
    let expected = ["body is JSON", "greeting came through", "status is 200"];
    assert_eq!(
        rows.collect::<Vec<_>>(),
        expected.map(|name| (name, 6, 0)).to_vec()
    );
    let metrics = &result["metrics"];
    assert_eq!(metrics["greetings"]["values"]["count"], 6, "{language}");
    let durations = &metrics["greeting_duration"];
    assert_eq!(durations["values"]["count"], 6);
    assert_eq!(durations["contains"], "time");
    assert_eq!(
        durations["values"]["sum"], metrics["http_req_duration"]["values"]["sum"],
        "64 bits of nanoseconds came through the language and back"
    );
    assert_eq!(metrics["iterations"]["values"]["count"], 6);
    assert_eq!(target.counts(), [("GET /health".to_owned(), 6)]);
}

#[test]
fn a_scenario_in_javascript_does_what_its_options_say() {
    greets_as_its_options_say(guests::javascript(), "javascript");
}

#[test]
fn a_scenario_in_python_does_what_its_options_say() {
    greets_as_its_options_say(guests::python(), "python");
}

#[test]
fn an_iteration_that_javascript_or_python_fails_says_why() {
    for guest in [guests::javascript(), guests::python()] {
        let (folder, _target, ran) = run(guest, "fail");
        ran.ends_with(99)
            .says("iteration failed: this one fails")
            .does_not_say("trapped");
        let failed = &folder.result()["metrics"]["iterations_failed"]["values"]["count"];
        assert_eq!(*failed, 6);
    }
}

#[test]
fn what_javascript_throws_is_told_and_the_run_goes_on() {
    let (folder, _target, ran) = run(guests::javascript(), "throw");
    ran.ends_with(99)
        .says("cannot read property 'property' of undefined");
    assert_eq!(
        folder.result()["metrics"]["iterations"]["values"]["count"],
        6
    );
}

#[test]
fn what_python_raises_is_told_with_its_line_and_the_run_goes_on() {
    let (folder, _target, ran) = run(guests::python(), "throw");
    ran.ends_with(99)
        .says("guest.py\", line")
        .says("ValueError: this was thrown");
    let metrics = &folder.result()["metrics"];
    assert_eq!(metrics["iterations"]["values"]["count"], 6);
    assert_eq!(
        metrics["iteration_traps"]["values"]["count"], 6,
        "it costs the instance each time"
    );
}

/// A command with a cache folder of its own.
fn inspected(folder: &Folder, cache: &Path) -> (Ran, std::time::Duration) {
    let started = Instant::now();
    let output = folder
        .command(&["inspect", "./guest.wasm"])
        .env("VUELO_CACHE_DIR", cache)
        .output()
        .unwrap();
    (Ran::new(output).ends_with(0), started.elapsed())
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files = Vec::new();
    for entry in entries {
        if entry.path().is_dir() {
            files.extend(self::files(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files
}

/// The kept machine code: not the cache's own notes beside it.
fn kept(cache: &Path) -> Vec<std::path::PathBuf> {
    let mut files = files(cache);
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with('.') && !name.ends_with(".stats")
    });
    files
}

#[test]
fn a_component_is_compiled_once_and_taken_from_the_cache_afterwards() {
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("cache");
    let folder = Folder::new().with("guest.wasm", guests::javascript());
    let (_, first) = inspected(&folder, &cache);
    let before = kept(&cache);
    assert_eq!(before.len(), 1, "{before:?}");
    let written = before[0].metadata().unwrap().modified().unwrap();
    let (_, second) = inspected(&folder, &cache);
    let after = kept(&cache);
    assert_eq!(after, before);
    assert_eq!(
        after[0].metadata().unwrap().modified().unwrap(),
        written,
        "it was read, and not written again: {first:?}, then {second:?}"
    );
}

#[test]
fn a_damaged_file_in_the_cache_is_compiled_anew() {
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("cache");
    let folder = Folder::new().with_guest();
    inspected(&folder, &cache);
    let file = &kept(&cache)[0];
    let whole = std::fs::read(file).unwrap();
    std::fs::write(file, &whole[..whole.len() / 2]).unwrap();
    inspected(&folder, &cache)
        .0
        .says("vuelo:load/scenario@0.1.0");
    assert_eq!(std::fs::read(file).unwrap(), whole);
}

#[test]
fn two_runs_that_start_at_once_share_a_cache() {
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("cache");
    let folder = Folder::new().with("guest.wasm", guests::javascript());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| inspected(&folder, &cache));
        }
    });
    assert_eq!(kept(&cache).len(), 1);
}

#[test]
fn a_cache_that_others_could_write_to_is_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("cache");
    std::fs::create_dir(&cache).unwrap();
    std::fs::set_permissions(&cache, std::fs::Permissions::from_mode(0o777)).unwrap();
    let folder = Folder::new().with_guest();
    inspected(&folder, &cache).0.says("vuelo:load/scenario");
    assert!(files(&cache).is_empty());
}
