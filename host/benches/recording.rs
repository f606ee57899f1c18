//! What it costs to record one sample, and to take and merge a second's worth:
//! `cargo bench -p vuelo --bench recording`.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use vuelo::metrics::{
    MetricId, MetricType, Registry, Schema, Selector, Shard, TagSet, Threshold, Totals, Unit,
    builtin,
};

/// A schema with a part of `http_req_duration` that a threshold asks for, and a
/// trend of the author's that belongs to nothing else.
fn schema() -> (Arc<Schema>, MetricId) {
    let mut registry = Registry::new();
    let own = registry
        .declare("own_duration", MetricType::Trend, Unit::Milliseconds)
        .expect("a name that no built-in metric has");
    let part: Selector = "http_req_duration{endpoint:rpc}"
        .parse()
        .expect("a selector");
    let schema = Schema::new(registry, [&part], ["environment".to_owned()]);
    (Arc::new(schema.expect("a metric that there is")), own)
}

/// The tags that a request of a scenario has.
fn request_tags(shard: &mut Shard) -> TagSet {
    let mut set = shard.root();
    for (name, value) in [
        ("environment", "test"),
        ("scenario", "default"),
        ("group", "::cards"),
        ("method", "POST"),
        ("name", "/rpc"),
        ("endpoint", "rpc"),
        ("status", "200"),
        ("proto", "HTTP/1.1"),
        ("expected_response", "true"),
    ] {
        set = shard.with_tag(set, name, value);
    }
    set
}

/// Durations that lie apart as those of a server do: one in a million
/// nanoseconds differs from the next, and few are far away.
fn durations() -> impl FnMut() -> Duration {
    let mut state = 1_u64;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let spread = 1_u64 << (20 + (state >> 61));
        Duration::from_nanos(5_000_000 + (state >> 20) % spread)
    }
}

fn recording(criterion: &mut Criterion) {
    let (schema, own) = schema();
    let mut group = criterion.benchmark_group("one sample");

    let mut shard = Shard::new(Arc::clone(&schema));
    let set = request_tags(&mut shard);
    group.bench_function("counter", |bench| {
        bench.iter(|| shard.add_count(black_box(builtin::ITERATIONS), black_box(set), 1));
    });
    group.bench_function("counter with a row of an endpoint", |bench| {
        bench.iter(|| shard.add_count(black_box(builtin::HTTP_REQS), black_box(set), 1));
    });
    group.bench_function("rate", |bench| {
        bench.iter(|| shard.add_rate(black_box(builtin::CHECKS), black_box(set), true));
    });
    group.bench_function("gauge", |bench| {
        bench.iter(|| shard.add(black_box(builtin::VUS), black_box(set), 17.0));
    });
    group.bench_function("trend, few values", |bench| {
        let mut value = 0_u64;
        bench.iter(|| {
            value = (value + 1) % 100;
            shard.add_duration(own, black_box(set), Duration::from_millis(value));
        });
    });
    let mut shard = Shard::new(Arc::clone(&schema));
    let set = request_tags(&mut shard);
    group.bench_function("trend, many values", |bench| {
        let mut duration = durations();
        bench.iter(|| shard.add_duration(own, black_box(set), duration()));
    });
    group.bench_function("trend, two parts and a row of an endpoint", |bench| {
        let mut duration = durations();
        bench.iter(|| {
            shard.add_duration(builtin::HTTP_REQ_DURATION, black_box(set), duration());
        });
    });
    group.bench_function("nine tags, looked up again", |bench| {
        bench.iter(|| black_box(request_tags(&mut shard)));
    });
    group.finish();
}

/// A second of 1,000 requests to ten endpoints, all metrics of a request.
fn second(shard: &mut Shard, duration: &mut impl FnMut() -> Duration) {
    let names: Vec<String> = (0..10)
        .map(|number| format!("/endpoint/{number}"))
        .collect();
    for request in 0..1_000 {
        let base = request_tags(shard);
        let set = shard.with_tag(base, "name", &names[request % names.len()]);
        shard.add_count(builtin::HTTP_REQS, set, 1);
        shard.add_rate(builtin::HTTP_REQ_FAILED, set, false);
        for metric in [
            builtin::HTTP_REQ_DURATION,
            builtin::HTTP_REQ_WAITING,
            builtin::HTTP_REQ_RECEIVING,
        ] {
            shard.add_duration(metric, set, duration());
        }
    }
}

fn merging(criterion: &mut Criterion) {
    let (schema, _) = schema();
    let mut group = criterion.benchmark_group("a second of 1,000 requests");
    let mut shard = Shard::new(Arc::clone(&schema));
    let mut duration = durations();
    group.bench_function("recorded and taken", |bench| {
        bench.iter(|| {
            second(&mut shard, &mut duration);
            black_box(shard.take())
        });
    });
    let mut totals = Totals::new(Arc::clone(&schema));
    group.bench_function("merged", |bench| {
        bench.iter_batched(
            || {
                second(&mut shard, &mut duration);
                shard.take()
            },
            |delta| totals.merge(delta),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

/// Three conditions over a window of ten minutes that is full: what they cost
/// each second.
fn sliding(criterion: &mut Criterion) {
    let selector: Selector = "http_req_duration".parse().expect("a selector");
    let conditions = ["p(95)<500", "p(99)<900", "max<2000"].map(|condition| {
        let mut threshold = Threshold::new(condition.parse().expect("a condition"));
        threshold.window = Some(Duration::from_secs(600));
        threshold
    });
    let thresholds = [(selector, conditions.to_vec())];
    let (schema, _) = schema();
    let mut totals = Totals::new(Arc::clone(&schema));
    totals.watch(&thresholds);
    totals.slide(Duration::ZERO);
    let mut shard = Shard::new(schema);
    let mut duration = durations();
    let mut seconds = 0;
    let mut next = |totals: &mut Totals| {
        second(&mut shard, &mut duration);
        totals.merge(shard.take());
        seconds += 1;
        Duration::from_secs(seconds)
    };
    for _ in 0..600 {
        let now = next(&mut totals);
        totals.slide(now);
    }
    criterion.bench_function("a second of a window of ten minutes", |bench| {
        bench.iter_custom(|times| {
            let mut taken = Duration::ZERO;
            for _ in 0..times {
                let now = next(&mut totals);
                let start = Instant::now();
                totals.slide(now);
                black_box(totals.evaluate(&thresholds, now));
                taken += start.elapsed();
            }
            taken
        });
    });
}

criterion_group!(benches, recording, merging, sliding);
criterion_main!(benches);
