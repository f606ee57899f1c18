//! Find, verify, compile and pre-instantiate a component.
//!
//! - [`Source`]: what a name on the command line stands for
//! - [`Lock`]: the artifacts that `vuelo.lock` pins, and those in this binary
//! - [`Digest`]: what a component is pinned by
//! - [`CompileCache`]: compiled components, kept from one run to the next
//! - [`Scenario`]: a compiled component, ready to be instantiated
//! - `contract`: what a component may import and must export

mod cache;
mod contract;
mod digest;
mod embedded;
mod error;
mod inspect;
mod lock;
mod scenario;
mod source;

pub use cache::{CACHE_VARIABLE, CompileCache};
pub use contract::{CONTRACT_VERSION, Optional};
pub use digest::Digest;
pub use error::ComponentError;
pub use inspect::{Inspection, inspect};
pub use lock::{Lock, LockedArtifact};
pub use scenario::Scenario;
pub use source::{Artifact, Origin, Source};
