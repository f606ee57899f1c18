//! Checks and groups, counted one by one.

use std::sync::Arc;

use super::tags::{TagSet, TagSets};
use super::{MetricId, builtin};

/// What is counted: a check in its group, or a group itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Counted {
    /// A group, by its path.
    Group(Arc<str>),
    /// A check, by its group's path and its name.
    Check(Arc<str>, Arc<str>),
}

/// How many checks and groups are kept apart. A check whose name has an id in it
/// meets it.
const MOST: usize = 10_000;

/// The checks and groups of one shard.
#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: Vec<(Counted, u64, u64)>,
}

/// The checks and groups of a shard since they were last taken: what, how often
/// it held, how often not.
pub(super) type TallyDelta = Vec<(Counted, u64, u64)>;

impl Tally {
    /// The row of samples of this metric with these tags, if they are counted.
    pub(super) fn row(&mut self, metric: MetricId, tags: TagSet, sets: &TagSets) -> Option<usize> {
        let group: Arc<str> = sets.get(tags, "group").unwrap_or("").into();
        let counted = match metric {
            builtin::CHECKS => Counted::Check(group, sets.get(tags, "check")?.into()),
            builtin::GROUP_DURATION => Counted::Group(group),
            _ => return None,
        };
        let known = self.rows.iter().position(|(row, ..)| *row == counted);
        known.or_else(|| {
            (self.rows.len() < MOST).then(|| {
                self.rows.push((counted, 0, 0));
                self.rows.len() - 1
            })
        })
    }

    pub(super) fn record(&mut self, row: usize, passed: bool) {
        let (_, passes, fails) = &mut self.rows[row];
        *if passed { passes } else { fails } += 1;
    }

    pub(super) fn take(&mut self) -> TallyDelta {
        let mut taken = Vec::new();
        for (counted, passes, fails) in &mut self.rows {
            if *passes + *fails > 0 {
                taken.push((counted.clone(), *passes, *fails));
                (*passes, *fails) = (0, 0);
            }
        }
        taken
    }
}
