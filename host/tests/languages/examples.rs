//! One flow in every language: the same requests, checks, metrics and think times.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use vuelo::imports::Draws;
use vuelo::plan::Seed;

use super::harness::{Folder, Ran, TargetProcess};
use super::projects::built;

const LANGUAGES: [&str; 6] = ["rust", "c", "go", "python", "javascript", "typescript"];

/// As the examples' options have it.
const ITERATIONS: u64 = 20;
const AGENTS: [&str; 3] = ["navi", "pulse", "herald"];

const SEED: u64 = 11;

/// What a run came to.
struct Came {
    requests: BTreeMap<String, u64>,
    checks: Vec<(String, u64, u64)>,
    metrics: Vec<String>,
    result: Value,
}

fn run(language: &str) -> Came {
    let component = built(&format!("examples/{language}"));
    let target = TargetProcess::start(&["--latency", "none"]);
    let folder = Folder::new();
    let output = folder
        .command(&["run", component.to_str().unwrap()])
        .args(["--base-url", &target.url, "--seed", &SEED.to_string()])
        .output()
        .unwrap();
    Ran::new(output)
        .ends_with(0)
        .does_not_say("iteration failed");
    let result = folder.result();
    let mut checks = Vec::new();
    gather(&result["root_group"], &mut checks);
    let metrics = result["metrics"].as_object().unwrap();
    Came {
        requests: target.counts().into_iter().collect(),
        checks,
        metrics: metrics.keys().cloned().collect(),
        result,
    }
}

/// The checks of a group and of those inside it, by path.
fn gather(group: &Value, checks: &mut Vec<(String, u64, u64)>) {
    for check in group["checks"].as_array().unwrap() {
        let number = |member: &str| check[member].as_u64().unwrap();
        let path = check["path"].as_str().unwrap().to_owned();
        checks.push((path, number("passes"), number("fails")));
    }
    for inner in group["groups"].as_array().unwrap() {
        gather(inner, checks);
    }
}

/// What the host draws in an iteration of the flow: how long it thinks, and which
/// agent it asks.
fn drawn(iteration: u64) -> (Duration, &'static str) {
    let mut draws = Draws::new(Seed(SEED), "default", iteration);
    let mut between = |shortest: u64, longest: u64| {
        let range = (longest - shortest) as f64;
        Duration::from_secs_f64((shortest as f64 + range * draws.fraction()) / 1e3)
    };
    let before = between(10, 30) + between(20, 60);
    let agent = AGENTS[(draws.fraction() * AGENTS.len() as f64) as usize];
    let mut between = |shortest: u64, longest: u64| {
        let range = (longest - shortest) as f64;
        Duration::from_secs_f64((shortest as f64 + range * draws.fraction()) / 1e3)
    };
    (before + between(20, 60), agent)
}

#[test]
fn one_flow_is_the_same_in_every_language() {
    let drawn: Vec<_> = (0..ITERATIONS).map(drawn).collect();
    let mut requests: BTreeMap<String, u64> = [
        ("GET /.well-known/agent-card.json".to_owned(), ITERATIONS),
        // Once more in setup.
        ("GET /.well-known/agents".to_owned(), ITERATIONS + 1),
    ]
    .into();
    for (_, agent) in &drawn {
        *requests
            .entry(format!("POST /a2a/{agent}/rpc"))
            .or_default() += 1;
    }
    let thought: Duration = drawn.iter().map(|(thought, _)| *thought).sum();
    let checks: Vec<_> = [
        ("::discovery::discovery: has a name", 1),
        ("::discovery::discovery: lists agents", 1),
        ("::discovery::discovery: status is 200", 2),
        ("::rpc::rpc: has a result", 1),
        ("::rpc::rpc: status is 200", 1),
    ]
    .map(|(path, times)| (path.to_owned(), times * ITERATIONS, 0))
    .into();
    let mut metrics: Option<Vec<String>> = None;
    for language in LANGUAGES {
        let came = run(language);
        assert_eq!(came.requests, requests, "{language}");
        assert_eq!(came.checks, checks, "{language}");
        let first = metrics.get_or_insert_with(|| came.metrics.clone());
        assert_eq!(came.metrics, *first, "{language}");
        let sum = |metric: &str| {
            let sum = came.result["metrics"][metric]["values"]["sum"].as_f64();
            Duration::from_secs_f64(sum.unwrap() / 1e3)
        };
        let other = sum("iteration_duration");
        // A request takes its time, and other tests compile beside this one: which
        // draws were taken, the agents have told already.
        let most = thought + Duration::from_millis(250) * u32::try_from(ITERATIONS).unwrap();
        assert!(
            thought <= other && other <= most,
            "{language}: drawn were {thought:?}, and the iterations took {other:?}"
        );
    }
}
