//! What is bounded, and that no total is lost by it.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use super::*;

const TEN_SECONDS: Duration = Duration::from_secs(10);

fn schema(selectors: &[&str]) -> Schema {
    let selectors: Vec<Selector> = selectors.iter().map(|text| text.parse().unwrap()).collect();
    Schema::new(Registry::new(), &selectors, []).unwrap()
}

#[test]
fn a_tag_with_an_id_in_it_costs_no_series_its_samples_and_no_memory() {
    let parts = [
        "http_req_duration{endpoint:rpc}",
        "http_req_duration{name:/users/*}",
        "http_req_duration{!name:/users/*}",
        "http_req_duration{expected_response:true}",
    ];
    let schema = Arc::new(schema(&parts).with_most_series(1_000));
    let mut shard = Shard::new(Arc::clone(&schema));
    let mut totals = Totals::new(schema);
    let requests = 200_000_u64;
    for id in 0..requests {
        let mut set = shard.with_tag(shard.root(), "name", &format!("/users/{id}"));
        set = shard.with_tag(set, "endpoint", "rpc");
        set = shard.with_tag(set, "expected_response", "true");
        set = shard.with_tag(set, "order", &id.to_string());
        // Nobody asks for this one, and it has few values.
        set = shard.with_tag(set, "region", ["east", "west"][id as usize % 2]);
        shard.add_count(builtin::HTTP_REQS, set, 1);
        shard.add_duration(builtin::HTTP_REQ_DURATION, set, Duration::from_nanos(id));
        if id % 50_000 == 0 {
            totals.merge(shard.take());
        }
    }
    totals.merge(shard.take());
    let summary = totals.summary(TEN_SECONDS);
    let whole = summary.metric("http_req_duration").unwrap();
    assert_eq!(whole.samples, requests);
    let sum = (0..requests).sum::<u64>() as f64 / 1e6;
    assert_eq!(whole.value("sum"), Some(sum));
    for part in [parts[0], parts[1], parts[3]] {
        assert_eq!(
            summary.metric(part),
            Some(&MetricSummary {
                name: part.to_owned(),
                ..whole.clone()
            })
        );
    }
    assert_eq!(summary.metric(parts[2]), None);
    let rows = summary.endpoints.iter().map(|row| row.requests);
    assert_eq!(rows.sum::<u64>(), requests);
    let of_region = |region| {
        let rows = summary.endpoints.iter();
        let rows = rows.filter(|row| row.tag("region") == Some(region));
        rows.map(|row| row.requests).sum::<u64>()
    };
    // All but those in the row of all others.
    assert!(
        of_region("east") > requests * 49 / 100,
        "{}",
        of_region("east")
    );
    assert!(
        of_region("west") > requests * 49 / 100,
        "{}",
        of_region("west")
    );
    assert!(shard.sets() <= 4_000, "{} sets", shard.sets());
    assert!(shard.routes() <= 4_000, "{} routes", shard.routes());
}

#[test]
fn the_warning_names_the_tag_with_the_most_values_and_comes_once() {
    let schema = Arc::new(schema(&[]).with_most_series(100));
    let mut totals = Totals::new(Arc::clone(&schema));
    for _ in 0..3 {
        let mut shard = Shard::new(Arc::clone(&schema));
        for id in 0..200 {
            let set = shard.with_tag(shard.root(), "user", &id.to_string());
            let set = shard.with_tag(set, "page", "home");
            shard.add_count(builtin::ITERATIONS, set, 1);
        }
        totals.merge(shard.take());
    }
    let [warning] = &totals.take_warnings()[..] else {
        panic!("not one warning")
    };
    assert_eq!(
        warning.to_string(),
        "there are more than 100 different sets of tags; the tag `user` has the most values (50 \
         so far). New values of `user` are left out from now on, beyond 200 sets those of all tags, \
         and no sample is lost: give `user` fewer values, or leave it away"
    );
    assert_eq!(totals.count(builtin::ITERATIONS), 600);
}

#[test]
fn beyond_the_most_checks_they_are_counted_together_and_somebody_is_told() {
    let schema = Arc::new(schema(&[]));
    let mut totals = Totals::new(Arc::clone(&schema));
    for worker in 0..2 {
        let mut shard = Shard::new(Arc::clone(&schema));
        for number in 0..12_000 {
            let name = format!("order {worker}/{number} is there");
            let set = shard.with_tag(shard.root(), "check", &name);
            shard.add_rate(builtin::CHECKS, set, number % 2 == 0);
        }
        totals.merge(shard.take());
    }
    assert_eq!(totals.take_warnings(), [Warning::TooManyChecks]);
    let summary = totals.summary(TEN_SECONDS);
    assert!(summary.checks.len() < 10_000);
    let passes = summary.checks.iter().map(|check| check.passes);
    assert_eq!(passes.sum::<u64>(), 12_000);
    let fails = summary.checks.iter().map(|check| check.fails);
    assert_eq!(fails.sum::<u64>(), 12_000);
    let others = summary
        .checks
        .iter()
        .find(|check| check.name == "(all others)");
    assert!(others.unwrap().passes > 1_000);
}

/// A request with a duration that no other one has, to each of so many
/// endpoints: the first gets the most.
fn record_requests(shard: &mut Shard, endpoints: u64) {
    for endpoint in 0..endpoints {
        let set = shard.with_tag(shard.root(), "name", &endpoint.to_string());
        for request in 0..(endpoints - endpoint) * 1_000 {
            shard.add_count(builtin::HTTP_REQS, set, 1);
            let duration = Duration::from_micros(1_000 + request);
            shard.add_duration(builtin::HTTP_REQ_DURATION, set, duration);
            shard.add_duration(builtin::HTTP_REQ_WAITING, set, duration);
        }
    }
}

fn has_percentiles(summary: &Summary, endpoint: &str) -> bool {
    let row = summary
        .endpoints
        .iter()
        .find(|row| row.tag("name") == Some(endpoint));
    row.unwrap()
        .duration
        .iter()
        .any(|(name, _)| name == "p(95)")
}

#[test]
fn beyond_the_most_bytes_endpoints_lose_their_percentiles_and_the_busiest_last() {
    let mut unlimited = Totals::new(Arc::new(schema(&["http_req_duration"])));
    let mut shard = Shard::new(Arc::clone(&unlimited.schema));
    record_requests(&mut shard, 4);
    unlimited.merge(shard.take());
    let bytes: usize = unlimited.sinks.iter().map(|sink| sink.bytes()).sum();
    // Room for the metrics and one row.
    let most = bytes + bytes / 2;
    let mut totals = Totals::new(Arc::new(
        schema(&["http_req_duration"]).with_most_bytes(most),
    ));
    let mut shard = Shard::new(Arc::clone(&totals.schema));
    record_requests(&mut shard, 4);
    totals.merge(shard.take());
    let summary = totals.summary(TEN_SECONDS);
    assert!(has_percentiles(&summary, "0"));
    assert!(!has_percentiles(&summary, "3"));
    assert_eq!(summary.metrics, unlimited.summary(TEN_SECONDS).metrics);
    let warnings = totals.take_warnings();
    assert_eq!(
        warnings,
        [Warning::HistogramsDropped {
            most,
            series: false
        }]
    );
    let count = |row: &EndpointRow| row.duration[0].1;
    assert_eq!(summary.endpoints.iter().map(count).sum::<f64>(), 10_000.0);
}

#[test]
fn a_series_of_a_threshold_keeps_its_percentiles_whatever_it_takes() {
    let mut totals = Totals::new(Arc::new(schema(&["http_req_duration"]).with_most_bytes(1)));
    let mut shard = Shard::new(Arc::clone(&totals.schema));
    for _ in 0..2 {
        record_requests(&mut shard, 2);
        totals.merge(shard.take());
    }
    let summary = totals.summary(TEN_SECONDS);
    let percentile = |name: &str| summary.metric(name).unwrap().value("p(95)");
    assert!(percentile("http_req_duration").is_some());
    assert_eq!(percentile("http_req_waiting"), None);
    let waiting = summary.metric("http_req_waiting").unwrap();
    assert_eq!(waiting.value("count"), Some(6_000.0));
    assert_eq!(totals.take_warnings().len(), 3);
}
