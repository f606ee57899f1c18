//! JavaScript and TypeScript: esbuild makes one module of the sources, and
//! componentize-qjs or componentize-js a component of it, with an interpreter
//! inside. They are what jco calls for either; it brings much that nobody needs here.

use std::path::Path;

use super::error::ProjectError;
use super::language::{Backend, Language};
use super::settings::Project;
use super::tool::Tool;
use super::world;
use super::{Teller, Told};

/// What is made of the sources.
const MODULE: &str = "scenario.js";

pub(super) fn build(
    project: &Project,
    component: &Path,
    tell: Teller<'_>,
) -> Result<(), ProjectError> {
    let source = match project.language {
        Language::TypeScript => "scenario.ts",
        _ => "scenario.js",
    };
    project.source(source)?;
    let folder = &project.folder;
    let tool = |name: &str| {
        let own = folder.join("node_modules/.bin").join(name);
        Tool::of_project(project.language, own, project.language.installing())
    };
    // They are scripts.
    Tool::find(
        project.language,
        "node",
        None,
        "apt-get install nodejs npm (or https://nodejs.org/en/download, where it is older than 20.11)",
    )?;
    let esbuild = tool("esbuild")?;
    let wit = world::write(project)?;
    if project.language == Language::TypeScript {
        tell(Told::Step("tsc checks the types"));
        tool("tsc")?.command(folder).arg("--noEmit").run(tell)?;
    }
    tell(Told::Step("esbuild bundles it"));
    let module = project.build_folder()?.join(MODULE);
    esbuild
        .command(folder)
        .arg(source)
        .args(["--bundle", "--format=esm", "--target=es2022"])
        .args([
            "--log-level=warning",
            "--external:vuelo:*",
            "--external:wasi:*",
        ])
        .arg(format!("--outfile={}", module.display()))
        .run(tell)?;
    match project.backend {
        Backend::QuickJs => {
            let componentize = tool("componentize-qjs")?;
            tell(Told::Step("componentize-qjs makes a component of it"));
            let command = componentize.command(folder).arg("--js").arg(&module);
            // The contract is one of plain functions.
            let command = command.args(["--sync", "--world", world::WORLD]);
            let command = command.arg("--wit").arg(&wit);
            command.arg("--output").arg(component).run(tell)?;
        }
        Backend::StarlingMonkey => {
            let componentize = tool("componentize-js")?;
            tell(Told::Step("componentize-js makes a component of it"));
            let command = componentize.command(folder).arg(&module);
            let command = command.args(["--world-name", world::WORLD]);
            let command = command.arg("--wit").arg(&wit);
            command.arg("--out").arg(component).run(tell)?;
        }
    }
    Ok(())
}
