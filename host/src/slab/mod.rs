//! Where virtual users keep their stacks and memories: slots of a few large
//! mappings, so that a process has room for a hundred thousand of them.
//!
//! Linux allows a process 65,530 mappings (`vm.max_map_count`), and an allocator
//! that maps each stack and each memory by itself needs several for a VU. Here a
//! mapping has many slots, with these rules:
//!
//! - [`Stacks`]: below each stack is a guard, which costs no mapping of its own
//!   where the kernel has lightweight guards ([`Guards`]).
//! - [`Memories`]: no guard is needed, since guests that use them are compiled with
//!   explicit bounds checks. What a memory is initialised with is there already,
//!   shared with all others until it is written to ([`InitialMemory`]).
//! - [`Slots`](slots::Slots): what a VU leaves is given back to the system before the
//!   next one has the slot, and some thirty slots at a time. Who has which is written
//!   down in `mappings`.
//!
//! The only module with unsafe code: all calls of the system are in `region`, and
//! `memories` and `stacks` promise wasmtime what the others keep.
//!
//! Miri has no `madvise`, and so tries none of the unsafe blocks, but `mappings` alone
//! (`cargo miri test -p vuelo --lib slab::mappings`, where it can be installed); they
//! are tried by the faults that they are to stop, on the real system: by the tests
//! here, and by guests that reach for what is not theirs
//! (`host/tests/command/sandbox.rs`).
#![allow(unsafe_code)]

mod guards;
mod initial;
mod mappings;
mod memories;
mod region;
mod slots;
mod stacks;

pub use guards::Guards;
pub use initial::InitialMemory;
pub use memories::Memories;
pub use stacks::{Stacks, give_back_unused_stack};
