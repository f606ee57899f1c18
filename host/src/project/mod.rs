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

use wasm_metadata::AddMetadata;

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

/// What happens in a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told<'a> {
    /// This is done next.
    Step(&'a str),
    /// A tool ended well, and warned.
    Warning(&'a str),
}

/// Who is told what happens in a build.
pub type Teller<'a> = &'a mut dyn FnMut(Told<'_>);

/// Says in the component what it is written in, and what built it: interpreters
/// say that of themselves alone.
fn with_producers(project: &Project, bytes: &[u8]) -> Result<Vec<u8>, ProjectError> {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let mut producers = AddMetadata::default();
    producers.language = vec![(project.language.to_string(), String::new())];
    producers.processed_by = vec![("vuelo".to_owned(), version)];
    let added = producers.to_wasm(bytes);
    added.map_err(|error| ProjectError::Encoding(format!("{error:#}")))
}

/// Builds a project into a component, `NAME.wasm` in its folder: whole, or the one
/// that was there stays. A second build of the project waits for the first.
///
/// The tools run code of the project's own: it is built by whom it is trusted.
///
/// # Errors
///
/// When a tool is missing or fails: with its own words.
pub fn build(project: &Project, tell: Teller<'_>) -> Result<Built, ProjectError> {
    let folder = project.build_folder()?;
    let lock = folder.join("lock");
    let file = std::fs::File::create(&lock).map_err(ProjectError::file("make", &lock))?;
    if file.try_lock().is_err() {
        tell(Told::Step("another build of it is going on"));
        file.lock().map_err(ProjectError::file("lock", &lock))?;
    }
    let fresh = folder.join("component.wasm");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(ProjectError::file("remove", &fresh)(error));
        }
        _ => {}
    }
    match project.language {
        Language::Rust => rust::build(project, &fresh, tell)?,
        Language::JavaScript | Language::TypeScript => javascript::build(project, &fresh, tell)?,
        Language::Python => python::build(project, &fresh, tell)?,
        Language::C => c::build(project, &fresh, tell)?,
        Language::Go => go::build(project, &fresh, tell)?,
    }
    let bytes = std::fs::read(&fresh).map_err(|_| ProjectError::NoComponent {
        language: project.language,
    })?;
    let bytes = with_producers(project, &bytes)?;
    std::fs::write(&fresh, &bytes).map_err(ProjectError::file("write", &fresh))?;
    let path = project.component();
    std::fs::rename(&fresh, &path).map_err(ProjectError::file("write", &path))?;
    Ok(Built { path, bytes })
}
