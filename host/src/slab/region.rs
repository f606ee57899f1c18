//! A mapping of this process, and what can be done with parts of it. All calls of
//! the system that need `unsafe` are here.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;
use std::sync::OnceLock;

use super::Guards;

/// `MADV_GUARD_INSTALL` of Linux 6.13, from its `mman-common.h`.
const GUARD_INSTALL: libc::c_int = 102;

/// Memory that was mapped for this process alone, and is unmapped at the end.
#[derive(Debug)]
pub(super) struct Region {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: it is a range of addresses. Who reads or writes what is there is the
// business of whoever was given a slot of it, and each slot is given to one alone.
unsafe impl Send for Region {}
// SAFETY: as above; no method touches memory but for ranges whose owner asks.
unsafe impl Sync for Region {}

impl Region {
    /// Memory of zeros, of which nothing is taken before it is touched. Its length is
    /// a multiple of the page's.
    pub(super) fn anonymous(len: usize) -> io::Result<Self> {
        Self::map(len, libc::MAP_ANONYMOUS, -1)
    }

    /// A file's content, of which what is written to is copied first. The file is as
    /// long as the region.
    pub(super) fn private_copy_of(file: &File, len: usize) -> io::Result<Self> {
        Self::map(len, 0, file.as_raw_fd())
    }

    fn map(len: usize, flags: libc::c_int, file: libc::c_int) -> io::Result<Self> {
        assert!(len.is_multiple_of(page_size()), "a region is made of pages");
        // SAFETY: a new mapping at an address of the kernel's choice touches nothing
        // that is there.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                libc::PROT_READ | libc::PROT_WRITE,
                // What is reserved is many times what will be touched.
                libc::MAP_PRIVATE | libc::MAP_NORESERVE | flags,
                file,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let base = NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        let region = Self { base, len };
        // A huge page would be 2 MiB for a user who touches 20 KiB. A kernel that was
        // built without them refuses, and that is as good.
        // SAFETY: it takes nothing away.
        let _ = unsafe { region.advise(0..len, libc::MADV_NOHUGEPAGE) };
        Ok(region)
    }

    /// The address of a place in it.
    ///
    /// # Panics
    ///
    /// When it is not in it.
    pub(super) fn at(&self, offset: usize) -> NonNull<u8> {
        assert!(offset <= self.len, "a place outside of the region");
        // SAFETY: it is within the mapping, or one past its end.
        unsafe { self.base.add(offset) }
    }

    /// The place of an address that is in it.
    pub(super) fn offset_of(&self, address: usize) -> Option<usize> {
        let offset = address.checked_sub(self.base.addr().get())?;
        (offset < self.len).then_some(offset)
    }

    /// Makes every touch of a part end the process.
    ///
    /// # Safety
    ///
    /// Nobody uses what is there, now or later.
    pub(super) unsafe fn guard(&self, part: Range<usize>, guards: Guards) -> io::Result<()> {
        match guards {
            // SAFETY: what it asks for is promised by the caller.
            Guards::Lightweight => unsafe { self.advise(part, GUARD_INSTALL) },
            Guards::Protected => {
                let (start, len) = self.part(part);
                // SAFETY: the part is within this mapping, and the caller promises that
                // it is not used any more.
                match unsafe { libc::mprotect(start, len, libc::PROT_NONE) } {
                    0 => Ok(()),
                    _ => Err(io::Error::last_os_error()),
                }
            }
        }
    }

    /// Gives a part's memory back to the system: it reads as when it was mapped.
    /// Guards stay.
    ///
    /// # Safety
    ///
    /// Nobody relies on what is there.
    pub(super) unsafe fn give_back(&self, part: Range<usize>) -> io::Result<()> {
        // SAFETY: what it asks for is promised by the caller.
        unsafe { self.advise(part, libc::MADV_DONTNEED) }
    }

    /// # Safety
    ///
    /// Nobody uses what the advice takes away.
    unsafe fn advise(&self, part: Range<usize>, advice: libc::c_int) -> io::Result<()> {
        let (start, len) = self.part(part);
        // SAFETY: the part is within this mapping, and the caller gives away what is in
        // it.
        match unsafe { libc::madvise(start, len, advice) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    fn part(&self, part: Range<usize>) -> (*mut libc::c_void, usize) {
        assert!(
            part.start <= part.end && part.end <= self.len,
            "a part outside of the region"
        );
        // The system takes whole pages, and would take those of others with it.
        assert!(
            part.start.is_multiple_of(page_size()) && part.end.is_multiple_of(page_size()),
            "a part that does not end where a page does"
        );
        (self.at(part.start).as_ptr().cast(), part.len())
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: the mapping is this region's own, and slots in it keep it alive, so
        // that nobody knows an address of it any more.
        let unmapped = unsafe { libc::munmap(self.base.as_ptr().cast(), self.len) };
        debug_assert_eq!(unmapped, 0, "a mapping that is there can be unmapped");
    }
}

/// How much is copied at a time: a page of memory, or a part of one.
const COPIED: usize = 4096;

/// Copies `len` bytes, page by page, but for pages of zeros: those are read, and no
/// memory is taken for their copies.
///
/// # Safety
///
/// Both ranges are mapped and owned by the caller, do not overlap, and `to` is all
/// zeros.
pub(super) unsafe fn copy_what_is_there(from: NonNull<u8>, to: NonNull<u8>, len: usize) {
    static ZEROS: [u8; COPIED] = [0; COPIED];
    for start in (0..len).step_by(COPIED) {
        let part = COPIED.min(len - start);
        // SAFETY: the caller owns `len` bytes from there, and nobody writes to them.
        let bytes = unsafe { std::slice::from_raw_parts(from.as_ptr().add(start), part) };
        // As slices they are compared many bytes at a time.
        if bytes != &ZEROS[..part] {
            // SAFETY: as many bytes are the caller's there, and the two do not overlap.
            unsafe {
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), to.as_ptr().add(start), part);
            }
        }
    }
}

/// The size of a page of memory.
pub(super) fn page_size() -> usize {
    static SIZE: OnceLock<usize> = OnceLock::new();
    // SAFETY: it asks for a number.
    *SIZE.get_or_init(|| {
        let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        usize::try_from(size).unwrap_or(4096)
    })
}
