//! What comes together of the workers' samples.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::Snapshot;
use super::worker::Report;
use crate::metrics::{
    Delta, Schema, Selector, Shard, Summary, TagSet, Threshold, Totals, Verdict, builtin,
    with_shard,
};

/// The totals of a run, and what it takes to show how it stands.
#[derive(Debug)]
pub(super) struct Collector {
    totals: Totals,
    /// The active VUs of each worker, as last reported.
    active_vus: Vec<u32>,
    most_vus: u32,
    tags: TagSet,
    warned: HashSet<String>,
    warnings: Vec<String>,
}

impl Collector {
    pub(super) fn new(schema: Arc<Schema>) -> Self {
        Self {
            totals: Totals::new(schema),
            active_vus: Vec::new(),
            most_vus: 0,
            tags: TagSet::default(),
            warned: HashSet::new(),
            warnings: Vec::new(),
        }
    }

    /// The load begins, with so many workers, and so many VUs at most.
    pub(super) fn begin(&mut self, workers: usize, most_vus: u32, tags: TagSet) {
        self.active_vus = vec![0; workers];
        self.most_vus = most_vus;
        self.tags = tags;
    }

    pub(super) fn merge(&mut self, report: Report) {
        self.active_vus[report.worker] = report.active_vus;
        self.take_in(report.delta);
    }

    /// Takes the samples of this thread in: those of setup, of teardown, and of
    /// the VU counts.
    pub(super) fn merge_own(&mut self) {
        if let Some(delta) = with_shard(Shard::take) {
            self.take_in(delta);
        }
    }

    fn take_in(&mut self, delta: Delta) {
        if let Some((_, tag)) = &delta.left_out_tags {
            self.warn(format!(
                "the tag `{tag}` has too many values: it is left out from now on, and no sample is \
                 lost; give it fewer values, or leave it away"
            ));
        }
        if let Some(metric) = &delta.refused_value_of {
            self.warn(format!(
                "`{metric}` was handed a value that no metric takes (negative, infinite or no \
                 number); such values are counted in `metrics_errors` and not recorded"
            ));
        }
        self.totals.merge(delta);
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
        let (vus, most) = (self.vus(), self.most_vus);
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

    fn vus(&self) -> u32 {
        self.active_vus.iter().sum()
    }
}
