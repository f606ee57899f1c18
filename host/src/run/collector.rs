//! What comes together of the workers' samples.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::Snapshot;
use super::health::WorkerHealth;
use super::worker::Second;
use crate::metrics::{
    Delta, Recorded, Schema, Selector, Shard, Summary, TagSet, Threshold, Totals, Verdict, builtin,
    with_shard,
};

/// The totals of a run, and what it takes to show how it stands.
#[derive(Debug)]
pub(super) struct Collector {
    totals: Totals,
    /// The active VUs of each worker, as last reported.
    active_vus: Vec<u32>,
    /// The VUs that each worker made since the load started.
    made_vus: Vec<u32>,
    /// Of the workers that have reported since it was last asked for.
    health: Vec<Option<WorkerHealth>>,
    /// The VUs that were there when the load started.
    first_vus: u32,
    tags: TagSet,
    warned: HashSet<String>,
    warnings: Vec<String>,
}

impl Collector {
    pub(super) fn new(schema: Arc<Schema>) -> Self {
        Self {
            totals: Totals::new(schema),
            active_vus: Vec::new(),
            made_vus: Vec::new(),
            health: Vec::new(),
            first_vus: 0,
            tags: TagSet::default(),
            warned: HashSet::new(),
            warnings: Vec::new(),
        }
    }

    /// The load begins, with so many workers and VUs.
    pub(super) fn begin(
        &mut self,
        workers: usize,
        first_vus: u32,
        tags: TagSet,
        thresholds: &[(Selector, Vec<Threshold>)],
    ) {
        self.active_vus = vec![0; workers];
        self.made_vus = vec![0; workers];
        self.health = vec![None; workers];
        self.first_vus = first_vus;
        self.tags = tags;
        self.totals.watch(thresholds);
    }

    pub(super) fn merge(&mut self, second: Second) {
        self.active_vus[second.worker] = second.active_vus;
        self.made_vus[second.worker] = second.made_vus;
        self.health[second.worker] = second.health;
        self.take_in(second.delta);
    }

    /// Takes in what was measured before the load.
    pub(super) fn merge_earlier(&mut self, delta: Delta) {
        self.take_in(delta);
    }

    /// So many iterations of a scenario were planned and not started.
    pub(super) fn drop_iterations(&mut self, tags: TagSet, count: u64) {
        with_shard(|shard| shard.add_count(builtin::DROPPED_ITERATIONS, tags, count));
    }

    /// How the workers did that have reported a second since the last call.
    pub(super) fn take_health(&mut self) -> Vec<WorkerHealth> {
        self.health.iter_mut().filter_map(Option::take).collect()
    }

    /// So much of the load has passed: windows that are over are judged.
    pub(super) fn slide(&mut self, elapsed: Duration) {
        self.totals.slide(elapsed);
    }

    /// Takes the samples of this thread in: those of setup, of teardown, and of
    /// the VU counts.
    pub(super) fn merge_own(&mut self) {
        if let Some(delta) = with_shard(Shard::take) {
            self.take_in(delta);
        }
    }

    fn take_in(&mut self, delta: Delta) {
        self.totals.merge(delta);
        for warning in self.totals.take_warnings() {
            self.warn(warning.to_string());
        }
    }

    fn warn(&mut self, warning: String) {
        if self.warned.insert(warning.clone()) {
            self.warnings.push(warning);
        }
    }

    /// What somebody should know of the samples and was not told yet.
    pub(super) fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Samples `vus` and `vus_max`.
    pub(super) fn sample_vus(&mut self) {
        let made: u32 = self.made_vus.iter().sum();
        let (vus, most) = (self.vus(), self.first_vus.saturating_add(made));
        let tags = self.tags;
        with_shard(|shard| {
            shard.add(builtin::VUS, tags, f64::from(vus));
            shard.add(builtin::VUS_MAX, tags, f64::from(most));
        });
        self.merge_own();
    }

    pub(super) fn snapshot(&self, elapsed: Duration) -> Snapshot {
        Snapshot {
            elapsed,
            vus: self.vus(),
            iterations: self.iterations(),
            requests: self.totals.count(builtin::HTTP_REQS),
            failed_requests: self.totals.passes(builtin::HTTP_REQ_FAILED),
        }
    }

    pub(super) fn iterations(&self) -> u64 {
        self.totals.count(builtin::ITERATIONS)
    }

    /// The iterations that came to their end and were not over before they had
    /// begun, as those of a VU that does not start.
    pub(super) fn iterations_begun(&self) -> u64 {
        self.totals.samples(builtin::ITERATION_DURATION)
    }

    pub(super) fn evaluate(
        &self,
        thresholds: &[(Selector, Vec<Threshold>)],
        elapsed: Duration,
    ) -> Vec<Verdict> {
        self.totals.evaluate(thresholds, elapsed)
    }

    pub(super) fn summary(&self, elapsed: Duration) -> Summary {
        self.totals.summary(elapsed)
    }

    pub(super) fn record(&self) -> Recorded {
        self.totals.record()
    }

    fn vus(&self) -> u32 {
        self.active_vus.iter().sum()
    }
}
