//! Checks and groups, counted one by one.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::tags::{TagSet, TagSets};
use super::{MetricId, builtin};

/// What is counted: a check in its group, or a group itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Counted {
    /// A group, by its path.
    Group(Arc<str>),
    /// A check, by its group's path and its name.
    Check(Arc<str>, Arc<str>),
}

impl Counted {
    /// The row that takes what has none of its own.
    pub(super) fn all_others(&self) -> Self {
        match self {
            Self::Group(_) => Self::Group("::(all others)".into()),
            Self::Check(..) => Self::Check("".into(), "(all others)".into()),
        }
    }
}

/// How many checks and groups are kept apart. A check whose name has an id in it
/// meets it. The last two rows take those that do not fit.
pub(super) const MOST: usize = 10_000;

/// The checks and groups of one shard.
#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: Vec<(Counted, u64, u64)>,
    places: HashMap<Counted, usize, FixedState>,
    /// Whether something found no row of its own since that was last asked.
    full: bool,
}

/// The checks and groups of a shard since they were last taken: what, how often
/// it held, how often not.
pub(super) type TallyDelta = Vec<(Counted, u64, u64)>;

impl Tally {
    /// The row of samples of this metric with these tags, if they are counted.
    pub(super) fn row(&mut self, metric: MetricId, tags: TagSet, sets: &TagSets) -> Option<usize> {
        let group = || sets.get(tags, "group").unwrap_or("").into();
        let counted = match metric {
            builtin::CHECKS => match sets.get(tags, "check") {
                Some(check) => Counted::Check(group(), check.into()),
                // Its name was left out with the other tags that are too many.
                None => Counted::Check("".into(), "".into()).all_others(),
            },
            builtin::GROUP_DURATION => Counted::Group(group()),
            _ => return None,
        };
        let known = self.places.get(&counted).copied();
        Some(known.unwrap_or_else(|| self.new_row(counted)))
    }

    fn new_row(&mut self, mut counted: Counted) -> usize {
        if self.rows.len() >= MOST - 2 {
            self.full = true;
            counted = counted.all_others();
        }
        let next = self.rows.len();
        let place = *self.places.entry(counted.clone()).or_insert(next);
        if place == next {
            self.rows.push((counted, 0, 0));
        }
        place
    }

    /// Whether a check or group found no row of its own since the last call.
    pub(super) fn take_full(&mut self) -> bool {
        std::mem::take(&mut self.full)
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
