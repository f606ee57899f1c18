//! Go, by its own compiler, for the first version of WASI.

use std::path::Path;

use super::error::ProjectError;
use super::language::Language;
use super::sdk::write_file;
use super::settings::Project;
use super::tool::Tool;
use super::{encoding, world};

pub(super) fn build(
    project: &Project,
    component: &Path,
    step: &mut dyn FnMut(&str),
) -> Result<(), ProjectError> {
    project.source("scenario.go")?;
    let folder = &project.folder;
    let own = folder.join(".venv/bin/go");
    let install = "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt";
    let go = Tool::find(Language::Go, "go", &[own], install)?;
    let wit = world::write(project)?;
    step("go compiles it");
    let module = project.build_folder()?.join("module.wasm");
    go.command(folder)
        // Of the two tables that debuggers read there is none; names of functions
        // stay, for traps.
        .args([
            "build",
            "-buildmode=c-shared",
            "-trimpath",
            "-ldflags=-w",
            "-o",
        ])
        .arg(&module)
        .arg(".")
        .env("GOOS", "wasip1")
        .env("GOARCH", "wasm")
        // Nothing is fetched: the one dependency is in the project.
        .env("GOFLAGS", "-mod=mod")
        .env("GOPROXY", "off")
        .env("GOTOOLCHAIN", "local")
        .run()?;
    step("the module becomes a component");
    write_file(component, &encoding::component(&module, &wit)?)
}
