//! The contract and the languages' libraries, which this binary carries, so that a
//! project needs no other place to get them from.

use std::path::Path;

use rust_embed::Embed;

use super::error::ProjectError;
use super::language::Language;

/// The contract.
#[derive(Embed)]
#[folder = "../wit"]
#[include = "*.wit"]
#[include = "options.schema.json"]
struct Contract;

/// The Rust library.
#[derive(Embed)]
#[folder = "../guest-sdk"]
#[include = "Cargo.toml"]
#[include = "README.md"]
#[include = "src/*"]
struct RustLibrary;

/// The libraries of the other languages, each in a folder of its own.
#[derive(Embed)]
#[folder = "../guest-sdk"]
#[include = "javascript/*.js"]
#[include = "javascript/*.d.ts"]
#[include = "javascript/src/*.js"]
#[include = "javascript/package.json"]
#[include = "javascript/README.md"]
#[include = "python/*.toml"]
#[include = "python/*.md"]
#[include = "python/vuelo/*.py"]
#[include = "python/vuelo/py.typed"]
#[exclude = "c/test/*"]
#[include = "c/*.c"]
#[include = "c/*.h"]
#[include = "c/*.md"]
#[include = "go/*.go"]
#[include = "go/*.mod"]
#[include = "go/*.md"]
#[include = "go/*.s"]
struct Libraries;

/// Writes the contract and a language's library into a project's folder `sdk`.
pub(super) fn write(language: Language, folder: &Path) -> Result<(), ProjectError> {
    write_all::<Contract>(&folder.join("wit"), |_| true)?;
    let libraries = folder.join("guest-sdk");
    match language {
        Language::Rust => write_all::<RustLibrary>(&libraries, |_| true),
        other => {
            let own = match other {
                Language::TypeScript => Language::JavaScript,
                other => other,
            };
            let own = format!("{}/", own.word());
            write_all::<Libraries>(&libraries, |path| path.starts_with(&own))
        }
    }
}

fn write_all<E: Embed>(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<(), ProjectError> {
    for path in E::iter().filter(|path| wanted(path)) {
        if let Some(file) = E::get(&path) {
            write_file(&folder.join(&*path), &file.data)?;
        }
    }
    Ok(())
}

/// Writes a file, and makes the folders that it is in.
pub(super) fn write_file(path: &Path, content: &[u8]) -> Result<(), ProjectError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(ProjectError::file("make", folder))?;
    }
    std::fs::write(path, content).map_err(ProjectError::file("write", path))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_the_contract_and_its_library() {
        for language in Language::ALL {
            let folder = tempfile::tempdir().unwrap();
            write(language, folder.path()).unwrap();
            assert!(folder.path().join("wit/scenario.wit").is_file());
            let library = match language {
                Language::Rust => "src/lib.rs",
                Language::JavaScript | Language::TypeScript => "javascript/vuelo.d.ts",
                Language::Python => "python/vuelo/__init__.py",
                Language::C => "c/vuelo.h",
                Language::Go => "go/go.mod",
            };
            let library = folder.path().join("guest-sdk").join(library);
            assert!(library.is_file(), "{library:?}");
        }
    }
}
