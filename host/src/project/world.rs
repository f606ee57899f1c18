//! What a project's component imports and exports, in WIT: everything that the
//! host offers, and the interfaces that the project says.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::error::ProjectError;
use super::settings::Project;
use crate::component::CONTRACT_VERSION;

/// The world's name, which tools derive names from.
pub(super) const WORLD: &str = "project";

/// Writes the world and the contract beside it, for tools that read WIT. The
/// folder.
pub(super) fn write(project: &Project) -> Result<PathBuf, ProjectError> {
    let contract = project.sdk.join("wit");
    if !contract.is_dir() {
        return Err(ProjectError::NoSdk(contract));
    }
    let folder = project.build_folder()?.join("wit");
    let package = folder.join("deps").join("vuelo-load");
    // What an earlier build left may be of another contract.
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(ProjectError::file("remove", &folder))?;
    }
    std::fs::create_dir_all(&package).map_err(ProjectError::file("make", &package))?;
    let entries = std::fs::read_dir(&contract).map_err(ProjectError::file("read", &contract))?;
    for entry in entries {
        let from = entry.map_err(ProjectError::file("read", &contract))?.path();
        if let Some(name) = from.file_name()
            && is_wit(&from)
        {
            std::fs::copy(&from, package.join(name)).map_err(ProjectError::file("copy", &from))?;
        }
    }
    let path = folder.join("world.wit");
    std::fs::write(&path, world(project)).map_err(ProjectError::file("write", &path))?;
    Ok(folder)
}

fn is_wit(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "wit")
}

fn world(project: &Project) -> String {
    let mut text = format!(
        "package vuelo:project;\n\n\
         world {WORLD} {{\n  \
         include vuelo:load/host@{CONTRACT_VERSION};\n  \
         export vuelo:load/scenario@{CONTRACT_VERSION};\n"
    );
    for export in &project.exports {
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "  export vuelo:load/{}@{CONTRACT_VERSION};",
            export.interface()
        );
    }
    text + "}\n"
}
