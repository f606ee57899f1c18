//! Find, verify, compile and pre-instantiate a component.
//!
//! - [`Source`]: what a name on the command line stands for
//! - [`Lock`]: the artifacts that `vuelo.lock` pins, and those in this binary
//! - [`Digest`]: what a component is pinned by
//! - [`CompileCache`]: compiled components, kept from one run to the next
//! - [`Scenario`]: a compiled component, ready to be instantiated
//! - [`Contents`]: what a component is made of, and who made it
//! - `layout`: the engine that suits it, and where its users' stacks and memories lie
//! - `initial_memory`: what its memory starts with, taken out of it
//! - `contract`: what a component may import and must export

mod cache;
mod compiling;
mod contents;
mod contract;
mod digest;
mod embedded;
mod error;
#[cfg(target_os = "linux")]
mod initial_memory;
mod layout;
mod lock;
mod scenario;
mod source;

pub use cache::{CACHE_VARIABLE, CompileCache};
pub use compiling::CompileProgress;
pub use contents::{Contents, Producer, contents};
pub use contract::{CONTRACT_VERSION, Optional, is_offered};
pub use digest::Digest;
pub use error::ComponentError;
pub use layout::{MOST_DATA_IN_SLOTS, MemoryPlace};
pub use lock::{Lock, LockedArtifact};
pub use scenario::Scenario;
pub use source::{Artifact, Origin, Source};
