//! What comes together of the workers' samples.

use std::sync::Arc;
use std::time::Duration;

use super::Snapshot;
use super::health::{RollCall, WorkerHealth};
use super::worker::Second;
use crate::metrics::{
    Delta, Recorded, Schema, Selector, Shard, Summary, TagSet, Threshold, Totals, Verdict, builtin,
    with_shard,
};
use crate::plan::Plan;

/// The totals of a run, and what it takes to show how it stands.
#[derive(Debug)]
pub(super) struct Collector {
    totals: Totals,
    /// The active VUs of each worker, as last reported.
    active_vus: Vec<u32>,
    /// The VUs that each worker made since the load started.
    made_vus: Vec<u32>,
    roll_call: RollCall,
    /// The VUs that were there when the load started.
    first_vus: u32,
    tags: TagSet,
}

impl Collector {
    pub(super) fn new(schema: Arc<Schema>) -> Self {
        let mut totals = Totals::new(schema);
        totals.set_outside_the_load(true);
        Self {
            totals,
            active_vus: Vec::new(),
            made_vus: Vec::new(),
            roll_call: RollCall::default(),
            first_vus: 0,
            tags: TagSet::default(),
        }
    }

    /// There are so many workers and VUs.
    pub(super) fn prepare(&mut self, workers: usize, first_vus: u32, tags: TagSet, plan: &Plan) {
        self.active_vus = vec![0; workers];
        self.made_vus = vec![0; workers];
        self.roll_call = RollCall::new(workers);
        self.first_vus = first_vus;
        self.tags = tags;
        self.totals.watch(&plan.thresholds);
        if !plan.part.is_whole() {
            self.totals.keep_seconds();
        }
    }

    /// The load starts now: what was measured so far is no part of it.
    pub(super) fn begin_load(&mut self) {
        self.merge_own();
        self.totals.set_outside_the_load(false);
        self.totals.slide(Duration::ZERO);
    }

    /// The load is over: what is measured from now on is no part of it.
    pub(super) fn end_load(&mut self) {
        self.merge_own();
        self.totals.set_outside_the_load(true);
    }

    /// Takes in a worker's second.
    pub(super) fn merge(&mut self, second: Second) {
        self.roll_call
            .report(second.worker, second.number, second.health);
        self.merge_second(second);
    }

    /// Takes in the last of a worker.
    pub(super) fn merge_last(&mut self, second: Second) {
        self.roll_call.leave(second.worker);
        self.merge_second(second);
    }

    fn merge_second(&mut self, second: Second) {
        self.active_vus[second.worker] = second.active_vus;
        self.made_vus[second.worker] = second.made_vus;
        self.take_in(second.delta);
    }

    /// Takes in what was measured before the load.
    pub(super) fn merge_earlier(&mut self, delta: Delta) {
        self.take_in(delta);
    }

    /// How the workers did in each second that all have reported, or should have:
    /// so many seconds are over.
    pub(super) fn take_health(&mut self, over: u64) -> Vec<Vec<WorkerHealth>> {
        self.roll_call.take(over)
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
    }

    /// What somebody should know of the samples and was not told yet.
    pub(super) fn take_warnings(&mut self) -> Vec<String> {
        let warnings = self.totals.take_warnings();
        warnings.iter().map(ToString::to_string).collect()
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::metrics::{Registry, install_shard};

    fn collector(thresholds: &[(Selector, Vec<Threshold>)]) -> Collector {
        let selectors = thresholds.iter().map(|(selector, _)| selector);
        let schema = Arc::new(Schema::new(Registry::new(), selectors, []).unwrap());
        install_shard(Shard::new(Arc::clone(&schema)));
        Collector::new(schema)
    }

    fn requests(count: u64) {
        with_shard(|shard| shard.add_count(builtin::HTTP_REQS, TagSet::default(), count));
    }

    #[test]
    fn what_setup_and_teardown_count_is_no_part_of_a_rate() {
        let at_100 = Threshold::new("rate==100".parse().unwrap());
        let thresholds = [("http_reqs".parse().unwrap(), vec![at_100])];
        let mut collector = collector(&thresholds);
        requests(7);
        collector.begin_load();
        for second in 1..=3 {
            requests(100);
            collector.merge_own();
            let so_far = Duration::from_secs(second);
            assert!(collector.evaluate(&thresholds, so_far)[0].ok);
        }
        // Counted here, and still of the load.
        requests(100);
        collector.end_load();
        requests(5);
        collector.merge_own();
        let load_time = Duration::from_secs(4);
        assert!(collector.evaluate(&thresholds, load_time)[0].ok);
        let summary = collector.summary(load_time);
        let value = |name| summary.metric("http_reqs").unwrap().value(name);
        assert_eq!((value("count"), value("rate")), (Some(412.0), Some(100.0)));
    }
}
