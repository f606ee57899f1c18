//! The stacks that guests, and the host calls on them, run on.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use wasmtime::{StackCreator, StackMemory};

use super::Guards;
use super::region::page_size;
use super::slots::{Shape, Slot, Slots, no_more};

/// What lies below a stack. Compiled Rust touches each page of a frame in turn, so
/// that one page would do; of what is not compiled so, frames are smaller than this.
const GUARD: usize = 64 * 1024;

/// How long a mapping of stacks is, about: long enough that there are few.
const MAPPING: usize = 1 << 30;

/// Makes stacks of one size, to be handed to wasmtime.
#[derive(Debug)]
pub struct Stacks {
    guards: Guards,
    made: OnceLock<(usize, Arc<Slots>)>,
}

impl Stacks {
    /// With such guards below each.
    #[must_use]
    pub fn new(guards: Guards) -> Self {
        Self {
            guards,
            made: OnceLock::new(),
        }
    }
}

// SAFETY: a stack is a slot of its own, its ends are those of pages, below it is a
// guard that ends the process when it is touched, and it is zero at first.
unsafe impl StackCreator for Stacks {
    fn new_stack(&self, size: usize, _: bool) -> wasmtime::Result<Box<dyn StackMemory>> {
        let size = size.next_multiple_of(page_size());
        let (made, slots) = self.made.get_or_init(|| {
            let len = size + GUARD;
            let shape = Shape {
                len,
                guard: GUARD,
                per_mapping: (MAPPING / len).max(1),
                content: None,
            };
            (size, Arc::new(Slots::new(shape, self.guards)))
        });
        if *made != size {
            return Err(wasmtime::Error::msg(
                "all stacks of an engine have one size",
            ));
        }
        let slot = slots
            .take()
            .map_err(|error| wasmtime::Error::msg(no_more(&error)))?;
        Ok(Box::new(Stack(slot)))
    }
}

/// A stack in a slot.
struct Stack(Slot);

// SAFETY: the ranges are those of the slot, which is this stack's alone.
unsafe impl StackMemory for Stack {
    fn top(&self) -> *mut u8 {
        self.0.base().as_ptr().wrapping_add(self.0.len())
    }

    fn range(&self) -> Range<usize> {
        let start = self.0.base().as_ptr().addr();
        start..start + self.0.len()
    }

    fn guard_range(&self) -> Range<*mut u8> {
        let end = self.0.base().as_ptr();
        end.wrapping_sub(self.0.guard())..end
    }
}
