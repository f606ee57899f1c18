//! What one instance may take.

use wasmtime::{StoreLimits, StoreLimitsBuilder};

/// The most linear memory of an instance. A guest that leaks meets it long
/// before the machine's memory is gone; none of the flows needs a hundredth.
const MEMORY: usize = 256 * 1024 * 1024;

/// The most elements of a table: function pointers, of which the largest guests
/// have some ten thousand.
const TABLE_ELEMENTS: usize = 200_000;

/// The limits of one instance's store.
pub(super) fn limits() -> StoreLimits {
    StoreLimitsBuilder::new()
        .memory_size(MEMORY)
        .table_elements(TABLE_ELEMENTS)
        .trap_on_grow_failure(false)
        .build()
}
