//! The phases of a request, held against a server that knows how long each took:
//! `make http-timings`.
//!
//! A server delays one phase at a time and writes down by the same clock for how
//! long it did, on a thread of its own. The numbers are of this machine and of
//! today; the bench fails where a phase is told a millisecond shorter than it was,
//! or five longer, in the middle of all requests.
//!
//! - `phase`: what is delayed, over what it is tried, and what the client says of it
//! - `truth`: for how long it really was
//! - `http1`: a server of HTTP/1.1, with and without TLS; `http2`: one of HTTP/2
#![allow(clippy::unwrap_used, missing_docs)]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{self, Runtime};
use vuelo::http::{Client, Engine, Exchange};

#[path = "../../tests/faults/certificates.rs"]
#[allow(dead_code)]
mod certificates;
// Of the tests of the engine: it answers as it is told.
#[path = "../../src/http/tests/dns_server.rs"]
#[allow(dead_code)]
mod dns_server;
mod http1;
mod http2;
mod phase;
mod truth;

use phase::{Phase, Trial};
use truth::{Servers, Truth};

/// By how much, in milliseconds, the middle of all requests may be told shorter or
/// longer than it was.
const BOUNDS: std::ops::Range<f64> = -1.0..5.0;

fn main() -> ExitCode {
    let worker = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    println!(
        "\nhow long each phase was by the server, and by how much the client differs, in ms\n"
    );
    println!("| phase | over | delay | requests | server, median | error, median | p99 | worst |");
    println!("|---|---|---|---|---|---|---|---|");
    let mut good = true;
    for trial in Trial::all() {
        good &= holds(&worker, trial);
    }
    println!(
        "\nconnecting: the server's queue of connections is full, and the system asks again \
         a second later, so that nothing shorter can be tried\n\
         sending ends when the last byte is in the system's buffers, which is before the server \
         has read it: it is held against the delay from below"
    );
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Prints a row; whether it is within the bounds.
fn holds(worker: &Runtime, trial: Trial) -> bool {
    let servers = Servers::start(trial);
    let engine = Engine::new(trial.settings(&servers)).unwrap();
    let mut truths = Vec::new();
    let mut errors = Vec::new();
    let mut over_delay = Vec::new();
    for _ in 0..trial.times {
        let mut client = Client::new(Arc::clone(&engine));
        let called = Instant::now();
        let exchange = worker.block_on(send(&mut client, trial, &servers));
        assert!(exchange.outcome.is_ok(), "{exchange:?}");
        let truth = match servers.truths.recv().unwrap() {
            Truth::Took(took) => took,
            Truth::EndedAt(end) => end - called,
        };
        let told = trial.phase.of(&exchange.timings);
        truths.push(milliseconds(truth));
        errors.push(milliseconds(told) - milliseconds(truth));
        over_delay.push(milliseconds(told) - milliseconds(trial.delay));
    }
    truths.sort_by(f64::total_cmp);
    over_delay.sort_by(f64::total_cmp);
    errors.sort_by(|one, other| one.abs().total_cmp(&other.abs()));
    let worst = errors[trial.times - 1];
    let p99 = errors[(trial.times * 99).div_ceil(100) - 1];
    errors.sort_by(f64::total_cmp);
    let median = errors[trial.times / 2];
    println!(
        "| {} | {} | {} | {} | {:.3} | {median:+.3} | {p99:+.3} | {worst:+.3} |",
        trial.phase.name(),
        trial.over.name(),
        trial.delay.as_millis(),
        trial.times,
        truths[trial.times / 2],
    );
    let shortest = match trial.phase {
        // The server has read all of it later than it was sent.
        Phase::Sending => over_delay[trial.times / 2],
        _ => median,
    };
    shortest >= BOUNDS.start && median < BOUNDS.end
}

/// Sends the request of a trial; what came of the one that is delayed.
async fn send(client: &mut Client, trial: Trial, servers: &Servers) -> Exchange {
    let request = trial.request(servers);
    if trial.phase == Phase::Blocked {
        let both = client.send_all(&[&request; 2], &()).await;
        let [first, second] = <[Exchange; 2]>::try_from(both).unwrap();
        assert!(first.outcome.is_ok(), "{first:?}");
        return second;
    }
    client.send(&request, &()).await
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
