//! What `vuelo.toml` says of the project in its folder.
//!
//! ```toml
//! [build]
//! name = "checkout-load"       # checkout-load.wasm is what comes out
//! language = "python"          # rust, javascript, typescript, python, c, go
//! exports = ["setup"]          # of setup, teardown, summary, beside `scenario`
//! sdk = "sdk"                  # the folder that `wit` and `guest-sdk` are in
//! backend = "starlingmonkey"   # of JavaScript and TypeScript; else QuickJS
//! ```

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};

use super::error::ProjectError;
use super::language::{Backend, Language};
use super::name::ProjectName;
use crate::component::Optional;

/// The file that has the table `[build]`: the plan file of the folder's runs.
pub const FILE_NAME: &str = "vuelo.toml";

/// The folder for what a build leaves behind, but for the component.
pub(super) const BUILD_FOLDER: &str = "build";

/// A scenario's project.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its folder.
    pub folder: PathBuf,
    /// What the component is called.
    pub name: ProjectName,
    /// What it is written in.
    pub language: Language,
    /// What it exports beside `scenario`. Rust's macro says it in the source.
    pub exports: Vec<Optional>,
    /// The folder that `wit` and `guest-sdk` are in.
    pub(super) sdk: PathBuf,
    /// The interpreter of JavaScript and TypeScript.
    pub(super) backend: Backend,
}

#[derive(Deserialize)]
struct File {
    build: Option<Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(deserialize_with = "name")]
    name: ProjectName,
    language: Language,
    #[serde(default)]
    exports: Vec<Export>,
    sdk: Option<PathBuf>,
    backend: Option<Backend>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Export {
    Setup,
    Teardown,
    Summary,
}

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ProjectName, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

impl Project {
    /// Reads the project of a folder.
    ///
    /// # Errors
    ///
    /// When the folder is no project, or the file says something that it cannot.
    pub fn read(folder: &Path) -> Result<Self, ProjectError> {
        let path = folder.join(FILE_NAME);
        if !path.is_file() {
            return Err(ProjectError::NoProject(folder.to_owned()));
        }
        let text = std::fs::read_to_string(&path).map_err(ProjectError::file("read", &path))?;
        let file: File = toml::from_str(&text).map_err(|error| ProjectError::Settings {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        let Some(table) = file.build else {
            return Err(ProjectError::NoProject(folder.to_owned()));
        };
        // Tools are run in the folder, and are handed paths.
        let folder = folder
            .canonicalize()
            .map_err(ProjectError::file("find", folder))?;
        let meaningless = |setting| {
            Err(ProjectError::Meaningless {
                setting,
                language: table.language,
            })
        };
        let is_javascript = matches!(table.language, Language::JavaScript | Language::TypeScript);
        if table.language == Language::Rust && !table.exports.is_empty() {
            return meaningless("exports");
        }
        if table.backend.is_some() && !is_javascript {
            return meaningless("backend");
        }
        let sdk = folder.join(table.sdk.as_deref().unwrap_or("sdk".as_ref()));
        Ok(Self {
            name: table.name,
            language: table.language,
            exports: table.exports.into_iter().map(Optional::from).collect(),
            // Without its steps upwards it is the beginning of paths in it, as
            // compilers have them; whether it is there is asked later.
            sdk: sdk.canonicalize().unwrap_or(sdk),
            backend: table.backend.unwrap_or_default(),
            folder,
        })
    }

    /// Where the component is put.
    #[must_use]
    pub fn component(&self) -> PathBuf {
        self.folder.join(format!("{}.wasm", self.name))
    }

    /// What was written by hand and begins the scenario.
    pub(super) fn source(&self, file: &str) -> Result<PathBuf, ProjectError> {
        let path = self.folder.join(file);
        if path.is_file() {
            return Ok(path);
        }
        Err(ProjectError::NoSource {
            path,
            language: self.language,
        })
    }

    /// The folder for what the build leaves behind, made.
    pub(super) fn build_folder(&self) -> Result<PathBuf, ProjectError> {
        let folder = self.folder.join(BUILD_FOLDER);
        if folder.is_symlink() {
            return Err(ProjectError::Link(folder));
        }
        std::fs::create_dir_all(&folder).map_err(ProjectError::file("make", &folder))?;
        Ok(folder)
    }

    /// The folder of the language's library.
    pub(super) fn library(&self, language: Language) -> PathBuf {
        let libraries = self.sdk.join("guest-sdk");
        match language {
            Language::Rust => libraries,
            Language::TypeScript => libraries.join(Language::JavaScript.word()),
            other => libraries.join(other.word()),
        }
    }
}

impl From<Export> for Optional {
    fn from(export: Export) -> Self {
        match export {
            Export::Setup => Self::Setup,
            Export::Teardown => Self::Teardown,
            Export::Summary => Self::Summary,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Project, ProjectError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), text).unwrap();
        Project::read(folder.path())
    }

    #[test]
    fn the_table_says_how_a_project_is_built_and_the_rest_is_the_plans() {
        let text = "[build]\nname = \"shop\"\nlanguage = \"python\"\nexports = [\"setup\"]\n\
                    [environments.staging]\nBASE_URL = \"https://shop.example.com\"\n";
        let project = read(text).unwrap();
        assert_eq!(project.language, Language::Python);
        assert_eq!(project.exports, [Optional::Setup]);
        assert!(project.component().ends_with("shop.wasm"));
        assert!(project.sdk.ends_with("sdk"));
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (text, word) in [
            ("[build]\nname = \"shop\"\nlanguage = \"cobol\"\n", "line 3"),
            (
                "[build]\nname = \"Shop\"\nlanguage = \"c\"\n",
                "small letters",
            ),
            ("[build]\nlanguage = \"c\"\n", "missing field `name`"),
            (
                "[build]\nname = \"shop\"\nlanguage = \"c\"\nlang = 1\n",
                "unknown field `lang`",
            ),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn what_means_nothing_in_a_language_is_refused() {
        let of = |language: &str, more: &str| {
            let text = format!("[build]\nname = \"shop\"\nlanguage = \"{language}\"\n{more}\n");
            read(&text).map(|_| ()).map_err(|error| error.to_string())
        };
        let error = of("rust", "exports = [\"setup\"]").unwrap_err();
        assert!(error.contains("vuelo_sdk::scenario!"), "{error}");
        let error = of("go", "backend = \"quickjs\"").unwrap_err();
        assert!(
            error.contains("`backend`") && error.contains("Go"),
            "{error}"
        );
        assert_eq!(of("typescript", "backend = \"starlingmonkey\""), Ok(()));
    }

    #[test]
    fn a_place_for_what_is_built_that_leads_elsewhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let text = "[build]\nname = \"shop\"\nlanguage = \"c\"\n";
        std::fs::write(folder.path().join(FILE_NAME), text).unwrap();
        std::os::unix::fs::symlink("/", folder.path().join(BUILD_FOLDER)).unwrap();
        let project = Project::read(folder.path()).unwrap();
        let error = project.build_folder().unwrap_err().to_string();
        assert!(error.contains("is a link"), "{error}");
    }

    #[test]
    fn a_folder_without_the_table_is_no_project() {
        let error = read("[environments.staging]\n").unwrap_err().to_string();
        assert!(error.contains("vuelo new"), "{error}");
    }
}
