//! Linear memories of guests.

use std::fs::File;
use std::io;
use std::sync::{Arc, OnceLock};

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use super::initial::most_of_a_file;
use super::region::{copy_what_is_there, page_size};
use super::slots::{Shape, Slot, Slots, no_more};
use super::{Guards, InitialMemory};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// What a memory may at least grow by before it has to move.
const ROOM: usize = 128 * KIB;

/// How long a mapping of slots is, about: long enough that there are few.
const MAPPING: usize = 64 * MIB;

/// How much the file may take that slots are copies of. It is there once, whatever the
/// number of VUs; the more slots it has, the fewer mappings there are: 100,000 of
/// 256 KiB take 1,563.
const FILE: usize = 16 * MIB;

/// The classes of slots: from 128 KiB, four for each doubling, to 1 GiB.
const CLASSES: usize = 4 * 13 + 1;

/// Makes the memories of one component's instances, to be handed to wasmtime. To be
/// used with explicit bounds checks alone: `memory_reservation(0)` and
/// `memory_guard_size(0)`.
#[derive(Debug)]
pub struct Memories {
    initial: Option<Initialised>,
    classes: Arc<Classes>,
}

/// Slots of what starts with content of its own.
#[derive(Debug)]
struct Initialised {
    /// How long the memory is that has it, in bytes.
    minimum: usize,
    slots: Arc<Slots>,
}

/// Slots of zeros, each class when it is first asked for.
#[derive(Debug)]
struct Classes([OnceLock<Arc<Slots>>; CLASSES]);

impl Memories {
    /// Of a component one of whose memories has this content, which its own code does
    /// not write there.
    ///
    /// # Errors
    ///
    /// When the system has no room for the content.
    pub fn new(initial: Option<&InitialMemory>) -> io::Result<Self> {
        Ok(Self {
            initial: initial.map(Initialised::new).transpose()?,
            classes: Arc::new(Classes([const { OnceLock::new() }; CLASSES])),
        })
    }

    /// How many of the mappings that a process may have a memory takes that has so
    /// many bytes at first, of a component with such content, until it outgrows its
    /// slot. One that is refused takes none.
    #[must_use]
    pub fn mappings_per_memory(initial: Option<&InitialMemory>, minimum: usize) -> f64 {
        let slots = Self::slots_for(initial, minimum);
        slots.map_or(0.0, |(_, per_mapping)| 1.0 / per_mapping as f64)
    }

    /// How much address space such a memory takes: its slot.
    #[must_use]
    pub fn address_space_per_memory(initial: Option<&InitialMemory>, minimum: usize) -> usize {
        Self::slots_for(initial, minimum).map_or(0, |(len, _)| len)
    }

    /// How long slots are for such a memory, and how many are in a mapping.
    fn slots_for(
        initial: Option<&InitialMemory>,
        minimum: usize,
    ) -> Result<(usize, usize), String> {
        match initial {
            Some(initial) if initial.minimum() == minimum => Initialised::slots(minimum),
            _ => {
                let len = len_of(class_of(with_room(minimum))?);
                Ok((len, per_mapping(len)))
            }
        }
    }
}

impl Initialised {
    fn new(memory: &InitialMemory) -> io::Result<Self> {
        let minimum = memory.minimum();
        let (len, per_mapping) = Self::slots(minimum).map_err(io::Error::other)?;
        Ok(Self {
            minimum,
            slots: slots(len, per_mapping, Some(memory.file(len, per_mapping)?)),
        })
    }

    /// How long slots are for a memory of so many bytes, and how many are in a mapping.
    fn slots(minimum: usize) -> Result<(usize, usize), String> {
        // Who starts with much grows by much.
        let room = ROOM.max(minimum / 2);
        let len = len_of(class_of(minimum + room)?);
        // A file that is larger than it may be ends the process.
        match most_of_a_file() / len {
            0 => Err(format!(
                "files of this process may not have the {len} bytes that a memory starts with: \
                 raise the limit on them (`ulimit -f`)"
            )),
            most => Ok((len, (FILE / len).clamp(2, 256).min(most))),
        }
    }
}

impl Classes {
    /// A slot of at least so many bytes.
    fn take(&self, len: usize) -> Result<Slot, String> {
        let class = class_of(len)?;
        let len = len_of(class);
        taken(self.0[class].get_or_init(|| slots(len, per_mapping(len), None)))
    }
}

/// How many slots of zeros of a length are in a mapping.
fn per_mapping(len: usize) -> usize {
    (MAPPING / len).max(1)
}

/// What a memory of so many bytes without content of its own is to have.
fn with_room(minimum: usize) -> usize {
    minimum.saturating_add(ROOM.min(minimum))
}

fn slots(len: usize, per_mapping: usize, content: Option<File>) -> Arc<Slots> {
    let shape = Shape {
        len,
        guard: 0,
        per_mapping,
        content,
    };
    Arc::new(Slots::new(shape, Guards::of_this_kernel()))
}

fn taken(slots: &Arc<Slots>) -> Result<Slot, String> {
    slots.take().map_err(|error| no_more(&error))
}

/// The smallest class with slots of at least so many bytes.
fn class_of(len: usize) -> Result<usize, String> {
    (0..CLASSES)
        .find(|&class| len_of(class) >= len)
        .ok_or_else(|| format!("no memory may have {len} bytes"))
}

/// How long the slots of a class are: four, five, six and seven quarters of 128 KiB,
/// of 256 KiB, and so on; whole pages, also where those have 64 KiB.
fn len_of(class: usize) -> usize {
    (((32 * KIB) << (class / 4)) * (4 + class % 4)).next_multiple_of(page_size())
}

// SAFETY: a memory is zero, or has the content that the component would write there
// itself; it is as long as was asked for, no other's, and moves only when it grows
// beyond its capacity. Nothing relies on a guard: none was asked for.
unsafe impl MemoryCreator for Memories {
    fn new_memory(
        &self,
        _: MemoryType,
        minimum: usize,
        _: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        if guard != 0 || reserved != Some(0) {
            return Err("a memory in a slot has neither a guard nor a reservation".to_owned());
        }
        let slot = match &self.initial {
            Some(initial) if initial.minimum == minimum => taken(&initial.slots)?,
            _ => self.classes.take(with_room(minimum))?,
        };
        Ok(Box::new(Memory {
            slot,
            len: minimum,
            classes: Arc::clone(&self.classes),
        }))
    }
}

/// A memory in a slot, which moves to a larger one when it has outgrown it.
struct Memory {
    slot: Slot,
    len: usize,
    classes: Arc<Classes>,
}

// SAFETY: the slot is this memory's alone, all of it may be touched, and `len` never
// exceeds its length.
unsafe impl LinearMemory for Memory {
    fn byte_size(&self) -> usize {
        self.len
    }

    fn byte_capacity(&self) -> usize {
        self.slot.len()
    }

    fn grow_to(&mut self, len: usize) -> wasmtime::Result<()> {
        if len > self.slot.len() {
            // Who grows grows on: by a quarter at least, so that what is copied in
            // the end is some times of what is there.
            let slot = self
                .classes
                .take(len.saturating_add(len / 4))
                .map_err(wasmtime::Error::msg)?;
            // SAFETY: both slots are this memory's, the new one is untouched, and its
            // length is more than that of the old.
            unsafe { copy_what_is_there(self.slot.base(), slot.base(), self.len) };
            self.slot = slot;
        }
        self.len = len;
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.slot.base().as_ptr()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn memories(initial: Option<&InitialMemory>) -> Memories {
        Memories::new(initial).unwrap()
    }

    fn memory(memories: &Memories, minimum: usize) -> Box<dyn LinearMemory> {
        memories
            .new_memory(MemoryType::new(1, None), minimum, None, Some(0), 0)
            .unwrap()
    }

    fn bytes(memory: &dyn LinearMemory) -> &[u8] {
        // SAFETY: a test's own memory, which nobody writes to meanwhile.
        unsafe { std::slice::from_raw_parts(memory.as_ptr(), memory.byte_size()) }
    }

    fn bytes_mut(memory: &mut dyn LinearMemory) -> &mut [u8] {
        // SAFETY: a test's own memory, which nobody else looks at meanwhile.
        unsafe { std::slice::from_raw_parts_mut(memory.as_ptr(), memory.byte_size()) }
    }

    #[test]
    fn classes_are_at_most_a_quarter_larger_than_what_is_asked_for() {
        assert_eq!(len_of(0), 128 * KIB);
        for len in [128 * KIB + 1, 200 * KIB, MIB, 17 * 64 * KIB, 300 * MIB] {
            let found = len_of(class_of(len).unwrap());
            assert!(found >= len && found * 4 <= len * 5, "{len} in {found}");
            assert_eq!(found % (32 * KIB), 0);
        }
        assert!(class_of(usize::MAX).is_err());
        assert_eq!(len_of(CLASSES - 1), 1024 * MIB);
    }

    #[test]
    fn a_memory_that_comes_after_another_finds_nothing_of_it() {
        let memories = memories(None);
        let mut first = memory(&memories, 64 * KIB);
        let place = first.as_ptr();
        bytes_mut(&mut *first).fill(7);
        drop(first);
        let second = memory(&memories, 64 * KIB);
        assert_eq!(second.as_ptr(), place, "the slot is used again");
        assert!(bytes(&*second).iter().all(|&byte| byte == 0));
    }

    #[test]
    fn initial_content_is_shared_until_it_is_written_to_and_back_for_the_next() {
        let segments = vec![(10, b"first".to_vec()), (12, b"RST".to_vec())];
        let initial = InitialMemory::new(128 * KIB, segments);
        let memories = memories(initial.as_ref());
        let of_others = memory(&memories, 64 * KIB);
        assert_eq!(bytes(&*of_others)[10..15], [0; 5]);
        // More than are in a mapping.
        let mut all: Vec<_> = (0..300).map(|_| memory(&memories, 128 * KIB)).collect();
        for (number, memory) in all.iter_mut().enumerate() {
            let bytes = bytes_mut(&mut **memory);
            assert_eq!(&bytes[10..15], b"fiRST");
            bytes[10] = u8::try_from(number % 200).unwrap();
            bytes[100_000] = 1;
        }
        for (number, memory) in all.iter().enumerate() {
            assert_eq!(usize::from(bytes(&**memory)[10]), number % 200);
        }
        all.truncate(10);
        all.extend((0..300).map(|_| memory(&memories, 128 * KIB)));
        for memory in &all[10..] {
            assert_eq!(&bytes(&**memory)[10..15], b"fiRST");
            assert_eq!(bytes(&**memory)[100_000], 0);
        }
    }

    #[test]
    fn a_memory_that_outgrows_its_slot_moves_with_what_it_holds() {
        let memories = memories(None);
        let mut memory = memory(&memories, 128 * KIB);
        let place = memory.as_ptr();
        bytes_mut(&mut *memory)[100 * KIB] = 3;
        let capacity = memory.byte_capacity();
        assert!(capacity >= 256 * KIB);
        memory.grow_to(capacity).unwrap();
        assert_eq!(memory.as_ptr(), place, "up to its capacity it stays");
        bytes_mut(&mut *memory)[capacity - 1] = 4;
        memory.grow_to(capacity + 64 * KIB).unwrap();
        assert_ne!(memory.as_ptr(), place);
        let bytes = bytes(&*memory);
        assert_eq!((bytes[100 * KIB], bytes[capacity - 1]), (3, 4));
        assert!(bytes[capacity..].iter().all(|&byte| byte == 0));
    }

    #[test]
    fn content_moves_along_with_a_memory_that_outgrows_its_slot() {
        let at_the_end = 128 * KIB - 3;
        let segments = vec![(0, b"first".to_vec()), (at_the_end, b"end".to_vec())];
        let initial = InitialMemory::new(128 * KIB, segments);
        let memories = memories(initial.as_ref());
        let mut memory = memory(&memories, 128 * KIB);
        bytes_mut(&mut *memory)[2] = b'R';
        memory.grow_to(10 * MIB).unwrap();
        let bytes = bytes(&*memory);
        assert_eq!(&bytes[..5], b"fiRst");
        assert!(bytes[5..at_the_end].iter().all(|&byte| byte == 0));
        assert_eq!(&bytes[at_the_end..128 * KIB], b"end");
        assert!(bytes[128 * KIB..].iter().all(|&byte| byte == 0));
    }

    #[test]
    fn a_memory_with_the_most_content_there_may_be_has_a_slot_with_room() {
        let minimum = 512 * MIB;
        let initial = InitialMemory::new(minimum, vec![(minimum - 3, b"end".to_vec())]);
        let memories = memories(Some(&initial.unwrap()));
        let memory = memory(&memories, minimum);
        assert!(memory.byte_capacity() >= minimum + ROOM);
        assert_eq!(&bytes(&*memory)[minimum - 3..], b"end");
    }

    #[test]
    fn what_no_class_is_large_enough_for_is_refused_in_words() {
        let memories = memories(None);
        let refused = |minimum| {
            memories
                .new_memory(MemoryType::new(1, None), minimum, None, Some(0), 0)
                .err()
                .unwrap()
        };
        assert_eq!(refused(4 << 30), "no memory may have 4295098368 bytes");
        // One that would not be large if it overflowed.
        assert!(refused(usize::MAX - 64 * KIB + 1).starts_with("no memory may have"));
        let mut memory = memory(&memories, 64 * KIB);
        bytes_mut(&mut *memory)[0] = 1;
        for len in [2 << 30, usize::MAX - 64 * KIB + 1] {
            assert!(memory.grow_to(len).is_err());
            assert_eq!((memory.byte_size(), bytes(&*memory)[0]), (64 * KIB, 1));
        }
    }

    #[test]
    fn what_relies_on_more_than_a_slot_has_is_refused() {
        let memories = memories(None);
        for (reserved, guard) in [(Some(0), 65536), (Some(65536), 0), (None, 0)] {
            let memory =
                memories.new_memory(MemoryType::new(1, None), 65536, None, reserved, guard);
            assert!(memory.is_err());
        }
    }
}
