//! A core module made a component. Compilers that know the first version of WASI
//! alone get an adapter to the second.

use std::path::Path;

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldId};

use super::error::ProjectError;
use super::world::WORLD;

/// Reads the world in a folder of WIT.
pub(super) fn world(wit: &Path) -> Result<(Resolve, WorldId), ProjectError> {
    let mut resolve = Resolve::default();
    let package = resolve.push_path(wit);
    let world = package.and_then(|(package, _)| resolve.select_world(&[package], Some(WORLD)));
    match world {
        Ok(world) => Ok((resolve, world)),
        Err(error) => Err(ProjectError::Encoding(format!("{error:#}"))),
    }
}

/// Makes a component of a module whose world is in a folder of WIT.
pub(super) fn component(module: &Path, wit: &Path) -> Result<Vec<u8>, ProjectError> {
    let mut bytes = std::fs::read(module).map_err(ProjectError::file("read", module))?;
    let (resolve, world) = world(wit)?;
    let mut encode = || {
        embed_component_metadata(&mut bytes, &resolve, world, StringEncoding::UTF8)?;
        ComponentEncoder::default()
            .validate(true)
            .module(&bytes)?
            .adapter(
                WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME,
                WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
            )?
            .encode()
    };
    encode().map_err(|error: anyhow::Error| ProjectError::Encoding(format!("{error:#}")))
}
