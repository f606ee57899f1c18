#![allow(clippy::unwrap_used)]

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::metrics::{MetricId, MetricType, Registry, Shard, Unit};

const TEN_SECONDS: Duration = Duration::from_secs(10);

type Thresholds = Vec<(Selector, Vec<Threshold>)>;

fn thresholds() -> Thresholds {
    let judged = [
        ("http_req_duration", "p(95)<2000"),
        ("http_req_duration{endpoint:1}", "p(99)<2500"),
        ("http_req_duration{!endpoint:1}", "avg<2500"),
        ("own_duration", "med<2500"),
        ("own_errors", "rate<0.5"),
        ("data_sent", "count>1000"),
        ("queue", "value<2500"),
    ];
    judged
        .map(|(selector, condition)| {
            let condition = Threshold::new(condition.parse().unwrap());
            (selector.parse().unwrap(), vec![condition])
        })
        .into()
}

fn schema(thresholds: &Thresholds) -> Arc<Schema> {
    let mut registry = Registry::new();
    for (name, metric_type, unit) in [
        ("own_duration", MetricType::Trend, Unit::Milliseconds),
        ("own_errors", MetricType::Rate, Unit::None),
        ("queue", MetricType::Gauge, Unit::None),
    ] {
        registry.declare(name, metric_type, unit).unwrap();
    }
    let selectors = thresholds.iter().map(|(selector, _)| selector);
    Arc::new(Schema::new(registry, selectors, []).unwrap())
}

#[derive(Debug, Clone)]
struct Sample {
    process: usize,
    shard: usize,
    metric: usize,
    endpoint: usize,
    value: f64,
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    // Many near each other and some far away, so that lists and histograms occur.
    let value = prop_oneof![0.0_f64..5_000.0, 0.0_f64..1.0, 0.0_f64..1e12];
    let sample = (0..3_usize, 0..3_usize, 0..9_usize, 0..4_usize, value);
    let sample = sample.prop_map(|(process, shard, metric, endpoint, value)| Sample {
        process,
        shard,
        metric,
        endpoint,
        value,
    });
    prop::collection::vec(sample, 1..1_500)
}

/// Records a sample, the gauges at a moment that is the sample's own.
fn record(shard: &mut Shard, metrics: &[MetricId], moment: usize, sample: &Sample) {
    let mut set = shard.with_tag(shard.root(), "endpoint", &sample.endpoint.to_string());
    set = shard.with_tag(set, "check", ["is there", "is fast"][sample.endpoint % 2]);
    set = shard.with_tag(set, "group", "::cards");
    set = shard.with_tag(
        set,
        "status",
        if sample.value < 1.0 { "200" } else { "500" },
    );
    match metrics.get(sample.metric) {
        Some(&metric) => shard.add(metric, set, sample.value),
        None => {
            let queue = metrics[metrics.len() - 1];
            shard.set(queue, set, moment as u64, sample.value);
        }
    }
}

fn metrics(schema: &Schema) -> Vec<MetricId> {
    let own = |name: &str| schema.registry().find(name).unwrap();
    vec![
        builtin::HTTP_REQS,
        builtin::HTTP_REQ_FAILED,
        builtin::HTTP_REQ_DURATION,
        builtin::CHECKS,
        builtin::GROUP_DURATION,
        builtin::DATA_SENT,
        own("own_duration"),
        own("own_errors"),
    ]
}

/// Writes a record as the results file does, and reads it.
fn written_and_read(totals: &Totals) -> Recorded {
    let text = serde_json::to_string(&totals.record()).unwrap();
    serde_json::from_str(&text).unwrap()
}

proptest! {
    #[test]
    fn parts_merge_into_what_one_process_would_have_measured(
        samples in samples(),
        order in Just([0, 1, 2]).prop_shuffle(),
    ) {
        let thresholds = thresholds();
        let schema = schema(&thresholds);
        let mut metrics = metrics(&schema);
        metrics.push(schema.registry().find("queue").unwrap());
        let mut one = Shard::new(Arc::clone(&schema));
        let mut many: Vec<Vec<Shard>> = (0..3)
            .map(|_| (0..3).map(|_| Shard::new(Arc::clone(&schema))).collect())
            .collect();
        for (moment, sample) in samples.iter().enumerate() {
            let mut sample = sample.clone();
            // The gauge is set at a moment only.
            sample.metric = if sample.metric == metrics.len() - 1 { usize::MAX } else { sample.metric };
            record(&mut one, &metrics, moment, &sample);
            record(&mut many[sample.process][sample.shard], &metrics, moment, &sample);
        }
        let mut whole = Totals::new(Arc::clone(&schema));
        whole.merge(one.take());
        let parts: Vec<Recorded> = many
            .iter_mut()
            .map(|shards| {
                let mut totals = Totals::new(Arc::clone(&schema));
                shards.iter_mut().for_each(|shard| totals.merge(shard.take()));
                written_and_read(&totals)
            })
            .collect();
        let restore = |part: &Recorded| Totals::restore(Arc::clone(&schema), &thresholds, part);
        let mut merged = restore(&parts[order[0]]).unwrap();
        for &part in &order[1..] {
            merged.merge_part(&restore(&parts[part]).unwrap());
        }
        prop_assert_eq!(merged.record(), whole.record());
        let texts = [&merged, &whole].map(|totals| serde_json::to_string(&totals.record()).unwrap());
        prop_assert_eq!(&texts[0], &texts[1]);
        prop_assert_eq!(merged.summary(TEN_SECONDS), whole.summary(TEN_SECONDS));
        prop_assert_eq!(
            merged.evaluate(&thresholds, TEN_SECONDS),
            whole.evaluate(&thresholds, TEN_SECONDS)
        );
    }

    #[test]
    fn no_text_of_buckets_panics_the_reader(buckets in "[A-Za-z0-9+/]{0,40}", count in 0..9_u64) {
        let trend = RecordedTrend {
            count,
            sum: Text(0),
            min: Text(0),
            max: Text(0),
            buckets: Some(buckets),
        };
        let _ = trend.distribution("m");
    }
}

#[test]
fn vus_of_parts_add_up() {
    let schema = schema(&Vec::new());
    let part = |vus: &[f64]| {
        let mut shard = Shard::new(Arc::clone(&schema));
        for (moment, &value) in (0..).zip(vus) {
            shard.set(builtin::VUS, shard.root(), moment, value);
        }
        let mut totals = Totals::new(Arc::clone(&schema));
        totals.merge(shard.take());
        totals
    };
    let mut merged = part(&[1.0, 5.0, 3.0]);
    merged.merge_part(&part(&[2.0, 4.0, 2.0]));
    let summary = merged.summary(TEN_SECONDS);
    let vus = summary.metric("vus").unwrap();
    let value = |name: &str| vus.value(name).unwrap();
    assert_eq!(
        (value("value"), value("min"), value("max")),
        (5.0, 3.0, 9.0)
    );
    assert_eq!(vus.samples, 3, "seconds, not those of both");
}

fn windowed(metric: &str, condition: &str) -> Thresholds {
    let mut threshold = Threshold::new(condition.parse().unwrap());
    threshold.window = Some(Duration::from_secs(2));
    vec![(metric.parse().unwrap(), vec![threshold])]
}

/// A run with so many requests, of so many milliseconds, in each second.
fn run(schema: &Arc<Schema>, thresholds: &Thresholds, seconds: &[(usize, u64)]) -> Totals {
    let mut totals = Totals::new(Arc::clone(schema));
    totals.watch(thresholds);
    totals.slide(Duration::ZERO);
    let mut shard = Shard::new(Arc::clone(schema));
    for (second, &(requests, took)) in (1..).zip(seconds) {
        let root = shard.root();
        for _ in 0..requests {
            shard.add_count(builtin::HTTP_REQS, root, 1);
            shard.add_duration(
                builtin::HTTP_REQ_DURATION,
                root,
                Duration::from_millis(took),
            );
        }
        totals.merge(shard.take());
        totals.slide(Duration::from_secs(second));
    }
    totals
}

#[test]
fn windows_of_parts_pass_only_where_they_would_have_in_one_process() {
    let one = [(5, 10), (5, 10), (1, 900), (5, 10), (5, 10)];
    let other = [(5, 10), (5, 10), (5, 10), (5, 10), (2, 20)];
    for (metric, condition, worst, ok) in [
        ("http_req_duration", "max<500", 900.0, false),
        ("http_req_duration", "max<1000", 900.0, true),
        ("http_reqs", "count>=12", 13.0, true),
        ("http_reqs", "count>=14", 13.0, false),
        ("http_reqs", "rate<=10", 10.0, true),
    ] {
        let thresholds = windowed(metric, condition);
        let schema = schema(&thresholds);
        let parts = [&one, &other].map(|seconds| {
            let recorded = written_and_read(&run(&schema, &thresholds, seconds));
            Totals::restore(Arc::clone(&schema), &thresholds, &recorded).unwrap()
        });
        let mut merged =
            Totals::restore(Arc::clone(&schema), &thresholds, &parts[0].record()).unwrap();
        merged.merge_part(&parts[1]);
        let verdict = &merged.evaluate(&thresholds, TEN_SECONDS)[0];
        assert_eq!(
            (verdict.finding.observed(), verdict.ok),
            (Some(worst), ok),
            "{condition}"
        );
        let windows = verdict.windows.unwrap();
        assert_eq!((windows.judged, windows.crossed > 0), (4, !ok));
    }
}

#[test]
fn a_run_shorter_than_its_window_is_read_back_with_what_it_came_to() {
    let thresholds = windowed("http_req_duration", "max<500");
    let schema = schema(&thresholds);
    let totals = run(&schema, &thresholds, &[(1, 900)]);
    let recorded = written_and_read(&totals);
    let restored = Totals::restore(schema, &thresholds, &recorded).unwrap();
    assert!(!restored.evaluate(&thresholds, TEN_SECONDS)[0].ok);
    assert_eq!(restored.record(), recorded);
}

#[test]
fn what_does_not_fit_is_refused_with_its_name() {
    let thresholds = windowed("http_req_duration", "max<500");
    let schema = schema(&thresholds);
    let recorded = run(&schema, &thresholds, &[(3, 7), (3, 7)]).record();
    let refused = |change: &dyn Fn(&mut Recorded)| {
        let mut changed = recorded.clone();
        change(&mut changed);
        Totals::restore(Arc::clone(&schema), &thresholds, &changed)
            .unwrap_err()
            .to_string()
    };
    let series = |recorded: &mut Recorded, name: &str| {
        let found = recorded
            .series
            .iter()
            .position(|series| series.name == name);
        found.unwrap()
    };
    assert_eq!(
        refused(&|recorded| recorded.version = 2),
        "it was recorded in the form 2, and this version of vuelo reads the form 1"
    );
    assert_eq!(
        refused(&|recorded| recorded.series[0].name = "other".to_owned()),
        "the series `other` is none of the plan's"
    );
    assert_eq!(
        refused(&|recorded| {
            let at = series(recorded, "http_reqs");
            recorded.series[at].unit = "ms".to_owned();
        }),
        "the series `http_reqs` has another type or unit in the plan"
    );
    assert_eq!(
        refused(&|recorded| recorded.windows[0].threshold = "max<5".to_owned()),
        "the threshold `http_req_duration: max<5` is none of the plan's"
    );
    assert_eq!(
        refused(&|recorded| {
            let at = series(recorded, "http_req_duration");
            if let RecordedSamples::Trend(trend) = &mut recorded.series[at].samples {
                trend.count += 1;
            }
        }),
        "the record of `http_req_duration` is damaged: its buckets do not add up to its samples"
    );
}
