//! `vuelo inspect`.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{Exit, Failure};
use crate::cli::InspectArgs;
use crate::component::{self, Artifact, CompileCache, Inspection, Scenario, Source};
use crate::{report, run};

/// Says what a component is.
///
/// # Errors
///
/// When there is no such component, or it is none.
pub fn inspect(args: &InspectArgs) -> Result<Exit, Failure> {
    let folder = super::current_folder()?;
    let sources = Source::resolve(
        std::slice::from_ref(&args.file),
        args.lock.as_deref(),
        &folder,
    )?;
    let cache = CompileCache::open();
    for source in sources {
        let artifact = source.load()?;
        let inspection = component::inspect(&artifact, &cache)?;
        let options = options(&artifact, &cache);
        if args.json {
            report::print(&format!(
                "{:#}\n",
                as_json(&artifact, &inspection, &options)
            ));
        } else {
            report::print(&as_text(&artifact, &inspection, &options));
        }
    }
    Ok(Exit::Passed)
}

/// The component's options, or why it has none: a component that cannot be run
/// can still be looked at.
fn options(artifact: &Artifact, cache: &CompileCache) -> Result<Value, String> {
    let scenario = Scenario::compile(artifact, cache).map_err(|error| error.to_string())?;
    let text = run::options(&scenario)
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| format!("they are no JSON: {error}"))
}

fn as_json(artifact: &Artifact, of: &Inspection, options: &Result<Value, String>) -> Value {
    json!({
        "name": of.name,
        "digest": of.digest.to_string(),
        "source": artifact.origin.to_string(),
        "pinned": artifact.origin.is_pinned(),
        "size": of.size,
        "contract": of.contract,
        "imports": of.imports,
        "exports": of.exports,
        "options": options.as_ref().ok(),
        "error": options.as_ref().err(),
    })
}

fn as_text(artifact: &Artifact, of: &Inspection, options: &Result<Value, String>) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        text,
        "{}\n  digest   {}\n  source   {}",
        of.name, of.digest, artifact.origin
    );
    let _ = writeln!(
        text,
        "  size     {} bytes\n  contract vuelo:load {}",
        of.size, of.contract
    );
    for (title, names) in [("imports", &of.imports), ("exports", &of.exports)] {
        let _ = writeln!(text, "  {title}");
        for name in names {
            let _ = writeln!(text, "    {name}");
        }
    }
    match options {
        Ok(options) => {
            let options = format!("{options:#}").replace('\n', "\n    ");
            let _ = writeln!(text, "  options\n    {options}");
        }
        Err(reason) => {
            let _ = writeln!(text, "  cannot be run: {reason}");
        }
    }
    text
}
