//! What there is to know of a component without running a load.

use wasmtime::component::Component;

use super::cache::CompileCache;
use super::contract::CONTRACT_VERSION;
use super::digest::Digest;
use super::error::ComponentError;
use super::scenario::{engine, must_be_component};
use super::source::Artifact;

/// What a component is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Its name.
    pub name: String,
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// The interfaces and functions that it imports.
    pub imports: Vec<String>,
    /// The interfaces and functions that it exports.
    pub exports: Vec<String>,
    /// The contract's version in this host.
    pub contract: &'static str,
}

/// Looks at a component. It need not be a scenario.
///
/// # Errors
///
/// When it is no component at all.
pub fn inspect(artifact: &Artifact, cache: &CompileCache) -> Result<Inspection, ComponentError> {
    must_be_component(&artifact.name, &artifact.bytes)?;
    let engine = engine(cache).map_err(|error| ComponentError::Engine(format!("{error:#}")))?;
    let component = Component::from_binary(&engine, &artifact.bytes).map_err(|error| {
        ComponentError::NotAComponent {
            name: artifact.name.clone(),
            reason: format!("{error:#}"),
        }
    })?;
    let component_type = component.component_type();
    Ok(Inspection {
        name: artifact.name.clone(),
        digest: artifact.digest,
        size: artifact.bytes.len() as u64,
        imports: component_type
            .imports(&engine)
            .map(|(name, _)| name.to_owned())
            .collect(),
        exports: component_type
            .exports(&engine)
            .map(|(name, _)| name.to_owned())
            .collect(),
        contract: CONTRACT_VERSION,
    })
}
