//! Which series a run keeps.

use std::collections::{BTreeSet, HashSet};

use super::selector::TagMatch;
use super::{MetricId, MetricsError, Registry, Selector};

/// Which series a run keeps: one for each metric, and one for each part of a
/// metric that somebody asked for.
#[derive(Debug)]
pub struct Schema {
    registry: Registry,
    parts: Vec<(MetricId, Selector)>,
    /// For each metric, the places of its parts in `parts`.
    parts_of: Vec<Vec<usize>>,
    run_tags: HashSet<String>,
    /// The series that thresholds are about.
    judged: BTreeSet<usize>,
    most_series: usize,
    most_bytes: usize,
}

/// How many sets of tags a worker keeps apart unless somebody says otherwise.
const MOST_SERIES: usize = 100_000;

/// How many bytes all histograms may take unless somebody says otherwise.
const MOST_BYTES: usize = 256 << 20;

/// The part that is kept without being asked for: how long the requests took
/// that were answered as expected. A server that refuses quickly makes the whole
/// look good.
const ALWAYS: (&str, &str, &str) = ("http_req_duration", "expected_response", "true");

impl Schema {
    /// The series of a run. `selectors` are those that thresholds name;
    /// `run_tags` are the names of tags that every sample has, which tell no two
    /// rows of the endpoints' table apart.
    ///
    /// # Errors
    ///
    /// When a selector names a metric that there is not.
    pub fn new<'a>(
        registry: Registry,
        selectors: impl IntoIterator<Item = &'a Selector>,
        run_tags: impl IntoIterator<Item = String>,
    ) -> Result<Self, MetricsError> {
        let mut schema = Self {
            parts: Vec::new(),
            parts_of: registry.iter().map(|_| Vec::new()).collect(),
            registry,
            run_tags: run_tags.into_iter().collect(),
            judged: BTreeSet::new(),
            most_series: MOST_SERIES,
            most_bytes: MOST_BYTES,
        };
        let (metric, tag, value) = ALWAYS;
        schema.keep(&Selector {
            metric: metric.to_owned(),
            tags: vec![TagMatch::is(tag, value)],
        })?;
        for selector in selectors {
            schema.keep(selector)?;
            schema.judged.extend(schema.find(selector));
        }
        Ok(schema)
    }

    /// With another number of sets of tags that a worker keeps apart, which is
    /// 100,000 otherwise. Beyond it tags are left out, and no sample.
    #[must_use]
    pub fn with_most_series(mut self, most: usize) -> Self {
        self.most_series = most.max(1);
        self
    }

    /// With another number of bytes that the run's histograms may take, which is
    /// 256 MiB otherwise. Beyond it percentiles are given up: of the rows of the
    /// endpoints' table first, and never of a series that a threshold names.
    #[must_use]
    pub fn with_most_bytes(mut self, most: usize) -> Self {
        self.most_bytes = most;
        self
    }

    pub(super) fn most_series(&self) -> usize {
        self.most_series
    }

    pub(super) fn most_bytes(&self) -> usize {
        self.most_bytes
    }

    /// Whether a threshold is about this series.
    pub(super) fn is_judged(&self, series: usize) -> bool {
        self.judged.contains(&series)
    }

    fn keep(&mut self, selector: &Selector) -> Result<(), MetricsError> {
        let metric = self.registry.require(&selector.metric)?;
        if !selector.tags.is_empty() && !self.parts.iter().any(|(_, part)| part == selector) {
            self.parts_of[metric.index()].push(self.parts.len());
            self.parts.push((metric, selector.clone()));
        }
        Ok(())
    }

    /// The metrics.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// How many series there are. The metrics' own come first, in the order of
    /// the registry.
    pub(super) fn series(&self) -> usize {
        self.parts_of.len() + self.parts.len()
    }

    /// The metric of a series, and the part that it is, if it is one.
    pub(super) fn of(&self, series: usize) -> (MetricId, Option<&Selector>) {
        match series.checked_sub(self.parts_of.len()) {
            Some(part) => (self.parts[part].0, Some(&self.parts[part].1)),
            None => (self.metric(series), None),
        }
    }

    /// The series that a sample with these tags belongs to.
    pub(super) fn matching<'a>(
        &self,
        metric: MetricId,
        tag: impl Fn(&str) -> Option<&'a str>,
    ) -> Vec<usize> {
        let parts = self.parts_of[metric.index()].iter().copied();
        let matching = parts.filter(|&part| self.parts[part].1.matches(&tag));
        std::iter::once(metric.index())
            .chain(matching.map(|part| self.parts_of.len() + part))
            .collect()
    }

    /// What selectors ask of tags.
    pub(super) fn tags_asked_for(&self) -> Vec<TagMatch> {
        self.parts
            .iter()
            .flat_map(|(_, part)| part.tags.iter().cloned())
            .collect()
    }

    /// The series of a selector.
    pub(super) fn find(&self, selector: &Selector) -> Option<usize> {
        if selector.tags.is_empty() {
            return self.registry.find(&selector.metric).map(MetricId::index);
        }
        let part = self.parts.iter().position(|(_, part)| part == selector)?;
        Some(self.parts_of.len() + part)
    }

    /// Whether every sample has a tag of this name.
    pub(super) fn is_run_tag(&self, name: &str) -> bool {
        self.run_tags.contains(name)
    }

    /// What a series is called in results.
    pub(super) fn name(&self, series: usize) -> String {
        let (metric, part) = self.of(series);
        part.map_or_else(
            || self.registry.get(metric).name.to_string(),
            ToString::to_string,
        )
    }

    fn metric(&self, index: usize) -> MetricId {
        self.registry
            .iter()
            .nth(index)
            .map_or(super::builtin::HTTP_REQS, |(id, _)| id)
    }
}
