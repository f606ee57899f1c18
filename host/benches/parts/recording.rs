//! Recording, as far as the bench `recording` does not measure it.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use vuelo::http::{Client, Request};
use vuelo::metrics::{builtin, with_shard};

use super::guest::{Act, COUNTER, guest};
use super::part::{Setting, Work};
use super::requests::server;
use super::samples::{record, tags_of};
use super::world::World;

/// One sample of the metric that has the most to do: two series and a row of the
/// endpoints' table.
pub fn a_trend(setting: Setting) -> Work {
    let world = World::new(guest(Act::Nothing), COUNTER, BTreeMap::new());
    let tags = tags_of(world.tags, "http://localhost/");
    let tags = with_shard(|shard| shard.with_tag(tags, "expected_response", "true")).unwrap();
    Box::new(move |times| {
        setting.time(|| {
            with_shard(|shard| {
                for number in 0..times {
                    let took = Duration::from_micros(5_000 + number % 100);
                    shard.add_duration(builtin::HTTP_REQ_DURATION, black_box(tags), took);
                }
            });
        })
    })
}

/// All that a request leaves, its tags looked up.
pub fn a_request(setting: Setting) -> Work {
    let world = World::new(guest(Act::Nothing), COUNTER, BTreeMap::new());
    let exchange = {
        let server = server(setting);
        let request = Request::new("GET", &server.url).unwrap();
        let mut client = Client::new(Arc::clone(&world.run.http));
        world.runtime.block_on(client.send(&request, &()))
    };
    let tags = tags_of(world.tags, "http://localhost/");
    Box::new(move |times| {
        setting.time(|| {
            for _ in 0..times {
                record(black_box(tags), black_box(&exchange));
            }
        })
    })
}
