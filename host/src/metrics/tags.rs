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

/// How many tags can be left out, one after the other, until the sets are twice as
/// many as they were to be and all tags are.
const LOOKS: usize = 4;

/// The empty set.
const ROOT: TagSet = TagSet(0);

/// Tags that decide what a sample counts as. They are kept when all others are
/// left out already: a sample may lose the id that somebody put into a tag, but
/// not what it counts as. They have few values, so that they end soon where the
/// other tags grow no more; for a check with an id in its name there is a cap at
/// three times the first.
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
    /// The tags of which no new values are taken: those that filled the sets.
    left_out: Vec<LeftOut>,
    /// How many sets there may be until one more tag is left out.
    next_look: usize,
    /// How many of the tags that are left out were told.
    told: usize,
    /// A tag with a value that was cut, since it was last taken.
    cut: Option<Arc<str>>,
}

/// The longest value of a tag, in bytes. There may be 100,000 sets of tags, so
/// that long ones would take more memory than anything else.
pub(super) const LONGEST_VALUE: usize = 1 << 10;

/// A tag of which new values are left out, since it had the most when there were
/// too many sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// Its name.
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
            left_out: Vec::new(),
            next_look: most,
            told: 0,
            cut: None,
        }
    }

    pub(super) fn root(&self) -> TagSet {
        ROOT
    }

    /// The set with one more tag; the later value of a name counts.
    pub(super) fn with(&mut self, base: TagSet, name: &str, value: &str) -> TagSet {
        let value = if value.len() > LONGEST_VALUE {
            self.cut = Some(name.into());
            &value[..value.floor_char_boundary(LONGEST_VALUE)]
        } else {
            value
        };
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
        let times_most = if few {
            // Values that somebody wrote down are few, and so are the sets with
            // them; the last cap is for a chain of tags that grows for ever.
            4
        } else if ALWAYS_KEPT.contains(&name) {
            3
        } else {
            if nodes >= self.next_look {
                // The one that filled them, and where they fill up again the next
                // one: the others have few values, and go on.
                self.leave_out_the_fullest();
            }
            if self.left_out.iter().all(|one| &*one.tag != name) {
                2
            } else {
                1
            }
        };
        if nodes < most.saturating_mul(times_most) {
            return Beyond::AsItIs;
        }
        if self.left_out.is_empty() {
            self.leave_out_the_fullest();
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

    fn leave_out_the_fullest(&mut self) {
        self.left_out.extend(self.fullest());
        self.next_look = self.nodes.len() + self.most / LOOKS + 1;
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

    /// The tag with the most values of those that are not left out yet.
    fn fullest(&self) -> Option<LeftOut> {
        let mut values: HashMap<&Arc<str>, HashSet<&str>> = HashMap::new();
        for node in &self.nodes[1..] {
            values.entry(&node.name).or_default().insert(&node.value);
        }
        values.retain(|name, _| self.left_out.iter().all(|one| one.tag != **name));
        let counted = values
            .into_iter()
            .map(|(name, values)| (values.len(), name));
        counted.max().map(|(values, name)| LeftOut {
            tag: Arc::clone(name),
            values,
        })
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

    /// The tags that are left out since the last call.
    pub(super) fn take_left_out(&mut self) -> Vec<LeftOut> {
        let news = self.left_out[self.told..].to_vec();
        self.told = self.left_out.len();
        news
    }

    /// A tag with a value that was cut since the last call.
    pub(super) fn take_cut(&mut self) -> Option<Arc<str>> {
        self.cut.take()
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
    fn beyond_the_cap_the_fullest_tag_is_left_out_unless_a_threshold_asks_for_it() {
        let asked_for = vec![TagMatch::is("id", "3"), TagMatch::is("endpoint", "rpc")];
        let mut sets = TagSets::new(4, asked_for);
        let kept = sets.with(ROOT, "id", "1");
        let _ = sets.with(ROOT, "id", "2");
        let endpoint = sets.with(ROOT, "endpoint", "rpc");
        assert_eq!(sets.with(ROOT, "id", "4"), ROOT);
        assert_eq!(sets.with(ROOT, "id", "1"), kept, "a value that is known");
        let asked_for = sets.with(kept, "id", "3");
        assert_eq!(sets.get(asked_for, "id"), Some("3"));
        let without = sets.with(asked_for, "id", "4");
        assert_eq!(sets.get(without, "id"), None, "not `3` any more");
        let answered = sets.with(endpoint, "status", "200");
        assert_eq!(sets.get(answered, "status"), Some("200"));
        let left_out = LeftOut {
            tag: "id".into(),
            values: 2,
        };
        assert_eq!(sets.take_left_out(), [left_out]);
        assert_eq!(sets.take_left_out(), []);
    }

    #[test]
    fn beyond_the_cap_tags_of_few_values_go_on_without_the_id() {
        let mut sets = TagSets::new(1_000, Vec::new());
        for id in 0..10_000 {
            // A second one comes when the first is left out already.
            let mut set = sets.with(ROOT, "user", &id.to_string());
            if id > 2_000 {
                set = sets.with(set, "order", &id.to_string());
            }
            let page = ["home", "basket"][id % 2];
            set = sets.with(set, "page", page);
            set = sets.with(set, "cached", if id % 3 == 0 { "yes" } else { "no" });
            assert_eq!(sets.get(set, "page"), Some(page), "user {id}");
            assert!(sets.get(set, "cached").is_some(), "user {id}");
        }
        assert!(sets.len() < 2_000, "{}", sets.len());
        let left_out = sets.take_left_out();
        let names: Vec<_> = left_out.iter().map(|one| &*one.tag).collect();
        assert_eq!(names, ["user", "order"]);
    }

    #[test]
    fn however_many_tags_have_ids_the_sets_have_an_end() {
        let mut sets = TagSets::new(100, Vec::new());
        for id in 0..2_000 {
            let mut set = ROOT;
            for tag in 0..20 {
                set = sets.with(set, &format!("tag {tag}"), &id.to_string());
            }
            set = sets.with(set, "check", &format!("order {id}"));
            set = sets.with(set, "status", "200");
            assert!(id > 10 || sets.get(set, "status").is_some());
        }
        assert!(sets.len() <= 300, "{}", sets.len());
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
        let set = sets.with(ROOT, "version", "1.0");
        assert_eq!(sets.get(set, "version"), Some("1.0"));
        let left_out = LeftOut {
            tag: "user".into(),
            values: 100,
        };
        assert_eq!(sets.take_left_out(), [left_out]);
    }

    #[test]
    fn a_long_value_is_cut_between_two_characters() {
        let mut sets = TagSets::new(100, Vec::new());
        let set = sets.with(ROOT, "name", &"x".repeat(LONGEST_VALUE));
        assert_eq!(sets.take_cut(), None);
        let value = format!("{}é and more", "x".repeat(LONGEST_VALUE - 1));
        let cut = sets.with(ROOT, "name", &value);
        assert_ne!(cut, set);
        let kept = sets.get(cut, "name").unwrap();
        assert_eq!(kept, &value[..LONGEST_VALUE - 1]);
        assert_eq!(sets.take_cut().as_deref(), Some("name"));
        assert_eq!(sets.with(ROOT, "name", &value), cut);
    }

    #[test]
    fn beyond_the_cap_a_value_that_begins_as_asked_for_still_does() {
        let selectors = ["m{name:/users/*}", "m{!path:/a*}", "m{user:}"];
        let asked: Vec<Selector> = selectors.map(|text| text.parse().unwrap()).into();
        let asked_for = asked.iter().flat_map(|one| one.tags.clone()).collect();
        let mut sets = TagSets::new(2, asked_for);
        for id in 0..100 {
            let mut set = sets.with(ROOT, "name", &format!("/users/{id}"));
            set = sets.with(set, "path", &format!("/a{id}"));
            set = sets.with(set, "user", &id.to_string());
            let holds = |selector: &Selector| selector.matches(|name| sets.get(set, name));
            assert_eq!(
                asked.iter().map(holds).collect::<Vec<_>>(),
                [true, false, false]
            );
            // For the first one there is room.
            let expected = if id == 0 { "/users/0" } else { "/users/*" };
            assert_eq!(sets.get(set, "name"), Some(expected));
        }
        assert!(sets.len() < 10, "{}", sets.len());
    }
}
