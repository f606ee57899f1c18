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
    pub(super) state: State,
}

/// What a slot is like that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nobody had it before.
    New,
    /// What somebody left in it was given back.
    Empty,
    /// What somebody left in it is still there.
    Left,
}

/// What is to be done after a slot came back.
#[derive(Debug)]
pub(super) enum Next<R> {
    Nothing,
    /// What is in these slots is to be given back, and [`Mappings::emptied`] to be told.
    /// Nobody has them until then.
    Empty(Emptying<R>),
    /// Nobody needs this mapping any more.
    Unmap(Arc<R>),
}

/// Slots of one mapping that are being emptied.
#[derive(Debug)]
pub(super) struct Emptying<R> {
    pub(super) region: Arc<R>,
    /// In ascending order.
    pub(super) numbers: Vec<usize>,
    mapping: usize,
}

/// Mappings with the same number of slots each.
#[derive(Debug)]
pub(super) struct Mappings<R> {
    per_mapping: usize,
    /// How many slots are emptied together.
    together: usize,
    all: Vec<Option<Mapping<R>>>,
    /// Those with a slot to spare, the one that is used next last.
    open: Vec<usize>,
    /// Places in `all` without a mapping.
    vacant: Vec<usize>,
}

#[derive(Debug)]
struct Mapping<R> {
    region: Arc<R>,
    /// Slots that were emptied, the one that is used next last: the fewer are touched,
    /// the fewer page tables there are.
    empty: Vec<usize>,
    /// Slots that came back and were not emptied yet.
    left: Vec<usize>,
    /// How many were ever used.
    begun: usize,
    /// How many are in use or being emptied.
    taken: usize,
}

impl<R> Mappings<R> {
    pub(super) fn new(per_mapping: usize, together: usize) -> Self {
        Self {
            per_mapping,
            together,
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
        let (number, state) = if let Some(number) = mapping.empty.pop() {
            (number, State::Empty)
        } else if let Some(number) = mapping.left.pop() {
            (number, State::Left)
        } else {
            mapping.begun += 1;
            (mapping.begun - 1, State::New)
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
            state,
        })
    }

    /// Takes a slot back.
    pub(super) fn put_back(&mut self, place: Place) -> Next<R> {
        let Some(Some(mapping)) = self.all.get_mut(place.mapping) else {
            return Next::Nothing;
        };
        mapping.left.push(place.number);
        let has_left_many = mapping.left.len() >= self.together;
        self.spare(place.mapping, 1);
        if let Some(region) = self.unneeded(place.mapping) {
            return Next::Unmap(region);
        }
        let Some(Some(mapping)) = self.all.get_mut(place.mapping) else {
            return Next::Nothing;
        };
        // The last one that came back of all is not kept waiting for others.
        if !has_left_many && mapping.taken > 0 {
            return Next::Nothing;
        }
        let mut numbers = std::mem::take(&mut mapping.left);
        numbers.sort_unstable();
        mapping.taken += numbers.len();
        if mapping.taken == self.per_mapping {
            self.open.retain(|&other| other != place.mapping);
        }
        Next::Empty(Emptying {
            region: Arc::clone(&mapping.region),
            numbers,
            mapping: place.mapping,
        })
    }

    /// The slots were emptied. What is returned is a mapping that nobody needs any more.
    pub(super) fn emptied(&mut self, slots: Emptying<R>) -> Option<Arc<R>> {
        let mapping = self.all.get_mut(slots.mapping)?.as_mut()?;
        let count = slots.numbers.len();
        // The lowest is used next.
        mapping.empty.extend(slots.numbers.into_iter().rev());
        self.spare(slots.mapping, count);
        self.unneeded(slots.mapping)
    }

    /// So many slots of a mapping are to spare again.
    fn spare(&mut self, place: usize, count: usize) {
        let Some(Some(mapping)) = self.all.get_mut(place) else {
            return;
        };
        if mapping.taken == self.per_mapping {
            self.open.push(place);
        }
        mapping.taken -= count;
    }

    /// Takes a mapping out that nobody has a slot of. The last one stays, for what comes
    /// next: page tables are given back with the mapping alone.
    fn unneeded(&mut self, place: usize) -> Option<Arc<R>> {
        let mapping = self.all.get(place)?.as_ref()?;
        if mapping.taken > 0 || self.open.len() == 1 {
            return None;
        }
        self.open.retain(|&other| other != place);
        self.vacant.push(place);
        self.all[place].take().map(|mapping| mapping.region)
    }

    /// All that are there.
    pub(super) fn regions(&self) -> impl Iterator<Item = &Arc<R>> {
        self.all.iter().flatten().map(|mapping| &mapping.region)
    }

    /// Adds a mapping, all of whose slots are to spare.
    fn add(&mut self, region: R) -> usize {
        let mapping = Some(Mapping {
            region: Arc::new(region),
            empty: Vec::new(),
            left: Vec::new(),
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

    const TOGETHER: usize = 32;

    #[test]
    fn where_no_mapping_can_be_made_the_error_is_handed_on_and_the_next_may_be() {
        let mut mappings = Mappings::new(1, TOGETHER);
        let refused = mappings.take(|| Err(io::ErrorKind::OutOfMemory.into()));
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::OutOfMemory);
        assert_eq!(*mappings.take(|| Ok(7)).unwrap().region, 7);
    }

    #[test]
    fn the_slot_that_came_back_last_is_the_next() {
        let mut mappings = Mappings::new(10, TOGETHER);
        let take = |mappings: &mut Mappings<()>| mappings.take(|| Ok(())).unwrap();
        let places: Vec<_> = (0..5).map(|_| take(&mut mappings).place).collect();
        mappings.put_back(places[1]);
        mappings.put_back(places[3]);
        let next = take(&mut mappings);
        assert_eq!((next.place, next.state), (places[3], State::Left));
        assert_eq!(take(&mut mappings).place, places[1]);
        let next = take(&mut mappings);
        assert!(next.state == State::New && !places.contains(&next.place));
    }

    #[test]
    fn slots_are_emptied_many_together_or_when_the_last_comes_back() {
        let mut mappings = Mappings::new(2 * TOGETHER, TOGETHER);
        let places: Vec<_> = (0..2 * TOGETHER)
            .map(|_| mappings.take(|| Ok(())).unwrap().place)
            .collect();
        let mut emptied = Vec::new();
        for &place in places[1..].iter().rev() {
            if let Next::Empty(slots) = mappings.put_back(place) {
                emptied.push(slots.numbers.clone());
                // Nobody has them meanwhile: what is taken is of another mapping.
                let taken = mappings.take(|| Ok(())).unwrap();
                assert!(!Arc::ptr_eq(&taken.region, &slots.region));
                assert!(mappings.emptied(slots).is_none());
                mappings.put_back(taken.place);
            }
        }
        assert_eq!(emptied[0], (TOGETHER..2 * TOGETHER).collect::<Vec<_>>());
        assert_eq!(emptied.len(), 1);
        let next = mappings.put_back(places[0]);
        assert!(!matches!(next, Next::Nothing), "all have come back");
    }

    proptest! {
        /// Numbers stand for what is done: take a slot, or put back one of those
        /// that are had.
        #[test]
        fn nobody_is_handed_what_another_has_and_few_mappings_are_there(
            per_mapping in 1_usize..6,
            steps in vec(any::<Option<usize>>(), 0..300),
        ) {
            let mut mappings = Mappings::new(per_mapping, TOGETHER);
            let mut had: Vec<Taken<usize>> = Vec::new();
            let mut made = 0;
            let mut there = HashSet::new();
            let mut seen = HashSet::new();
            for step in steps {
                match step {
                    Some(which) if !had.is_empty() => {
                        let slot = had.swap_remove(which % had.len());
                        let unmapped = match mappings.put_back(slot.place) {
                            Next::Nothing => None,
                            Next::Unmap(region) => Some(region),
                            Next::Empty(slots) => {
                                prop_assert!(Arc::ptr_eq(&slots.region, &slot.region));
                                mappings.emptied(slots)
                            }
                        };
                        if let Some(region) = unmapped {
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
                        prop_assert_eq!(slot.state == State::New, is_new);
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
