//! Slots of one size in mappings of many.

use std::fs::File;
use std::io;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Guards;
use super::mappings::{Emptying, Mappings, Next, Place, State};
use super::region::{Region, page_size};

/// What a slot is like.
#[derive(Debug)]
pub(super) struct Shape {
    /// Its length in bytes, the guard's included: a multiple of the page's.
    pub(super) len: usize,
    /// How much of it, at its start, nobody may touch: pages, or nothing.
    pub(super) guard: usize,
    /// How many there are in a mapping.
    pub(super) per_mapping: usize,
    /// What a mapping is a private copy of: all its slots, one after another.
    /// `None` for zeros.
    pub(super) content: Option<File>,
}

/// How many slots of such a length are emptied together. Each time interrupts all cores
/// that the process runs on, and many users leave together; of what a large one leaves,
/// little may stay behind.
fn together(len: usize) -> usize {
    const SLOTS: usize = 32;
    const BYTES: usize = 32 << 20;
    (BYTES / len).clamp(1, SLOTS)
}

/// Slots that are taken one by one and come back. They are made as they are
/// needed, a mapping at a time.
#[derive(Debug)]
pub(super) struct Slots {
    shape: Shape,
    guards: Guards,
    mappings: Mutex<Mappings<Region>>,
}

/// A slot that somebody has to himself.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Arc<Slots>,
    region: Arc<Region>,
    place: Place,
}

impl Slots {
    /// # Panics
    ///
    /// When the shape is none: what is given back with a slot would be its neighbour's
    /// if it did not end where a page does.
    pub(super) fn new(shape: Shape, guards: Guards) -> Self {
        assert!(
            shape.len.is_multiple_of(page_size()) && shape.guard.is_multiple_of(page_size()),
            "slots and guards are made of pages"
        );
        assert!(shape.guard < shape.len, "a slot is more than its guard");
        assert!(shape.per_mapping > 0, "a mapping has slots");
        let mappings = Mutex::new(Mappings::new(shape.per_mapping, together(shape.len)));
        Self {
            shape,
            guards,
            mappings,
        }
    }

    /// A slot that reads as at first.
    ///
    /// # Errors
    ///
    /// When the system has no more memory or mappings to give.
    pub(super) fn take(self: &Arc<Self>) -> io::Result<Slot> {
        let taken = self.lock().take(|| self.map())?;
        let slot = Slot {
            slots: Arc::clone(self),
            region: taken.region,
            place: taken.place,
        };
        let start = slot.start();
        let ready = match taken.state {
            State::Empty => Ok(()),
            State::New if self.shape.guard == 0 => Ok(()),
            // SAFETY: it is a part of the slot that nobody is ever told of.
            State::New => unsafe {
                let guard = start..start + self.shape.guard;
                slot.region.guard(guard, self.guards)
            },
            // SAFETY: nobody has the slot yet.
            State::Left => unsafe { slot.region.give_back(start..start + self.shape.len) },
        };
        match ready {
            Ok(()) => Ok(slot),
            // It would be taken for one that is as the others.
            Err(error) => {
                std::mem::forget(slot);
                Err(error)
            }
        }
    }

    /// Gives back what a slot holds below an address of it, but for the last bytes
    /// before that. Whether it is an address of one of these slots.
    ///
    /// # Safety
    ///
    /// Where it is, nobody relies on what the slot holds below the last bytes before it.
    pub(super) unsafe fn give_back_below(&self, address: usize, but: usize) -> bool {
        let found = self.lock().regions().find_map(|region| {
            let offset = region.offset_of(address)?;
            Some((Arc::clone(region), offset))
        });
        let Some((region, offset)) = found else {
            return false;
        };
        let start = offset - offset % self.shape.len + self.shape.guard;
        let end = offset.saturating_sub(but);
        let end = end - end % page_size();
        if start < end {
            // What stays is no worse than before.
            // SAFETY: it is between the slot's guard and what the caller still relies on.
            let _ = unsafe { region.give_back(start..end) };
        }
        true
    }

    fn map(&self) -> io::Result<Region> {
        let len = self.shape.len * self.shape.per_mapping;
        match &self.shape.content {
            Some(content) => Region::private_copy_of(content, len),
            None => Region::anonymous(len),
        }
    }

    /// Takes a slot back. What it holds is given back at once or with that of others, and
    /// before somebody else has it.
    fn put_back(&self, place: Place) {
        // Not while the lock is held: nobody else is to wait for the system.
        let next = self.lock().put_back(place);
        match next {
            Next::Nothing => {}
            Next::Unmap(region) => drop(region),
            Next::Empty(slots) => {
                // Those that could not be emptied are nobody's any more.
                if self.give_back(&slots).is_ok() {
                    let unneeded = self.lock().emptied(slots);
                    drop(unneeded);
                }
            }
        }
    }

    /// Gives back what slots hold, those side by side together, with the guards between
    /// them: these stay.
    fn give_back(&self, slots: &Emptying<Region>) -> io::Result<()> {
        let side_by_side = |one: &usize, next: &usize| one + 1 == *next;
        slots.numbers.chunk_by(side_by_side).try_for_each(|run| {
            let start = run[0] * self.shape.len;
            // SAFETY: nobody has the slots.
            unsafe {
                slots
                    .region
                    .give_back(start..start + run.len() * self.shape.len)
            }
        })
    }

    fn lock(&self) -> MutexGuard<'_, Mappings<Region>> {
        // No code that could panic runs while it is held.
        self.mappings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Where it starts in its mapping.
    fn start(&self) -> usize {
        self.place.number * self.slots.shape.len
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
        self.slots.put_back(self.place);
    }
}

/// What to say of a slot that could not be had, with the way out.
pub(super) fn no_more(error: &io::Error) -> String {
    format!(
        "the system gives no memory for another virtual user: {error}; is there a limit on it \
         (`ulimit -v`, `vm.max_map_count`, `vm.overcommit_memory`)?"
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use rustix::fs::{MemfdFlags, memfd_create};

    use super::*;

    fn slots(len: usize, guard: usize, per_mapping: usize, guards: Guards) -> Arc<Slots> {
        let shape = Shape {
            len: len * page_size(),
            guard: guard * page_size(),
            per_mapping,
            content: None,
        };
        Arc::new(Slots::new(shape, guards))
    }

    /// Slots of two pages, four in a mapping, with content of their own; and the
    /// file's number, by which its mappings are told from all others.
    fn with_content() -> (Arc<Slots>, u64) {
        let len = 2 * page_size();
        let file = File::from(memfd_create("slots", MemfdFlags::CLOEXEC).unwrap());
        file.set_len(4 * len as u64).unwrap();
        let number = file.metadata().unwrap().ino();
        let shape = Shape {
            len,
            guard: 0,
            per_mapping: 4,
            content: Some(file),
        };
        (Arc::new(Slots::new(shape, Guards::Protected)), number)
    }

    /// The mappings of this process, a line for each.
    fn mappings() -> String {
        std::fs::read_to_string("/proc/self/maps").unwrap()
    }

    fn mappings_of_file(number: u64) -> usize {
        let end = format!(" {number} ");
        let is_of_file = |line: &&str| line.contains("/memfd:slots") && line.contains(&end);
        mappings().lines().filter(is_of_file).count()
    }

    /// How many mappings some slots, and their guards, lie in.
    fn mappings_of(slots: &[Slot]) -> usize {
        let end = |slot: &&Slot| slot.base().addr().get() + slot.len();
        let mut slots: Vec<_> = slots.iter().collect();
        slots.sort_by_key(end);
        let holds_one = |line: &&str| {
            let (range, _) = line.split_once(' ').unwrap();
            let (from, to) = range.split_once('-').unwrap();
            let address = |text| usize::from_str_radix(text, 16).unwrap();
            let (from, to) = (address(from), address(to));
            // The first that does not end before the mapping begins.
            let first = slots.partition_point(|slot| end(slot) <= from);
            let start = |slot: &&Slot| slot.base().addr().get() - slot.guard();
            slots.get(first).is_some_and(|slot| start(slot) < to)
        };
        mappings().lines().filter(holds_one).count()
    }

    fn bytes(slot: &Slot) -> &[u8] {
        // SAFETY: a test's own slot, which nobody writes to meanwhile.
        unsafe { std::slice::from_raw_parts(slot.base().as_ptr(), slot.len()) }
    }

    fn fill(slot: &mut Slot, byte: u8) {
        // SAFETY: a test's own slot, which nobody else looks at meanwhile.
        unsafe { slot.base().write_bytes(byte, slot.len()) }
    }

    #[test]
    fn a_slot_that_comes_back_is_the_next_and_nothing_is_left_in_it() {
        let slots = slots(3, 1, 10, Guards::of_this_kernel());
        let mut first = slots.take().unwrap();
        let mut second = slots.take().unwrap();
        let place = first.base();
        fill(&mut first, 7);
        fill(&mut second, 8);
        drop(first);
        let third = slots.take().unwrap();
        assert_eq!(third.base(), place);
        assert!(bytes(&third).iter().all(|&byte| byte == 0));
        assert!(bytes(&second).iter().all(|&byte| byte == 8));
    }

    #[test]
    fn a_mapping_whose_slots_all_came_back_is_unmapped_but_for_the_last_one() {
        let (slots, file) = with_content();
        let mut first: Vec<_> = (0..4).map(|_| slots.take().unwrap()).collect();
        assert_eq!(mappings_of_file(file), 1);
        let second: Vec<_> = (0..4).map(|_| slots.take().unwrap()).collect();
        // They may lie side by side, and still show the same piece of the file.
        assert_eq!(mappings_of_file(file), 2);
        let stays = first.pop();
        drop(first);
        assert_eq!(mappings_of_file(file), 2, "a slot of it is in use");
        drop(second);
        assert_eq!(mappings_of_file(file), 1);
        drop(stays);
        assert_eq!(mappings_of_file(file), 1, "the last one stays");
        let again = slots.take().unwrap();
        assert_eq!(mappings_of_file(file), 1);
        drop(slots);
        assert_eq!(mappings_of_file(file), 1, "a slot keeps its mapping alive");
        drop(again);
        assert_eq!(mappings_of_file(file), 0);
    }

    #[test]
    fn large_slots_are_emptied_fewer_together_and_each_is() {
        const MIB: usize = 1 << 20;
        let lens = [page_size(), MIB, 2 * MIB, 32 * MIB, 64 * MIB];
        assert_eq!(lens.map(together), [32, 32, 16, 1, 1]);
    }

    #[test]
    fn ten_thousand_slots_lie_in_few_mappings() {
        // As large as stacks are, guards included.
        let slots = slots(208, 16, 78, Guards::of_this_kernel());
        let taken: Vec<_> = (0..10_000).map(|_| slots.take().unwrap()).collect();
        let most = match Guards::of_this_kernel() {
            Guards::Lightweight => 129,
            Guards::Protected => 20_129,
        };
        let found = mappings_of(&taken);
        assert!((1..=most).contains(&found), "{found} mappings");
    }

    #[test]
    fn guards_take_as_many_mappings_as_is_said_before_a_run() {
        for guards in [Guards::of_this_kernel(), Guards::Protected] {
            let slots = slots(3, 1, 1000, guards);
            let taken: Vec<_> = (0..100).map(|_| slots.take().unwrap()).collect();
            let said = 100 * usize::try_from(guards.mappings_per_stack()).unwrap();
            let found = mappings_of(&taken);
            assert!((said..=said + 1).contains(&found), "{guards:?}: {found}");
        }
    }

    #[test]
    fn many_threads_at_once_are_never_handed_one_slot_or_what_was_left_in_one() {
        let slots = slots(3, 1, 4, Guards::of_this_kernel());
        std::thread::scope(|scope| {
            for thread in 1..=8_u8 {
                let slots = &slots;
                scope.spawn(move || {
                    for round in 0..200 {
                        let mut own: Vec<_> =
                            (0..round % 7).map(|_| slots.take().unwrap()).collect();
                        for slot in &mut own {
                            assert!(bytes(slot).iter().all(|&byte| byte == 0));
                            fill(slot, thread);
                        }
                        std::thread::yield_now();
                        for slot in &own {
                            assert!(bytes(slot).iter().all(|&byte| byte == thread));
                        }
                    }
                });
            }
        });
    }

    #[test]
    fn what_lies_below_an_address_of_a_slot_is_given_back_and_nothing_else() {
        let slots = slots(9, 1, 10, Guards::of_this_kernel());
        let (before, slot, after) = (slots.take(), slots.take(), slots.take());
        let (mut before, mut slot, mut after) = (before.unwrap(), slot.unwrap(), after.unwrap());
        for slot in [&mut before, &mut slot, &mut after] {
            fill(slot, 7);
        }
        let page = page_size();
        let address = slot.base().addr().get() + 5 * page + 100;
        // SAFETY: a test's own slot, or none.
        assert!(unsafe { slots.give_back_below(address, 2 * page) });
        let (given, kept) = bytes(&slot).split_at(3 * page);
        assert!(given.iter().all(|&byte| byte == 0));
        assert!(kept.iter().all(|&byte| byte == 7));
        // So near to its start, there is nothing below to be given.
        // SAFETY: a test's own slot, or none.
        assert!(unsafe { slots.give_back_below(after.base().addr().get() + page, 2 * page) });
        for slot in [&before, &after] {
            assert!(bytes(slot).iter().all(|&byte| byte == 7));
        }
        let elsewhere = 0_u8;
        // SAFETY: a test's own slot, or none.
        assert!(!unsafe { slots.give_back_below((&raw const elsewhere).addr(), 0) });
    }

    #[test]
    #[should_panic(expected = "made of pages")]
    fn slots_that_would_end_within_a_page_cannot_be_made() {
        let shape = Shape {
            len: page_size() + 1,
            guard: 0,
            per_mapping: 1,
            content: None,
        };
        Slots::new(shape, Guards::Protected);
    }
}
