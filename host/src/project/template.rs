//! A new project, from the template of its language.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rust_embed::Embed;

use super::error::ProjectError;
use super::language::Language;
use super::name::ProjectName;
use super::sdk;

/// The templates, a folder for each language.
#[derive(Embed)]
#[folder = "templates"]
#[exclude = "*/node_modules/*"]
#[exclude = "*/.venv/*"]
#[exclude = "*/build/*"]
#[exclude = "*/target/*"]
#[exclude = "*/__pycache__/*"]
#[exclude = "*.wasm"]
struct Templates;

/// What a file's name ends in where its own name would mean something to the
/// tools of this repository.
const SUFFIX: &str = ".template";

/// Makes a project in a folder that is not there yet.
///
/// # Errors
///
/// When something is there already, or the folder cannot be written.
pub fn create(name: &ProjectName, language: Language, folder: &Path) -> Result<(), ProjectError> {
    // A link that leads nowhere is there, too.
    if folder.symlink_metadata().is_ok() {
        return Err(ProjectError::Exists(folder.to_owned()));
    }
    // Whole, or not at all: half of one would be in the way of the next try.
    let parent = folder
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let fresh = tempfile::Builder::new()
        .prefix(".vuelo-new-")
        .tempdir_in(parent)
        .map_err(ProjectError::file("make", folder))?;
    fill(name, language, fresh.path())?;
    std::fs::set_permissions(fresh.path(), Permissions::from_mode(0o755))
        .and_then(|()| std::fs::rename(fresh.path(), folder))
        .map_err(ProjectError::file("make", folder))?;
    // It has another name now, and nothing is to be tidied up.
    let _ = fresh.keep();
    Ok(())
}

fn fill(name: &ProjectName, language: Language, folder: &Path) -> Result<(), ProjectError> {
    let own = format!("{}/", language.word());
    for path in Templates::iter() {
        let Some(file) = path.strip_prefix(&own) else {
            continue;
        };
        let Some(content) = Templates::get(&path) else {
            continue;
        };
        let file = filled(file.strip_suffix(SUFFIX).unwrap_or(file), name);
        let path = folder.join(file);
        match std::str::from_utf8(&content.data) {
            Ok(text) => sdk::write_file(&path, filled(text, name).as_bytes())?,
            Err(_) => sdk::write_file(&path, &content.data)?,
        }
        keep_mode(&path, &content)?;
    }
    sdk::write(language, &folder.join("sdk"))
}

/// Scripts are to be run.
fn keep_mode(path: &Path, content: &rust_embed::EmbeddedFile) -> Result<(), ProjectError> {
    if content.data.starts_with(b"#!") {
        let mode = Permissions::from_mode(0o755);
        std::fs::set_permissions(path, mode).map_err(ProjectError::file("write", path))?;
    }
    Ok(())
}

fn filled(text: &str, name: &ProjectName) -> String {
    text.replace("{{name}}", name.as_str())
        .replace("{{crate_name}}", &name.as_identifier())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[test]
    fn every_language_s_template_is_a_project_of_its_name_with_a_readme_and_a_test() {
        for language in Language::ALL {
            let home = tempfile::tempdir().unwrap();
            let folder = home.path().join("checkout-load");
            let name: ProjectName = "checkout-load".parse().unwrap();
            create(&name, language, &folder).unwrap();
            let project = Project::read(&folder).unwrap();
            assert_eq!(project.name, name);
            assert_eq!(project.language, language);
            let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
            assert!(readme.contains("vuelo build"), "{language}");
            assert!(folder.join("vuelo.toml").is_file());
            let files = files(&folder);
            let named = |part: &str| {
                files
                    .iter()
                    .any(|path| path.to_string_lossy().contains(part))
            };
            assert!(named("test") || named("tests/"), "{language}: {files:?}");
            for path in files {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                assert!(
                    !text.contains("{{name}}") && !text.contains("{{crate_name}}"),
                    "{path:?}"
                );
                assert!(
                    path.extension().is_none_or(|end| end != "template"),
                    "{path:?}"
                );
            }
        }
    }

    /// All files of a project but the contract and the library.
    fn files(folder: &Path) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let own = paths.filter(|path| !path.ends_with("sdk"));
        own.flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
    }

    #[test]
    fn what_is_there_is_not_overwritten() {
        let home = tempfile::tempdir().unwrap();
        let name: ProjectName = "shop".parse().unwrap();
        let error = create(&name, Language::Rust, home.path()).unwrap_err();
        assert!(error.to_string().contains("there already"), "{error}");
    }
}
