//! What can be said on the command line: definitions and nothing else.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Parser, Subcommand};

mod inspect;
mod run;
mod target;

pub use inspect::InspectArgs;
pub use run::RunArgs;
pub use target::{TargetArgs, TargetBehaviour};

/// Load tests whose scenarios are WebAssembly components.
#[derive(Debug, Parser)]
#[command(name = "vuelo", version, styles = STYLES, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 passed, 95 invalid run, 99 thresholds failed, 100/101 setup or \
teardown timed out, 104 usage, 105 stopped, 107 setup failed, 108 aborted, 110 marked failed, \
94 artifact refused.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run scenarios and judge what they measured
    Run(Box<RunArgs>),
    /// Say what a component is: imports, exports, options, digest
    Inspect(InspectArgs),
    /// Serve every endpoint of the built-in scenarios, to try load tests on
    Target(TargetArgs),
}

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_are_consistent() {
        Cli::command().debug_assert();
    }
}
