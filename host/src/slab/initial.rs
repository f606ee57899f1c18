//! What a memory is initialised with, kept so that many memories share it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

/// The most that a memory with content of its own may have at first, so that there
/// are slots for it with room to grow.
const MOST: usize = 512 << 20;

/// How much is written at a time: a page of most systems.
const PAGE: usize = 4096;

/// What a memory of a guest holds before its first instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitialMemory {
    minimum: usize,
    segments: Vec<(usize, Vec<u8>)>,
}

impl InitialMemory {
    /// Of a memory that has so many bytes at first, which tells it from the guest's
    /// others, and of what is not zero in it: where it is, and what. What comes later
    /// is laid over what came before.
    ///
    /// `None` where a segment is not within the memory, or where there is no slot for
    /// it: it is then left to the component to say so.
    #[must_use]
    pub fn new(minimum: usize, segments: Vec<(usize, Vec<u8>)>) -> Option<Self> {
        let within = |(offset, bytes): &(usize, Vec<u8>)| {
            offset
                .checked_add(bytes.len())
                .is_some_and(|end| end <= minimum)
        };
        let is_possible = minimum <= MOST && segments.iter().all(within);
        is_possible.then_some(Self { minimum, segments })
    }

    /// How many bytes the memory has at first.
    #[must_use]
    pub fn minimum(&self) -> usize {
        self.minimum
    }

    /// A file in memory with the content of so many slots of such a length, one after
    /// another.
    ///
    /// Why more than one: mappings of the same file are one mapping only where what
    /// they show is one piece of it.
    pub(super) fn file(&self, slot: usize, slots: usize) -> io::Result<File> {
        assert!(self.minimum <= slot, "a slot has room for its content");
        let file = memory_file()?;
        file.set_len((slot * slots) as u64)?;
        let content = self.content();
        for number in 0..slots {
            for (page, bytes) in content.chunks(PAGE).enumerate() {
                // Zeros are there without being written, and without taking memory.
                if bytes.iter().any(|&byte| byte != 0) {
                    file.write_all_at(bytes, (number * slot + page * PAGE) as u64)?;
                }
            }
        }
        Ok(file)
    }

    /// The memory's bytes, as far as there are some.
    fn content(&self) -> Vec<u8> {
        let end = |(offset, bytes): &(usize, Vec<u8>)| offset + bytes.len();
        let mut content = vec![0; self.segments.iter().map(end).max().unwrap_or(0)];
        for (offset, bytes) in &self.segments {
            content[*offset..offset + bytes.len()].copy_from_slice(bytes);
        }
        content
    }
}

/// An empty file in memory. Where the system allows none that could be executed
/// (`vm.memfd_noexec`), it is one that can not; before Linux 6.3 nobody asked.
fn memory_file() -> io::Result<File> {
    const NAME: &str = "vuelo-initial-memory";
    let flags = MemfdFlags::CLOEXEC;
    let made = match memfd_create(NAME, flags | MemfdFlags::NOEXEC_SEAL) {
        Err(Errno::INVAL) => memfd_create(NAME, flags),
        made => made,
    };
    Ok(File::from(made?))
}

/// How many bytes a file of this process may have, also one in memory.
pub(super) fn most_of_a_file() -> usize {
    let limit = getrlimit(Resource::Fsize).current;
    limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_of_the_file_has_the_content_and_ends_where_the_next_begins() {
        let segments = vec![
            (0, b"begin".to_vec()),
            (3, b"--".to_vec()),
            (97, b"end".to_vec()),
        ];
        let file = InitialMemory::new(100, segments).unwrap().file(100, 3);
        let mut content = [0; 301];
        assert_eq!(file.unwrap().read_at(&mut content, 0).unwrap(), 300);
        for slot in content[..300].chunks(100) {
            assert_eq!((&slot[..5], &slot[97..]), (&b"beg--"[..], &b"end"[..]));
            assert!(slot[5..97].iter().all(|&byte| byte == 0));
        }
    }

    #[test]
    fn what_is_not_within_the_memory_is_no_content_of_it() {
        let is_one = |minimum, offset, len| {
            InitialMemory::new(minimum, vec![(0, vec![1]), (offset, vec![1; len])]).is_some()
        };
        assert!(is_one(100, 97, 3));
        assert!(is_one(100, 100, 0));
        assert!(!is_one(100, 98, 3));
        assert!(!is_one(100, 101, 0));
        assert!(!is_one(100, usize::MAX, 1));
        assert!(is_one(MOST, MOST - 1, 1));
        assert!(!is_one(MOST + 1, 0, 1));
    }
}
