#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use super::*;

/// A run of so many seconds; what is recorded in each is up to the caller.
struct Run {
    shard: Shard,
    totals: Totals,
    thresholds: Vec<(Selector, Vec<Threshold>)>,
    now: Duration,
}

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

impl Run {
    /// A run with a threshold over a window.
    fn new(metric: &str, condition: &str, window: Duration) -> Self {
        let mut threshold = Threshold::new(condition.parse().unwrap());
        threshold.window = Some(window);
        let selector: Selector = metric.parse().unwrap();
        let mut registry = Registry::new();
        registry
            .declare("queue", MetricType::Gauge, Unit::None)
            .unwrap();
        let schema = Arc::new(Schema::new(registry, [&selector], []).unwrap());
        let thresholds = vec![(selector, vec![threshold])];
        let mut totals = Totals::new(Arc::clone(&schema));
        totals.watch(&thresholds);
        totals.slide(Duration::ZERO);
        Self {
            shard: Shard::new(schema),
            totals,
            thresholds,
            now: Duration::ZERO,
        }
    }

    fn threshold(&mut self) -> &mut Threshold {
        &mut self.thresholds[0].1[0]
    }

    /// So many seconds with so many requests of a duration in each.
    fn requests(&mut self, length: u64, count: usize, milliseconds: u64) {
        for _ in 0..length {
            let root = self.shard.root();
            for _ in 0..count {
                let took = Duration::from_millis(milliseconds);
                self.shard
                    .add_duration(builtin::HTTP_REQ_DURATION, root, took);
                self.shard.add_count(builtin::HTTP_REQS, root, 1);
            }
            self.second();
        }
    }

    fn second(&mut self) {
        self.totals.merge(self.shard.take());
        self.now += seconds(1);
        self.totals.slide(self.now);
    }

    fn verdict(&self) -> Verdict {
        self.totals.evaluate(&self.thresholds, self.now).remove(0)
    }

    fn windows(&self) -> WindowsJudged {
        self.verdict().windows.unwrap()
    }
}

#[test]
fn a_bad_half_minute_fails_a_run_that_is_fine_as_a_whole() {
    let mut run = Run::new("http_req_duration", "p(95)<500", seconds(30));
    run.requests(600, 10, 100);
    run.requests(30, 10, 900);
    run.requests(600, 10, 100);
    let verdict = run.verdict();
    assert_eq!(verdict.threshold, "p(95)<500 in every 30s");
    assert_eq!(
        (verdict.finding, verdict.ok),
        (Finding::Crossed(900.0), false)
    );
    let windows = verdict.windows.unwrap();
    // One for each second from the 30th on.
    assert_eq!(windows.judged, 1_201);
    // From the first window of which more than 5 % are slow to the last.
    assert_eq!(windows.crossed, 30 + 30 - 2 - 1);
    assert_eq!(windows.worst_ended, Some(seconds(602)));
    run.threshold().window = None;
    assert!(run.verdict().ok, "the run as a whole");
}

#[test]
fn windows_are_judged_from_the_first_full_one_on() {
    let mut run = Run::new("http_reqs", "count>=50", seconds(10));
    run.requests(9, 5, 1);
    assert_eq!(run.windows().judged, 0);
    assert!(!run.verdict().abort);
    run.requests(2, 5, 1);
    assert_eq!(run.verdict().finding, Finding::Held(50.0));
    assert_eq!(run.windows().judged, 2);
}

#[test]
fn a_rate_of_a_window_is_by_the_seconds_of_the_window() {
    let mut run = Run::new("http_reqs", "rate>4", seconds(5));
    run.requests(10, 5, 1);
    assert_eq!(run.verdict().finding, Finding::Held(5.0));
    run.requests(5, 2, 1);
    run.requests(10, 5, 1);
    assert_eq!(run.verdict().finding, Finding::Crossed(2.0));
    assert_eq!(run.windows().worst_ended, Some(seconds(15)));
}

#[test]
fn a_run_shorter_than_its_window_is_judged_as_a_whole() {
    let mut run = Run::new("http_req_duration", "max<500", seconds(30));
    run.requests(3, 1, 600);
    let verdict = run.verdict();
    assert_eq!(
        (verdict.finding, verdict.ok),
        (Finding::Crossed(600.0), false)
    );
    assert!(!verdict.abort);
    assert_eq!(run.windows().judged, 0);
}

#[test]
fn a_hole_between_samples_is_no_data_and_what_comes_before_and_after_them_is_none() {
    let mut run = Run::new("http_req_duration", "p(95)<500", seconds(5));
    run.requests(20, 0, 0);
    run.requests(10, 1, 100);
    run.requests(20, 0, 0);
    assert!(
        run.verdict().ok,
        "the load before it begins, and after its end"
    );
    run.requests(1, 1, 100);
    let verdict = run.verdict();
    assert_eq!((verdict.finding, verdict.ok), (Finding::NoData, false));
    let windows = verdict.windows.unwrap();
    assert_eq!(
        (windows.empty, windows.first_empty_ended),
        (16, Some(seconds(35)))
    );
    assert!(!verdict.abort);
    run.threshold().on_no_data = OnNoData::Pass;
    assert_eq!(run.verdict().finding, Finding::Held(100.0));
    assert!(run.verdict().ok);
}

#[test]
fn without_any_sample_it_is_no_data_as_without_a_window() {
    let mut run = Run::new("http_req_duration", "p(95)<500", seconds(5));
    run.requests(20, 0, 0);
    assert_eq!(
        (run.verdict().finding, run.verdict().ok),
        (Finding::NoData, false)
    );
    let mut run = Run::new("http_reqs", "count<1", seconds(5));
    run.requests(20, 0, 0);
    assert_eq!(run.verdict().finding, Finding::Held(0.0));
}

#[test]
fn a_window_ends_the_run_while_it_crosses_and_not_before_the_delay() {
    let mut run = Run::new("http_req_duration", "max<500", seconds(5));
    run.threshold().abort_on_fail = true;
    run.threshold().delay_abort_eval = seconds(12);
    run.requests(8, 1, 900);
    assert!(!run.verdict().abort, "the delay is not over");
    run.requests(5, 1, 100);
    assert!(!run.verdict().abort, "it crosses no more");
    assert!(!run.verdict().ok, "but it did");
    run.requests(1, 1, 900);
    assert!(run.verdict().abort);
}

#[test]
fn a_gauge_keeps_its_value_over_windows_in_which_it_is_not_set() {
    let mut run = Run::new("queue", "value<10", seconds(3));
    let queue = run.totals.schema.registry().find("queue").unwrap();
    let root = run.shard.root();
    run.shard.add(queue, root, 7.0);
    (0..10).for_each(|_| run.second());
    assert_eq!(run.windows().judged, 8);
    assert_eq!(run.verdict().finding, Finding::Held(7.0));
    run.shard.add(queue, root, 12.0);
    (0..2).for_each(|_| run.second());
    assert_eq!(run.verdict().finding, Finding::Crossed(12.0));
}

#[test]
fn what_setup_measured_is_in_no_window() {
    let mut run = Run::new("http_req_duration", "max<500", seconds(2));
    let (mut shard, root) = (Shard::new(Arc::clone(&run.totals.schema)), run.shard.root());
    shard.add_duration(builtin::HTTP_REQ_DURATION, root, seconds(9));
    run.totals = Totals::new(Arc::clone(&run.totals.schema));
    run.totals.watch(&run.thresholds);
    run.totals.merge(shard.take());
    run.totals.slide(Duration::ZERO);
    run.requests(5, 1, 100);
    assert_eq!(run.verdict().finding, Finding::Held(100.0));
}

#[test]
fn the_last_window_is_no_fraction_of_one() {
    // 80 a second, and an end that is not one of a second.
    for (condition, seen) in [
        ("count>=70", 80.0),
        ("count<=100", 80.0),
        ("rate>=70", 80.0),
        ("rate<=81", 80.0),
    ] {
        for (tail, requests) in [(600, 48), (400, 32), (30, 2)] {
            let mut run = Run::new("http_reqs", condition, seconds(1));
            run.requests(12, 80, 10);
            for _ in 0..requests {
                run.shard
                    .add_count(builtin::HTTP_REQS, TagSet::default(), 1);
            }
            run.totals.merge(run.shard.take());
            run.now += Duration::from_millis(tail);
            run.totals.slide(run.now);
            let verdict = run.verdict();
            assert!(verdict.ok, "{condition} until {:?}: {verdict:?}", run.now);
            let observed = verdict.finding.observed().unwrap();
            assert!((observed - seen).abs() < 1.0, "{condition}: {observed}");
        }
    }
}

#[test]
fn what_happens_in_the_last_fraction_of_a_second_is_judged() {
    let mut run = Run::new("http_req_duration", "max<500", seconds(1));
    run.requests(3, 5, 10);
    run.shard
        .add_duration(builtin::HTTP_REQ_DURATION, TagSet::default(), seconds(1));
    run.totals.merge(run.shard.take());
    run.totals.slide(run.now + Duration::from_millis(200));
    assert_eq!(run.verdict().finding, Finding::Crossed(1_000.0));
}

#[test]
fn a_second_that_was_missed_makes_a_window_longer_and_no_count_wrong() {
    for condition in ["count<=5", "rate<=5", "rate>=5"] {
        let mut run = Run::new("http_reqs", condition, seconds(1));
        run.requests(3, 5, 1);
        // Nobody looked at the end of the fourth.
        run.now += seconds(1);
        run.requests(1, 10, 1);
        run.requests(3, 5, 1);
        assert!(run.verdict().ok, "{condition}: {:?}", run.verdict());
    }
}

#[test]
fn the_steps_of_a_long_window_are_whole_seconds() {
    let mut run = Run::new("http_reqs", "count>=3000", seconds(1_000));
    run.requests(1_100, 3, 100);
    let verdict = run.verdict();
    assert_eq!(verdict.finding, Finding::Held(3_000.0));
    assert_eq!(verdict.windows.unwrap().judged, 51, "one every two seconds");
}

#[test]
fn a_long_window_remembers_no_more_than_some_hundred_slots() {
    let mut run = Run::new("http_req_duration", "p(95)<500", seconds(7_200));
    run.requests(8_000, 3, 100);
    let windows = run.windows();
    assert!((60..80).contains(&windows.judged), "{windows:?}");
    assert!(run.totals.windows.slots() < 620);
}
