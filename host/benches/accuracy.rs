//! What a run reports, held against what the target says of itself.
//!
//! `make accuracy` prints four tables: percentiles beside the target's own, the
//! plain and the corrected ones of a target that stalls, how well a rate is kept,
//! and percentiles again while the generator's one core is busy for 70 % of the
//! time. The target is a process of its own; the numbers are of this machine and
//! of today, and judged by whoever reads them.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::BufRead;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

#[path = "../tests/command/guests.rs"]
#[allow(dead_code)]
mod guests;

/// The percentiles that are compared.
const PERCENTILES: [(&str, f64); 4] = [
    ("p(50)", 0.5),
    ("p(95)", 0.95),
    ("p(99)", 0.99),
    ("p(99.9)", 0.999),
];

fn main() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("guest.wasm"), guests::rust()).unwrap();
    against_known_delays(folder.path());
    against_a_stall(folder.path());
    at_a_high_rate(folder.path());
    at_a_high_load(folder.path());
}

/// 1,000 requests a second, at delays that the target knows.
fn against_known_delays(folder: &Path) {
    println!(
        "\n1,000 requests a second for 20 s; what is reported beside the target's own log, in ms\n"
    );
    println!("| delay | requests | percentile | target | reported | difference |");
    println!("|---|---|---|---|---|---|");
    for delay in ["none", "1ms", "10ms", "100ms", "5ms|50ms@10%"] {
        let times = folder.join("times");
        let target = Target::start(&["--latency", delay, "--times", times.to_str().unwrap()]);
        let scenario = json!({
            "executor": "constant-arrival-rate",
            "rate": 1_000,
            "duration": "20s",
            "preAllocatedVUs": 200,
            "maxVUs": 500,
        });
        let result = run(folder, &target, &scenario);
        target.stop();
        let shown = delay.replace('|', " or ");
        for row in beside_the_target(&result, &times) {
            println!(
                "| {shown} | {} | {} | {:.3} | {:.3} | {:+.3} |",
                row.requests,
                row.percentile,
                row.own,
                row.reported,
                row.reported - row.own
            );
        }
    }
}

/// A percentile as it was reported and as the target's log has it, in milliseconds.
struct Compared {
    requests: u64,
    percentile: &'static str,
    own: f64,
    reported: f64,
}

fn beside_the_target(result: &Value, times: &Path) -> Vec<Compared> {
    let mut truth: Vec<u64> = std::fs::read_to_string(times)
        .unwrap()
        .lines()
        .map(|line| line.parse().unwrap())
        .collect();
    truth.sort_unstable();
    let values = &result["metrics"]["http_req_duration"]["values"];
    let requests = values["count"].as_u64().unwrap();
    assert_eq!(
        requests,
        truth.len() as u64,
        "the target saw other requests than were reported"
    );
    let compared = PERCENTILES.map(|(percentile, quantile)| {
        let rank = (quantile * truth.len() as f64).ceil() as usize;
        Compared {
            requests,
            percentile,
            own: truth[rank.max(1) - 1] as f64 / 1e6,
            reported: values[percentile].as_f64().unwrap(),
        }
    });
    compared.into()
}

/// As many requests a second as keep one core busy for 70 % of the time, the target on
/// the other core.
fn at_a_high_load(folder: &Path) {
    const BUSY: f64 = 70.0;
    const FIRST: f64 = 10_000.0;
    let (own, others) = ("0", "1");
    let times = folder.join("times");
    let arguments = [
        "--latency",
        "5ms|50ms@10%",
        "--times",
        times.to_str().unwrap(),
    ];
    let scenario = |rate: f64, duration: &str| {
        json!({
            "executor": "constant-arrival-rate",
            "rate": rate.round() as u64,
            "duration": duration,
            "preAllocatedVUs": 1_000,
            "maxVUs": 2_000,
        })
    };
    let mut rate = FIRST;
    println!("\nOne core busy for 70 % of the time, the target on the other; in ms\n");
    println!("| a second | busy | requests | percentile | target | reported | difference |");
    println!("|---|---|---|---|---|---|---|");
    for duration in ["5s", "20s"] {
        let target = Target::start_on(Some(others), &arguments);
        let result = run_on(Some(own), folder, &target, &scenario(rate, duration));
        target.stop();
        let busy = result["metrics"]["generator_cpu"]["values"]["avg"]
            .as_f64()
            .unwrap();
        for row in beside_the_target(&result, &times) {
            println!(
                "| {rate:.0} | {busy:.0} % | {} | {} | {:.3} | {:.3} | {:+.1} % |",
                row.requests,
                row.percentile,
                row.own,
                row.reported,
                (row.reported / row.own - 1.0) * 100.0
            );
        }
        // The first run is there to find the rate of the second.
        rate *= BUSY / busy;
    }
}

/// 50 VUs that start an iteration every 50 ms, and a target that answers nothing
/// for two seconds of sixty.
fn against_a_stall(folder: &Path) {
    let target = Target::start(&["--latency", "1ms", "--stall", "2s@20s"]);
    let scenario = json!({
        "executor": "constant-vus",
        "vus": 50,
        "duration": "60s",
        "pacing": "50ms",
    });
    let result = run(folder, &target, &scenario);
    println!("\n50 VUs paced at 50 ms for 60 s, the target stalls once for 2 s; in ms\n");
    println!("| | count | p(50) | p(95) | p(99) | p(99.9) | max |");
    println!("|---|---|---|---|---|---|---|");
    for metric in [
        "http_req_duration",
        "http_req_duration_corrected",
        "iteration_duration",
        "iteration_duration_corrected",
        "iteration_lag",
    ] {
        let values = &result["metrics"][metric]["values"];
        let shown = ["p(50)", "p(95)", "p(99)", "p(99.9)", "max"]
            .map(|name| format!("{:.1}", values[name].as_f64().unwrap()));
        println!(
            "| `{metric}` | {} | {} |",
            values["count"],
            shown.join(" | ")
        );
    }
    let p99 = |metric: &str| {
        let p99 = &result["metrics"][metric]["values"]["p(99)"];
        p99.as_f64().unwrap()
    };
    // Loose bounds: what the table is to show, on any machine.
    assert!(p99("http_req_duration") <= 100.0, "the plain one hides it");
    assert!(
        p99("http_req_duration_corrected") >= 500.0,
        "the corrected one shows it"
    );
}

/// 5,000 iterations a second, held for 30 s.
fn at_a_high_rate(folder: &Path) {
    let target = Target::start(&["--latency", "none"]);
    let scenario = json!({
        "executor": "constant-arrival-rate",
        "rate": 5_000,
        "duration": "30s",
        "preAllocatedVUs": 200,
        "maxVUs": 1_000,
    });
    let result = run(folder, &target, &scenario);
    let metrics = &result["metrics"];
    let count = |metric: &str| metrics[metric]["values"]["count"].as_u64().unwrap_or(0);
    let value = |metric: &str, name: &str| metrics[metric]["values"][name].as_f64().unwrap_or(0.0);
    println!("\n5,000 iterations a second for 30 s, the target on the same machine\n");
    println!("| | |\n|---|---|");
    println!("| iterations | {} of 150000 |", count("iterations"));
    println!("| a second | {:.0} |", count("iterations") as f64 / 30.0);
    println!("| dropped | {} |", count("dropped_iterations"));
    println!(
        "| `iteration_lag` | p(50) {:.3} ms, p(99) {:.3} ms, max {:.1} ms |",
        value("iteration_lag", "p(50)"),
        value("iteration_lag", "p(99)"),
        value("iteration_lag", "max")
    );
    println!("| workers busy | {:.0}% |", value("generator_cpu", "avg"));
    println!("| verdict | {} |", result["run"]["verdict"]["outcome"]);
    let started = count("iterations") + count("dropped_iterations");
    assert_eq!(started, 150_000, "each is run or dropped");
}

/// Runs the guest's one GET as this scenario, and returns the results.
fn run(folder: &Path, target: &Target, scenario: &Value) -> Value {
    run_on(None, folder, target, scenario)
}

/// The command, on one core or on all.
fn vuelo(core: Option<&str>) -> Command {
    let vuelo = env!("CARGO_BIN_EXE_vuelo");
    let Some(core) = core else {
        return Command::new(vuelo);
    };
    let mut pinned = Command::new("taskset");
    pinned.args(["--cpu-list", core, vuelo]);
    pinned
}

/// Runs the guest's one GET on one core or on all.
fn run_on(core: Option<&str>, folder: &Path, target: &Target, scenario: &Value) -> Value {
    let results = folder.join("results");
    let _ = std::fs::remove_dir_all(&results);
    std::fs::create_dir(&results).unwrap();
    let plan = folder.join("plan.json");
    let options = json!({ "options": { "scenarios": { "default": scenario } } });
    std::fs::write(&plan, options.to_string()).unwrap();
    let output = vuelo(core)
        .args([
            "run",
            "./guest.wasm",
            "--quiet",
            "-e",
            "DO=get",
            "--base-url",
        ])
        .arg(format!("{}/health", target.url))
        .arg("--plan")
        .arg(&plan)
        .arg("--results")
        .arg(&results)
        .current_dir(folder)
        .env_remove("BASE_URL")
        .output()
        .unwrap();
    let file = std::fs::read_dir(&results).unwrap().next();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let file = file
        .unwrap_or_else(|| panic!("no results: {said}"))
        .unwrap();
    if !output.status.success() {
        eprintln!("{said}");
    }
    serde_json::from_str(&std::fs::read_to_string(file.path()).unwrap()).unwrap()
}

struct Target {
    child: Child,
    url: String,
}

impl Target {
    fn start(arguments: &[&str]) -> Self {
        Self::start_on(None, arguments)
    }

    fn start_on(core: Option<&str>, arguments: &[&str]) -> Self {
        let mut child = vuelo(core)
            .args(["target", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        std::io::BufReader::new(stdout)
            .read_line(&mut line)
            .unwrap();
        let url = line.trim().trim_start_matches("listening on ").to_owned();
        Self { child, url }
    }

    /// Ends it as a person would, so that its log is whole.
    fn stop(mut self) {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-INT", &pid]).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap();
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
