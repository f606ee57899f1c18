//! Shards, totals, thresholds and summaries together.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const TEN_SECONDS: Duration = Duration::from_secs(10);

fn schema(selectors: &[&str]) -> Arc<Schema> {
    let mut registry = Registry::new();
    registry
        .declare("a2a_duration", MetricType::Trend, Unit::Milliseconds)
        .unwrap();
    registry
        .declare("a2a_errors", MetricType::Rate, Unit::None)
        .unwrap();
    registry
        .declare("queue", MetricType::Gauge, Unit::None)
        .unwrap();
    let selectors: Vec<Selector> = selectors.iter().map(|text| text.parse().unwrap()).collect();
    Arc::new(Schema::new(registry, &selectors, ["environment".to_owned()]).unwrap())
}

fn thresholds(of: &str, conditions: &[&str]) -> Vec<(Selector, Vec<Threshold>)> {
    let conditions = conditions
        .iter()
        .map(|text| Threshold::new(text.parse().unwrap()));
    vec![(of.parse().unwrap(), conditions.collect())]
}

fn id(schema: &Schema, name: &str) -> MetricId {
    schema.registry().find(name).unwrap()
}

#[test]
fn a_sample_goes_into_its_metric_and_into_every_part_it_belongs_to() {
    let schema = schema(&[
        "http_req_duration{endpoint:rpc}",
        "http_req_duration{endpoint:page}",
    ]);
    let mut shard = Shard::new(Arc::clone(&schema));
    let rpc = shard.with_tag(shard.root(), "endpoint", "rpc");
    let ok = shard.with_tag(rpc, "expected_response", "true");
    shard.add_duration(builtin::HTTP_REQ_DURATION, ok, Duration::from_millis(20));
    shard.add_duration(builtin::HTTP_REQ_DURATION, rpc, Duration::from_millis(40));
    let mut totals = Totals::new(schema);
    totals.merge(shard.take());
    let summary = totals.summary(TEN_SECONDS);
    let count = |name: &str| summary.metric(name).map(|metric| metric.samples);
    assert_eq!(count("http_req_duration"), Some(2));
    assert_eq!(count("http_req_duration{endpoint:rpc}"), Some(2));
    assert_eq!(count("http_req_duration{expected_response:true}"), Some(1));
    assert_eq!(count("http_req_duration{endpoint:page}"), None);
    let whole = summary.metric("http_req_duration").unwrap();
    assert_eq!(whole.value("sum"), Some(60.0));
    assert_eq!(whole.value("max"), Some(40.0));
}

#[test]
fn what_has_no_samples_is_no_data_and_fails_unless_told_otherwise() {
    let schema = schema(&[]);
    let totals = Totals::new(schema);
    for metric in ["a2a_duration", "a2a_errors", "queue"] {
        let condition = match metric {
            "a2a_duration" => "p(95)<500",
            "a2a_errors" => "rate<0.01",
            _ => "value<10",
        };
        let mut thresholds = thresholds(metric, &[condition]);
        let verdict = &totals.evaluate(&thresholds, TEN_SECONDS)[0];
        assert_eq!(
            (verdict.finding, verdict.ok),
            (Finding::NoData, false),
            "{metric}"
        );
        thresholds[0].1[0].on_no_data = OnNoData::Pass;
        assert!(totals.evaluate(&thresholds, TEN_SECONDS)[0].ok, "{metric}");
    }
    let verdict = &totals.evaluate(&thresholds("http_reqs", &["count<1"]), TEN_SECONDS)[0];
    assert_eq!(verdict.finding, Finding::Held(0.0));
}

#[test]
fn a_threshold_ends_the_run_only_when_told_to_and_not_before_its_delay() {
    let schema = schema(&[]);
    let mut shard = Shard::new(Arc::clone(&schema));
    let errors = id(&schema, "a2a_errors");
    shard.add_rate(errors, shard.root(), true);
    let mut totals = Totals::new(schema);
    totals.merge(shard.take());
    let mut thresholds = thresholds("a2a_errors", &["rate<0.01"]);
    assert!(!totals.evaluate(&thresholds, TEN_SECONDS)[0].abort);
    thresholds[0].1[0].abort_on_fail = true;
    thresholds[0].1[0].delay_abort_eval = Duration::from_secs(11);
    assert!(!totals.evaluate(&thresholds, TEN_SECONDS)[0].abort);
    assert!(totals.evaluate(&thresholds, Duration::from_secs(11))[0].abort);
}

#[test]
fn a_value_that_no_metric_takes_is_counted_and_not_recorded() {
    let schema = schema(&[]);
    let mut shard = Shard::new(Arc::clone(&schema));
    let (duration, queue) = (id(&schema, "a2a_duration"), id(&schema, "queue"));
    let root = shard.root();
    for value in [-1.0, f64::NAN, f64::INFINITY] {
        shard.add(duration, root, value);
    }
    shard.add(queue, root, -5.0);
    let delta = shard.take();
    let mut totals = Totals::new(schema);
    totals.merge(delta);
    assert_eq!(
        totals.take_warnings(),
        [Warning::RefusedValue("a2a_duration".into())]
    );
    assert!(totals.take_warnings().is_empty(), "each is told once");
    assert_eq!(totals.count(builtin::METRICS_ERRORS), 3);
    let summary = totals.summary(TEN_SECONDS);
    assert!(summary.metric("a2a_duration").is_none());
    assert_eq!(summary.metric("queue").unwrap().value("value"), Some(-5.0));
}

#[test]
fn endpoints_count_every_request_once_whatever_came_of_it() {
    let schema = schema(&[]);
    let mut shard = Shard::new(Arc::clone(&schema));
    let mut base = shard.with_tag(shard.root(), "environment", "test");
    base = shard.with_tag(base, "method", "GET");
    base = shard.with_tag(base, "name", "/health");
    base = shard.with_tag(base, "group", "::a");
    for (tag, value) in [
        ("status", "200"),
        ("status", "500"),
        ("error", "interrupted"),
    ] {
        let set = shard.with_tag(base, tag, value);
        shard.add_count(builtin::HTTP_REQS, set, 1);
        if tag == "status" {
            shard.add_rate(builtin::HTTP_REQ_FAILED, set, value == "500");
            shard.add_duration(builtin::HTTP_REQ_DURATION, set, Duration::from_millis(7));
        }
    }
    let mut totals = Totals::new(schema);
    totals.merge(shard.take());
    let summary = totals.summary(TEN_SECONDS);
    let [row] = &summary.endpoints[..] else {
        panic!("{:?}", summary.endpoints)
    };
    assert_eq!((row.requests, row.failed, row.interrupted), (3, 1, 1));
    assert_eq!(row.tag("name"), Some("/health"));
    assert_eq!(row.tag("environment"), None);
    assert_eq!(
        row.statuses
            .iter()
            .map(|(k, v)| (k.as_str(), *v))
            .collect::<Vec<_>>(),
        [("200", 1), ("500", 1)]
    );
    assert_eq!(totals.count(builtin::HTTP_REQS), 3);
}

#[test]
fn beyond_the_most_rows_requests_are_still_counted_whichever_worker_met_them() {
    let schema = schema(&[]);
    let mut totals = Totals::new(Arc::clone(&schema));
    for worker in 0..3 {
        let mut shard = Shard::new(Arc::clone(&schema));
        for number in 0..1_500 {
            let set = shard.with_tag(shard.root(), "name", &format!("{worker}/{number}"));
            shard.add_count(builtin::HTTP_REQS, set, 1);
        }
        totals.merge(shard.take());
    }
    let summary = totals.summary(TEN_SECONDS);
    assert_eq!(summary.endpoints.len(), 1_000);
    assert_eq!(
        summary
            .endpoints
            .iter()
            .map(|row| row.requests)
            .sum::<u64>(),
        4_500
    );
    assert!(
        summary
            .endpoints
            .iter()
            .any(|row| row.tag("name") == Some("(all others)"))
    );
}

#[test]
fn a_sample_of_several_requests_is_several_requests_of_its_endpoint() {
    let schema = schema(&[]);
    let mut shard = Shard::new(Arc::clone(&schema));
    let ok = shard.with_tag(shard.root(), "status", "200");
    shard.add_count(builtin::HTTP_REQS, ok, 3);
    shard.add(builtin::HTTP_REQS, ok, 2.0);
    let mut totals = Totals::new(schema);
    totals.merge(shard.take());
    let row = &totals.summary(TEN_SECONDS).endpoints[0];
    assert_eq!((row.requests, row.statuses["200"]), (5, 5));
    assert_eq!(totals.count(builtin::HTTP_REQS), 5);
}

#[test]
fn checks_are_counted_by_group_and_name() {
    let schema = schema(&[]);
    let mut shard = Shard::new(Arc::clone(&schema));
    let group = shard.with_tag(shard.root(), "group", "::cards");
    let check = shard.with_tag(group, "check", "status is 200");
    shard.add_rate(builtin::CHECKS, check, true);
    shard.add_rate(builtin::CHECKS, check, false);
    shard.add_duration(builtin::GROUP_DURATION, group, Duration::from_millis(1));
    let mut totals = Totals::new(schema);
    totals.merge(shard.take());
    let summary = totals.summary(TEN_SECONDS);
    assert_eq!(summary.groups, ["::cards"]);
    let expected = CheckRow {
        group: "::cards".into(),
        name: "status is 200".into(),
        passes: 1,
        fails: 1,
    };
    assert_eq!(summary.checks, [expected]);
}

#[test]
fn a_counter_has_a_rate_of_0_before_any_time_has_passed() {
    let totals = Totals::new(schema(&[]));
    let verdict = &totals.evaluate(&thresholds("http_reqs", &["rate<10"]), Duration::ZERO)[0];
    assert_eq!(verdict.finding, Finding::Held(0.0));
}

#[test]
fn a_count_is_exact_where_millionths_no_longer_fit_a_float() {
    for count in [9_007_199_255, 123_456_789_013, 17_000_000_000_003] {
        let schema = schema(&[]);
        let mut shard = Shard::new(Arc::clone(&schema));
        shard.add_count(builtin::ITERATIONS, shard.root(), count);
        let mut totals = Totals::new(schema);
        totals.merge(shard.take());
        assert_eq!(totals.count(builtin::ITERATIONS), count);
    }
}

proptest! {
    #[test]
    fn any_split_over_shards_and_any_order_of_merging_gives_the_same(
        samples in prop::collection::vec(
            (0..4_usize, 0..4_usize, 0..3_usize, 0.0_f64..5_000.0), 1..200),
        reversed in any::<bool>(),
    ) {
        let schema = schema(&["a2a_duration{endpoint:1}"]);
        let metrics = [
            id(&schema, "a2a_duration"),
            id(&schema, "a2a_errors"),
            builtin::HTTP_REQ_DURATION,
            builtin::DATA_SENT,
        ];
        let add = |shard: &mut Shard, &(_, metric, endpoint, value): &(usize, usize, usize, f64)| {
            let set = shard.with_tag(shard.root(), "endpoint", &endpoint.to_string());
            shard.add(metrics[metric], set, value);
        };
        let mut one = Shard::new(Arc::clone(&schema));
        let mut many: Vec<_> = (0..4).map(|_| Shard::new(Arc::clone(&schema))).collect();
        for sample in &samples {
            add(&mut one, sample);
            add(&mut many[sample.0], sample);
        }
        let mut whole = Totals::new(Arc::clone(&schema));
        whole.merge(one.take());
        let mut deltas: Vec<_> = many.iter_mut().map(Shard::take).collect();
        if reversed { deltas.reverse(); }
        let mut parts = Totals::new(schema);
        deltas.into_iter().for_each(|delta| parts.merge(delta));
        prop_assert_eq!(parts.summary(TEN_SECONDS), whole.summary(TEN_SECONDS));
    }
}

#[test]
fn a_value_too_large_for_its_unit_is_refused_and_counted() {
    let mut registry = Registry::new();
    let mut own = |name: &str, metric_type, unit| registry.declare(name, metric_type, unit);
    let orders = own("orders", MetricType::Counter, Unit::None).unwrap();
    let sizes = own("sizes", MetricType::Trend, Unit::Bytes).unwrap();
    let queue = own("queue", MetricType::Gauge, Unit::None).unwrap();
    let schema = Arc::new(Schema::new(registry, [], []).unwrap());
    let mut shard = Shard::new(Arc::clone(&schema));
    for (metric, value) in [
        (orders, 1.8e13),
        (orders, 1.9e13),
        (sizes, 1.8e19),
        (sizes, 1.9e19),
        (queue, 1e300),
    ] {
        shard.add(metric, TagSet::default(), value);
    }
    let mut totals = Totals::new(schema);
    totals.merge(shard.take());
    assert_eq!(totals.samples(orders), 1);
    assert_eq!(totals.samples(sizes), 1);
    assert_eq!(totals.samples(queue), 1);
    assert_eq!(totals.count(builtin::METRICS_ERRORS), 2);
    let [warning] = &totals.take_warnings()[..] else {
        panic!("not one warning")
    };
    assert!(warning.to_string().contains("too large"), "{warning}");
}
