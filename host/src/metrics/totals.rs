//! What all workers measured together, and what thresholds say of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::endpoints::{MOST_ROWS, Row, RowTags, all_others};
use super::schema::Schema;
use super::shard::Delta;
use super::sink::Sink;
use super::summary::{CheckRow, EndpointRow, MetricSummary, Summary};
use super::tally::Counted;
use super::{MetricId, OnNoData, Selector, Threshold, Unit};

/// What all workers measured together. It is the same in whatever order their
/// shares come in; only which endpoints have a row of their own, where there are
/// more than rows, is decided by who came first.
#[derive(Debug)]
pub struct Totals {
    schema: Arc<Schema>,
    sinks: Vec<Sink>,
    endpoints: BTreeMap<RowTags, Row>,
    tally: BTreeMap<Counted, (u64, u64)>,
}

/// What one threshold says.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What it is about.
    pub selector: Selector,
    /// The condition, as it was written.
    pub threshold: String,
    /// What came of it.
    pub finding: Finding,
    /// Whether the run can pass with it.
    pub ok: bool,
    /// Whether the run is to end because of it, now.
    pub abort: bool,
}

/// What came of a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Finding {
    /// The condition held for this value.
    Held(f64),
    /// It did not hold for this value.
    Crossed(f64),
    /// There was nothing to judge.
    NoData,
}

impl Finding {
    /// The value that was judged.
    #[must_use]
    pub fn observed(self) -> Option<f64> {
        match self {
            Self::Held(value) | Self::Crossed(value) => Some(value),
            Self::NoData => None,
        }
    }
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
        }
    }

    /// Takes a worker's share in.
    pub fn merge(&mut self, delta: Delta) {
        for (series, sink) in &delta.sinks {
            self.sinks[*series].merge(sink);
        }
        for (tags, row) in delta.endpoints {
            // Workers may have met different endpoints, so that their rows
            // together are too many again.
            let has_room = self.endpoints.len() < MOST_ROWS - 1;
            let own = has_room || self.endpoints.contains_key(&tags);
            let tags = if own { tags } else { all_others() };
            self.endpoints.entry(tags).or_default().merge(&row);
        }
        for (counted, passes, fails) in delta.tally {
            let row = self.tally.entry(counted).or_default();
            row.0 += passes;
            row.1 += fails;
        }
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

    /// What the thresholds say after a run of this length, or so far.
    #[must_use]
    pub fn evaluate(
        &self,
        thresholds: &[(Selector, Vec<Threshold>)],
        elapsed: Duration,
    ) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for (selector, conditions) in thresholds {
            for threshold in conditions {
                verdicts.push(self.judge(selector, threshold, elapsed));
            }
        }
        verdicts
    }

    fn judge(&self, selector: &Selector, threshold: &Threshold, elapsed: Duration) -> Verdict {
        let expression = &threshold.expression;
        let observed = self.schema.find(selector).and_then(|series| {
            let unit = self.unit(series);
            self.sinks[series].observed(expression.aggregation, unit, elapsed.as_secs_f64())
        });
        let finding = match observed {
            None => Finding::NoData,
            Some(value) if expression.operator.holds(value, expression.bound) => {
                Finding::Held(value)
            }
            Some(value) => Finding::Crossed(value),
        };
        let crossed = matches!(finding, Finding::Crossed(_));
        let ok = match finding {
            Finding::NoData => threshold.on_no_data == OnNoData::Pass,
            Finding::Held(_) | Finding::Crossed(_) => !crossed,
        };
        Verdict {
            selector: selector.clone(),
            threshold: expression.to_string(),
            finding,
            ok,
            // Without samples a run goes on: they may be still to come.
            abort: crossed && threshold.abort_on_fail && elapsed >= threshold.delay_abort_eval,
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
                let (metric, part) = self.schema.of(series);
                let definition = self.schema.registry().get(metric);
                let unit = definition.unit;
                MetricSummary {
                    name: part.map_or_else(|| definition.name.to_string(), ToString::to_string),
                    metric: definition.name.to_string(),
                    metric_type: definition.metric_type,
                    unit,
                    samples: self.sinks[series].samples(),
                    values: self.sinks[series].values(unit, seconds),
                }
            })
            .collect();
        metrics.sort_by(|one, other| one.name.cmp(&other.name));
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

    fn unit(&self, series: usize) -> Unit {
        self.schema.registry().get(self.schema.of(series).0).unit
    }
}
