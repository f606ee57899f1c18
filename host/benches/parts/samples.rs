//! What a request of a guest leaves in the shard, recorded by hand: the same metrics with
//! the same tags, so that a loop without a guest measures what one with it does.

use vuelo::http::Exchange;
use vuelo::metrics::{Shard, TagSet, builtin, with_shard};

/// The tags of a request, whatever comes of it.
pub fn tags_of(base: TagSet, url: &str) -> TagSet {
    let tags = with_shard(|shard| {
        let mut set = shard.with_tag(base, "method", "GET");
        set = shard.with_tag(set, "name", url);
        shard.with_tag(set, "url", url)
    });
    tags.unwrap()
}

/// Records a request that was answered.
pub fn record(tags: TagSet, exchange: &Exchange) {
    let response = exchange.outcome.as_ref().unwrap();
    assert_eq!(response.status(), 200);
    with_shard(|shard| {
        let mut set = shard.with_tag(tags, "status", "200");
        set = shard.with_tag(set, "proto", response.protocol());
        set = shard.with_tag(set, "expected_response", "true");
        add(shard, set, exchange);
    });
}

fn add(shard: &mut Shard, set: TagSet, exchange: &Exchange) {
    let timings = &exchange.timings;
    shard.add_count(builtin::HTTP_REQS, set, 1);
    shard.add_rate(builtin::HTTP_REQ_FAILED, set, false);
    for (metric, time) in [
        (builtin::HTTP_REQ_DURATION, timings.duration()),
        (builtin::HTTP_REQ_BLOCKED, timings.before_connecting()),
        (builtin::HTTP_REQ_CONNECTING, timings.connecting),
        (builtin::HTTP_REQ_TLS_HANDSHAKING, timings.tls_handshaking),
        (builtin::HTTP_REQ_SENDING, timings.sending),
        (builtin::HTTP_REQ_WAITING, timings.waiting),
        (builtin::HTTP_REQ_RECEIVING, timings.receiving),
    ] {
        if let Some(time) = time {
            shard.add_duration(metric, set, time);
        }
    }
    shard.add_count(builtin::DATA_SENT, set, exchange.bytes_sent);
    shard.add_count(builtin::DATA_RECEIVED, set, exchange.bytes_received);
}
