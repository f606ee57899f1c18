//! The sandbox's price: `cargo bench -p vuelo --bench sandbox`.
//!
//! A guest in Rust sends requests and reads their answers; the same loop does so natively
//! by the same engine. The numbers are the processor's time of the client's thread, in
//! alternation; the median of all rounds counts, and the median of their ratios.
//!
//! On both sides are: 50 users with a connection each, the samples of each request in the
//! same shard, those of an iteration where there are many of them, the same JSON parser,
//! and tasks of the same runtime. On the guest's side alone are: the guest's own code,
//! the calls between it and the host, handles, its copy of a body, the tidying up after an
//! iteration and the sample of the guest's memory, and the yield at each tick of the epoch.
//!
//! For a profiler, `sandbox natively CASE` and `sandbox guest CASE` run one side of one case
//! alone, counted from 0.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::Deserialize;
use tokio::task::JoinSet;
use vuelo::http::{Client, Request};
use vuelo::metrics::{TagSet, builtin, with_shard};
use vuelo::vu::{EPOCH_TICK, Iteration, LiveUser, VirtualUser};

#[path = "parts/clock.rs"]
mod clock;
#[path = "parts/samples.rs"]
mod samples;
#[path = "parts/server.rs"]
#[allow(dead_code)]
mod server;
#[path = "parts/world.rs"]
mod world;

use clock::processor_time_of;
use samples::{record, tags_of};
use world::World;

/// As the command has it.
#[cfg(not(debug_assertions))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USERS: u32 = 50;
/// How many requests each of them sends in a round.
const REQUESTS: u64 = 400;
const ROUNDS: usize = 15;

/// How far an answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// Its body is discarded as it arrives.
    Nothing,
    /// Its body is copied to whoever reads it.
    Bytes,
    /// One field of an object in JSON.
    Field,
}

impl Reads {
    /// Its name in the guest's configuration.
    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Bytes => "bytes",
            Self::Field => "field",
        }
    }
}

/// What is measured: how many requests an iteration makes, and what becomes of answers.
const CASES: [(&str, u64, Reads, &str); 5] = [
    (
        "body discarded, 400 requests an iteration",
        REQUESTS,
        Reads::Nothing,
        "1.05",
    ),
    (
        "body discarded, 1 request an iteration",
        1,
        Reads::Nothing,
        "",
    ),
    (
        "4 KiB taken, 400 requests an iteration",
        REQUESTS,
        Reads::Bytes,
        "",
    ),
    (
        "4 KiB of JSON read, 400 requests an iteration",
        REQUESTS,
        Reads::Field,
        "1.2",
    ),
    (
        "4 KiB of JSON read, 1 request an iteration",
        1,
        Reads::Field,
        "",
    ),
];

/// What is wanted of an answer; all else in it is skipped.
#[derive(Deserialize)]
struct Orders {
    total: u64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let component = component();
    let address = server::answer_all(orders(), Duration::ZERO);
    let url = format!("http://{address}/");
    match arguments[..] {
        [side @ ("natively" | "guest"), case] => {
            let (_, requests, reads, _) = CASES[case.parse::<usize>().unwrap()];
            let mut sides = Sides::new(component, &url, requests, reads);
            let _ticker = sides.world.scenario.tick(EPOCH_TICK);
            for _ in 0..4 * ROUNDS {
                match side {
                    "guest" => sides.guest_round(),
                    _ => sides.native_round(),
                };
            }
        }
        _ => compare(&component, &url),
    }
}

fn compare(component: &[u8], url: &str) {
    println!(
        "{USERS} users, {REQUESTS} requests each, {ROUNDS} rounds in turn; processor time of \
         the client's thread, a request\n"
    );
    println!("| | natively | guest | difference | ratio | at most |");
    println!("|---|---|---|---|---|---|");
    for (name, requests, reads, aim) in CASES {
        let mut sides = Sides::new(component.to_vec(), url, requests, reads);
        let _ticker = sides.world.scenario.tick(EPOCH_TICK);
        let (mut native, mut guest, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        // The first round makes everything warm, and the connections.
        for round in 0..=ROUNDS {
            let (one, other) = (sides.native_round(), sides.guest_round());
            if round > 0 {
                native.push(one);
                guest.push(other);
                ratios.push(other / one);
            }
        }
        let (native, guest) = (median(&mut native), median(&mut guest));
        println!(
            "| {name} | {native:.2} µs | {guest:.2} µs | {:.2} µs | {:.3} | {aim} |",
            guest - native,
            median(&mut ratios),
        );
    }
}

/// Both sides of a case.
struct Sides {
    world: World,
    natives: Vec<Native>,
    guests: Vec<Guest>,
}

impl Sides {
    fn new(component: Vec<u8>, url: &str, requests: u64, reads: Reads) -> Self {
        let config = [
            ("BASE_URL", url.to_owned()),
            ("REQUESTS", requests.to_string()),
            ("READS", reads.name().to_owned()),
        ];
        let config = config.map(|(key, value)| (key.to_owned(), value));
        let world = World::new(component, "unused", BTreeMap::from(config));
        Self {
            natives: natives(&world, url, requests, reads),
            guests: guests(&world, requests),
            world,
        }
    }

    fn native_round(&mut self) -> f64 {
        let round = run(&mut self.natives, Native::work);
        measured(|| self.world.runtime.block_on(round))
    }

    fn guest_round(&mut self) -> f64 {
        let round = run(&mut self.guests, Guest::work);
        let took = measured(|| self.world.runtime.block_on(round));
        self.world.must_be_content();
        took
    }
}

/// The scenario, built as `vuelo build` would: its folder has settings of its own.
fn component() -> Vec<u8> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = source.join("../scenarios-wasm/benchmark/rust-json");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("benchmark-rust-json");
    let target = "wasm32-wasip2";
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--release",
            "--locked",
            "--target",
            target,
        ])
        .env("CARGO_TARGET_DIR", &folder)
        .current_dir(source)
        .status();
    assert!(built.unwrap().success(), "the guest cannot be built");
    std::fs::read(folder.join(target).join("release/benchmark_rust_json.wasm")).unwrap()
}

/// 4 KiB of JSON, as shops answer.
fn orders() -> Bytes {
    let mut orders = Vec::new();
    for id in 0..40 {
        orders.push(serde_json::json!({
            "id": 10_000 + id,
            "item": format!("item number {id}"),
            "price": 19.99 + f64::from(id),
            "tags": ["new", "blue"],
            "paid": id % 2 == 0,
        }));
    }
    // The field that is wanted is behind what is skipped.
    let mut text = serde_json::json!({ "orders": orders, "total": 40 }).to_string();
    assert!(text.len() <= 4096, "{} bytes", text.len());
    let padding = " ".repeat(4096 - text.len());
    text.push_str(&padding);
    text.into()
}

/// A user without a sandbox.
struct Native {
    client: Client,
    request: Arc<Request>,
    tags: TagSet,
    iteration_tags: TagSet,
    requests: u64,
    reads: Reads,
}

impl Native {
    async fn work(mut self) -> Self {
        for _ in 0..REQUESTS / self.requests {
            let started = Instant::now();
            for _ in 0..self.requests {
                self.ask().await;
            }
            let (tags, took) = (self.iteration_tags, started.elapsed());
            with_shard(|shard| {
                shard.add_count(builtin::ITERATIONS, tags, 1);
                shard.add_duration(builtin::ITERATION_DURATION, tags, took);
            });
        }
        self
    }

    async fn ask(&mut self) {
        let exchange = self.client.send(&self.request, &()).await;
        record(self.tags, &exchange);
        let answer = exchange.outcome.unwrap();
        let right = match self.reads {
            Reads::Nothing => true,
            Reads::Bytes => !answer.body().to_vec().is_empty(),
            Reads::Field => {
                let orders: Orders = serde_json::from_slice(&answer.body()).unwrap();
                orders.total == 40
            }
        };
        assert!(right, "the answer is another one");
    }
}

/// A user in a sandbox.
struct Guest {
    user: LiveUser,
    iterations: u64,
    begun: u64,
}

impl Guest {
    async fn work(mut self) -> Self {
        for _ in 0..self.iterations {
            let iteration = Iteration {
                number: self.begun,
                intended_start: None,
            };
            self.begun += 1;
            self.user.iterate(iteration).await;
        }
        self
    }
}

fn natives(world: &World, url: &str, requests: u64, reads: Reads) -> Vec<Native> {
    let mut request = Request::new("GET", url).unwrap();
    request.set_discard_body(reads == Reads::Nothing);
    let request = Arc::new(request);
    let user = |_| Native {
        client: Client::new(Arc::clone(&world.run.http)),
        request: Arc::clone(&request),
        tags: tags_of(world.tags, url),
        iteration_tags: world.tags,
        requests,
        reads,
    };
    (0..USERS).map(user).collect()
}

fn guests(world: &World, requests: u64) -> Vec<Guest> {
    let data = Arc::from("null");
    let guest = |vu| {
        let mut user = world.user(vu, &data);
        world.runtime.block_on(user.prepare());
        Guest {
            user,
            iterations: REQUESTS / requests,
            begun: 0,
        }
    };
    (1..=USERS).map(guest).collect()
}

/// A round of all users, each in a task of its own.
async fn run<U, F>(users: &mut Vec<U>, work: impl Fn(U) -> F)
where
    U: Send + 'static,
    F: Future<Output = U> + Send + 'static,
{
    let mut tasks: JoinSet<_> = users.drain(..).map(work).collect();
    while let Some(done) = tasks.join_next().await {
        users.push(done.unwrap());
    }
}

/// Microseconds for one request of a round.
fn measured(round: impl FnOnce()) -> f64 {
    let requests = u64::from(USERS) * REQUESTS;
    processor_time_of(round).as_secs_f64() * 1e6 / requests as f64
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
