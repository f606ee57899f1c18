//! Who makes the VUs of a scenario on a worker.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::worker::{Load, tags};
use crate::imports::VuIdentity;
use crate::metrics::TagSet;
use crate::vu::LiveUser;

/// Makes the VUs of one scenario on one worker, to whose shard the tags belong.
/// What they have in common is there once.
pub(super) struct Maker {
    load: Load,
    scenario: usize,
    pub(super) name: Arc<str>,
    flow: Arc<str>,
    setup_data: Arc<str>,
    pub(super) tags: TagSet,
}

impl Maker {
    /// To be called on the worker's thread.
    pub(super) fn new(load: &Load, scenario: usize) -> Self {
        let plan = &load.plan.scenarios[scenario];
        let data = load.scenarios[scenario].part.setup_data.clone();
        Self {
            scenario,
            name: Arc::from(plan.name.as_str()),
            flow: Arc::from(plan.exec.as_str()),
            setup_data: data.unwrap_or_else(|| Arc::from("null")),
            tags: tags(&load.plan, Some(plan)),
            load: load.clone(),
        }
    }

    /// The VU of this number in the scenario.
    pub(super) fn make(&self, vu: u32) -> LiveUser {
        self.load.made.fetch_add(1, Relaxed);
        let of = &self.load.scenarios[self.scenario];
        let identity = VuIdentity {
            vu: of.first_vu.saturating_add(vu),
            scenario: Arc::clone(&self.name),
            tags: self.tags,
        };
        LiveUser::new(
            Arc::clone(&of.part.scenario),
            Arc::clone(&of.part.run),
            identity,
            Arc::clone(&self.flow),
            Arc::clone(&self.setup_data),
            of.queueing,
        )
    }
}
