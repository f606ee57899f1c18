//! Sets of tags, interned, so that a set that was seen before costs a look-up
//! and no allocation.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable};

use super::selector::{TagMatch, ValueMatch};

/// A set of tags of one shard. Only the shard that gave it out can read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TagSet(u32);

/// The empty set.
const ROOT: TagSet = TagSet(0);

/// Tags that decide what a sample counts as. They are kept when others are left
/// out already: a sample may lose the id that somebody put into a tag, but not
/// what it counts as. They have few values, so that they end soon where the other
/// tags grow no more; for a check with an id in its name there is a second cap at
/// twice the first.
const ALWAYS_KEPT: [&str; 8] = [
    "check",
    "error",
    "error_code",
    "expected_response",
    "group",
    "method",
    "scenario",
    "status",
];

/// One more tag than the set it was made of. An empty value takes a tag away.
#[derive(Debug)]
struct Node {
    parent: TagSet,
    name: Arc<str>,
    value: Arc<str>,
}

/// The sets of a shard: a tree in which each step adds one tag.
#[derive(Debug)]
pub(super) struct TagSets {
    nodes: Vec<Node>,
    index: HashTable<u32>,
    hasher: FixedState,
    most: usize,
    /// What thresholds ask of tags.
    asked_for: Vec<TagMatch>,
    /// How many tags were left out since they were last taken.
    left_out: u64,
    /// The tag that filled the sets, once they are full.
    fullest: Option<(Arc<str>, usize)>,
}

/// Tags that were left out because there were too many sets of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// How often.
    pub(super) times: u64,
    /// The tag that has the most values, which is the one to be looked at.
    pub(super) tag: Arc<str>,
    /// How many values it has.
    pub(super) values: usize,
}

impl TagSets {
    pub(super) fn new(most: usize, asked_for: Vec<TagMatch>) -> Self {
        let root = Node {
            parent: ROOT,
            name: "".into(),
            value: "".into(),
        };
        Self {
            nodes: vec![root],
            index: HashTable::new(),
            hasher: FixedState::default(),
            most,
            asked_for,
            left_out: 0,
            fullest: None,
        }
    }

    pub(super) fn root(&self) -> TagSet {
        ROOT
    }

    /// The set with one more tag; the later value of a name counts.
    pub(super) fn with(&mut self, base: TagSet, name: &str, value: &str) -> TagSet {
        let hash = self.hasher.hash_one((base.0, name, value));
        let nodes = &self.nodes;
        let same = |&index: &u32| {
            let node = &nodes[index as usize];
            node.parent == base && &*node.name == name && &*node.value == value
        };
        if let Some(&index) = self.index.find(hash, same) {
            return TagSet(index);
        }
        if self.nodes.len() >= self.most {
            match self.beyond_the_cap(base, name, value) {
                Beyond::AsItIs => {}
                Beyond::As(other) => {
                    let other = other.into_owned();
                    return self.with(base, name, &other);
                }
                Beyond::Nothing => return base,
            }
        }
        let index = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(Node {
            parent: base,
            name: name.into(),
            value: value.into(),
        });
        let (nodes, hasher) = (&self.nodes, &self.hasher);
        self.index.insert_unique(hash, index, |&index| {
            let node = &nodes[index as usize];
            hasher.hash_one((node.parent.0, &*node.name, &*node.value))
        });
        TagSet(index)
    }

    /// What becomes of a tag that makes a new set when there are too many. It
    /// must not cost a series its samples, nor let in those of another.
    fn beyond_the_cap<'a>(&mut self, base: TagSet, name: &str, value: &'a str) -> Beyond<'a> {
        let (nodes, most) = (self.nodes.len(), self.most);
        let few = value.is_empty() || self.is_asked_for(name, value);
        let room = if few {
            // Values that somebody wrote down are few, and so are the sets with
            // them; the last cap is for a chain of tags that grows for ever.
            nodes < most.saturating_mul(4)
        } else {
            ALWAYS_KEPT.contains(&name) && nodes < most.saturating_mul(2)
        };
        if room {
            return Beyond::AsItIs;
        }
        if !value.is_empty() {
            self.left_out += 1;
            if self.fullest.is_none() {
                self.fullest = self.fullest();
            }
        }
        match self.stand_in(name, value) {
            Some(other) if other != value => Beyond::As(Cow::Owned(other)),
            // Without its new value a tag must not keep the old one: the sample
            // would be counted where it does not belong.
            _ if !value.is_empty() && self.get(base, name).is_some() => {
                Beyond::As(Cow::Borrowed(""))
            }
            _ => Beyond::Nothing,
        }
    }

    /// Whether a value was written down, or stands in for others.
    fn is_asked_for(&self, name: &str, value: &str) -> bool {
        let exactly = |asked: &TagMatch| match &asked.value {
            ValueMatch::Is(of) => of == value,
            ValueMatch::StartsWith(_) => false,
        };
        let mut of_this_name = self.asked_for.iter().filter(|asked| asked.name == name);
        of_this_name.any(exactly) || self.stand_in(name, value).is_some_and(|one| one == value)
    }

    /// A value that belongs to the same series as this one: `/users/*` for
    /// `/users/17` where a threshold is about `name:/users/*`. Nothing where no
    /// series of a threshold has to do with the value.
    fn stand_in(&self, name: &str, value: &str) -> Option<String> {
        let prefixes = self
            .asked_for
            .iter()
            .filter(|asked| asked.name == name)
            .filter_map(|asked| match &asked.value {
                ValueMatch::StartsWith(prefix) => Some(prefix.as_str()),
                // Whoever asks for samples without the tag asks whether it is
                // there.
                ValueMatch::Is(value) => value.is_empty().then_some(""),
            });
        let longest = prefixes
            .filter(|prefix| !value.is_empty() && value.starts_with(prefix))
            .max_by_key(|prefix| prefix.len())?;
        Some(format!("{longest}*"))
    }

    /// The tag with the most values of all.
    fn fullest(&self) -> Option<(Arc<str>, usize)> {
        let mut values: HashMap<&Arc<str>, HashSet<&str>> = HashMap::new();
        for node in &self.nodes[1..] {
            values.entry(&node.name).or_default().insert(&node.value);
        }
        let counted = values
            .into_iter()
            .map(|(name, values)| (values.len(), name));
        counted
            .max()
            .map(|(values, name)| (Arc::clone(name), values))
    }

    /// The value of a tag.
    pub(super) fn get(&self, set: TagSet, name: &str) -> Option<&str> {
        let mut at = set;
        while at != ROOT {
            let node = &self.nodes[at.0 as usize];
            if &*node.name == name {
                return (!node.value.is_empty()).then_some(&*node.value);
            }
            at = node.parent;
        }
        None
    }

    /// All tags of a set, sorted by name.
    pub(super) fn all(&self, set: TagSet) -> Vec<(Arc<str>, Arc<str>)> {
        let mut tags: Vec<(Arc<str>, Arc<str>)> = Vec::new();
        let mut at = set;
        while at != ROOT {
            let node = &self.nodes[at.0 as usize];
            if !tags.iter().any(|(name, _)| *name == node.name) {
                tags.push((Arc::clone(&node.name), Arc::clone(&node.value)));
            }
            at = node.parent;
        }
        tags.retain(|(_, value)| !value.is_empty());
        tags.sort();
        tags
    }

    /// The tags that were left out since the last call.
    pub(super) fn take_left_out(&mut self) -> Option<LeftOut> {
        let times = std::mem::take(&mut self.left_out);
        let (tag, values) = self.fullest.clone()?;
        (times > 0).then_some(LeftOut { times, tag, values })
    }

    /// How many sets there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }
}

/// What becomes of a tag beyond the cap.
enum Beyond<'a> {
    /// It is kept.
    AsItIs,
    /// It is kept with another value; with an empty one it is taken away.
    As(Cow<'a, str>),
    /// It is left out.
    Nothing,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::metrics::Selector;

    #[test]
    fn the_same_tags_in_the_same_order_are_one_set() {
        let mut sets = TagSets::new(100, Vec::new());
        let first = sets.with(ROOT, "a", "1");
        assert_eq!(sets.with(ROOT, "a", "1"), first);
        assert_ne!(sets.with(ROOT, "a", "2"), first);
        let both = sets.with(first, "b", "2");
        assert_eq!(sets.get(both, "a"), Some("1"));
        assert_eq!(sets.get(both, "b"), Some("2"));
        assert_eq!(sets.get(both, "c"), None);
    }

    #[test]
    fn the_later_value_counts_and_an_empty_one_takes_the_tag_away() {
        let mut sets = TagSets::new(100, Vec::new());
        let mut set = sets.with(ROOT, "a", "1");
        set = sets.with(set, "a", "2");
        assert_eq!(sets.get(set, "a"), Some("2"));
        set = sets.with(set, "a", "");
        assert_eq!(sets.get(set, "a"), None);
        assert!(sets.all(set).is_empty());
    }

    #[test]
    fn beyond_the_cap_a_tag_is_left_out_unless_a_threshold_asks_for_it() {
        let mut sets = TagSets::new(3, vec![TagMatch::is("endpoint", "rpc")]);
        let kept = sets.with(ROOT, "id", "1");
        let _ = sets.with(ROOT, "id", "2");
        assert_eq!(sets.with(kept, "user", "3"), kept);
        assert_eq!(sets.with(ROOT, "id", "1"), kept);
        let asked_for = sets.with(kept, "endpoint", "rpc");
        assert_eq!(sets.get(asked_for, "endpoint"), Some("rpc"));
        let answered = sets.with(asked_for, "status", "200");
        assert_eq!(sets.get(answered, "status"), Some("200"));
        let without = sets.with(answered, "endpoint", "page");
        assert_eq!(sets.get(without, "endpoint"), None, "not `rpc` any more");
        let left_out = sets.take_left_out().unwrap();
        assert_eq!(
            (left_out.times, &*left_out.tag, left_out.values),
            (2, "id", 2)
        );
        assert_eq!(sets.take_left_out(), None);
    }

    #[test]
    fn the_tag_with_the_most_values_is_named_and_not_the_one_that_came_too_late() {
        let mut sets = TagSets::new(301, Vec::new());
        for id in 0..100 {
            // Each set of an id has two more on top of it, of few values.
            let set = sets.with(ROOT, "user", &id.to_string());
            let set = sets.with(set, "region", if id % 2 == 0 { "east" } else { "west" });
            let _ = sets.with(set, "browser", "firefox");
        }
        let _ = sets.with(ROOT, "version", "1.0");
        let left_out = sets.take_left_out().unwrap();
        assert_eq!(
            (left_out.times, &*left_out.tag, left_out.values),
            (1, "user", 100)
        );
    }

    #[test]
    fn beyond_the_cap_a_value_that_begins_as_asked_for_still_does() {
        let selectors = ["m{name:/users/*}", "m{!path:/a*}", "m{user:}"];
        let asked: Vec<Selector> = selectors.map(|text| text.parse().unwrap()).into();
        let asked_for = asked.iter().flat_map(|one| one.tags.clone()).collect();
        let mut sets = TagSets::new(1, asked_for);
        for id in 0..100 {
            let mut set = sets.with(ROOT, "name", &format!("/users/{id}"));
            set = sets.with(set, "path", &format!("/a{id}"));
            set = sets.with(set, "user", &id.to_string());
            let holds = |selector: &Selector| selector.matches(|name| sets.get(set, name));
            assert_eq!(
                asked.iter().map(holds).collect::<Vec<_>>(),
                [true, false, false]
            );
            assert_eq!(sets.get(set, "name"), Some("/users/*"));
        }
        assert!(sets.len() < 10, "{}", sets.len());
    }
}
