//! `vuelo build`.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::Path;
use std::time::Instant;

use serde_json::json;

use super::loader::Loader;
use super::{Exit, Failure};
use crate::cli::BuildArgs;
use crate::component::{self, Artifact, Contents, Lock};
use crate::output;
use crate::project::{self, Built, Project, Told};
use crate::report::{self, Waiting};

/// Builds a scenario's project.
///
/// # Errors
///
/// When the folder is no project, a tool is missing or fails, or what came out is
/// no component.
pub fn build(args: &BuildArgs) -> Result<Exit, Failure> {
    let project = Project::read(&args.folder)?;
    let started = Instant::now();
    let terminal = std::io::stderr().is_terminal();
    let mut waiting = None;
    let built = project::build(&project, &mut |told| match told {
        Told::Step(step) => {
            // The one before ends first: both have one line.
            drop(waiting.take());
            let description = format!("{}: {step}", project.name);
            waiting = Some(Waiting::new(description, args.json, terminal));
        }
        Told::Warning(text) => report::print_error(&format!("{text}\n")),
    });
    drop(waiting);
    let Built { path, bytes } = built?;
    let artifact = Artifact::of_file(&path, bytes);
    let contents = component::contents(&artifact)?;
    contents.must_be_scenario(&artifact.name)?;
    let lock = project.folder.join(Lock::FILE_NAME);
    if args.pin {
        // What is pinned can be run.
        let loader = Loader::new(&project.folder, None, args.json, terminal);
        loader.load_artifact(artifact.clone())?;
        let text = Lock::pinning(&lock, &artifact.name, &path, artifact.digest)?;
        output::write_whole(&lock, &text)?;
    }
    let here = super::current_folder()?;
    let shown = path.strip_prefix(&here).unwrap_or(&path);
    let pinned = args.pin.then(|| {
        let lock = lock.strip_prefix(&here).unwrap_or(&lock);
        // Found from the project's folder, and from those below it.
        let flag = match here.starts_with(&project.folder) {
            true => String::new(),
            false => format!(" --lock {}", lock.display()),
        };
        format!("in {}: vuelo run {}{flag}", lock.display(), artifact.name)
    });
    if args.json {
        let value = json!({
            "path": path,
            "digest": artifact.digest.to_string(),
            "size": artifact.bytes.len(),
            "imports": contents.imports,
            "exports": contents.exports,
            "pinned": args.pin,
        });
        report::print(&format!("{value:#}\n"));
    } else {
        let took = started.elapsed().as_secs_f64();
        report::print(&text(shown, &artifact, &contents, took, pinned));
    }
    Ok(Exit::Passed)
}

fn text(
    path: &Path,
    of: &Artifact,
    contents: &Contents,
    took: f64,
    pinned: Option<String>,
) -> String {
    let mut text = format!("built {} in {took:.1} s\n", path.display());
    let mut line = |title: &str, content: &str| {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "  {title:8} {content}");
    };
    line("digest", &of.digest.to_string());
    line("size", &format!("{} bytes", of.bytes.len()));
    for (place, name) in contents.imports.iter().enumerate() {
        line(
            if place == 0 { "imports" } else { "" },
            &report::plain(name),
        );
    }
    for (place, name) in contents.exports.iter().enumerate() {
        line(
            if place == 0 { "exports" } else { "" },
            &report::plain(name),
        );
    }
    if let Some(pinned) = pinned {
        line("pinned", &pinned);
    }
    text
}
