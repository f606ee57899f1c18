//! What was in the way of a project.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use thiserror::Error;

use super::Language;

/// What was in the way of a project.
#[derive(Debug, Error)]
pub enum ProjectError {
    /// Something is where a project was to be made.
    #[error("`{}` is there already: choose another name, or remove it", .0.display())]
    Exists(PathBuf),
    /// The folder is no project.
    #[error(
        "`{}` is no project: there is no `vuelo.toml` with a table `[build]`; `vuelo new NAME --lang LANGUAGE` makes a project",
        .0.display()
    )]
    NoProject(PathBuf),
    /// What `vuelo.toml` says of the project cannot be read.
    #[error("`{}` does not say how to build the project: {reason}", .path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// The parser's words, with line and column.
        reason: String,
    },
    /// The contract is not where the project says.
    #[error(
        "there is no `{}`, which has the contract: `sdk` in `[build]` of `vuelo.toml` names the folder that `wit` and \
         `guest-sdk` are in",
        .0.display()
    )]
    NoSdk(PathBuf),
    /// The project has no source.
    #[error("there is no `{}`, which a scenario in {language} begins with", .path.display())]
    NoSource {
        /// Where it should be.
        path: PathBuf,
        /// The project's language.
        language: Language,
    },
    /// A tool is not there.
    #[error("{language} needs {tool}, which is not there; this installs it:\n  {install}")]
    ToolMissing {
        /// The project's language.
        language: Language,
        /// What is missing.
        tool: String,
        /// The one command that brings it.
        install: String,
    },
    /// A tool failed.
    #[error("{tool} failed, {status}:\n{said}")]
    ToolFailed {
        /// Which one.
        tool: String,
        /// How it ended.
        status: ExitStatus,
        /// What it said, to standard output and error.
        said: String,
    },
    /// The tools ended well, and made nothing.
    #[error("the tools of {language} ended well, and made no component{}", hint(.language))]
    NoComponent {
        /// The project's language.
        language: Language,
    },
    /// What stands in a project's place for what is built is a link.
    #[error("`{}` is a link: what is built there would be somewhere else; remove it", .0.display())]
    Link(PathBuf),
    /// What `vuelo.toml` says is of no use for the project's language.
    #[error("`{setting}` in `[build]` means nothing in {language}{}", instead(.setting))]
    Meaningless {
        /// What it says.
        setting: &'static str,
        /// The project's language.
        language: Language,
    },
    /// The contract or the module cannot be put together.
    #[error("the component cannot be put together: {0}")]
    Encoding(String),
    /// A file cannot be read or written.
    #[error("cannot {doing} `{}`: {error}", .path.display())]
    File {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// The system's words.
        error: io::Error,
    },
}

fn hint(language: &Language) -> &'static str {
    match language {
        Language::Rust => {
            ": the library of `Cargo.toml` needs `crate-type = [\"cdylib\", \"rlib\"]`"
        }
        _ => "",
    }
}

fn instead(setting: &str) -> &'static str {
    match setting {
        "exports" => ": `vuelo_sdk::scenario!` says what is exported",
        _ => "",
    }
}

impl ProjectError {
    /// Names the file that the system's error is about.
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { doing, path, error }
    }
}
