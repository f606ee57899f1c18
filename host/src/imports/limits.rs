//! What one instance may take, and how much of it it has taken.

use wasmtime::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};

/// The most bytes of a linear memory. A guest that leaks meets it long
/// before the machine's memory is gone; none of the flows needs a hundredth.
const MEMORY: usize = 256 * 1024 * 1024;

/// The most elements of a table: function pointers, of which the largest guests
/// have some ten thousand.
const TABLE_ELEMENTS: usize = 200_000;

/// The limits of one instance's store. They see every growth of its memories.
#[derive(Debug)]
pub struct Limits {
    store: StoreLimits,
    memory: usize,
    last_growth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let store = StoreLimitsBuilder::new()
            .memory_size(MEMORY)
            .table_elements(TABLE_ELEMENTS)
            .trap_on_grow_failure(false)
            .build();
        Self {
            store,
            memory: 0,
            last_growth: 0,
        }
    }
}

impl Limits {
    /// How many bytes all memories of the instance have.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.memory
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = self.store.memory_growing(current, desired, maximum)?;
        if allowed {
            self.last_growth = desired.saturating_sub(current);
            self.memory += self.last_growth;
        }
        Ok(allowed)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        // It was allowed, and could not be had.
        self.memory = self.memory.saturating_sub(self.last_growth);
        self.store.memory_grow_failed(error)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.store.table_growing(current, desired, maximum)
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        self.store.table_grow_failed(error)
    }

    fn instances(&self) -> usize {
        self.store.instances()
    }

    fn tables(&self) -> usize {
        self.store.tables()
    }

    fn memories(&self) -> usize {
        self.store.memories()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_all_that_was_allowed_and_had_and_is_refused_beyond_the_limit() {
        let mut limits = Limits::default();
        assert!(limits.memory_growing(0, 1 << 20, None).unwrap());
        assert!(limits.memory_growing(1 << 20, 3 << 20, None).unwrap());
        assert_eq!(limits.memory(), 3 << 20);
        assert!(!limits.memory_growing(3 << 20, MEMORY + 1, None).unwrap());
        assert_eq!(limits.memory(), 3 << 20);
        assert!(limits.memory_growing(3 << 20, 4 << 20, None).unwrap());
        limits
            .memory_grow_failed(wasmtime::Error::msg("no memory"))
            .unwrap();
        assert_eq!(limits.memory(), 3 << 20);
    }
}
