//! A new project, from the template of its language.

use std::path::Path;

use rust_embed::Embed;

use super::error::ProjectError;
use super::language::Language;
use super::name::ProjectName;
use super::sdk;

/// The templates, a folder for each language.
#[derive(Embed)]
#[folder = "templates"]
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
    if folder.exists() {
        return Err(ProjectError::Exists(folder.to_owned()));
    }
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
    use std::os::unix::fs::PermissionsExt;
    if content.data.starts_with(b"#!") {
        let mode = std::fs::Permissions::from_mode(0o755);
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
            let left = unfilled(&folder);
            assert!(left.is_empty(), "{language}: {left:?}");
        }
    }

    /// Files of the template that still have a place for something.
    fn unfilled(folder: &Path) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap();
        let files = entries.map(|entry| entry.unwrap().path());
        let own = files.filter(|path| path.is_file());
        own.filter(|path| {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            text.contains("{{") || path.extension().is_some_and(|end| end == "template")
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
