//! The built command against servers that do everything wrong: its options are
//! those of a plan file, so that what stands there is proven to reach the engine.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::certificates;
use crate::fault::{Ask, BODY_LIMIT, Door, Fault, PATIENCE, SOON, Scheme};
use crate::harness::{Folder, Ran};
use crate::server::FaultServer;

/// How often each fault is met.
const TIMES: usize = 3;

/// Each has one connection at a time.
const USERS: usize = 10;

/// A user closes its connection in a task of its own, and may be making the next
/// one meanwhile: so many more would be a leak, and a run has many times as many
/// iterations.
const MOST_CONNECTIONS: usize = 2 * USERS;

/// Those that a scenario without settings of its own meets by one GET.
fn is_met_by_anybody(fault: &Fault) -> bool {
    /// A redirect that cannot be followed: what would follow is never sent, and so
    /// no request that counts has the number.
    const NEVER_SENT: u16 = 1020;
    let fails = fault.code.is_some_and(|code| code != NEVER_SENT);
    fails && fault.door == Door::Open && fault.ask == Ask::Get
}

/// What the clients of the other tests are set to, as options.
fn plan(expected: &BTreeMap<u16, usize>) -> String {
    let patience = PATIENCE.as_millis();
    let mut plan = format!(
        "[options]\n\
         tlsCaFiles = [\"authority.pem\"]\n\
         connectTimeout = \"{patience}ms\"\n\
         responseHeadTimeout = \"{patience}ms\"\n\
         streamIdleTimeout = \"{patience}ms\"\n\
         maxBodySize = {BODY_LIMIT}\n\
         [components.guest.options.thresholds]\n"
    );
    for (code, times) in expected {
        plan += &format!("\"http_reqs{{error_code:{code}}}\" = [\"count=={times}\"]\n");
    }
    plan
}

#[test]
fn a_run_goes_on_at_every_fault_and_counts_each_by_its_number() {
    // A certificate for another name has a number of its own only where the
    // authority is trusted; a connection that stalls, where the plan has a limit.
    meets_all_of(Scheme::Http, &[1050, 1702]);
    meets_all_of(Scheme::Https, &[1050, 1211, 1311]);
}

/// Those of the scheme are met, among them such with these numbers.
fn meets_all_of(scheme: Scheme, by_options: &[u16]) {
    let _process = crate::beside_others();
    let mut faults = crate::faults();
    faults.retain(|fault| fault.scheme == scheme && is_met_by_anybody(fault));
    let mut expected = BTreeMap::<u16, usize>::new();
    for fault in &faults {
        *expected.entry(fault.code.unwrap()).or_default() += TIMES;
    }
    for code in by_options {
        assert!(expected.contains_key(code), "{code} is not in {expected:?}");
    }
    assert!(faults.iter().any(Fault::takes_patience));
    let server = FaultServer::in_turn(&faults);
    let folder = Folder::new()
        .with_guest()
        .with("authority.pem", certificates::root_pem())
        .with("vuelo.toml", plan(&expected));
    let iterations = TIMES * faults.len();

    let begin = Instant::now();
    let mut child = folder.start(&[
        "run",
        "guest.wasm",
        "-u",
        &USERS.to_string(),
        "-i",
        &iterations.to_string(),
        "-e",
        "DO=get",
        "-e",
        &format!("BASE_URL={}", server.url("/")),
    ]);
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(server.held_by_clients());
        sleep(Duration::from_millis(5));
    }
    let took = begin.elapsed();
    let ran = Ran::new(child.wait_with_output().unwrap()).ends_with(0);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    // Without the plan's limits, the shortest is half a minute.
    assert!(took < SOON, "{took:?}");
    assert!(
        (1..=MOST_CONNECTIONS).contains(&most),
        "{most} connections at a time"
    );

    let result = folder.result();
    let count = |metric: &str| result["metrics"][metric]["values"]["count"].as_f64();
    for (code, times) in expected {
        let counted = count(&format!("http_reqs{{error_code:{code}}}"));
        assert_eq!(counted, Some(times as f64), "{code}");
    }
    assert_eq!(count("http_reqs"), Some(iterations as f64));
    assert_eq!(count("iterations_failed"), Some(iterations as f64));
    assert_eq!(count("iteration_traps").unwrap_or(0.0), 0.0);
}
