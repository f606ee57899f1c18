//! A request and its samples, over one connection to a server in another process.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use vuelo::http::{Client, Request};

use super::calls::within_one_iteration;
use super::guest::{Act, COUNTER, guest};
use super::part::{Setting, Work};
use super::samples::{record, tags_of};
use super::server::Server;
use super::world::World;

/// How long the server takes while instructions are counted: so long that the client
/// always waits for it. Otherwise the answer would be there now before the client looks
/// and now after, which is not the same way.
const DELAY: Duration = Duration::from_millis(5);

pub fn server(setting: Setting) -> Server {
    Server::start(match setting {
        Setting::Timed => Duration::ZERO,
        Setting::Counted => DELAY,
    })
}

/// By the engine, and recorded as it is for a guest.
pub fn natively(setting: Setting) -> Work {
    let server = server(setting);
    // For its runtime, its engine and the thread's shard.
    let world = World::new(guest(Act::Nothing), COUNTER, BTreeMap::new());
    let mut request = Request::new("GET", &server.url).unwrap();
    request.set_discard_body(true);
    let tags = tags_of(world.tags, &server.url);
    let mut client = Client::new(Arc::clone(&world.run.http));
    Box::new(move |times| {
        // It is there as long as it is asked.
        let _server = &server;
        setting.time(|| {
            world.runtime.block_on(async {
                for _ in 0..times {
                    record(tags, &client.send(&request, &()).await);
                }
            });
        })
    })
}

/// The same by a guest that makes all of its requests in one iteration.
pub fn of_a_guest(setting: Setting) -> Work {
    let server = server(setting);
    let component = guest(Act::Send { url: &server.url });
    let world = World::new(component, COUNTER, BTreeMap::new());
    let mut work = within_one_iteration(world, setting);
    Box::new(move |times| {
        let _server = &server;
        work(times)
    })
}
