//! A scenario's project: its folder made, and built into a component.
//!
//! - [`Language`]: what a scenario can be written in
//! - [`create`]: `vuelo new`, from a template
//! - [`Project`]: what `vuelo.toml` says of a folder
//! - [`build`]: `vuelo build`, by the language's own tools: `rust`, `javascript`,
//!   `python`, `c`, `go`
//! - `tool`: a program of somebody else's, found and run
//! - `world`: what the component imports and exports, in WIT
//! - `sdk`: the contract and the languages' libraries, which this binary carries
//! - `encoding`: a core module made a component
//! - [`ProjectError`]: what was in the way

use std::path::PathBuf;

mod c;
mod encoding;
mod error;
mod go;
mod javascript;
mod language;
mod name;
mod python;
mod rust;
mod sdk;
mod settings;
mod template;
mod tool;
mod world;

pub use error::ProjectError;
pub use language::{Backend, Language};
pub use name::ProjectName;
pub use settings::{FILE_NAME, Project};
pub use template::create;

/// A component that was built.
#[derive(Debug)]
pub struct Built {
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Builds a project into a component, `NAME.wasm` in its folder. `step` is told
/// what is being done, each time before it is.
///
/// # Errors
///
/// When a tool is missing or fails: with its own words.
pub fn build(project: &Project, step: &mut dyn FnMut(&str)) -> Result<Built, ProjectError> {
    let path = project.component();
    match project.language {
        Language::Rust => rust::build(project, &path, step)?,
        Language::JavaScript | Language::TypeScript => javascript::build(project, &path, step)?,
        Language::Python => python::build(project, &path, step)?,
        Language::C => c::build(project, &path, step)?,
        Language::Go => go::build(project, &path, step)?,
    }
    let bytes = std::fs::read(&path).map_err(ProjectError::file("read", &path))?;
    Ok(Built { path, bytes })
}
