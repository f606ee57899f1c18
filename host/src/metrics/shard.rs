//! One worker's samples. Nothing here is shared: no lock, no atomic.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::endpoints::{Endpoints, EndpointsDelta, Role};
use super::schema::Schema;
use super::sink::Sink;
use super::tags::{TagSet, TagSets};
use super::tally::{Tally, TallyDelta};
use super::warning::Warning;
use super::{MetricId, MetricType, Unit, builtin};

/// The samples of one worker since they were last taken.
#[derive(Debug)]
pub struct Shard {
    schema: Arc<Schema>,
    tags: TagSets,
    sinks: Vec<Option<Sink>>,
    touched: Vec<usize>,
    routes: HashMap<(MetricId, TagSet), Route, FixedState>,
    endpoints: Endpoints,
    tally: Tally,
    refused: Option<Arc<str>>,
}

/// How many routes are remembered for each set of tags that is: a request has
/// some ten metrics, but few of the sets are those of requests.
const ROUTES_PER_SERIES: usize = 4;

/// Where the samples of one metric with one set of tags go. Found once, so that
/// a sample costs one look-up and no comparison of texts.
#[derive(Debug, Clone)]
struct Route {
    series: Box<[usize]>,
    endpoint: Option<Role>,
    tally: Option<usize>,
}

/// What a sample says beside its value, for those who count it elsewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meaning {
    /// Whether a rate's sample was true.
    pub(super) passed: bool,
    /// How many whole ones a counter's sample stands for.
    pub(super) whole: u64,
}

impl Default for Meaning {
    fn default() -> Self {
        Self {
            passed: true,
            whole: 1,
        }
    }
}

/// What a shard had when it was taken. It can be sent to another thread.
#[derive(Debug, Default)]
pub struct Delta {
    pub(super) sinks: Vec<(usize, Sink)>,
    pub(super) endpoints: EndpointsDelta,
    pub(super) tally: TallyDelta,
    pub(super) warnings: Vec<Warning>,
}

impl Shard {
    /// An empty shard.
    #[must_use]
    pub fn new(schema: Arc<Schema>) -> Self {
        let mut sinks = Vec::new();
        sinks.resize_with(schema.series(), || None);
        Self {
            tags: TagSets::new(schema.most_series(), schema.tags_asked_for()),
            schema,
            sinks,
            touched: Vec::new(),
            routes: HashMap::default(),
            endpoints: Endpoints::default(),
            tally: Tally::default(),
            refused: None,
        }
    }

    /// The empty set of tags.
    #[must_use]
    pub fn root(&self) -> TagSet {
        self.tags.root()
    }

    /// The set with one more tag; the later value of a name counts.
    pub fn with_tag(&mut self, base: TagSet, name: &str, value: &str) -> TagSet {
        self.tags.with(base, name, value)
    }

    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, set: TagSet, name: &str) -> Option<&str> {
        self.tags.get(set, name)
    }

    /// Adds one sample in the metric's own unit. A value that is negative (but
    /// for a gauge), infinite, no number, or too large for the fixed point of its
    /// unit is counted in `metrics_errors` and not recorded.
    pub fn add(&mut self, metric: MetricId, tags: TagSet, value: f64) {
        let definition = self.schema.registry().get(metric);
        let (metric_type, unit) = (definition.metric_type, definition.unit);
        let has_fixed_point = matches!(metric_type, MetricType::Counter | MetricType::Trend);
        // 64 bits are 580 years of nanoseconds.
        let is_too_large = has_fixed_point && value * unit.scale() >= u64::MAX as f64;
        let is_negative = value < 0.0 && metric_type != MetricType::Gauge;
        if !value.is_finite() || is_negative || is_too_large {
            self.refused = Some(Arc::clone(&definition.name));
            self.add_count(builtin::METRICS_ERRORS, tags, 1);
            return;
        }
        match metric_type {
            MetricType::Gauge => {
                self.set(metric, tags, moment(), value);
            }
            MetricType::Rate => self.add_rate(metric, tags, value != 0.0),
            MetricType::Counter | MetricType::Trend => {
                let fixed = (value * unit.scale()).round() as u64;
                let meaning = Meaning {
                    whole: value as u64,
                    ..Meaning::default()
                };
                self.record(metric, tags, |sink| sink.add(fixed), meaning);
            }
        }
    }

    /// Sets a gauge at a moment, in nanoseconds of the Unix epoch.
    pub(super) fn set(&mut self, metric: MetricId, tags: TagSet, moment: u64, value: f64) {
        let set = |sink: &mut Sink| sink.set(moment, value);
        self.record(metric, tags, set, Meaning::default());
    }

    /// Adds a duration to a trend in milliseconds.
    pub fn add_duration(&mut self, metric: MetricId, tags: TagSet, value: Duration) {
        let nanos = u64::try_from(value.as_nanos()).unwrap_or(u64::MAX);
        self.record(metric, tags, |sink| sink.add(nanos), Meaning::default());
    }

    /// Adds a sample to a rate.
    pub fn add_rate(&mut self, metric: MetricId, tags: TagSet, value: bool) {
        let meaning = Meaning {
            passed: value,
            ..Meaning::default()
        };
        self.record(metric, tags, |sink| sink.add(u64::from(value)), meaning);
    }

    /// Adds a whole number to a counter.
    pub fn add_count(&mut self, metric: MetricId, tags: TagSet, value: u64) {
        let fixed = match self.schema.registry().get(metric).unit {
            Unit::Bytes => value,
            unit => value.saturating_mul(unit.scale() as u64),
        };
        let meaning = Meaning {
            whole: value,
            ..Meaning::default()
        };
        self.record(metric, tags, |sink| sink.add(fixed), meaning);
    }

    /// Everything since the last call.
    pub fn take(&mut self) -> Delta {
        let sinks = self
            .touched
            .drain(..)
            .filter_map(|series| self.sinks[series].take().map(|sink| (series, sink)))
            .collect();
        let mut warnings = Vec::new();
        for left_out in self.tags.take_left_out() {
            warnings.push(Warning::TooManySeries {
                tag: left_out.tag,
                values: left_out.values,
                most: self.schema.most_series(),
            });
        }
        warnings.extend(self.tags.take_cut().map(Warning::ValueCut));
        if self.tally.take_full() {
            warnings.push(Warning::TooManyChecks);
        }
        warnings.extend(self.refused.take().map(Warning::RefusedValue));
        Delta {
            sinks,
            endpoints: self.endpoints.take(),
            tally: self.tally.take(),
            warnings,
        }
    }

    /// How many sets of tags are kept apart.
    #[cfg(test)]
    pub(super) fn sets(&self) -> usize {
        self.tags.len()
    }

    /// How many routes are remembered.
    #[cfg(test)]
    pub(super) fn routes(&self) -> usize {
        self.routes.len()
    }

    fn record(
        &mut self,
        metric: MetricId,
        tags: TagSet,
        add: impl Fn(&mut Sink),
        meaning: Meaning,
    ) {
        let Self {
            schema,
            tags: sets,
            sinks,
            touched,
            routes,
            endpoints,
            tally,
            ..
        } = self;
        let route = match routes.get(&(metric, tags)) {
            Some(route) => route,
            None => {
                // Routes are found again where they are wanted again.
                if routes.len() >= schema.most_series().saturating_mul(ROUTES_PER_SERIES) {
                    routes.clear();
                }
                routes.entry((metric, tags)).or_insert_with(|| Route {
                    series: schema.matching(metric, |name| sets.get(tags, name)).into(),
                    endpoint: endpoints.role(metric, tags, sets, schema),
                    tally: tally.row(metric, tags, sets),
                })
            }
        };
        for &series in &route.series {
            let sink = sinks[series].get_or_insert_with(|| {
                touched.push(series);
                Sink::new(schema.registry().get(metric).metric_type)
            });
            add(sink);
        }
        if let Some(role) = route.endpoint {
            endpoints.record(role, &add, meaning);
        }
        if let Some(row) = route.tally {
            tally.record(row, meaning.passed);
        }
    }
}

/// Nanoseconds since the Unix epoch, on a clock that all shards of this process
/// share and that never goes back; those of other machines can be compared with
/// it as far as their clocks agree.
fn moment() -> u64 {
    static BASE: OnceLock<(Instant, Duration)> = OnceLock::new();
    let (start, at_start) = BASE.get_or_init(|| {
        let since_epoch = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        (Instant::now(), since_epoch)
    });
    u64::try_from((*at_start + start.elapsed()).as_nanos()).unwrap_or(u64::MAX)
}

thread_local! {
    static SHARD: RefCell<Option<Shard>> = const { RefCell::new(None) };
}

/// Makes a shard this thread's, in place of an earlier one.
pub fn install_shard(shard: Shard) {
    SHARD.with_borrow_mut(|own| *own = Some(shard));
}

/// Works on this thread's shard. `None` where the thread has none, as in a test
/// that measures nothing; samples are then dropped.
pub fn with_shard<T>(work: impl FnOnce(&mut Shard) -> T) -> Option<T> {
    SHARD.with_borrow_mut(|own| own.as_mut().map(work))
}
