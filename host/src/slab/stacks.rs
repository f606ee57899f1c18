//! The stacks that guests, and the host calls on them, run on.

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use wasmtime::{StackCreator, StackMemory};

use super::Guards;
use super::region::page_size;
use super::slots::{Shape, Slot, Slots, no_more};

/// What lies below a stack. Compiled Rust touches each page of a frame in turn, so
/// that one page would do; of what is not compiled so, frames are smaller than this.
const GUARD: usize = 64 * 1024;

/// How long a mapping of stacks is, about: long enough that 100,000 stacks are some
/// thousand, and no more than a system that reckons with every byte
/// (`vm.overcommit_memory=2`) has for one user.
const MAPPING: usize = 64 << 20;

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

    /// How many of the mappings that a process may have one of so many bytes takes.
    #[must_use]
    pub fn mappings_per_stack(&self, size: usize) -> f64 {
        let size = size.next_multiple_of(page_size());
        self.guards.mappings_per_stack() as f64 + 1.0 / per_mapping(size) as f64
    }

    /// How much address space one takes, with the guard.
    #[must_use]
    pub fn address_space_per_stack(&self, size: usize) -> usize {
        size.next_multiple_of(page_size()) + GUARD
    }
}

/// How many stacks of a size, which is a multiple of the page's, are in a mapping.
fn per_mapping(size: usize) -> usize {
    (MAPPING / (size + GUARD)).max(1)
}

/// All stacks of the process: who runs on one of them does not know of whose.
static ALL: Mutex<Vec<Weak<Slots>>> = Mutex::new(Vec::new());

/// How much of a stack stays below this function's frame: what it calls, down to the
/// system, needs a part of that. Signals are delivered after the call, on what is then
/// the stack's end.
const BELOW: usize = 8 * 1024;

/// Gives the memory of the stack that this is called on back to the system, as far as
/// it lies below and is not in use now. What was called before went deeper. Nothing
/// happens on a stack that is none of these.
#[inline(never)]
pub fn give_back_unused_stack() {
    let here = 0_u8;
    let here = std::hint::black_box(&raw const here).addr();
    // Nobody waits for the list while the system tidies up.
    let all: Vec<_> = ALL
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .iter()
        .filter_map(Weak::upgrade)
        .collect();
    // SAFETY: the stack is this thread's, which runs on it. What lies below all frames
    // of it that are live is dead, and those are above or within `BELOW`.
    all.iter()
        .any(|slots| unsafe { slots.give_back_below(here, BELOW) });
}

// SAFETY: a stack is a slot of its own, its ends are those of pages, below it is a
// guard that ends the process when it is touched, and it is zero at first.
unsafe impl StackCreator for Stacks {
    fn new_stack(&self, size: usize, _: bool) -> wasmtime::Result<Box<dyn StackMemory>> {
        let size = size.next_multiple_of(page_size());
        let (made, slots) = self.made.get_or_init(|| {
            let shape = Shape {
                len: size + GUARD,
                guard: GUARD,
                per_mapping: per_mapping(size),
                content: None,
            };
            let slots = Arc::new(Slots::new(shape, self.guards));
            let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|slots| slots.strong_count() > 0);
            all.push(Arc::downgrade(&slots));
            (size, slots)
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Output};

    use super::*;

    const SIZE: usize = 768 * 1024;

    fn stack(stacks: &Stacks) -> Box<dyn StackMemory> {
        stacks.new_stack(SIZE, false).unwrap()
    }

    fn bytes(stack: &dyn StackMemory) -> &[u8] {
        let len = stack.range().len();
        // SAFETY: a test's own stack, which nobody writes to meanwhile.
        unsafe { std::slice::from_raw_parts(stack.top().wrapping_sub(len), len) }
    }

    fn fill(stack: &mut dyn StackMemory, byte: u8) {
        let len = stack.range().len();
        // SAFETY: a test's own stack, which nobody else looks at meanwhile.
        unsafe { stack.top().wrapping_sub(len).write_bytes(byte, len) }
    }

    fn kinds() -> Vec<Guards> {
        let mut kinds = vec![Guards::of_this_kernel(), Guards::Protected];
        kinds.dedup();
        kinds
    }

    #[test]
    fn a_stack_ends_where_pages_do_right_above_its_guard() {
        for (size, guards) in [SIZE, SIZE + 1].into_iter().zip(kinds()) {
            let stacks = Stacks::new(guards);
            // One below the other.
            let taken: Vec<_> = (0..3)
                .map(|_| stacks.new_stack(size, true).unwrap())
                .collect();
            for stack in &taken {
                let range = stack.range();
                assert!(range.start.is_multiple_of(page_size()));
                assert!(range.end.is_multiple_of(page_size()));
                assert_eq!(range.len(), size.next_multiple_of(page_size()));
                assert_eq!(range.end, stack.top().addr());
                let guard = stack.guard_range();
                assert_eq!(guard.end.addr(), range.start);
                assert_eq!(guard.end.addr() - guard.start.addr(), GUARD);
            }
            let is_apart = |one: usize, other: usize| {
                let (one, other) = (&taken[one], &taken[other]);
                one.range().end <= other.guard_range().start.addr()
                    || other.range().end <= one.guard_range().start.addr()
            };
            assert!(is_apart(0, 1) && is_apart(0, 2) && is_apart(1, 2));
        }
    }

    #[test]
    fn a_stack_that_comes_after_another_finds_nothing_of_it() {
        for guards in kinds() {
            let stacks = Stacks::new(guards);
            let mut first = stack(&stacks);
            let mut beside = stack(&stacks);
            assert!(bytes(&*first).iter().all(|&byte| byte == 0));
            fill(&mut *first, 7);
            fill(&mut *beside, 8);
            let range = first.range();
            drop(first);
            let second = stack(&stacks);
            assert_eq!(second.range(), range, "the slot is used again");
            assert!(bytes(&*second).iter().all(|&byte| byte == 0));
            assert!(bytes(&*beside).iter().all(|&byte| byte == 8));
        }
    }

    #[test]
    fn stacks_of_another_size_are_refused() {
        let stacks = Stacks::new(Guards::of_this_kernel());
        let first = stack(&stacks);
        assert_eq!(first.range().len(), SIZE);
        let refused = stacks.new_stack(2 * SIZE, false).err().unwrap();
        assert_eq!(refused.to_string(), "all stacks of an engine have one size");
    }

    /// Says to a process that runs the tests what to touch: a kind of guards, how far
    /// from a stack's lowest byte, and whether the stack is the first in its slot.
    const TOUCH: &str = "VUELO_TEST_TOUCH";

    /// What a process says that is about to touch.
    const READY: &str = "there it goes";

    #[test]
    fn a_touch_of_what_is_below_a_stack_ends_the_process_and_one_of_its_own_does_not() {
        if let Ok(what) = std::env::var(TOUCH) {
            return touch(&what);
        }
        let (_, module) = module_path!().split_once("::").unwrap();
        let name = format!(
            "{module}::a_touch_of_what_is_below_a_stack_ends_the_process_and_one_of_its_own_does_not"
        );
        let outcome = |guards: Guards, offset: isize, which: &str| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", &name, "--nocapture"])
                .env(TOUCH, format!("{guards:?} {offset} {which}"))
                .output()
                .unwrap()
        };
        let said = |output: &Output| String::from_utf8_lossy(&output.stdout).contains(READY);
        for guards in kinds() {
            for which in ["first", "second"] {
                let lives = outcome(guards, 0, which);
                assert!(lives.status.success() && said(&lives), "{lives:?}");
                for below in [-1, -4096, -(GUARD as isize)] {
                    let died = outcome(guards, below, which);
                    let signal = died.status.signal();
                    assert!(said(&died), "{guards:?} {below} {which}: {died:?}");
                    assert_eq!(signal, Some(libc::SIGSEGV), "{guards:?} {below} {which}");
                }
            }
        }
    }

    /// Touches a stack that has others on both sides.
    fn touch(what: &str) {
        // It is to leave no file behind.
        let none = rustix::process::Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        rustix::process::setrlimit(rustix::process::Resource::Core, none).unwrap();
        let [guards, offset, which] = what.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{what}");
        };
        let guards = match guards {
            "Lightweight" => Guards::Lightweight,
            _ => Guards::Protected,
        };
        let stacks = Stacks::new(guards);
        let mut before = stack(&stacks);
        let mut touched = stack(&stacks);
        let mut after = stack(&stacks);
        for neighbour in [&mut before, &mut after] {
            fill(&mut **neighbour, 7);
        }
        if which == "second" {
            fill(&mut *touched, 7);
            drop(touched);
            touched = stack(&stacks);
        }
        let lowest = touched.guard_range().end;
        let place = lowest.wrapping_offset(offset.parse().unwrap());
        println!("{READY}");
        // SAFETY: a byte of this stack, or one of its guard: then the process ends here
        // and nothing was read.
        let byte = unsafe { place.read_volatile() };
        assert_eq!(byte, 0);
    }

    /// Runs on a stack of the test's own, as a guest does.
    #[test]
    fn a_guest_that_sleeps_gives_back_what_lies_below_and_wakes_up_whole() {
        use wasmtime::{Config, Engine, Func, Instance, Module, Store};

        let mut config = Config::new();
        config.with_host_stack(Arc::new(Stacks::new(Guards::of_this_kernel())));
        let engine = Engine::new(&config).unwrap();
        let module = wat::parse_str(
            r#"(module
                (import "" "sleep" (func $sleep))
                (func (export "count") (param $n i64) (result i64)
                    (if (result i64) (i64.eqz (local.get $n))
                        (then (call $sleep) (i64.const 0))
                        (else (i64.add
                            (local.get $n)
                            (call 1 (i64.sub (local.get $n) (i64.const 1))))))))"#,
        );
        let module = Module::new(&engine, module.unwrap()).unwrap();
        let mut store = Store::new(&engine, ());
        let sleep = Func::wrap_async(&mut store, |_, (): ()| {
            Box::new(async {
                give_back_unused_stack();
                tokio::task::yield_now().await;
                give_back_unused_stack();
            })
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let counted: wasmtime::Result<()> = runtime.unwrap().block_on(async {
            let instance = Instance::new_async(&mut store, &module, &[sleep.into()]).await?;
            let count = instance.get_typed_func::<i64, i64>(&mut store, "count")?;
            // Deep, so that much is below afterwards; and not so deep.
            for depth in [3000, 10] {
                let counted = count.call_async(&mut store, depth).await?;
                assert_eq!(counted, depth * (depth + 1) / 2);
            }
            Ok(())
        });
        counted.unwrap();
    }
}
