//! Linear memories of guests.

use std::fs::File;
use std::io;
use std::sync::{Arc, OnceLock};

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use super::region::copy_what_is_there;
use super::slots::{Shape, Slot, Slots, no_more};
use super::{Guards, InitialMemory};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// What a memory may at least grow by before it has to move.
const ROOM: usize = 128 * KIB;

/// How long a mapping of slots is, about: long enough that there are few.
const MAPPING: usize = 1024 * MIB;

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
}

impl Initialised {
    fn new(memory: &InitialMemory) -> io::Result<Self> {
        // Who starts with much grows by much.
        let room = ROOM.max(memory.minimum / 2);
        let len = len_of(class_of(memory.minimum + room));
        let per_mapping = (FILE / len).clamp(2, 256);
        Ok(Self {
            minimum: memory.minimum,
            slots: slots(len, per_mapping, Some(memory.file(len, per_mapping)?)),
        })
    }
}

impl Classes {
    /// A slot of at least so many bytes.
    fn take(&self, len: usize) -> Result<Slot, String> {
        let class = class_of(len);
        let Some(made) = self.0.get(class) else {
            return Err(format!("no memory may have {len} bytes"));
        };
        let len = len_of(class);
        taken(made.get_or_init(|| slots(len, (MAPPING / len).max(1), None)))
    }
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
fn class_of(len: usize) -> usize {
    (0..CLASSES)
        .find(|&class| len_of(class) >= len)
        .unwrap_or(CLASSES)
}

/// How long the slots of a class are: four, five, six and seven quarters of 128 KiB,
/// of 256 KiB, and so on.
fn len_of(class: usize) -> usize {
    ((32 * KIB) << (class / 4)) * (4 + class % 4)
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
            _ => self.classes.take(minimum + ROOM.min(minimum))?,
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
                .take(len + len / 4)
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

    fn bytes(memory: &dyn LinearMemory) -> &mut [u8] {
        // SAFETY: a test's own memory, which nobody else looks at meanwhile.
        unsafe { std::slice::from_raw_parts_mut(memory.as_ptr(), memory.byte_size()) }
    }

    #[test]
    fn classes_are_at_most_a_quarter_larger_than_what_is_asked_for() {
        assert_eq!(len_of(0), 128 * KIB);
        for len in [128 * KIB + 1, 200 * KIB, MIB, 17 * 64 * KIB, 300 * MIB] {
            let found = len_of(class_of(len));
            assert!(found >= len && found * 4 <= len * 5, "{len} in {found}");
            assert_eq!(found % (32 * KIB), 0);
        }
        assert_eq!(class_of(usize::MAX), CLASSES);
        assert_eq!(len_of(CLASSES - 1), 1024 * MIB);
    }

    #[test]
    fn a_memory_that_comes_after_another_finds_nothing_of_it() {
        let memories = memories(None);
        let first = memory(&memories, 64 * KIB);
        let place = first.as_ptr();
        bytes(&*first).fill(7);
        drop(first);
        let second = memory(&memories, 64 * KIB);
        assert_eq!(second.as_ptr(), place, "the slot is used again");
        assert!(bytes(&*second).iter().all(|&byte| byte == 0));
    }

    #[test]
    fn initial_content_is_shared_until_it_is_written_to_and_back_for_the_next() {
        let initial = InitialMemory {
            minimum: 128 * KIB,
            segments: vec![(10, b"first".to_vec()), (12, b"RST".to_vec())],
        };
        let memories = memories(Some(&initial));
        let of_others = memory(&memories, 64 * KIB);
        assert_eq!(bytes(&*of_others)[10..15], [0; 5]);
        // More than are in a mapping.
        let mut all: Vec<_> = (0..300).map(|_| memory(&memories, 128 * KIB)).collect();
        for (number, memory) in all.iter().enumerate() {
            let bytes = bytes(&**memory);
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
        bytes(&*memory)[100 * KIB] = 3;
        let capacity = memory.byte_capacity();
        assert!(capacity >= 256 * KIB);
        memory.grow_to(capacity).unwrap();
        assert_eq!(memory.as_ptr(), place, "up to its capacity it stays");
        bytes(&*memory)[capacity - 1] = 4;
        memory.grow_to(capacity + 64 * KIB).unwrap();
        assert_ne!(memory.as_ptr(), place);
        let bytes = bytes(&*memory);
        assert_eq!((bytes[100 * KIB], bytes[capacity - 1]), (3, 4));
        assert!(bytes[capacity..].iter().all(|&byte| byte == 0));
    }

    #[test]
    fn what_no_class_is_large_enough_for_is_refused_in_words() {
        let refused = memories(None)
            .new_memory(MemoryType::new(1, None), 4 << 30, None, Some(0), 0)
            .err();
        assert_eq!(refused.unwrap(), "no memory may have 4295098368 bytes");
    }
}
