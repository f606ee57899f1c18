//! Which slots of which mappings somebody has, and which one comes next. It knows
//! of no memory: what a mapping is, is its owner's business.

use std::io;
use std::sync::Arc;

/// Which mapping, and which slot of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    mapping: usize,
    pub(super) number: usize,
}

/// A slot that was nobody's.
#[derive(Debug)]
pub(super) struct Taken<R> {
    pub(super) place: Place,
    pub(super) region: Arc<R>,
    /// Nobody had it before.
    pub(super) is_new: bool,
}

/// Mappings with the same number of slots each.
#[derive(Debug)]
pub(super) struct Mappings<R> {
    per_mapping: usize,
    all: Vec<Option<Mapping<R>>>,
    /// Those with a slot to spare, the one that is used next last.
    open: Vec<usize>,
    /// Places in `all` without a mapping.
    vacant: Vec<usize>,
}

#[derive(Debug)]
struct Mapping<R> {
    region: Arc<R>,
    /// Slots that came back, the one that is used next last: the fewer are touched,
    /// the fewer page tables there are.
    free: Vec<usize>,
    /// How many were ever used.
    begun: usize,
    taken: usize,
}

impl<R> Mappings<R> {
    pub(super) fn new(per_mapping: usize) -> Self {
        Self {
            per_mapping,
            all: Vec::new(),
            open: Vec::new(),
            vacant: Vec::new(),
        }
    }

    /// A slot, of a mapping that is made where none has one to spare.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub(super) fn take(&mut self, map: impl FnOnce() -> io::Result<R>) -> io::Result<Taken<R>> {
        let place = match self.open.last() {
            Some(&place) => place,
            None => self.add(map()?),
        };
        let Some(Some(mapping)) = self.all.get_mut(place) else {
            unreachable!("a mapping with slots to spare is there");
        };
        let (number, is_new) = match mapping.free.pop() {
            Some(number) => (number, false),
            None => {
                mapping.begun += 1;
                (mapping.begun - 1, true)
            }
        };
        mapping.taken += 1;
        if mapping.taken == self.per_mapping {
            self.open.pop();
        }
        Ok(Taken {
            place: Place {
                mapping: place,
                number,
            },
            region: Arc::clone(&mapping.region),
            is_new,
        })
    }

    /// Takes a slot back. What is returned is a mapping that nobody needs any more.
    pub(super) fn put_back(&mut self, place: Place) -> Option<Arc<R>> {
        let mapping = self.all.get_mut(place.mapping)?.as_mut()?;
        mapping.free.push(place.number);
        mapping.taken -= 1;
        if mapping.taken + 1 == self.per_mapping {
            self.open.push(place.mapping);
        }
        // The last one stays, for what comes next: page tables are given back with
        // the mapping alone.
        if mapping.taken > 0 || self.open.len() == 1 {
            return None;
        }
        self.open.retain(|&other| other != place.mapping);
        self.vacant.push(place.mapping);
        self.all[place.mapping].take().map(|mapping| mapping.region)
    }

    /// All that are there.
    pub(super) fn regions(&self) -> impl Iterator<Item = &Arc<R>> {
        self.all.iter().flatten().map(|mapping| &mapping.region)
    }

    /// Adds a mapping, all of whose slots are to spare.
    fn add(&mut self, region: R) -> usize {
        let mapping = Some(Mapping {
            region: Arc::new(region),
            free: Vec::new(),
            begun: 0,
            taken: 0,
        });
        let place = self.vacant.pop().unwrap_or_else(|| {
            self.all.push(None);
            self.all.len() - 1
        });
        self.all[place] = mapping;
        self.open.push(place);
        place
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn where_no_mapping_can_be_made_the_error_is_handed_on_and_the_next_may_be() {
        let mut mappings = Mappings::new(1);
        let refused = mappings.take(|| Err(io::ErrorKind::OutOfMemory.into()));
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::OutOfMemory);
        assert_eq!(*mappings.take(|| Ok(7)).unwrap().region, 7);
    }

    #[test]
    fn the_slot_that_came_back_last_is_the_next() {
        let mut mappings = Mappings::new(10);
        let take = |mappings: &mut Mappings<()>| mappings.take(|| Ok(())).unwrap();
        let places: Vec<_> = (0..5).map(|_| take(&mut mappings).place).collect();
        mappings.put_back(places[1]);
        mappings.put_back(places[3]);
        let next = take(&mut mappings);
        assert_eq!((next.place, next.is_new), (places[3], false));
        assert_eq!(take(&mut mappings).place, places[1]);
        let next = take(&mut mappings);
        assert!(next.is_new && !places.contains(&next.place));
    }

    proptest! {
        /// Numbers stand for what is done: take a slot, or put back one of those
        /// that are had.
        #[test]
        fn nobody_is_handed_what_another_has_and_few_mappings_are_there(
            per_mapping in 1_usize..6,
            steps in vec(any::<Option<usize>>(), 0..300),
        ) {
            let mut mappings = Mappings::new(per_mapping);
            let mut had: Vec<Taken<usize>> = Vec::new();
            let mut made = 0;
            let mut there = HashSet::new();
            let mut seen = HashSet::new();
            for step in steps {
                match step {
                    Some(which) if !had.is_empty() => {
                        let slot = had.swap_remove(which % had.len());
                        if let Some(region) = mappings.put_back(slot.place) {
                            prop_assert!(Arc::ptr_eq(&region, &slot.region));
                            prop_assert!(there.remove(&*region), "it was there");
                        }
                    }
                    _ => {
                        let slot = mappings.take(|| {
                            made += 1;
                            Ok(made)
                        });
                        let slot = slot.unwrap();
                        there.insert(*slot.region);
                        prop_assert!(slot.place.number < per_mapping);
                        let is_new = seen.insert((*slot.region, slot.place.number));
                        prop_assert_eq!(slot.is_new, is_new);
                        had.push(slot);
                    }
                }
                let mut in_use = HashMap::<_, HashSet<_>>::new();
                for slot in &had {
                    let numbers = in_use.entry(*slot.region).or_default();
                    prop_assert!(numbers.insert(slot.place.number), "two have one slot");
                }
                prop_assert!(in_use.keys().all(|region| there.contains(region)));
                prop_assert!(there.len() <= in_use.len() + 1, "one is kept, and no more");
            }
        }
    }
}
