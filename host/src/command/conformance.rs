//! `vuelo conformance`.

use std::fmt::Write;
use std::io::IsTerminal;

use serde_json::{Value, json};

use super::loader::Loader;
use super::{Exit, Failure};
use crate::cli::ConformanceArgs;
use crate::conformance::{self, Finding, Row, document};
use crate::report::{self, Colour, Paint};

/// Holds a component against the test plan for guests.
///
/// # Errors
///
/// When the component cannot be run at all.
pub fn conformance(args: &ConformanceArgs) -> Result<Exit, Failure> {
    let Some(file) = &args.file else {
        report::print(&document::plan());
        return Ok(Exit::Passed);
    };
    let folder = super::current_folder()?;
    let terminal = std::io::stderr().is_terminal();
    let loader = Loader::new(&folder, None, args.json, terminal);
    let loaded = loader.load(std::slice::from_ref(file))?;
    let paint = Paint::for_terminal(std::io::stdout().is_terminal(), false);
    let mut all = Vec::new();
    for loaded in loaded {
        let options = loaded.described().options.to_owned();
        let (artifact, scenario) = loaded.into_component();
        let mut subject = "";
        let told = |row: &Row| {
            if args.json {
                return;
            }
            if row.subject != subject {
                subject = row.subject;
                let heading = paint.text(Colour::Heading, subject);
                report::print(&format!("\n{heading}\n"));
            }
            report::print(&line(row, paint));
        };
        let rows = conformance::examine(&artifact, &scenario, &options, args.only.as_deref(), told)
            .map_err(|error| Failure::NotExamined {
                name: artifact.name.clone(),
                error,
            })?;
        all.extend(rows);
    }
    let failed = all
        .iter()
        .filter(|row| matches!(row.finding, Finding::Fails(_)))
        .count();
    if args.json {
        let rows: Value = all.iter().map(as_json).collect();
        report::print(&format!("{rows:#}\n"));
    } else {
        report::print(&count(&all, failed));
    }
    let held = all.iter().any(|row| row.finding == Finding::Holds);
    Ok(if failed > 0 || !held {
        Exit::Run(FAILED)
    } else {
        Exit::Passed
    })
}

/// As for thresholds: what was to hold does not.
const FAILED: u8 = 99;

fn line(row: &Row, paint: Paint) -> String {
    let mut text = String::new();
    let name = row.case;
    // Writing to a `String` cannot fail.
    let _ = match &row.finding {
        Finding::Holds => writeln!(text, "  {} {name}", paint.text(Colour::Good, "✓")),
        Finding::Unsupported(why) => writeln!(
            text,
            "  {} {name}: not in this language: {why}",
            paint.text(Colour::Faint, "–")
        ),
        Finding::Fails(wrong) => {
            let _ = writeln!(text, "  {} {name}", paint.text(Colour::Bad, "✗"));
            wrong
                .iter()
                .try_for_each(|wrong| writeln!(text, "      {wrong}"))
        }
    };
    text
}

fn count(rows: &[Row], failed: usize) -> String {
    let unsupported = rows
        .iter()
        .filter(|row| matches!(row.finding, Finding::Unsupported(_)))
        .count();
    let held = rows.len() - failed - unsupported;
    format!("\n{held} hold, {failed} fail, {unsupported} are not in this language\n")
}

fn as_json(row: &Row) -> Value {
    let (finding, details) = match &row.finding {
        Finding::Holds => ("holds", json!([])),
        Finding::Unsupported(why) => ("unsupported", json!([why])),
        Finding::Fails(wrong) => ("fails", json!(wrong)),
    };
    json!({
        "subject": row.subject,
        "case": row.case,
        "finding": finding,
        "details": details,
    })
}
