//! Python, by componentize-py, with CPython inside.

use std::path::Path;

use super::error::ProjectError;
use super::language::Language;
use super::settings::Project;
use super::tool::Tool;
use super::world;
use super::{Teller, Told};

/// The folder of the project's own environment.
const ENVIRONMENT: &str = ".venv";

pub(super) fn build(
    project: &Project,
    component: &Path,
    tell: Teller<'_>,
) -> Result<(), ProjectError> {
    project.source("scenario.py")?;
    let folder = &project.folder;
    let environment = folder.join(ENVIRONMENT);
    let own = environment.join("bin/componentize-py");
    let install = Language::Python.installing();
    let tool = Tool::find(Language::Python, "componentize-py", Some(own), install)?;
    let wit = world::write(project)?;
    tell(Told::Step("componentize-py makes a component of it"));
    tool.command(folder)
        .arg("--quiet")
        .arg("--wit-path")
        .arg(&wit)
        .args(["--world", world::WORLD, "componentize"])
        .args(["--python-path", ".", "--python-path"])
        .arg(project.library(Language::Python))
        .arg("--output")
        .arg(component)
        .arg("scenario")
        // It looks for packages in the environment that is active.
        .env("VIRTUAL_ENV", &environment)
        // A mistake of the author's is told by Python's own traceback.
        .env("RUST_BACKTRACE", "0")
        .run(tell)?;
    Ok(())
}
