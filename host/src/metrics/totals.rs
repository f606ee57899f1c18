//! What all workers measured together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::endpoints::{MOST_ROWS, Row, RowTags, all_others};
use super::schema::Schema;
use super::seconds::MOST_BYTES_OF_SECONDS;
use super::shard::Delta;
use super::sink::Sink;
use super::summary::{CheckRow, EndpointRow, MetricSummary, Summary};
use super::tally::{self, Counted};
use super::warning::Warning;
use super::window::Windows;
use super::{MetricId, Selector, Threshold, Unit};

/// What all workers measured together. It is the same in whatever order their
/// shares come in; only which endpoints have a row of their own, where there are
/// more than rows, is decided by who came first.
#[derive(Debug)]
pub struct Totals {
    pub(super) schema: Arc<Schema>,
    pub(super) sinks: Vec<Sink>,
    pub(super) endpoints: BTreeMap<RowTags, Row>,
    pub(super) tally: BTreeMap<Counted, (u64, u64)>,
    pub(super) windows: Windows,
    /// Whether this is of several parts of a run.
    pub(super) is_merged: bool,
    /// Whether what comes in was measured before the load or after it.
    outside_the_load: bool,
    warned: Vec<Warning>,
    /// How many of the warnings were told.
    told: usize,
}

impl Totals {
    /// Nothing measured yet.
    #[must_use]
    pub fn new(schema: Arc<Schema>) -> Self {
        let sinks = (0..schema.series())
            .map(|series| Sink::new(schema.registry().get(schema.of(series).0).metric_type))
            .collect();
        Self {
            schema,
            sinks,
            endpoints: BTreeMap::new(),
            tally: BTreeMap::new(),
            windows: Windows::default(),
            is_merged: false,
            outside_the_load: false,
            warned: Vec::new(),
            told: 0,
        }
    }

    /// Keeps what the windows of these thresholds need, from now on.
    pub fn watch(&mut self, thresholds: &[(Selector, Vec<Threshold>)]) {
        self.windows = Windows::new(&self.schema, thresholds);
    }

    /// Also keeps what it takes to judge the windows of several parts of a run
    /// together.
    pub fn keep_seconds(&mut self) {
        self.windows.keep_seconds();
    }

    /// A second of the load is over, which is at this moment: the windows slide,
    /// and those that are full are judged. Moments are whole seconds, but for the
    /// end of the load. The first call, when the load starts, begins the first
    /// window; what was merged before it is in none. The last one is to come when
    /// the load ends and before teardown is merged.
    pub fn slide(&mut self, now: Duration) {
        self.windows.slide(now);
        if self.windows.seconds_are_given_up() {
            self.warn(Warning::SecondsGivenUp {
                most: MOST_BYTES_OF_SECONDS,
            });
        }
    }

    /// Says whether what comes in from now on was measured before the load or
    /// after it. It counts as everything does, but is no part of a counter's rate,
    /// which is that of the load by the load's time.
    pub fn set_outside_the_load(&mut self, outside: bool) {
        self.outside_the_load = outside;
    }

    /// Takes a worker's share in.
    pub fn merge(&mut self, delta: Delta) {
        for (series, mut sink) in delta.sinks {
            if self.outside_the_load {
                sink.set_outside_the_load();
            }
            self.sinks[series].merge(&sink);
            self.windows.take_in(series, &sink);
        }
        for (tags, row) in delta.endpoints {
            self.merge_row(tags, &row);
        }
        for (counted, passes, fails) in delta.tally {
            self.merge_counts(counted, passes, fails);
        }
        for warning in delta.warnings {
            self.warn(warning);
        }
        self.stay_within_the_cap();
    }

    pub(super) fn merge_row(&mut self, tags: RowTags, row: &Row) {
        // Workers may have met different endpoints, so that their rows together
        // are too many again.
        let has_room = self.endpoints.len() < MOST_ROWS - 1;
        let own = has_room || self.endpoints.contains_key(&tags);
        let tags = if own { tags } else { all_others() };
        self.endpoints.entry(tags).or_default().merge(row);
    }

    pub(super) fn merge_counts(&mut self, counted: Counted, passes: u64, fails: u64) {
        let has_room = self.tally.len() < tally::MOST - 2;
        let counted = if has_room || self.tally.contains_key(&counted) {
            counted
        } else {
            self.warn(Warning::TooManyChecks);
            counted.all_others()
        };
        let row = self.tally.entry(counted).or_default();
        row.0 += passes;
        row.1 += fails;
    }

    /// What somebody should know of the samples and was not told yet. Each thing
    /// is told once.
    pub fn take_warnings(&mut self) -> Vec<Warning> {
        let news = self.warned[self.told..].to_vec();
        self.told = self.warned.len();
        news
    }

    fn warn(&mut self, warning: Warning) {
        if !self.warned.iter().any(|known| known.is_like(&warning)) {
            self.warned.push(warning);
        }
    }

    /// Gives up what percentiles are made of where the histograms take more than
    /// they may: of the endpoints with the fewest requests first, and then of the
    /// metrics with the fewest samples, but for those that thresholds are about.
    pub(super) fn stay_within_the_cap(&mut self) {
        let most = self.schema.most_bytes();
        let rows = self.endpoints.values().map(|row| row.duration.bytes());
        let mut bytes: usize = rows.chain(self.sinks.iter().map(Sink::bytes)).sum();
        if bytes <= most {
            return;
        }
        let mut rows: Vec<_> = self
            .endpoints
            .values_mut()
            .map(|row| (row.requests, &mut row.duration))
            .collect();
        rows.sort_by_key(|(requests, _)| *requests);
        let schema = &self.schema;
        let mut series: Vec<_> = self
            .sinks
            .iter_mut()
            .enumerate()
            .filter(|(series, _)| !schema.is_judged(*series))
            .map(|(_, sink)| (sink.samples(), sink))
            .collect();
        series.sort_by_key(|(samples, _)| *samples);
        let mut warnings = Vec::new();
        for (of_series, sinks) in [(false, rows), (true, series)] {
            for (_, sink) in sinks.into_iter().filter(|(_, sink)| sink.bytes() > 0) {
                if bytes > most {
                    bytes -= sink.bytes();
                    sink.drop_buckets();
                    warnings.push(Warning::HistogramsDropped {
                        most,
                        series: of_series,
                    });
                }
            }
        }
        if bytes > most {
            warnings.push(Warning::HistogramsTooLarge { most });
        }
        warnings.into_iter().for_each(|warning| self.warn(warning));
    }

    /// The sum of a counter, in whole numbers.
    #[must_use]
    pub fn count(&self, metric: MetricId) -> u64 {
        let scale = self.schema.registry().get(metric).unit.scale() as u128;
        match &self.sinks[metric.index()] {
            Sink::Counter { sum, .. } => u64::try_from(sum / scale).unwrap_or(u64::MAX),
            other => other.samples(),
        }
    }

    /// How many samples a metric has.
    #[must_use]
    pub fn samples(&self, metric: MetricId) -> u64 {
        self.sinks[metric.index()].samples()
    }

    /// How many samples of a rate were true.
    #[must_use]
    pub fn passes(&self, metric: MetricId) -> u64 {
        match &self.sinks[metric.index()] {
            Sink::Rate { passes, .. } => *passes,
            _ => 0,
        }
    }

    /// Everything, for a run of this length. Metrics without samples are left
    /// out.
    #[must_use]
    pub fn summary(&self, elapsed: Duration) -> Summary {
        let seconds = elapsed.as_secs_f64();
        let mut metrics: Vec<_> = (0..self.sinks.len())
            .filter(|&series| self.sinks[series].samples() > 0)
            .map(|series| {
                let definition = self.schema.registry().get(self.schema.of(series).0);
                let unit = definition.unit;
                MetricSummary {
                    name: self.schema.name(series),
                    metric: definition.name.to_string(),
                    metric_type: definition.metric_type,
                    unit,
                    samples: self.sinks[series].samples(),
                    values: self.sinks[series].values(unit, seconds),
                }
            })
            .collect();
        // The parts of a metric stand below it, and no other metric between them.
        metrics.sort_by(|one, other| (&one.metric, &one.name).cmp(&(&other.metric, &other.name)));
        let text = |tags: &RowTags| {
            tags.iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect()
        };
        let endpoints = self.endpoints.iter().map(|(tags, row)| EndpointRow {
            tags: text(tags),
            requests: row.requests,
            failed: row.failed,
            interrupted: row.interrupted,
            statuses: row
                .statuses
                .iter()
                .map(|(code, n)| (code.to_string(), *n))
                .collect(),
            duration: row.duration.values(Unit::Milliseconds, seconds),
        });
        let mut checks = Vec::new();
        let mut groups = Vec::new();
        for (counted, &(passes, fails)) in &self.tally {
            match counted {
                Counted::Group(path) => groups.push(path.to_string()),
                Counted::Check(group, name) => checks.push(CheckRow {
                    group: group.to_string(),
                    name: name.to_string(),
                    passes,
                    fails,
                }),
            }
        }
        Summary {
            metrics,
            endpoints: endpoints.collect(),
            checks,
            groups,
        }
    }
}
