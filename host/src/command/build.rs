//! `vuelo build`.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::Path;
use std::time::Instant;

use serde_json::json;

use super::{Exit, Failure};
use crate::cli::BuildArgs;
use crate::component::{self, Artifact, Contents, Lock};
use crate::project::{self, Built, Project};
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
    let built = project::build(&project, &mut |step| {
        let description = format!("{}: {step}", project.name);
        // The one before ends first: both have one line.
        drop(waiting.take());
        waiting = Some(Waiting::new(description, args.json, terminal));
    });
    drop(waiting);
    let Built { path, bytes } = built?;
    let artifact = Artifact::of_file(&path, bytes);
    let contents = component::contents(&artifact)?;
    if args.pin {
        let lock = project.folder.join(Lock::FILE_NAME);
        Lock::pin(&lock, &artifact.name, &path, artifact.digest)?;
    }
    let shown = path
        .strip_prefix(std::env::current_dir().unwrap_or_default())
        .unwrap_or(&path);
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
        report::print(&text(shown, &artifact, &contents, took, args.pin));
    }
    Ok(Exit::Passed)
}

fn text(path: &Path, of: &Artifact, contents: &Contents, took: f64, pinned: bool) -> String {
    let mut text = format!("built {} in {took:.1} s\n", path.display());
    let mut line = |title: &str, content: &str| {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "  {title:8} {content}");
    };
    line("digest", &of.digest.to_string());
    line("size", &format!("{} bytes", of.bytes.len()));
    for (place, name) in contents.imports.iter().enumerate() {
        line(if place == 0 { "imports" } else { "" }, name);
    }
    for (place, name) in contents.exports.iter().enumerate() {
        line(if place == 0 { "exports" } else { "" }, name);
    }
    if pinned {
        line(
            "pinned",
            &format!("in {}: vuelo run {}", Lock::FILE_NAME, of.name),
        );
    }
    text
}
