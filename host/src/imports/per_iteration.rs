//! What stays in the host for as long as its iteration lasts, at most.

use std::fmt;
use std::marker::PhantomData;

/// Values of the iteration under way. The guest has handles to them, and no say
/// in how long they last: at the end of the iteration all are gone, whatever
/// handles it still holds, since a language that collects garbage drops handles
/// late or never. One whose last handle is dropped before goes then, and its place
/// is the next one's: an iteration may last as long as the run.
#[derive(Debug)]
pub(super) struct PerIteration<T> {
    slots: Vec<Slot<T>>,
    /// The slots that nothing is in.
    free: Vec<usize>,
    /// How many values there have been.
    kept: u64,
}

#[derive(Debug)]
enum Slot<T> {
    Free,
    Taken {
        value: T,
        /// Its number among all values that there have been.
        generation: u64,
        handles: u32,
    },
}

/// Where a value is, for a handle. It never leads to another value that has its
/// slot later.
pub(super) struct Place<T> {
    index: usize,
    generation: u64,
    of: PhantomData<fn() -> T>,
}

impl<T> PerIteration<T> {
    /// Keeps a value, which one handle is made for.
    pub(super) fn keep(&mut self, value: T) -> Place<T> {
        let generation = self.kept;
        self.kept += 1;
        let taken = Slot::Taken {
            value,
            generation,
            handles: 1,
        };
        let index = match self.free.pop() {
            Some(index) => {
                self.slots[index] = taken;
                index
            }
            None => {
                self.slots.push(taken);
                self.slots.len() - 1
            }
        };
        Place {
            index,
            generation,
            of: PhantomData,
        }
    }

    /// The value, if it is still there.
    pub(super) fn get(&mut self, place: Place<T>) -> Option<&mut T> {
        match self.slots.get_mut(place.index)? {
            Slot::Taken {
                value, generation, ..
            } if *generation == place.generation => Some(value),
            Slot::Taken { .. } | Slot::Free => None,
        }
    }

    /// One more handle is made for a value.
    pub(super) fn share(&mut self, place: Place<T>) {
        if let Some(Slot::Taken {
            generation,
            handles,
            ..
        }) = self.slots.get_mut(place.index)
            && *generation == place.generation
        {
            *handles += 1;
        }
    }

    /// A handle was dropped: takes the value out with its last one.
    pub(super) fn release(&mut self, place: Place<T>) -> Option<T> {
        match self.slots.get_mut(place.index)? {
            Slot::Taken {
                generation,
                handles,
                ..
            } if *generation == place.generation => {
                *handles -= 1;
                if *handles > 0 {
                    return None;
                }
            }
            Slot::Taken { .. } | Slot::Free => return None,
        }
        self.take(place)
    }

    /// Takes a value out, whatever handles there are.
    pub(super) fn take(&mut self, place: Place<T>) -> Option<T> {
        self.get(place)?;
        match std::mem::replace(&mut self.slots[place.index], Slot::Free) {
            Slot::Taken { value, .. } => {
                self.free.push(place.index);
                Some(value)
            }
            Slot::Free => None,
        }
    }

    /// Takes all values out: the iteration is over.
    pub(super) fn end_iteration(&mut self) -> impl Iterator<Item = T> {
        self.free.clear();
        self.slots.drain(..).filter_map(|slot| match slot {
            Slot::Taken { value, .. } => Some(value),
            Slot::Free => None,
        })
    }
}

impl<T> Default for PerIteration<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            kept: 0,
        }
    }
}

// Derived, these would want the same of the value.
impl<T> Clone for Place<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Place<T> {}

impl<T> fmt::Debug for Place<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Place")
            .field("index", &self.index)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_goes_with_its_last_handle() {
        let mut values = PerIteration::default();
        let place = values.keep("answer");
        values.share(place);
        assert_eq!(values.release(place), None);
        assert_eq!(values.get(place), Some(&mut "answer"));
        assert_eq!(values.release(place), Some("answer"));
        assert_eq!(values.get(place), None);
        assert_eq!(values.release(place), None);
    }

    #[test]
    fn an_iteration_takes_as_many_slots_as_it_has_values_at_a_time() {
        let mut values = PerIteration::default();
        let first = values.keep(0);
        for number in 1..1_000 {
            let place = values.keep(number);
            assert_eq!(values.release(place), Some(number));
        }
        assert_eq!(values.slots.len(), 2);
        assert_eq!(values.get(first), Some(&mut 0));
    }

    #[test]
    fn a_stale_handle_leads_to_nothing_whoever_has_its_slot() {
        let mut values = PerIteration::default();
        let stale = values.keep("first");
        assert_eq!(values.take(stale), Some("first"));
        let place = values.keep("second");
        assert_eq!(place.index, stale.index);
        values.share(stale);
        assert_eq!(values.get(stale), None);
        assert_eq!(values.take(stale), None);
        assert_eq!(values.release(stale), None);
        assert_eq!(values.release(place), Some("second"));
    }

    #[test]
    fn handles_of_an_iteration_that_is_over_lead_to_nothing() {
        let mut values = PerIteration::default();
        let places = ["one", "two", "three"].map(|value| values.keep(value));
        values.take(places[1]);
        let left: Vec<_> = values.end_iteration().collect();
        assert_eq!(left, ["one", "three"]);
        let next = values.keep("next");
        for place in places {
            assert_eq!(values.get(place), None);
            assert_eq!(values.release(place), None);
        }
        assert_eq!(values.get(next), Some(&mut "next"));
    }
}
