//! The requests of a run, by what was requested: the table that says which
//! endpoint was slow.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::schema::Schema;
use super::shard::Meaning;
use super::sink::Sink;
use super::tags::{TagSet, TagSets};
use super::{MetricId, MetricType, builtin};

/// The tags of a row, sorted by name.
pub(super) type RowTags = Vec<(Arc<str>, Arc<str>)>;

/// How many rows there are at most. A scenario that requests a thousand
/// different URLs without naming them (tag `name`) has the rest in one row.
pub(super) const MOST_ROWS: usize = 1_000;

/// Tags that tell answers or places apart, not endpoints.
const NOT_OF_A_ROW: [&str; 7] = [
    "status",
    "url",
    "proto",
    "error",
    "error_code",
    "expected_response",
    "group",
];

/// The tags of the row that takes what has none of its own.
pub(super) fn all_others() -> RowTags {
    vec![("name".into(), "(all others)".into())]
}

/// What the samples of one endpoint add up to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) requests: u64,
    pub(super) failed: u64,
    pub(super) interrupted: u64,
    pub(super) statuses: BTreeMap<Arc<str>, u64>,
    /// A trend, always.
    pub(super) duration: Sink,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            requests: 0,
            failed: 0,
            interrupted: 0,
            statuses: BTreeMap::new(),
            duration: Sink::new(MetricType::Trend),
        }
    }
}

impl Row {
    pub(super) fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.failed += other.failed;
        self.interrupted += other.interrupted;
        for (status, count) in &other.statuses {
            *self.statuses.entry(Arc::clone(status)).or_default() += count;
        }
        self.duration.merge(&other.duration);
    }
}

/// What a sample is to its row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Role {
    row: usize,
    part: Part,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    /// A request with an answer of this status (its place in `statuses`).
    Answered(usize),
    /// A request without an answer.
    Unanswered,
    /// A request that was cut off.
    Interrupted,
    /// Whether a request failed.
    Failed,
    /// How long a request took.
    Duration,
}

/// The rows of one shard.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    keys: Vec<RowTags>,
    places: HashMap<RowTags, usize, FixedState>,
    rows: Vec<Option<Box<Row>>>,
    statuses: Vec<Arc<str>>,
}

/// The rows of a shard since they were last taken.
pub(super) type EndpointsDelta = Vec<(RowTags, Box<Row>)>;

impl Endpoints {
    /// What samples of this metric with these tags are here; nothing where the
    /// metric is not about requests.
    pub(super) fn role(
        &mut self,
        metric: MetricId,
        tags: TagSet,
        sets: &TagSets,
        schema: &Schema,
    ) -> Option<Role> {
        let part = match metric {
            builtin::HTTP_REQS => match (sets.get(tags, "status"), sets.get(tags, "error")) {
                (_, Some("interrupted")) => Part::Interrupted,
                (Some(status), _) => Part::Answered(self.status(status)),
                (None, _) => Part::Unanswered,
            },
            builtin::HTTP_REQ_FAILED => Part::Failed,
            builtin::HTTP_REQ_DURATION => Part::Duration,
            _ => return None,
        };
        let mut key = sets.all(tags);
        key.retain(|(name, _)| !NOT_OF_A_ROW.contains(&&**name) && !schema.is_run_tag(name));
        let known = self.places.get(&key).copied();
        let row = known.unwrap_or_else(|| self.new_row(key));
        Some(Role { row, part })
    }

    fn new_row(&mut self, mut key: RowTags) -> usize {
        // The last row takes what does not fit, and says so.
        if self.keys.len() >= MOST_ROWS - 1 {
            key = all_others();
        }
        let next = self.keys.len();
        let place = *self.places.entry(key.clone()).or_insert(next);
        if place == next {
            self.keys.push(key);
            self.rows.push(None);
        }
        place
    }

    fn status(&mut self, status: &str) -> usize {
        self.statuses
            .iter()
            .position(|known| &**known == status)
            .unwrap_or_else(|| {
                self.statuses.push(status.into());
                self.statuses.len() - 1
            })
    }

    pub(super) fn record(&mut self, role: Role, add: &impl Fn(&mut Sink), meaning: Meaning) {
        let row = self.rows[role.row].get_or_insert_default();
        match role.part {
            Part::Answered(status) => {
                row.requests += meaning.whole;
                // The key is there already but for the first time a second.
                match row.statuses.get_mut(&self.statuses[status]) {
                    Some(count) => *count += meaning.whole,
                    None => {
                        row.statuses
                            .insert(Arc::clone(&self.statuses[status]), meaning.whole);
                    }
                }
            }
            Part::Unanswered => row.requests += meaning.whole,
            Part::Interrupted => {
                row.requests += meaning.whole;
                row.interrupted += meaning.whole;
            }
            Part::Failed => row.failed += u64::from(meaning.passed),
            Part::Duration => add(&mut row.duration),
        }
    }

    pub(super) fn take(&mut self) -> EndpointsDelta {
        let rows = self.rows.iter_mut().zip(&self.keys);
        rows.filter_map(|(row, key)| row.take().map(|row| (key.clone(), row)))
            .collect()
    }
}
