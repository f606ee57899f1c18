//! Who counts VUs and tells of iterations that were not started.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::executor::Watcher;
use crate::imports::{Event, Events, Level};
use crate::metrics::{TagSet, builtin, with_shard};

/// The VUs of one worker.
#[derive(Debug, Default)]
pub(super) struct VuCounts {
    active: AtomicU32,
    made: AtomicU32,
}

impl VuCounts {
    /// How many are active.
    pub(super) fn active(&self) -> u32 {
        self.active.load(Ordering::Relaxed)
    }

    /// How many were made since the load started.
    pub(super) fn made(&self) -> u32 {
        self.made.load(Ordering::Relaxed)
    }
}

/// Who is told of one scenario on one worker.
pub(super) struct Watch {
    pub(super) counts: Arc<VuCounts>,
    pub(super) events: Events,
    pub(super) scenario: Arc<str>,
    pub(super) tags: TagSet,
}

impl Watcher for Watch {
    fn active(&self) {
        self.counts.active.fetch_add(1, Ordering::Relaxed);
    }

    fn idle(&self) {
        self.counts.active.fetch_sub(1, Ordering::Relaxed);
    }

    fn made(&self) {
        self.counts.made.fetch_add(1, Ordering::Relaxed);
    }

    fn dropped(&self, count: u64) {
        count_dropped(self.tags, count);
    }

    fn short_of_vus(&self) {
        let message = "all of its VUs are busy and there may be no more: iterations that are due \
                       are dropped or wait; raise maxVUs, or expect less of the target";
        self.events.send(Event::Log {
            level: Level::Warn,
            scenario: self.scenario.to_string(),
            vu: 0,
            message: message.to_owned(),
        });
    }
}

/// So many iterations with these tags were planned and not started.
pub(super) fn count_dropped(tags: TagSet, count: u64) {
    with_shard(|shard| shard.add_count(builtin::DROPPED_ITERATIONS, tags, count));
}
