//! Sets of tags, interned, so that a set that was seen before costs a look-up
//! and no allocation.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// A set of tags of one shard. Only the shard that gave it out can read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TagSet(u32);

/// The empty set.
const ROOT: TagSet = TagSet(0);

/// How many sets a shard keeps apart. A scenario that puts an id into a tag
/// meets it; without it, it would fill the memory.
const MOST_SETS: usize = 100_000;

/// Tags that decide what a sample counts as. Like those that thresholds ask for,
/// they are kept when others are left out already: a sample may lose the id that
/// somebody put into a tag, but not the series that it belongs to. They have few
/// values, so that they end soon where the other tags grow no more; for a check
/// with an id in its name there is a second cap at twice the first.
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
    /// The tags that thresholds ask for, with their values.
    asked_for: Vec<(String, String)>,
    /// How often a tag was left out, and the name of the last one.
    left_out: Option<(u64, Arc<str>)>,
}

impl TagSets {
    pub(super) fn new(asked_for: Vec<(String, String)>) -> Self {
        Self::with_most(MOST_SETS, asked_for)
    }

    fn with_most(most: usize, asked_for: Vec<(String, String)>) -> Self {
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
            left_out: None,
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
        let most = if self.must_keep(name, value) {
            self.most * 2
        } else {
            self.most
        };
        if self.nodes.len() >= most {
            let times = self.left_out.as_ref().map_or(0, |(times, _)| *times);
            self.left_out = Some((times + 1, name.into()));
            // Without its new value a tag must not keep the old one: the sample
            // would be counted where it does not belong.
            let overrides = !value.is_empty() && self.get(base, name).is_some();
            return if overrides {
                self.with(base, name, "")
            } else {
                base
            };
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

    /// Whether a tag is kept where others are left out. One that is taken away
    /// is: the sample would go to the series of its old value.
    fn must_keep(&self, name: &str, value: &str) -> bool {
        value.is_empty()
            || ALWAYS_KEPT.contains(&name)
            || self
                .asked_for
                .iter()
                .any(|(asked, of)| asked == name && of == value)
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

    /// How often a tag was left out since the last call, and which one.
    pub(super) fn take_left_out(&mut self) -> Option<(u64, Arc<str>)> {
        self.left_out.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_tags_in_the_same_order_are_one_set() {
        let mut sets = TagSets::new(Vec::new());
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
        let mut sets = TagSets::new(Vec::new());
        let mut set = sets.with(ROOT, "a", "1");
        set = sets.with(set, "a", "2");
        assert_eq!(sets.get(set, "a"), Some("2"));
        set = sets.with(set, "a", "");
        assert_eq!(sets.get(set, "a"), None);
        assert!(sets.all(set).is_empty());
    }

    #[test]
    fn beyond_the_cap_a_tag_is_left_out_and_named_unless_a_threshold_asks_for_it() {
        let mut sets = TagSets::with_most(3, vec![("endpoint".to_owned(), "rpc".to_owned())]);
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
        assert_eq!(sets.take_left_out(), Some((2, "endpoint".into())));
        assert_eq!(sets.take_left_out(), None);
    }
}
