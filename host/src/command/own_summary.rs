//! A scenario's own summary, in place of the built-in one.

use std::path::Path;

use crate::run::{self, Job};
use crate::vu::{SummaryDestination, SummaryOutput};
use crate::{output, report};

/// Lets the component write its own summary; false where it has none. What goes
/// wrong with it is said, and the built-in one takes its place.
pub(super) fn own_summary(folder: &Path, quiet: bool, job: &Job, results: &str) -> bool {
    let wrong = |reason: String| {
        let reason = job.plan.masked(&reason);
        report::print_error(&format!(
            "vuelo: the scenario's own summary failed: {reason}\n"
        ));
    };
    match run::summarize(job, results) {
        Ok(Ok(Some(outputs))) => {
            for output in outputs {
                if let Err(reason) = put(folder, quiet, job, output) {
                    wrong(reason);
                }
            }
            true
        }
        Ok(Ok(None)) => false,
        Ok(Err(error)) => {
            wrong(error.to_string());
            false
        }
        Err(error) => {
            wrong(error.to_string());
            false
        }
    }
}

fn put(folder: &Path, quiet: bool, job: &Job, output: SummaryOutput) -> Result<(), String> {
    let text = job.plan.masked(&output.text);
    match output.destination {
        SummaryDestination::Stdout if quiet => {}
        SummaryDestination::Stdout => report::print(&text),
        SummaryDestination::Stderr => report::print_error(&text),
        SummaryDestination::File(name) => {
            let mut parts = Path::new(&name).components();
            let single = matches!(
                (parts.next(), parts.next()),
                (Some(std::path::Component::Normal(_)), None)
            );
            if !single {
                return Err(format!(
                    "`{name}` is not the name of a file in the results folder; it was left out"
                ));
            }
            output::write_whole(&folder.join(&name), &text).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}
