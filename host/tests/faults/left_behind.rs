//! What is left after all faults: nothing.
#![cfg(target_os = "linux")]

use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;
use tokio::runtime::{self, Runtime};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use vuelo::http::{Client, Engine};

use crate::fault::{Fault, SOON};
use crate::server::FaultServer;
use crate::table::meet;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// How many bytes more may be allocated after a round than before it: less than a
/// tenth of what a hundred bytes left by each meeting would be.
const ALLOCATED: usize = 1 << 10;

/// How many bytes more may be resident after a round than before it: what the
/// allocator does not give back.
const RESIDENT: usize = 8 << 20;

const ROUNDS: usize = 3;

/// How many sockets this process has.
fn sockets() -> usize {
    std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .filter(|link| link.to_string_lossy().starts_with("socket:"))
        .count()
}

/// How many bytes of memory this process has.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.unwrap().trim().trim_end_matches(" kB");
    kib.parse::<usize>().unwrap() << 10
}

/// A worker's runtime.
fn worker() -> Runtime {
    runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// All faults at once, each met by a client of its own; what takes longer than
/// `patience` is cut off.
async fn round(patience: Duration) {
    let mut meetings = JoinSet::new();
    for fault in crate::faults() {
        meetings.spawn(one_meeting(fault, patience));
    }
    while let Some(met) = meetings.join_next().await {
        met.unwrap();
    }
}

async fn one_meeting(fault: Fault, patience: Duration) {
    let server = FaultServer::first(&fault);
    let mut client = Client::new(Engine::new(fault.settings()).unwrap());
    let _ = timeout(patience, meet(&fault, &mut client, &server)).await;
    // The client goes before the server, which would close what it left open.
    drop(client);
    gone(&format!("of `{}`", fault.name), || server.open() == 0).await;
}

/// Waits until something is gone, which takes a moment.
async fn gone(what: &str, is_gone: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_gone() {
        assert!(start.elapsed() < SOON, "something is left {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn after_all_faults_no_socket_no_task_and_no_memory_is_left() {
    let _alone = crate::alone();
    let worker = worker();
    let left_by_a_round = || {
        worker.block_on(round(SOON));
        worker.block_on(gone("of the clients' tasks", || {
            worker.metrics().num_alive_tasks() == 0
        }));
        (sockets(), HEAP.current_usage(), resident())
    };
    // Most of what is made once and kept is made in the first round. A queue may
    // grow in a later one, where more happens at once than ever before, and a
    // backtrace reads a hundred megabytes of names that stay; but what each meeting
    // leaves behind is left in every round.
    let rounds: Vec<_> = (0..=ROUNDS).map(|_| left_by_a_round()).collect();
    assert_eq!(rounds[ROUNDS].0, rounds[0].0);
    let least_growth = |of: fn(&(usize, usize, usize)) -> usize| {
        let more = rounds
            .windows(2)
            .map(|two| of(&two[1]).saturating_sub(of(&two[0])));
        more.min().unwrap()
    };
    let allocated = least_growth(|round| round.1);
    assert!(
        allocated < ALLOCATED,
        "{allocated} bytes more in each round"
    );
    let resident = least_growth(|round| round.2);
    assert!(resident < RESIDENT, "{resident} bytes more in each round");
}

#[test]
fn requests_that_are_cut_off_at_a_fault_leave_nothing() {
    let _alone = crate::alone();
    let worker = worker();
    // The runtime has one of its own.
    let sockets_before = sockets();
    for millis in [0, 5, 20, 100] {
        worker.block_on(round(Duration::from_millis(millis)));
        worker.block_on(gone("of the clients' tasks", || {
            worker.metrics().num_alive_tasks() == 0
        }));
    }
    assert_eq!(sockets(), sockets_before);
}
