//! `vuelo inspect`.

use std::path::PathBuf;

use clap::Args;

/// Say what a component is: imports, exports, options, digest.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// An artifact's name in vuelo.lock, or a path to a .wasm file
    #[arg(value_name = "NAME|FILE")]
    pub component: String,

    /// Print JSON
    #[arg(long)]
    pub json: bool,

    /// The lock file to look names up in; else the nearest vuelo.lock upwards, else the artifacts
    /// in this binary
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,
}
