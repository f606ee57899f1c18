//! The engine that suits a component: where the stacks and memories of its virtual
//! users lie, and what its code may rely on for that.

#[cfg(target_os = "linux")]
use std::borrow::Cow;
use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;

use wasmtime::{CacheStore, Config, Engine};

use super::cache::CompileCache;
use super::compiling::CompileProgress;
#[cfg(target_os = "linux")]
use super::initial_memory::{OwnMemory, TakenOut, data_len, memories, take_out};
#[cfg(target_os = "linux")]
use crate::slab::{Guards, InitialMemory, Memories, Stacks};

const KIB: usize = 1024;

/// How much data a component may have for its memories to lie in slots. What has
/// more is an interpreter, or has a runtime of its own: it computes more than others,
/// so that bounds checks cost it more, and takes so much memory that there will never
/// be many of its users.
pub const MOST_DATA_IN_SLOTS: usize = 256 * KIB;

/// What is left for the host on a guest's stack. Host futures are polled there, and an
/// overflow would end the process; what needs much stack (TLS, parsing) runs in tasks
/// of the worker's own.
const HOST_STACK: usize = 256 * KIB;

/// The guest's part of the stack, where an overflow is a trap: wasmtime's own default.
#[cfg(target_os = "linux")]
const GUEST_STACK: usize = 512 * KIB;

/// The same for what is large. QuickJS's own limit, at which it throws, is just
/// below; of what a guest leaves untouched no page is ever there.
const LARGE_GUEST_STACK: usize = 1024 * KIB;

/// How many of the mappings that a process may have a memory takes that is in none with
/// others: what may be touched, and the room behind it.
#[cfg(target_os = "linux")]
const MAPPINGS_OF_ZEROS: f64 = 2.0;

/// The same of one that starts as an image of a file. What may be touched before and
/// after it is one more each; where the image reaches to an end, that one comes when the
/// memory grows, or never.
#[cfg(target_os = "linux")]
const MAPPINGS_OF_IMAGE: RangeInclusive<f64> = 3.0..=4.0;

/// How much address space a memory has that is in none with others: whatever 32 bits
/// reach, so that no access needs a check. And so much before it and behind it, for
/// accesses with a constant in them. Both are wasmtime's own defaults.
const RESERVATION: u64 = 4 << 30;
const MEMORY_GUARD: u64 = 32 << 20;

/// Where the memories of a component's virtual users lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryPlace {
    /// In slots of mappings that many of them share.
    Slots,
    /// Each in a mapping of its own, of which a process may have fewer.
    OwnMappings,
}

/// The same, with the component as it is to be compiled for that.
pub(super) enum Layout<'a> {
    /// In slots of few mappings, each access checked against the memory's length. What
    /// the memory starts with is the slots' business where it could be taken out of
    /// the component.
    #[cfg(target_os = "linux")]
    Slots {
        component: Cow<'a, [u8]>,
        initial: Option<InitialMemory>,
    },
    /// Each in a mapping of its own, with so much address space behind it that no
    /// access needs a check; what it starts with is an image of the file, shared until
    /// it is written to.
    Mappings { component: &'a [u8] },
}

impl<'a> Layout<'a> {
    /// The layout that suits a component. One that is none gets any.
    #[cfg(target_os = "linux")]
    pub(super) fn of(component: &'a [u8]) -> Self {
        match data_len(component) {
            Ok(len) if len <= MOST_DATA_IN_SLOTS => {}
            _ => return Self::Mappings { component },
        }
        match take_out(component) {
            Ok(Some(TakenOut { component, memory })) => Self::Slots {
                component: Cow::Owned(component),
                initial: Some(memory),
            },
            _ => Self::Slots {
                component: Cow::Borrowed(component),
                initial: None,
            },
        }
    }

    /// The layout that suits a component.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn of(component: &'a [u8]) -> Self {
        Self::Mappings { component }
    }

    /// The component, to be compiled by the engine of this layout and no other.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            #[cfg(target_os = "linux")]
            Self::Slots { component, .. } => component,
            Self::Mappings { component } => component,
        }
    }

    /// Where memories lie in it.
    pub(super) fn memory_place(&self) -> MemoryPlace {
        match self {
            #[cfg(target_os = "linux")]
            Self::Slots { .. } => MemoryPlace::Slots,
            Self::Mappings { .. } => MemoryPlace::OwnMappings,
        }
    }

    /// Its engine. `progress` is told how far the compiler is.
    ///
    /// # Errors
    ///
    /// When this machine cannot have it.
    pub(super) fn engine(
        &self,
        cache: &CompileCache,
        progress: Option<&Arc<CompileProgress>>,
    ) -> wasmtime::Result<Engine> {
        let mut config = Config::new();
        config.epoch_interruption(true).cache(cache.of_engine());
        self.place(&mut config)?;
        if let Some(progress) = progress {
            let progress = Arc::clone(progress) as Arc<dyn CacheStore>;
            config.enable_incremental_compilation(progress)?;
        }
        Engine::new(&config)
    }

    /// How many of the mappings that the system allows a process a virtual user takes, at
    /// least and at most: less than one where they share them, and more as their memories
    /// outgrow their slots.
    #[cfg(target_os = "linux")]
    pub(super) fn mappings_per_user(&self) -> RangeInclusive<f64> {
        let stack = Stacks::new(Guards::of_this_kernel()).mappings_per_stack(self.stack());
        let (mut least, mut most) = (stack, stack);
        for memory in self.memories() {
            let of_memory = match self {
                Self::Slots { initial, .. } => {
                    let share = Memories::mappings_per_memory(initial.as_ref(), memory.minimum);
                    share..=share
                }
                Self::Mappings { .. } if memory.has_data => MAPPINGS_OF_IMAGE,
                // Room alone is one with that of its neighbours.
                Self::Mappings { .. } if memory.minimum == 0 => 0.0..=0.0,
                Self::Mappings { .. } => MAPPINGS_OF_ZEROS..=MAPPINGS_OF_ZEROS,
            };
            least += of_memory.start();
            most += of_memory.end();
        }
        least..=most
    }

    /// How many bytes of address space a virtual user takes, until their memories outgrow
    /// their slots: of mappings that they share, their slots in them.
    #[cfg(target_os = "linux")]
    pub(super) fn address_space_per_user(&self) -> u64 {
        let of_memory = |memory: OwnMemory| match self {
            Self::Slots { initial, .. } => {
                Memories::address_space_per_memory(initial.as_ref(), memory.minimum) as u64
            }
            Self::Mappings { .. } => RESERVATION
                .max(memory.minimum as u64)
                .saturating_add(2 * MEMORY_GUARD),
        };
        let stack = Stacks::new(Guards::of_this_kernel()).address_space_per_stack(self.stack());
        let memories = self.memories().into_iter().map(of_memory);
        memories.fold(stack as u64, u64::saturating_add)
    }

    #[cfg(target_os = "linux")]
    fn memories(&self) -> Vec<OwnMemory> {
        // What is no component has no users.
        memories(self.bytes()).unwrap_or_default()
    }

    /// The same of a system of which no such limit is known.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn mappings_per_user(&self) -> RangeInclusive<f64> {
        0.0..=0.0
    }

    /// The same of a system of which no such limit is known.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn address_space_per_user(&self) -> u64 {
        0
    }

    /// The guest's part of a stack.
    fn guest_stack(&self) -> usize {
        match self {
            #[cfg(target_os = "linux")]
            Self::Slots { .. } => GUEST_STACK,
            Self::Mappings { .. } => LARGE_GUEST_STACK,
        }
    }

    /// How long a stack is, with the host's part.
    fn stack(&self) -> usize {
        self.guest_stack() + HOST_STACK
    }

    /// Settles where stacks and memories lie.
    fn place(&self, config: &mut Config) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Slots { initial, .. } => {
                config
                    .memory_init_cow(false)
                    .memory_reservation(0)
                    .memory_reservation_for_growth(0)
                    .memory_guard_size(0)
                    .guard_before_linear_memory(false)
                    .with_host_memory(Arc::new(Memories::new(initial.as_ref())?));
            }
            Self::Mappings { .. } => {
                config
                    .memory_reservation(RESERVATION)
                    .memory_guard_size(MEMORY_GUARD)
                    .guard_before_linear_memory(true);
            }
        }
        config
            .max_wasm_stack(self.guest_stack())
            .async_stack_size(self.stack());
        #[cfg(target_os = "linux")]
        config.with_host_stack(Arc::new(Stacks::new(Guards::of_this_kernel())));
        Ok(())
    }
}
