//! What stands between one stack and the next.

use std::sync::OnceLock;

use super::region::Region;

/// How a guard is made: memory whose touch ends the process, in place of what
/// would be another virtual user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guards {
    /// Marks in the page table (`MADV_GUARD_INSTALL`, Linux 6.13): the mapping stays
    /// one.
    Lightweight,
    /// Memory that may not be touched (`mprotect`): it cuts the mapping in two, so
    /// that each slot takes two of the mappings that a process may have.
    Protected,
}

impl Guards {
    /// What this kernel has. It is asked once.
    #[must_use]
    pub fn of_this_kernel() -> Self {
        static FOUND: OnceLock<Guards> = OnceLock::new();
        *FOUND.get_or_init(|| {
            let page = super::region::page_size();
            let tried = Region::anonymous(page)
                // SAFETY: nobody else knows of the region.
                .and_then(|region| unsafe { region.guard(0..page, Self::Lightweight) });
            // Whatever is the matter, the other kind works everywhere.
            tried.map_or(Self::Protected, |()| Self::Lightweight)
        })
    }

    /// How many mappings a stack takes beside its part of one that it shares.
    #[must_use]
    pub fn mappings_per_stack(self) -> u64 {
        match self {
            Self::Lightweight => 0,
            Self::Protected => 2,
        }
    }
}
