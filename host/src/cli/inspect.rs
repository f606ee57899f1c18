//! `vuelo inspect`

use clap::Args;

/// Show what a component imports, exports and asks for.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// A path to a .wasm file, or a name from vuelo.lock
    #[arg(value_name = "FILE")]
    pub file: String,

    /// The lock file, in place of the nearest vuelo.lock upwards
    #[arg(long, value_name = "FILE")]
    pub lock: Option<std::path::PathBuf>,

    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
