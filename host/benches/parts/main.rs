//! What the parts of the host cost: `cargo bench -p vuelo --bench parts`.
//!
//! All times are the processor's time of one thread, the system's part of it included.
//! The same parts are counted in instructions for what timing cannot show on a noisy
//! machine: `budget.py` runs this program by valgrind for that, as
//!
//! - `parts counted`: which parts are counted, and how often each is done at least
//! - `parts count PART TIMES`: does that part so often, and nothing else
#![allow(clippy::unwrap_used, missing_docs)]

mod calls;
mod clock;
mod guest;
mod part;
mod recording;
mod requests;
mod samples;
mod server;
mod ticks;
mod users;
mod world;

use std::time::Duration;

use criterion::{Criterion, SamplingMode};

use part::{PARTS, Part, Setting};

/// As the command has it.
#[cfg(not(debug_assertions))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [server::SERVE, delay] => server::serve(Duration::from_millis(delay.parse().unwrap())),
        ["counted"] => list_counted(),
        ["count", part, times] => {
            let part = Part::find(part).unwrap_or_else(|| panic!("there is no part `{part}`"));
            count(part, times.parse().unwrap());
        }
        _ => measure(),
    }
}

fn list_counted() {
    if cfg!(debug_assertions) {
        panic!("instructions are counted of what `cargo bench` builds: this was not optimised");
    }
    for part in PARTS {
        if let Some(times) = part.counted {
            println!("{times}\t{}", part.name);
        }
    }
}

/// Does it so often, once all that happens at first has happened.
fn count(part: &Part, times: u64) {
    let mut work = (part.prepare)(Setting::Counted);
    work(part.counted.unwrap_or(1));
    work(times);
}

fn measure() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("parts");
    group
        .sampling_mode(SamplingMode::Flat)
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    for part in PARTS {
        // Made ready when its turn has come, and only if it has one.
        let mut work = None;
        group.bench_function(part.name, |bench| {
            let work = work.get_or_insert_with(|| (part.prepare)(Setting::Timed));
            bench.iter_custom(work);
        });
    }
    group.finish();
    criterion.final_summary();
}
