//! `vuelo run`.

use std::path::PathBuf;

use clap::Args;

use super::TargetBehaviour;

/// Run scenarios and judge what they measured.
#[derive(Debug, Args)]
#[command(after_help = "Values are taken from the first of: flags, process environment, named \
environment, plan file, the scenario's own defaults.")]
pub struct RunArgs {
    /// What to run, one after another: names of vuelo.lock, paths to .wasm files, or `all`
    #[arg(value_name = "NAME|FILE", required = true)]
    pub scenarios: Vec<String>,

    /// Use a named environment of the plan file; with a `=`, the same as -e
    #[arg(long, value_name = "NAME")]
    pub env: Vec<String>,

    /// Set a configuration key that the scenario declares
    #[arg(short = 'e', value_name = "KEY=VALUE")]
    pub config: Vec<String>,

    /// Take a secret from the environment variable KEY, or from a file
    #[arg(long, value_name = "KEY[=@FILE]")]
    pub secret: Vec<String>,

    /// The same as -e BASE_URL=URL
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,

    /// The same as -e WEB_URL=URL
    #[arg(long, value_name = "URL")]
    pub web_url: Option<String>,

    /// The same as -e CCR_URL=URL
    #[arg(long, value_name = "URL")]
    pub ccr_url: Option<String>,

    /// Run this many virtual users, in place of the scenario's own stages
    #[arg(short = 'u', long, value_name = "N", help_heading = "Load")]
    pub vus: Option<u32>,

    /// For this long, as `30s` or `1m30s`
    #[arg(short = 'd', long, value_name = "DURATION", help_heading = "Load")]
    pub duration: Option<String>,

    /// Run this many iterations in all
    #[arg(short = 'i', long, value_name = "N", help_heading = "Load")]
    pub iterations: Option<u64>,

    /// Ramp to a number of virtual users, as `30s:20`; several are run one after another
    #[arg(short = 's', long = "stage", value_name = "DURATION:VUS", help_heading = "Load")]
    pub stages: Vec<String>,

    /// Multiply the length of stages, not of think time
    #[arg(long, value_name = "FACTOR", help_heading = "Load")]
    pub time_scale: Option<f64>,

    /// Repeat the draws of this seed
    #[arg(long, value_name = "N", help_heading = "Load")]
    pub seed: Option<u64>,

    /// The plan file; else the nearest vuelo.toml upwards
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,

    /// The lock file; else the nearest vuelo.lock upwards, else the artifacts in this binary
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,

    /// Run against an embedded target in this process
    #[arg(long, help_heading = "Demo")]
    pub demo: bool,

    /// How the embedded target behaves.
    #[command(flatten, next_help_heading = "Demo")]
    pub behaviour: TargetBehaviour,

    /// Print the resolved plan and stop
    #[arg(long)]
    pub dry_run: bool,

    /// Archive results in this folder
    #[arg(long, value_name = "DIR", default_value = "results", help_heading = "Output")]
    pub results: PathBuf,

    /// Write k6's older summary to this file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub summary_export: Option<PathBuf>,

    /// Show no progress and no summary, only warnings and errors
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,

    /// Show debug lines of scenarios too
    #[arg(short, long, help_heading = "Output")]
    pub verbose: bool,

    /// Use no colours
    #[arg(long, help_heading = "Output")]
    pub no_color: bool,

    /// Do not ask before a run that the plan file says to confirm
    #[arg(short, long)]
    pub yes: bool,
}
