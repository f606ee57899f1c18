//! Why a component cannot be run.

use std::path::PathBuf;

use thiserror::Error;

use super::digest::Digest;

/// Why a component cannot be run. Every case is exit code 94, but for the ones
/// that [`ComponentError::is_usage`] names.
#[derive(Debug, Error)]
pub enum ComponentError {
    /// No artifact has this name.
    #[error("there is no artifact `{name}` in {place}{}; a path needs a `/` or ends in `.wasm`", hint(.near, .known))]
    UnknownName {
        /// What was asked for.
        name: String,
        /// Where it was looked for.
        place: String,
        /// The name that was probably meant.
        near: Option<String>,
        /// All names there.
        known: Vec<String>,
    },
    /// A file could not be read.
    #[error("cannot read `{}`: {error}", .path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// A lock file does not parse.
    #[error("`{}` is no lock file: {reason}", .path.display())]
    BadLock {
        /// Which file.
        path: PathBuf,
        /// The parser's words, with line and column.
        reason: String,
    },
    /// The artifact is not the one that was pinned.
    #[error(
        "the artifact `{name}` is not the one that {place} pins\n  \
         pinned: {pinned}\n  found:  {found}\n\
         restore the file, or, if the change is wanted, pin it with `make scenarios-renew`"
    )]
    WrongDigest {
        /// The artifact's name.
        name: String,
        /// Where it is pinned.
        place: String,
        /// The digest in the lock.
        pinned: Digest,
        /// The digest of the file.
        found: Digest,
    },
    /// The file is not a component.
    #[error("`{name}` is not a WebAssembly component: {reason}")]
    NotAComponent {
        /// What was to be loaded.
        name: String,
        /// What it is instead.
        reason: String,
    },
    /// The component wants something that the host does not have.
    #[error(
        "`{name}` imports `{import}`, which this host does not offer, or not in this form; \
         it offers `vuelo:load` {contract} and WASI 0.2 with `wasi:http`"
    )]
    UnknownImport {
        /// The component.
        name: String,
        /// The first import that is unknown.
        import: String,
        /// The contract's version.
        contract: &'static str,
    },
    /// The component was built for another version of the contract.
    #[error(
        "`{name}` was built for `{interface}`, but this host speaks `vuelo:load` {contract}; \
         build it with the matching SDK, or use the host of its version"
    )]
    OtherContract {
        /// The component.
        name: String,
        /// The interface, with the version that it was built for.
        interface: String,
        /// The contract's version here.
        contract: &'static str,
    },
    /// The component is no scenario.
    #[error(
        "`{name}` does not export `vuelo:load/scenario`; a scenario exports it, \
         in Rust by `vuelo_sdk::scenario!`{}", exports_hint(.exports)
    )]
    NoScenario {
        /// The component.
        name: String,
        /// What it exports.
        exports: Vec<String>,
    },
    /// The engine refuses the component.
    #[error("`{name}` cannot be run: {reason}")]
    Refused {
        /// The component.
        name: String,
        /// The engine's words.
        reason: String,
    },
    /// The engine itself could not be set up.
    #[error("the WebAssembly engine could not be set up: {0}")]
    Engine(String),
}

impl ComponentError {
    /// Whether this is a mistake on the command line (exit code 104) rather than
    /// an artifact that is refused (94).
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::UnknownName { .. } | Self::Unreadable { .. } | Self::BadLock { .. }
        )
    }
}

fn hint(near: &Option<String>, known: &[String]) -> String {
    match near {
        Some(near) => format!(" (did you mean `{near}`?)"),
        None if known.is_empty() => String::new(),
        None => format!(", which has {}", known.join(", ")),
    }
}

fn exports_hint(exports: &[String]) -> String {
    if exports.is_empty() {
        String::new()
    } else {
        format!(" (it exports {})", exports.join(", "))
    }
}
