//! What files are written of a run, one format a file.
//!
//! - [`RunRecord`], [`ArtifactRecord`]: everything that formats write
//! - [`results`]: the results file, in the shape that k6 hands to
//!   `handleSummary`
//! - [`summary_export`]: k6's older shape
//! - [`Part`], [`merge()`]: results files of the parts of a run, put together
//! - [`write_whole`]: files that are there whole or not at all

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::metrics::Schema;
use crate::run::Outcome;

mod groups;
mod merge;
mod part;
pub mod results;
pub mod summary_export;

pub use merge::{MergeError, Merged, merge};
pub use part::Part;

/// Which artifact ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactRecord {
    /// The component's name.
    pub name: String,
    /// What its bytes hash to.
    pub digest: String,
    /// Where it came from, in words.
    pub source: String,
    /// Whether the digest was verified.
    pub pinned: bool,
}

/// Everything that formats write of a run.
#[derive(Debug)]
pub struct RunRecord<'a> {
    /// What tells this run from all others.
    pub id: &'a str,
    /// The run's name: that of its component, or of its plan file.
    pub name: &'a str,
    /// What ran: one artifact for each component.
    pub artifacts: Vec<ArtifactRecord>,
    /// The named environment.
    pub environment: &'a str,
    /// What draws were keyed by.
    pub seed: u64,
    /// The plan as resolved, secrets masked.
    pub plan: Value,
    /// Which metrics there were.
    pub schema: &'a Schema,
    /// What came of it.
    pub outcome: &'a Outcome,
    /// Whether standard output and standard error are terminals.
    pub terminals: (bool, bool),
    /// Whether the summary is coloured.
    pub colours: bool,
}

/// A number as k6 writes it: whole where it is.
fn number(value: f64) -> Value {
    // Beyond this, not every whole number is one that a float can have.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        Value::from(value as i64)
    } else {
        Value::from(value)
    }
}

/// Why a file was not written.
#[derive(Debug, Error)]
pub enum OutputError {
    /// The folder cannot be made or written to.
    #[error(
        "results cannot be written to `{}`: {error}; name another folder with --results", .folder.display()
    )]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write `{}`: {error}", .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
}

/// Makes sure that a folder is there and can be written to, by writing to it:
/// permissions and full disks tell nothing beforehand.
///
/// # Errors
///
/// When it cannot.
pub fn check_writable(folder: &Path) -> Result<(), OutputError> {
    let tried = std::fs::create_dir_all(folder)
        .and_then(|()| tempfile::NamedTempFile::new_in(folder).map(drop));
    tried.map_err(|error| OutputError::Folder {
        folder: folder.to_owned(),
        error,
    })
}

/// Writes a file whole or not at all: under another name first, then renamed.
///
/// # Errors
///
/// When the folder is not there, or the disk is full.
pub fn write_whole(path: &Path, text: &str) -> Result<(), OutputError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let write = || {
        let mut file = tempfile::Builder::new()
            .permissions(readable_by_all())
            .tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| OutputError::File {
        path: path.to_owned(),
        error,
    })
}

/// Temporary files are for their owner alone; results are for whoever may read
/// the folder, as far as the umask says so.
fn readable_by_all() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o666)
}

/// The name of a results file: `<scenario>-<UTC timestamp>-<run id>.json`.
#[must_use]
pub fn file_name(name: &str, started: Timestamp, id: &str) -> String {
    format!("{name}-{}-{id}.json", started.strftime("%Y%m%dT%H%M%SZ"))
}
