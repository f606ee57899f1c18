//! HTTP clients of the languages themselves, unmodified: what they send is
//! measured as if it went through the contract.

use super::guests::run;
use super::harness::{Folder, Ran, TargetProcess};
use super::projects::{built, vuelo};

/// Runs a scenario that imports nothing of the contract's HTTP.
fn is_measured(project: &str) {
    let component = built(project);
    let seen = run(vuelo().args(["inspect", "--json"]).arg(&component));
    assert!(seen.contains("wasi:http/outgoing-handler"), "{seen}");
    let target = TargetProcess::start(&["--latency", "none"]);
    let folder = Folder::new();
    let output = folder
        .command(&["run", component.to_str().unwrap()])
        .args(["--base-url", &target.url, "-u", "2", "-i", "10"])
        .output()
        .unwrap();
    Ran::new(output).ends_with(0);
    let counted: u64 = target.counts().iter().map(|(_, count)| count).sum();
    assert!(counted >= 10, "{:?}", target.counts());
    let result = folder.result();
    let metrics = &result["metrics"];
    assert_eq!(metrics["http_reqs"]["values"]["count"], counted);
    assert_eq!(metrics["http_req_duration"]["values"]["count"], counted);
    assert_eq!(metrics["http_req_failed"]["values"]["passes"], 0);
    assert_eq!(metrics["checks"]["values"]["fails"], 0);
    assert_ne!(metrics["checks"]["values"]["passes"], 0);
}

#[test]
fn the_fetch_of_javascript_is_measured() {
    is_measured("examples/fetch");
}

#[test]
fn a_client_crate_of_rust_is_measured() {
    is_measured("examples/rust-own-client");
}
