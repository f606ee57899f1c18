//! `vuelo merge`: the results of a run's parts, put together.

use std::io::IsTerminal;

use super::{Exit, Failure, run_id};
use crate::cli::MergeArgs;
use crate::output::{self, MergeError, Part, results};
use crate::report::{self, Paint, summary};

/// Puts results files of parts together, and ends as the whole run would have.
///
/// # Errors
///
/// When the files are not parts of one run, or the result cannot be written.
pub fn merge(args: &MergeArgs) -> Result<Exit, Failure> {
    let parts: Result<Vec<Part>, _> = args.files.iter().map(|path| Part::read(path)).collect();
    let id = run_id();
    let merged = output::merge(parts?, id.clone())?;
    if !merged.missing().is_empty() {
        if !args.allow_missing {
            return Err(MergeError::Missing(merged.missing().to_vec()).into());
        }
        report::print_error(&format!(
            "vuelo: parts of the run are missing: {}; what follows is of the others alone\n",
            merged.missing().join(", ")
        ));
    }
    let terminals = (
        std::io::stdout().is_terminal(),
        std::io::stderr().is_terminal(),
    );
    let paint = Paint::for_terminal(terminals.0, args.no_color);
    let record = merged.record(terminals, paint == Paint::Coloured);
    let path = match &args.output {
        Some(path) => path.clone(),
        None => {
            output::check_writable(&args.results)?;
            let started = merged.outcome().started;
            args.results
                .join(output::file_name(record.name, started, &id))
        }
    };
    // Secrets are masked in the files of the parts already.
    let text = format!("{:#}\n", results::value(&record));
    let written = output::write_whole(&path, &text);
    if !args.quiet {
        let archived = written.is_ok().then_some(path.as_path());
        report::print(&summary::text(&record, archived, paint));
    }
    written?;
    Ok(Exit::Run(merged.outcome().endings.exit_code()))
}
