//! A compiled component, ready to be instantiated.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

use super::cache::CompileCache;
use super::compiling::CompileProgress;
use super::contract::{self, Optional};
use super::error::ComponentError;
use super::layout::{Layout, MemoryPlace};
use super::source::Artifact;
use crate::imports::bindings::LoadTestPre;
use crate::imports::{Context, add_to_linker};

/// A compiled component, ready to be instantiated many times.
pub struct Scenario {
    engine: Engine,
    instance_pre: InstancePre<Context>,
    pre: LoadTestPre<Context>,
    optional: Vec<Optional>,
    mappings_per_user: RangeInclusive<f64>,
    address_space_per_user: u64,
    memory_place: MemoryPlace,
}

impl Scenario {
    /// Compiles a component, or takes it from the cache, and links it with what
    /// the host offers. `progress`
    /// tells other threads how far it is, which costs a little of the time.
    ///
    /// # Errors
    ///
    /// When it is no component, no scenario, for another version of the
    /// contract, or imports what the host does not offer.
    pub fn compile(
        artifact: &Artifact,
        cache: &CompileCache,
        progress: Option<&Arc<CompileProgress>>,
    ) -> Result<Self, ComponentError> {
        let name = &artifact.name;
        let refused = |error: wasmtime::Error| ComponentError::Refused {
            name: name.clone(),
            reason: format!("{error:#}"),
        };
        must_be_component(name, &artifact.bytes)?;
        let layout = Layout::of(&artifact.bytes);
        let engine = layout
            .engine(cache, progress)
            .map_err(|error| ComponentError::Engine(format!("{error:#}")))?;
        // `from_binary` takes WebAssembly alone: a file that was compiled
        // before is native code, and is never loaded.
        let component = Component::from_binary(&engine, layout.bytes()).map_err(|error| {
            ComponentError::NotAComponent {
                name: name.clone(),
                reason: format!("{error:#}"),
            }
        })?;
        let mut linker = Linker::new(&engine);
        add_to_linker(&mut linker).map_err(refused)?;
        let optional = contract::check(name, &component, &linker)?;
        let instance_pre = linker.instantiate_pre(&component).map_err(refused)?;
        let pre = LoadTestPre::new(instance_pre.clone()).map_err(refused)?;
        Ok(Self {
            engine,
            instance_pre,
            pre,
            optional,
            mappings_per_user: layout.mappings_per_user(),
            address_space_per_user: layout.address_space_per_user(),
            memory_place: layout.memory_place(),
        })
    }

    /// Whether it exports an optional interface.
    #[must_use]
    pub fn has(&self, optional: Optional) -> bool {
        self.optional.contains(&optional)
    }

    /// How many of the memory mappings that the system allows a process a virtual user
    /// takes, at least and at most, as long as its memory grows by little: less than one
    /// where users share mappings.
    #[must_use]
    pub fn mappings_per_user(&self) -> RangeInclusive<f64> {
        self.mappings_per_user.clone()
    }

    /// How many bytes of address space it takes, as long as that.
    #[must_use]
    pub fn address_space_per_user(&self) -> u64 {
        self.address_space_per_user
    }

    /// Where the memories of its virtual users lie.
    #[must_use]
    pub fn memory_place(&self) -> MemoryPlace {
        self.memory_place
    }

    /// The engine that it was compiled by.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// To be instantiated as a scenario.
    pub(crate) fn pre(&self) -> &LoadTestPre<Context> {
        &self.pre
    }

    /// To be instantiated for one of the optional interfaces.
    pub(crate) fn instance_pre(&self) -> &InstancePre<Context> {
        &self.instance_pre
    }

    /// Ticks the engine's epoch until the ticker is dropped. Guests that compute
    /// yield at each tick, so nothing can be stopped without one.
    #[must_use]
    pub fn tick(&self, every: std::time::Duration) -> Ticker {
        let stop = Arc::new(AtomicBool::new(false));
        let (engine, stopped) = (self.engine.weak(), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                std::thread::sleep(every);
                match engine.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => return,
                }
            }
        });
        Ticker {
            stop,
            thread: Some(thread),
        }
    }
}

/// Ticks an epoch until it is dropped.
#[derive(Debug)]
pub struct Ticker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It sleeps one tick at most, and it cannot panic.
            let _ = thread.join();
        }
    }
}

/// Tells apart what people hand over by mistake, with the way out.
pub(super) fn must_be_component(name: &str, bytes: &[u8]) -> Result<(), ComponentError> {
    // The preamble: `\0asm`, then a version and a layer of two bytes each.
    const MAGIC: &[u8] = b"\0asm";
    let reason = match bytes {
        _ if !bytes.starts_with(MAGIC) => {
            "it does not start as WebAssembly does; hand over the `.wasm` file that the build made"
        }
        [_, _, _, _, _, _, 1, 0, ..] => return Ok(()),
        [_, _, _, _, _, _, 0, 0, ..] => {
            "it is a core module; build it for `wasm32-wasip2`, or make a component of it with \
             `wasm-tools component new`"
        }
        _ => "it ends after the first bytes",
    };
    Err(ComponentError::NotAComponent {
        name: name.to_owned(),
        reason: reason.to_owned(),
    })
}
