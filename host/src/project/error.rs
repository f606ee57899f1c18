//! What was in the way of a project.

use std::io;
use std::path::{Path, PathBuf};

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
        "`{}` is no project: its `vuelo.toml` has no table `[build]`; `vuelo new NAME --lang LANGUAGE` makes a project",
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
    #[error("{tool} failed{}:\n{said}", with_status(.status))]
    ToolFailed {
        /// Which one.
        tool: String,
        /// Its exit code, where it has one.
        status: Option<i32>,
        /// What it said, to standard output and error.
        said: String,
    },
    /// A tool ended well, and made nothing.
    #[error("{tool} ended well, and made no component: {reason}")]
    NoComponent {
        /// Which one.
        tool: String,
        /// What it should have made.
        reason: String,
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

fn with_status(status: &Option<i32>) -> String {
    status.map_or_else(String::new, |status| format!(" with status {status}"))
}

impl ProjectError {
    /// Names the file that the system's error is about.
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { doing, path, error }
    }
}
