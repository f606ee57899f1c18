//! Whether memory stays flat, however long a run is: `make memory-flat`.
//!
//! 20 million samples with a merge a second, and then 10 million whose tags have
//! ids in them. Prints the resident memory as it goes, and ends with 1 where it
//! grew or a total is not exact.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use vuelo::metrics::{Registry, Schema, Selector, Shard, Threshold, Totals, builtin};

/// By how much memory may grow after the first million samples: what the
/// allocator does not give back at once, and buckets that are seldom used: 1 MiB
/// of the 12 that the first run takes, a twentieth of a byte a sample.
const MOST_GROWTH: f64 = 0.08;

/// How many samples come together in the second between two merges.
const A_SECOND: u64 = 5_000;

/// How many workers take turns.
const WORKERS: usize = 2;

const MILLION: u64 = 1_000_000;

struct Run {
    shards: Vec<Shard>,
    totals: Totals,
    samples: u64,
    state: u64,
}

impl Run {
    fn new() -> Self {
        let selector: Selector = "http_req_duration{name:/endpoint/1*}"
            .parse()
            .expect("a selector");
        let mut threshold = Threshold::new("p(95)<500".parse().expect("a condition"));
        threshold.window = Some(Duration::from_secs(30));
        let thresholds = [(selector, vec![threshold])];
        let selectors = thresholds.iter().map(|(selector, _)| selector);
        let schema = Schema::new(Registry::new(), selectors, []).expect("a metric that there is");
        let schema = Arc::new(schema);
        let mut totals = Totals::new(Arc::clone(&schema));
        totals.watch(&thresholds);
        totals.slide(Duration::ZERO);
        Self {
            shards: (0..WORKERS)
                .map(|_| Shard::new(Arc::clone(&schema)))
                .collect(),
            totals,
            samples: 0,
            state: 1,
        }
    }

    /// Records four samples of each request until there are so many. A request's
    /// number decides its name.
    fn record_until(&mut self, samples: u64, name: impl Fn(u64) -> String) {
        while self.samples < samples {
            let worker = (self.samples / 4) as usize % WORKERS;
            let (name, took) = (name(self.samples / 4), self.duration());
            let shard = &mut self.shards[worker];
            let mut set = shard.with_tag(shard.root(), "name", &name);
            set = shard.with_tag(set, "method", "GET");
            set = shard.with_tag(set, "status", "200");
            set = shard.with_tag(set, "expected_response", "true");
            shard.add_count(builtin::HTTP_REQS, set, 1);
            shard.add_duration(builtin::HTTP_REQ_DURATION, set, took);
            shard.add_duration(builtin::HTTP_REQ_WAITING, set, took);
            shard.add_rate(builtin::HTTP_REQ_FAILED, set, false);
            self.samples += 4;
            if self.samples.is_multiple_of(A_SECOND) {
                self.merge();
            }
        }
        self.merge();
    }

    /// From 5 ms to 2 s, in steps of a nanosecond.
    fn duration(&mut self) -> Duration {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let spread = 1_u64 << (20 + (self.state >> 60) % 12);
        Duration::from_nanos(5_000_000 + (self.state >> 20) % spread)
    }

    fn merge(&mut self) {
        for shard in &mut self.shards {
            self.totals.merge(shard.take());
        }
        self.totals
            .slide(Duration::from_secs(self.samples / A_SECOND));
        for warning in self.totals.take_warnings() {
            println!("  told: {warning}");
        }
    }

    /// Whether every total is what was recorded.
    fn is_exact(&self) -> bool {
        let each = self.samples / 4;
        let summary = self.totals.summary(Duration::from_secs(1));
        let rows: u64 = summary.endpoints.iter().map(|row| row.requests).sum();
        let parts = ["", "{expected_response:true}"];
        self.totals.count(builtin::HTTP_REQS) == each
            && rows == each
            && self.totals.samples(builtin::HTTP_REQ_FAILED) == each
            && parts.iter().all(|part| {
                let metric = summary.metric(&format!("http_req_duration{part}"));
                metric.is_some_and(|metric| metric.samples == each)
            })
    }
}

/// The memory of this process that is in use, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.expect("memory is told by /proc/self/status, which Linux has")
}

/// Records so many millions of samples, and says whether memory stayed flat and
/// the totals are exact.
fn stays_flat(title: &str, millions: &[u64], name: impl Fn(u64) -> String) -> bool {
    println!("{title}");
    let mut run = Run::new();
    let mut first = None;
    let mut flat = true;
    for &million in millions {
        run.record_until(million * MILLION, &name);
        let now = resident();
        let first = *first.get_or_insert(now);
        let growth = now as f64 / first as f64 - 1.0;
        println!(
            "  {million:>2} million samples: {:.1} MiB resident ({:+.1} %)",
            now as f64 / 1_024.0,
            growth * 100.0
        );
        flat &= growth <= MOST_GROWTH;
    }
    let exact = run.is_exact();
    println!(
        "  memory {}, totals {}",
        if flat { "is flat" } else { "GREW" },
        if exact { "are exact" } else { "are WRONG" }
    );
    flat && exact
}

fn main() -> ExitCode {
    let flat = stays_flat("20 endpoints", &[1, 5, 10, 20], |request| {
        format!("/endpoint/{}", request % 20)
    });
    // The cap on series is met with the 400,000th sample of each worker.
    let ids = stays_flat("an id in each name", &[1, 2, 5, 10], |request| {
        format!("/endpoint/{request}")
    });
    if flat && ids {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
