//! JavaScript and TypeScript: esbuild makes one module of the sources, jco a
//! component of it, with an interpreter inside.

use std::path::Path;

use super::error::ProjectError;
use super::language::{Backend, Language};
use super::settings::Project;
use super::tool::Tool;
use super::world;

pub(super) fn build(
    project: &Project,
    component: &Path,
    step: &mut dyn FnMut(&str),
) -> Result<(), ProjectError> {
    let source = match project.language {
        Language::TypeScript => "scenario.ts",
        _ => "scenario.js",
    };
    project.source(source)?;
    let folder = &project.folder;
    let tool = |name: &str| {
        let own = folder.join("node_modules/.bin").join(name);
        Tool::find(project.language, name, &[own], "npm install")
    };
    // Of these the project has its own versions; node itself is the machine's.
    Tool::find(project.language, "node", &[], "apt-get install nodejs npm")?;
    let esbuild = tool("esbuild")?;
    let wit = world::write(project)?;
    if project.language == Language::TypeScript {
        step("tsc checks the types");
        tool("tsc")?.command(folder).arg("--noEmit").run()?;
    }
    step("esbuild bundles it");
    let module = folder.join("build/scenario.js");
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
        .run()?;
    let (componentize, step_name) = match project.backend {
        Backend::QuickJs => (tool("jco")?, "jco makes a component of it"),
        Backend::StarlingMonkey => (
            tool("componentize-js")?,
            "componentize-js makes a component of it",
        ),
    };
    step(step_name);
    let command = componentize.command(folder);
    let command = match project.backend {
        // The module's place is told by `--cwd`, so that no path of this machine
        // is in the component.
        Backend::QuickJs => command
            .args(["componentize", "build/scenario.js", "--cwd", "."])
            .args(["--backend", "quickjs", "--backend-qjs-disable-async"]),
        Backend::StarlingMonkey => command.arg("build/scenario.js"),
    };
    command
        .arg("--wit")
        .arg(&wit)
        .args(["--world-name", world::WORLD, "--out"])
        .arg(component)
        .run()?;
    Ok(())
}
