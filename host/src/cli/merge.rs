//! `vuelo merge`

use std::path::PathBuf;

use clap::Args;

/// Put the results of a run's parts together, and judge the whole by its
/// thresholds.
///
/// The parts are runs of one scenario with one plan and seed, each with another
/// --execution-segment. What comes out is what one process would have measured.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The results files of the parts
    #[arg(value_name = "FILE", required = true, num_args = 1..)]
    pub files: Vec<PathBuf>,

    /// Where to write the results of the whole
    #[arg(short, long, value_name = "FILE", conflicts_with = "results")]
    pub output: Option<PathBuf>,

    /// The folder for the results of the whole, under a name as `vuelo run` gives
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,

    /// Merge what is there, also where parts are missing
    #[arg(long)]
    pub allow_missing: bool,

    /// Print no summary
    #[arg(short, long)]
    pub quiet: bool,

    /// Print without colours
    #[arg(long)]
    pub no_color: bool,
}
