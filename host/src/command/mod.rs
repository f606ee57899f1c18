//! What each subcommand does: it takes the command line apart and hands the
//! parts to the rooms below.
//!
//! - [`run()`]: `vuelo run`
//! - [`new()`], [`build()`]: `vuelo new`, `vuelo build`
//! - [`inspect()`]: `vuelo inspect`
//! - [`conformance()`]: `vuelo conformance`
//! - [`merge()`]: `vuelo merge`
//! - [`target()`]: `vuelo target`
//! - [`Exit`], [`Failure`]: how it ends

use std::process::ExitCode;

use thiserror::Error;

use crate::component::ComponentError;
use crate::conformance::ConformanceError;
use crate::output::{MergeError, OutputError};
use crate::plan::{PlanError, PlanErrors};
use crate::project::ProjectError;
use crate::run::RunError;
use crate::target::TargetError;

mod build;
mod confirm;
mod conformance;
mod header;
mod inspect;
mod loader;
mod mask;
mod merge;
mod new;
mod open_files;
mod own_summary;
mod run;
mod run_id;
mod target;

pub use build::build;
pub use conformance::conformance;
pub use inspect::inspect;
pub use merge::merge;
pub use new::new;
pub use run::run;
pub use target::target;

use run_id::run_id;

/// How a command ends. The table is in `docs/exit-codes.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing is wrong.
    Passed,
    /// The command line, the plan or the machine is not as it must be.
    Usage,
    /// An artifact was refused.
    ArtifactRefused,
    /// A run ended so.
    Run(u8),
}

impl Exit {
    /// The process's exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Usage => 104,
            Self::ArtifactRefused => 94,
            Self::Run(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command did not do what it was asked to.
#[derive(Debug, Error)]
pub enum Failure {
    /// A component cannot be run.
    #[error(transparent)]
    Component(#[from] ComponentError),
    /// A component's options cannot be had.
    #[error("the options of `{name}` cannot be had: {reason}")]
    NoOptions {
        /// The component.
        name: String,
        /// Why not.
        reason: String,
    },
    /// A project cannot be made or built.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// A component cannot be held against the test plan.
    #[error("`{name}` cannot be examined: {error}")]
    NotExamined {
        /// The component.
        name: String,
        /// Why not.
        error: ConformanceError,
    },
    /// The plan is not one.
    #[error(transparent)]
    Plan(#[from] PlanErrors),
    /// A file cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// Results files cannot be put together.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// The run could not start.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The embedded target could not start.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The system refused something.
    #[error("{doing}: {error}")]
    System {
        /// What was being done.
        doing: &'static str,
        /// The system's words.
        error: std::io::Error,
    },
    /// How the embedded target behaves was said, and there is none.
    #[error("--latency and --fault-rate say how the embedded target behaves: add --demo")]
    NoEmbeddedTarget,
    /// Several runs would write one file.
    #[error(
        "--summary-export names one file, and there are {0} runs to write it: run them one at a time"
    )]
    OneExport(usize),
    /// Somebody who should have confirmed the run did not.
    #[error("{0}")]
    NotConfirmed(String),
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        Self::Plan(error.into())
    }
}

impl Failure {
    /// The exit code that it has.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Component(error) if !error.is_usage() => Exit::ArtifactRefused,
            Self::NoOptions { .. } => Exit::ArtifactRefused,
            _ => Exit::Usage,
        }
    }
}

/// The folder that searches for lock and plan files start in.
fn current_folder() -> Result<std::path::PathBuf, Failure> {
    std::env::current_dir().map_err(|error| Failure::System {
        doing: "the current folder cannot be told",
        error,
    })
}
