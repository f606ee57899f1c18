//! `vuelo conformance`

use clap::Args;

/// Hold a component against the test plan for guests.
///
/// For whoever brings a language to Vuelo: the component does what the cases of
/// docs/guest-conformance.md ask for, and this says which of them hold.
#[derive(Debug, Args)]
pub struct ConformanceArgs {
    /// A path to a .wasm file, or a name from vuelo.lock
    #[arg(value_name = "FILE", required_unless_present = "plan")]
    pub file: Option<String>,

    /// Only the cases with this in their name
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,

    /// Print JSON
    #[arg(long, conflicts_with = "plan")]
    pub json: bool,

    /// Print the plan itself, in Markdown, and run nothing
    #[arg(long, conflicts_with_all = ["file", "only"])]
    pub plan: bool,
}
