//! Slots of one size in mappings of many.

use std::fs::File;
use std::io;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Guards;
use super::region::Region;

/// What a slot is like.
#[derive(Debug)]
pub(super) struct Shape {
    /// Its length in bytes, the guard's included: a multiple of the page's.
    pub(super) len: usize,
    /// How much of it, at its start, nobody may touch.
    pub(super) guard: usize,
    /// How many there are in a mapping.
    pub(super) per_mapping: usize,
    /// What a mapping is a private copy of: all its slots, one after another.
    /// `None` for zeros.
    pub(super) content: Option<File>,
}

/// Slots that are taken one by one and come back. They are made as they are
/// needed, a mapping at a time.
#[derive(Debug)]
pub(super) struct Slots {
    shape: Shape,
    guards: Guards,
    mappings: Mutex<Mappings>,
}

#[derive(Debug, Default)]
struct Mappings {
    all: Vec<Option<Mapping>>,
    /// Those with a slot to spare, the one that is used next last.
    open: Vec<usize>,
    /// Places in `all` without a mapping.
    vacant: Vec<usize>,
}

#[derive(Debug)]
struct Mapping {
    region: Arc<Region>,
    /// Slots that came back, the one that is used next last: the fewer are touched,
    /// the fewer page tables there are.
    free: Vec<usize>,
    /// How many were ever used: those from here on have no guard yet.
    begun: usize,
    taken: usize,
}

/// A slot that somebody has to himself.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Arc<Slots>,
    region: Arc<Region>,
    /// Which mapping, and which slot of it.
    mapping: usize,
    number: usize,
}

impl Slots {
    pub(super) fn new(shape: Shape, guards: Guards) -> Self {
        debug_assert!(shape.guard < shape.len && shape.per_mapping > 0);
        Self {
            shape,
            guards,
            mappings: Mutex::default(),
        }
    }

    /// A slot that reads as at first.
    ///
    /// # Errors
    ///
    /// When the system has no more memory or mappings to give.
    pub(super) fn take(self: &Arc<Self>) -> io::Result<Slot> {
        let mut mappings = self.lock();
        let place = match mappings.open.last() {
            Some(&place) => place,
            None => mappings.add(self.map()?),
        };
        let Mappings { all, open, .. } = &mut *mappings;
        let Some(Some(mapping)) = all.get_mut(place) else {
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
        if mapping.taken == self.shape.per_mapping {
            open.pop();
        }
        let slot = Slot {
            slots: Arc::clone(self),
            region: Arc::clone(&mapping.region),
            mapping: place,
            number,
        };
        drop(mappings);
        if is_new && self.shape.guard > 0 {
            let start = slot.start();
            // Where it fails the slot goes back without a guard, and would be taken
            // for one that has it.
            if let Err(error) = slot
                .region
                .guard(start..start + self.shape.guard, self.guards)
            {
                std::mem::forget(slot);
                return Err(error);
            }
        }
        Ok(slot)
    }

    fn map(&self) -> io::Result<Region> {
        let len = self.shape.len * self.shape.per_mapping;
        match &self.shape.content {
            Some(content) => Region::private_copy_of(content, len),
            None => Region::anonymous(len),
        }
    }

    /// Takes a slot back whose memory was given back.
    fn put_back(&self, place: usize, number: usize) {
        let mut mappings = self.lock();
        let Mappings { all, open, vacant } = &mut *mappings;
        let Some(Some(mapping)) = all.get_mut(place) else {
            return;
        };
        mapping.free.push(number);
        mapping.taken -= 1;
        if mapping.taken + 1 == self.shape.per_mapping {
            open.push(place);
        }
        // The last one stays, for what comes next: page tables are given back with
        // the mapping alone.
        if mapping.taken == 0 && open.len() > 1 {
            open.retain(|&other| other != place);
            vacant.push(place);
            let emptied = all[place].take();
            drop(mappings);
            drop(emptied);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Mappings> {
        // No code that could panic runs while it is held.
        self.mappings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mappings {
    /// Adds a mapping, all of whose slots are to spare.
    fn add(&mut self, region: Region) -> usize {
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

impl Slot {
    /// Where it starts in its mapping.
    fn start(&self) -> usize {
        self.number * self.slots.shape.len
    }

    /// The first byte that may be touched.
    pub(super) fn base(&self) -> NonNull<u8> {
        self.region.at(self.start() + self.slots.shape.guard)
    }

    /// How many bytes may be touched from there.
    pub(super) fn len(&self) -> usize {
        self.slots.shape.len - self.slots.shape.guard
    }

    /// How many bytes before that may not be.
    pub(super) fn guard(&self) -> usize {
        self.slots.shape.guard
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let start = self.start() + self.slots.shape.guard;
        // One that could not be emptied is nobody's any more.
        if self.region.give_back(start..start + self.len()).is_ok() {
            self.slots.put_back(self.mapping, self.number);
        }
    }
}

/// What to say of a slot that could not be had, with the way out.
pub(super) fn no_more(error: &io::Error) -> String {
    format!(
        "the system gives no memory for another virtual user: {error}; is there a limit on it \
         (`ulimit -v`, `vm.max_map_count`, `vm.overcommit_memory`)?"
    )
}
