//! What a memory is initialised with, kept so that many memories share it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use rustix::fs::{MemfdFlags, memfd_create};

/// What a memory of a guest holds before its first instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitialMemory {
    /// How many bytes the memory has at first: what tells it from the guest's others.
    pub minimum: usize,
    /// Where something is that is not zero, and what. All of it is within the
    /// minimum; what comes later is laid over what came before.
    pub segments: Vec<(usize, Vec<u8>)>,
}

impl InitialMemory {
    /// A file in memory with the content of so many slots of such a length, one after
    /// another.
    ///
    /// Why more than one: mappings of the same file are one mapping only where what
    /// they show is one piece of it.
    pub(super) fn file(&self, slot: usize, slots: usize) -> io::Result<File> {
        let file = File::from(memfd_create("vuelo-initial-memory", MemfdFlags::CLOEXEC)?);
        file.set_len((slot * slots) as u64)?;
        for number in 0..slots {
            for (offset, bytes) in &self.segments {
                file.write_all_at(bytes, (number * slot + offset) as u64)?;
            }
        }
        Ok(file)
    }
}
