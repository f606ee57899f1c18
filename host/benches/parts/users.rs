//! Making virtual users: the store, the instance in it, and the call of `start`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use vuelo::vu::{LiveUser, VirtualUser};

use super::guest::COUNTER;
use super::part::{Setting, Work};
use super::world::World;

/// The smallest that there is in Rust, which is also what memory is measured by.
const IDLE: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../scenarios-wasm/benchmark/idle/idle.wasm"
));

/// How many there are at a time: each has memory of its own that nobody has touched, as
/// while a load ramps up.
const AT_A_TIME: u64 = 1_000;

/// Making them, and not dropping them.
pub fn made(setting: Setting) -> Work {
    batches(setting, |making, _| making)
}

/// Dropping them, and not making them.
pub fn dropped(setting: Setting) -> Work {
    batches(setting, |_, dropping| dropping)
}

/// Both.
pub fn made_and_dropped(setting: Setting) -> Work {
    batches(setting, |making, dropping| making + dropping)
}

fn batches(setting: Setting, counts: fn(Duration, Duration) -> Duration) -> Work {
    let world = World::new(IDLE.to_vec(), COUNTER, BTreeMap::new());
    let data = Arc::from("null");
    Box::new(move |times| {
        let mut took = Duration::ZERO;
        let mut left = times;
        while left > 0 {
            let batch = left.min(AT_A_TIME);
            left -= batch;
            let mut users: Vec<LiveUser> = Vec::with_capacity(AT_A_TIME as usize);
            let making = setting.time(|| {
                world.runtime.block_on(async {
                    for vu in 0..batch {
                        let mut user = world.user(vu as u32, &data);
                        user.prepare().await;
                        users.push(user);
                    }
                });
            });
            let dropping = setting.time(|| drop(users));
            took += counts(making, dropping);
        }
        took
    })
}
