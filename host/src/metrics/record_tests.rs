#![allow(clippy::unwrap_used)]

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::metrics::recorded::Text;
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
    capped_schema(thresholds, 100_000, 256 << 20)
}

fn capped_schema(thresholds: &Thresholds, most_series: usize, most_bytes: usize) -> Arc<Schema> {
    let mut registry = Registry::new();
    for (name, metric_type, unit) in [
        ("own_duration", MetricType::Trend, Unit::Milliseconds),
        ("own_errors", MetricType::Rate, Unit::None),
        ("queue", MetricType::Gauge, Unit::None),
    ] {
        registry.declare(name, metric_type, unit).unwrap();
    }
    let selectors = thresholds.iter().map(|(selector, _)| selector);
    let schema = Schema::new(registry, selectors, []).unwrap();
    let schema = schema.with_most_series(most_series);
    Arc::new(schema.with_most_bytes(most_bytes))
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
        // How many samples a shard takes until it is taken.
        take_every in 1..400_usize,
    ) {
        let thresholds = thresholds();
        let schema = schema(&thresholds);
        let mut metrics = metrics(&schema);
        metrics.push(schema.registry().find("queue").unwrap());
        let mut one = Shard::new(Arc::clone(&schema));
        let mut many: Vec<Vec<Shard>> = (0..3)
            .map(|_| (0..3).map(|_| Shard::new(Arc::clone(&schema))).collect())
            .collect();
        let mut totals: Vec<Totals> = (0..3).map(|_| Totals::new(Arc::clone(&schema))).collect();
        for (moment, sample) in samples.iter().enumerate() {
            let mut sample = sample.clone();
            // The gauge is set at a moment only.
            sample.metric = if sample.metric == metrics.len() - 1 { usize::MAX } else { sample.metric };
            record(&mut one, &metrics, moment, &sample);
            let shard = &mut many[sample.process][sample.shard];
            record(shard, &metrics, moment, &sample);
            if moment % take_every == 0 {
                totals[sample.process].merge(shard.take());
            }
        }
        let mut whole = Totals::new(Arc::clone(&schema));
        whole.merge(one.take());
        let parts: Vec<Recorded> = many
            .iter_mut()
            .zip(&mut totals)
            .map(|(shards, totals)| {
                shards.iter_mut().for_each(|shard| totals.merge(shard.take()));
                written_and_read(totals)
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
    fn beyond_the_caps_parts_merge_into_the_same_counts_sums_minima_and_maxima(
        samples in samples(),
        most_series in 1..30_usize,
        most_bytes in 0..20_000_usize,
    ) {
        let thresholds = thresholds();
        let capped = capped_schema(&thresholds, most_series, most_bytes);
        let metrics = metrics(&capped);
        let measured = |schema: &Arc<Schema>, wanted: &dyn Fn(&Sample) -> bool| {
            let mut shard = Shard::new(Arc::clone(schema));
            let mut totals = Totals::new(Arc::clone(schema));
            let samples = samples.iter().filter(|sample| sample.metric < metrics.len());
            for (moment, sample) in samples.filter(|sample| wanted(sample)).enumerate() {
                record(&mut shard, &metrics, moment, sample);
            }
            totals.merge(shard.take());
            totals
        };
        let whole = measured(&schema(&thresholds), &|_| true);
        let parts = [0, 1, 2].map(|process| {
            let part = written_and_read(&measured(&capped, &|sample| sample.process == process));
            Totals::restore(Arc::clone(&capped), &thresholds, &part).unwrap()
        });
        let [mut merged, second, third] = parts;
        merged.merge_part(&second);
        merged.merge_part(&third);
        let exact = |totals: &Totals| {
            let summary = totals.summary(TEN_SECONDS);
            let exact = summary.metrics.into_iter().map(|mut metric| {
                metric.values.retain(|(name, _)| name != "med" && !name.starts_with("p("));
                metric
            });
            exact.collect::<Vec<_>>()
        };
        prop_assert_eq!(exact(&merged), exact(&whole));
        prop_assert_eq!(
            merged.evaluate(&thresholds, TEN_SECONDS),
            whole.evaluate(&thresholds, TEN_SECONDS)
        );
        let requests = |totals: &Totals| {
            let endpoints = totals.summary(TEN_SECONDS).endpoints;
            endpoints.iter().map(|row| row.requests).sum::<u64>()
        };
        prop_assert_eq!(requests(&merged), requests(&whole));
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
    totals.keep_seconds();
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

/// What a process recorded in one second of the load.
#[derive(Debug, Clone)]
struct WindowSecond {
    samples: Vec<(usize, f64)>,
}

/// The seconds of a part, with holes, and by how much its load is longer than
/// whole seconds.
fn part_of_windows() -> impl Strategy<Value = (Vec<WindowSecond>, u64)> {
    let value = prop_oneof![0.0_f64..2_000.0, 0.0_f64..1e6];
    let samples = prop::collection::vec((0..4_usize, value), 0..12);
    let second = prop_oneof![Just(Vec::new()), samples];
    let second = second.prop_map(|samples| WindowSecond { samples });
    (
        prop::collection::vec(second, 0..9),
        prop_oneof![Just(0), 1..999_u64],
    )
        .prop_map(|(mut seconds, tail)| {
            if tail > 0 {
                // What happened in the fraction.
                seconds.push(WindowSecond {
                    samples: vec![(0, tail as f64), (2, 1.0)],
                });
            }
            (seconds, tail)
        })
}

/// Thresholds over windows of several lengths, in this order.
fn window_thresholds(order: &[usize]) -> Thresholds {
    let judged = [
        ("http_req_duration", "p(95)<1000", 2),
        ("http_req_duration", "count>=3", 2),
        ("http_req_duration", "max<1500", 1),
        ("own_errors", "rate<0.5", 3),
        ("data_sent", "count>=1", 1),
        ("data_sent", "rate<1000", 4),
        ("data_sent", "count==0", 2),
        ("queue", "value<900", 2),
    ];
    let of = |&place: &usize| {
        let (selector, condition, window): (&str, &str, u64) = judged[place];
        let mut condition = Threshold::new(condition.parse().unwrap());
        condition.window = Some(Duration::from_secs(window));
        (selector.parse().unwrap(), vec![condition])
    };
    order.iter().map(of).collect()
}

fn record_second(shard: &mut Shard, schema: &Schema, moment: u64, second: &WindowSecond) {
    let root = shard.root();
    let own = |name: &str| schema.registry().find(name).unwrap();
    for &(metric, value) in &second.samples {
        match metric {
            0 => shard.add(builtin::HTTP_REQ_DURATION, root, value),
            1 => shard.add_rate(own("own_errors"), root, value < 500.0),
            2 => shard.add(builtin::DATA_SENT, root, value),
            _ => shard.set(own("queue"), root, moment, value),
        }
    }
}

/// Totals of a process that measured these parts together: each second, and what
/// is left at its end.
fn measured(
    schema: &Arc<Schema>,
    thresholds: &Thresholds,
    parts: &[&(Vec<WindowSecond>, u64)],
) -> Totals {
    let mut totals = Totals::new(Arc::clone(schema));
    totals.watch(thresholds);
    totals.keep_seconds();
    totals.slide(Duration::ZERO);
    let end = |(seconds, tail): &(Vec<WindowSecond>, u64)| {
        let whole = seconds.len() - usize::from(*tail > 0);
        Duration::from_secs(whole as u64) + Duration::from_millis(*tail)
    };
    let ended = parts.iter().map(|part| end(part)).max().unwrap();
    let mut shard = Shard::new(Arc::clone(schema));
    for number in 0..=ended.as_secs() {
        for (seconds, _) in parts {
            if let Some(second) = seconds.get(number as usize) {
                record_second(&mut shard, schema, number, second);
            }
        }
        totals.merge(shard.take());
        totals.slide(Duration::from_secs(number + 1).min(ended));
    }
    totals
}

proptest! {
    #[test]
    fn windows_of_parts_merge_into_those_of_one_process(
        parts in prop::collection::vec(part_of_windows(), 2..4),
        order in Just([0, 1, 2, 3, 4, 5, 6, 7]).prop_shuffle(),
        other_order in Just([0, 1, 2, 3, 4, 5, 6, 7]).prop_shuffle(),
        reversed in any::<bool>(),
    ) {
        let thresholds = window_thresholds(&order);
        let schema = schema(&thresholds);
        // Each part wrote the same thresholds in an order of its own.
        let of_parts = window_thresholds(&other_order);
        let whole = measured(&schema, &thresholds, &parts.iter().collect::<Vec<_>>());
        let mut written: Vec<Recorded> = parts
            .iter()
            .map(|part| written_and_read(&measured(&schema, &of_parts, &[part])))
            .collect();
        if reversed { written.reverse() }
        let restore = |part: &Recorded| Totals::restore(Arc::clone(&schema), &thresholds, part);
        let mut merged = restore(&written[0]).unwrap();
        for part in &written[1..] {
            merged.merge_part(&restore(part).unwrap());
        }
        prop_assert_eq!(
            merged.evaluate(&thresholds, TEN_SECONDS),
            whole.evaluate(&thresholds, TEN_SECONDS)
        );
    }
}

#[test]
fn windows_in_which_one_part_had_nothing_are_judged_as_those_of_one_process() {
    // No part alone had fewer than 5 in a window that it judged.
    let one = [(5, 10), (5, 10), (0, 0), (0, 0), (0, 0)];
    let other = [(9, 10), (9, 10), (9, 10), (9, 10), (9, 10)];
    let thresholds = windowed("http_req_duration", "count>=20");
    let schema = schema(&thresholds);
    let restored = |seconds: &[(usize, u64)]| {
        let recorded = written_and_read(&run(&schema, &thresholds, seconds));
        Totals::restore(Arc::clone(&schema), &thresholds, &recorded).unwrap()
    };
    let mut merged = restored(&one);
    merged.merge_part(&restored(&other));
    let verdict = &merged.evaluate(&thresholds, TEN_SECONDS)[0];
    assert_eq!(
        (verdict.finding.observed(), verdict.ok),
        (Some(18.0), false)
    );
    let windows = verdict.windows.unwrap();
    assert_eq!((windows.judged, windows.crossed), (4, 2));
}

#[test]
fn a_short_part_is_read_as_shorter_than_its_window_and_a_merge_of_such_as_well() {
    let thresholds = windowed("http_req_duration", "max<500");
    let schema = schema(&thresholds);
    let recorded = written_and_read(&run(&schema, &thresholds, &[(1, 900)]));
    let restored = || Totals::restore(Arc::clone(&schema), &thresholds, &recorded).unwrap();
    let mut merged = restored();
    merged.merge_part(&restored());
    let verdict = &merged.evaluate(&thresholds, TEN_SECONDS)[0];
    assert_eq!(verdict.finding.observed(), Some(900.0));
    let windows = verdict.windows.unwrap();
    assert_eq!((windows.judged, windows.worst_ended), (0, None));
}

#[test]
fn windows_whose_seconds_a_part_gave_up_fail_in_the_whole() {
    let mut thresholds = windowed("http_req_duration", "max<500");
    thresholds[0].1[0].on_no_data = crate::metrics::OnNoData::Pass;
    let schema = schema(&thresholds);
    let mut recorded = run(&schema, &thresholds, &[(1, 10), (1, 10), (1, 10)]).record();
    let restored =
        |recorded: &Recorded| Totals::restore(Arc::clone(&schema), &thresholds, recorded).unwrap();
    let mut merged = restored(&recorded);
    merged.merge_part(&restored(&recorded));
    assert!(merged.evaluate(&thresholds, TEN_SECONDS)[0].ok);
    recorded.windows.as_mut().unwrap().given_up = true;
    merged.merge_part(&restored(&recorded));
    let verdict = &merged.evaluate(&thresholds, TEN_SECONDS)[0];
    assert_eq!((verdict.finding.observed(), verdict.ok), (None, false));
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
    fn windows(recorded: &mut Recorded) -> &mut RecordedWindows {
        recorded.windows.as_mut().unwrap()
    }
    assert_eq!(
        refused(&|recorded| recorded.version = 1),
        "it was recorded in the form 1, and this version of vuelo reads the form 2"
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
        refused(&|recorded| windows(recorded).series[0].name = "http_reqs".to_owned()),
        "the series `http_reqs` is none of the plan's"
    );
    let damaged = "the record of `http_req_duration` is damaged: what is written does not add up";
    assert_eq!(refused(&|recorded| windows(recorded).ended_ns = 1), damaged);
    assert_eq!(
        refused(&|recorded| windows(recorded).series[0].seconds.reverse()),
        damaged
    );
    assert_eq!(
        refused(&|recorded| {
            let at = series(recorded, "http_req_duration");
            if let RecordedSamples::Trend(trend) = &mut recorded.series[at].samples {
                trend.count += 1;
            }
        }),
        damaged
    );
}
