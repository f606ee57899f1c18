#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::*;
use crate::metrics::{MetricType, Recorded, Registry, Shard, Unit};
use crate::output::results;

/// The plan of a part, as the results file has it.
fn plan(segment: &str) -> Value {
    json!({
        "planFile": format!("/somewhere/{segment}/vuelo.toml"),
        "thresholds": {
            "http_req_duration": [{"threshold": "p(95)<500", "abortOnFail": true}],
            "own_errors": [{"threshold": "rate<0.1"}],
        },
        "tags": {"environment": "test"},
        "config": {"BASE_URL": {"value": "http://a", "from": segment}},
        "metrics": {"own_errors": {"type": "rate", "unit": "none"}},
        "executionSegment": segment,
        "executionSegmentSequence": "0,1/2,1",
    })
}

struct Run {
    schema: Arc<Schema>,
    thresholds: Vec<(Selector, Vec<Threshold>)>,
    totals: Totals,
    shard: Shard,
    endings: Endings,
}

impl Run {
    fn new() -> Self {
        let mut registry = Registry::new();
        registry
            .declare("own_errors", MetricType::Rate, Unit::None)
            .unwrap();
        let mut slow = Threshold::new("p(95)<500".parse().unwrap());
        slow.abort_on_fail = true;
        let thresholds = vec![
            ("http_req_duration".parse().unwrap(), vec![slow]),
            (
                "own_errors".parse().unwrap(),
                vec![Threshold::new("rate<0.1".parse().unwrap())],
            ),
        ];
        let selectors = thresholds.iter().map(|(selector, _)| selector);
        let schema = Schema::new(registry, selectors, ["environment".to_owned()]);
        let schema = Arc::new(schema.unwrap());
        Self {
            totals: Totals::new(Arc::clone(&schema)),
            shard: Shard::new(Arc::clone(&schema)),
            schema,
            thresholds,
            endings: Endings::default(),
        }
    }

    /// Requests of these durations in milliseconds, one an iteration, and how
    /// many of them failed.
    fn requests(mut self, durations: &[u64], errors: usize) -> Self {
        let root = self.shard.root();
        let own_errors = self.schema.registry().find("own_errors").unwrap();
        for (index, &took) in durations.iter().enumerate() {
            let took = Duration::from_millis(took);
            self.shard
                .add_duration(builtin::HTTP_REQ_DURATION, root, took);
            self.shard
                .add_duration(builtin::ITERATION_DURATION, root, took);
            self.shard.add_rate(own_errors, root, index < errors);
        }
        self.totals.merge(self.shard.take());
        self
    }

    fn outcome(self, load_time: u64) -> (Arc<Schema>, Outcome) {
        let load_time = Duration::from_secs(load_time);
        let mut endings = self.endings;
        let verdicts = self.totals.evaluate(&self.thresholds, load_time);
        if verdicts.iter().any(|verdict| !verdict.ok) {
            endings.add(Ending::ThresholdsFailed(vec!["of the part".to_owned()]));
        }
        let outcome = Outcome {
            started: Timestamp::UNIX_EPOCH,
            ended: Timestamp::UNIX_EPOCH + load_time,
            load_time,
            setup_data: None,
            summary: self.totals.summary(load_time),
            recorded: self.totals.record(),
            verdicts,
            endings,
        };
        (self.schema, outcome)
    }

    /// Its results file.
    fn file(self, segment: &str, load_time: u64) -> Value {
        let (schema, outcome) = self.outcome(load_time);
        let record = RunRecord {
            id: segment,
            name: "a2a",
            artifacts: vec![ArtifactRecord {
                name: "shop".to_owned(),
                digest: "sha256:12".to_owned(),
                source: "here".to_owned(),
                pinned: true,
            }],
            environment: "test",
            seed: u64::MAX,
            plan: plan(segment),
            schema: &schema,
            outcome: &outcome,
            terminals: (false, false),
            colours: false,
        };
        // Through text, as on a disk.
        serde_json::from_str(&results::value(&record).to_string()).unwrap()
    }
}

fn part(name: &str, file: &Value) -> Result<Part, MergeError> {
    Part::from_value(Path::new(name), file)
}

fn merged(files: &[&Value]) -> Result<Merged, MergeError> {
    let names = ["one.json", "two.json", "three.json"];
    let parts = names.iter().zip(files).map(|(name, file)| part(name, file));
    merge(parts.collect::<Result<_, _>>()?, "id".to_owned())
}

fn refused(files: &[&Value]) -> String {
    merged(files).unwrap_err().to_string()
}

fn fast() -> Run {
    Run::new().requests(&[10; 90], 0)
}

#[test]
fn parts_are_judged_as_the_whole_in_whatever_order_they_come() {
    // Of the second part alone 9 % are slow and 11 % fail; of both, 4.5 and 5.5 %.
    let mut durations = [10; 90];
    durations[82..].fill(900);
    let slow = Run::new().requests(&durations, 10);
    let whole: Vec<u64> = [10; 90].into_iter().chain(durations).collect();
    let (_, whole) = Run::new().requests(&whole, 10).outcome(20);
    let mut slow = slow.file("1/2:1", 20);
    assert_eq!(slow["run"]["verdict"]["exit_code"], 99);
    // That threshold could have ended the run, and did not: it was judged at the
    // end.
    slow["metrics"]["http_req_duration"]["thresholds"]["p(95)<500"]["ok"] = true.into();
    let fast = fast().file("0:1/2", 10);
    for files in [[&fast, &slow], [&slow, &fast]] {
        let merged = merged(&files).unwrap();
        let outcome = merged.outcome();
        assert_eq!(outcome.recorded, whole.recorded);
        assert_eq!(outcome.summary, whole.summary);
        assert_eq!(outcome.verdicts, whole.verdicts);
        assert_eq!(outcome.endings, whole.endings);
        assert_eq!(outcome.endings.exit_code(), 0);
        assert_eq!(outcome.load_time, Duration::from_secs(20));
        assert!(merged.missing().is_empty());
        let file = results::value(&merged.record((false, false), false));
        let read: Recorded = serde_json::from_value(file["recorded"].clone()).unwrap();
        assert_eq!(read, whole.recorded);
        assert_eq!(file["run"]["seed"], u64::MAX.to_string());
        assert_eq!(file["run"]["plan"].get("executionSegment"), None);
        assert_eq!(file["run"]["plan"]["mergedFrom"][1]["id"], "1/2:1");
    }
}

#[test]
fn a_threshold_of_the_whole_that_fails_is_exit_code_99() {
    let one = Run::new().requests(&[900; 90], 0).file("0:1/2", 10);
    let other = fast().file("1/2:1", 10);
    let merged = merged(&[&one, &other]).unwrap();
    assert_eq!(merged.outcome().endings.exit_code(), 99);
    let expected = Ending::ThresholdsFailed(vec!["http_req_duration: p(95)<500".to_owned()]);
    assert_eq!(merged.outcome().endings.all(), [expected]);
}

#[test]
fn a_threshold_that_ended_a_part_fails_the_whole() {
    let mut one = fast().file("0:1/2", 10);
    let threshold = &mut one["metrics"]["http_req_duration"]["thresholds"]["p(95)<500"];
    threshold["ok"] = false.into();
    let other = fast().file("1/2:1", 10);
    let failed_there = merged(&[&one, &other]).unwrap();
    assert_eq!(
        failed_there.outcome().endings.exit_code(),
        0,
        "what failed in a part can hold in the whole"
    );
    let threshold = &mut one["metrics"]["http_req_duration"]["thresholds"]["p(95)<500"];
    threshold["endedTheRun"] = true.into();
    let ended_it = merged(&[&one, &other]).unwrap();
    assert_eq!(ended_it.outcome().endings.exit_code(), 99);
}

#[test]
fn what_was_the_matter_with_a_part_is_the_matter_with_the_whole() {
    let mut stopped = fast();
    stopped.endings.add(Ending::Stopped);
    stopped.endings.add(Ending::MarkedFailed("no".to_owned()));
    let mut idle = Run::new();
    idle.endings.add(Ending::NothingRan);
    let merged = merged(&[&stopped.file("0:1/2", 10), &idle.file("1/2:1", 10)]).unwrap();
    let endings = merged.outcome().endings.all();
    assert_eq!(
        endings,
        [Ending::Stopped, Ending::MarkedFailed("no".to_owned())]
    );
}

#[test]
fn a_part_that_is_missing_is_named() {
    let divided = |segment: &str| {
        let mut file = fast().file(segment, 10);
        file["run"]["plan"]["executionSegmentSequence"] = "0,1/4,1/2,1".into();
        file
    };
    let merged = merged(&[&divided("1/2:1"), &divided("0:1/4")]).unwrap();
    assert_eq!(merged.missing(), ["1/4:1/2"]);
}

#[test]
fn files_that_are_not_parts_of_one_run_are_refused_with_the_reason() {
    let (one, other) = (fast().file("0:1/2", 10), fast().file("1/2:1", 10));
    let with = |at: &str, value: Value| {
        let mut file = other.clone();
        *file.pointer_mut(at).unwrap() = value;
        file
    };
    assert_eq!(
        refused(&[&one, &with("/run/seed", "7".into())]),
        "`one.json` and `two.json` are not parts of one run: `run.seed` is \"18446744073709551615\" \
         in the first and \"7\" in the second; run all parts with the same --seed"
    );
    let changed = with("/run/plan/config/BASE_URL/value", "http://b".into());
    assert!(
        refused(&[&one, &changed]).contains("`run.plan.config.BASE_URL.value` is \"http://a\"")
    );
    let changed = with("/run/host_version", "0.0.1".into());
    let said = refused(&[&one, &changed]);
    assert!(said.contains("`run.host_version`"), "{said}");
    assert!(
        said.ends_with("run all parts with the same version of vuelo"),
        "{said}"
    );
    let changed = with("/run/artifact/digest", "sha256:13".into());
    assert!(refused(&[&one, &changed]).contains("`run.artifact.digest`"));
    assert_eq!(
        refused(&[&one, &other, &one]),
        "`one.json` and `three.json` are the same part of the run, 0:1/2: each part counts once"
    );
    assert_eq!(
        refused(&[&one]),
        "name the results files of at least two parts of a run"
    );
    let mut whole = one.clone();
    let plan = whole["run"]["plan"].as_object_mut().unwrap();
    plan.remove("executionSegment");
    assert!(refused(&[&whole, &other]).starts_with("`one.json` is the result of a whole run"));
    let changed = with("/run/plan/executionSegment", "1/3:2/3".into());
    assert!(refused(&[&one, &changed]).ends_with("1/3:2/3, which is none of 0,1/2,1"));
    let mut old = one.clone();
    old.as_object_mut().unwrap().remove("recorded");
    assert_eq!(
        refused(&[&old, &other]),
        "`one.json` is no results file of this version of vuelo: `recorded`: it is not there"
    );
    let mut changed = other.clone();
    let series = changed["recorded"]["series"].as_array_mut().unwrap();
    let duration = series
        .iter_mut()
        .find(|one| one["name"] == "http_req_duration");
    duration.unwrap()["count"] = 91.into();
    assert_eq!(
        refused(&[&one, &changed]),
        "`two.json` cannot be merged: the record of `http_req_duration` is damaged: what is \
         written does not add up"
    );
}
