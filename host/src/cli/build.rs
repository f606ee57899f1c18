//! `vuelo build`

use std::path::PathBuf;

use clap::Args;

/// Build a scenario's project into a component, by its language's own tools.
///
/// What `vuelo.toml` says in `[build]` is built: NAME.wasm in the project's
/// folder. A tool that is missing is named, with the command that installs it.
#[derive(Debug, Args)]
pub struct BuildArgs {
    /// The project's folder
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,

    /// Pin what came out in the project's vuelo.lock, so that `vuelo run NAME` runs this and nothing else
    #[arg(long)]
    pub pin: bool,

    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
