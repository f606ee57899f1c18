//! What the command line takes: clap's definitions and nothing else, a file for
//! each subcommand.

mod build;
mod conformance;
mod inspect;
mod merge;
mod new;
mod run;
mod target;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Parser, Subcommand};

pub use build::BuildArgs;
pub use conformance::ConformanceArgs;
pub use inspect::InspectArgs;
pub use merge::MergeArgs;
pub use new::NewArgs;
pub use run::RunArgs;
pub use target::{BehaviourArgs, TargetArgs};

/// A load-test runner whose scenarios are WebAssembly components.
#[derive(Debug, Parser)]
#[command(name = "vuelo", version, about, arg_required_else_help = true, max_term_width = 100, styles = STYLES)]
#[command(after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run scenarios and judge them by their thresholds
    Run(Box<RunArgs>),
    /// Make a scenario's project, in one of six languages
    New(NewArgs),
    /// Build a scenario's project into a component
    Build(BuildArgs),
    /// Show what a component imports, exports and asks for
    Inspect(InspectArgs),
    /// Hold a component against the test plan for guests
    Conformance(ConformanceArgs),
    /// Put the results of a run's parts together
    Merge(MergeArgs),
    /// Serve the embedded target, a server to try scenarios on
    Target(TargetArgs),
}

const EXIT_CODES: &str = "Exit codes: 0 passed, 94 artifact refused, 95 invalid run, \
99 thresholds failed, 100 and 101 setup or teardown timed out, 104 usage, 105 stopped, \
107 setup failed, 108 aborted, 110 marked failed.";

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
