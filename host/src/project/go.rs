//! Go, by its own compiler, for the first version of WASI.

use std::path::Path;

use super::error::ProjectError;
use super::language::Language;
use super::sdk::write_file;
use super::settings::Project;
use super::tool::Tool;
use super::{Teller, Told, encoding, world};

pub(super) fn build(
    project: &Project,
    component: &Path,
    tell: Teller<'_>,
) -> Result<(), ProjectError> {
    project.source("scenario.go")?;
    let folder = &project.folder;
    // The whole toolchain in the project's own environment; a Go that is installed
    // does as well.
    let own = folder.join(".venv/bin/go");
    let go = Tool::find(Language::Go, "go", Some(own), Language::Go.installing())?;
    let wit = world::write(project)?;
    tell(Told::Step("go compiles it"));
    let module = project.build_folder()?.join("module.wasm");
    go.command(folder)
        .args([
            "build",
            "-buildmode=c-shared",
            // Neither a path of this machine nor the state of its repository: the
            // same sources are the same component.
            "-trimpath",
            "-buildvcs=false",
            // The SDK has Go's runtime make the memory grow. Names of functions stay,
            // for traps.
            "-ldflags=-checklinkname=0",
            "-o",
        ])
        .arg(&module)
        .arg(".")
        .env("GOOS", "wasip1")
        .env("GOARCH", "wasm")
        // A newer one is not fetched behind one's back.
        .env("GOTOOLCHAIN", "local")
        .run(tell)?;
    tell(Told::Step("the module becomes a component"));
    write_file(component, &encoding::component(&module, &wit)?)
}
