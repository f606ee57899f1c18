//! The built command against a server that does everything wrong.

use std::collections::BTreeMap;

use crate::fault::{Ask, Door, Fault, Scheme};
use crate::harness::Folder;
use crate::server::FaultServer;

/// How often each fault is met.
const TIMES: usize = 3;

/// Those that a scenario without settings of its own meets by one GET, and soon.
fn is_met_by_anybody(fault: &Fault) -> bool {
    fault.scheme == Scheme::Http
        && fault.door == Door::Open
        && fault.ask == Ask::Get
        && !fault.takes_patience()
        // The limit of a run is larger than that of these tests.
        && fault.code.is_some_and(|code| code != 1702)
}

#[test]
fn a_run_goes_on_at_every_fault_and_counts_each_by_its_number() {
    let _process = crate::beside_others();
    let mut faults = crate::faults();
    faults.retain(is_met_by_anybody);
    let mut expected = BTreeMap::<u16, usize>::new();
    for fault in &faults {
        *expected.entry(fault.code.unwrap()).or_default() += TIMES;
    }
    assert!(expected.len() >= 3, "{expected:?}");
    let server = FaultServer::in_turn(&faults);

    let mut plan = "[components.guest.options.thresholds]\n".to_owned();
    for (code, times) in &expected {
        plan += &format!("\"http_reqs{{error_code:{code}}}\" = [\"count=={times}\"]\n");
    }
    let iterations = TIMES * faults.len();
    let folder = Folder::new().with_guest().with("vuelo.toml", plan);
    let ran = folder
        .vuelo(&[
            "run",
            "guest.wasm",
            "-u",
            "10",
            "-i",
            &iterations.to_string(),
            "-e",
            "DO=get",
            "-e",
            &format!("BASE_URL={}", server.url("/")),
        ])
        .ends_with(0);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    let result = folder.result();
    let count = |metric: &str| result["metrics"][metric]["values"]["count"].as_f64();
    for (code, times) in expected {
        let counted = count(&format!("http_reqs{{error_code:{code}}}"));
        assert_eq!(counted, Some(times as f64), "{code}");
    }
    assert_eq!(count("http_reqs"), Some(iterations as f64));
    assert_eq!(count("iterations_failed"), Some(iterations as f64));
    assert_eq!(count("iteration_traps").unwrap_or(0.0), 0.0);
    assert_eq!(server.open(), 0);
}
