//! Rust, by cargo.

use std::path::Path;

use serde_json::Value;

use super::error::ProjectError;
use super::language::Language;
use super::settings::Project;
use super::tool::Tool;

const TARGET: &str = "wasm32-wasip2";

pub(super) fn build(
    project: &Project,
    component: &Path,
    step: &mut dyn FnMut(&str),
) -> Result<(), ProjectError> {
    let manifest = project.source("Cargo.toml")?;
    let tool = |name| {
        let install = "curl --proto =https -sSf https://sh.rustup.rs | sh";
        Tool::find(Language::Rust, name, &[], install)
    };
    let (cargo, rustc) = (tool("cargo")?, tool("rustc")?);
    let folder = &project.folder;
    let library = rustc
        .command(folder)
        .args(["--print", "target-libdir", "--target", TARGET])
        .run()?;
    if !Path::new(&library).is_dir() {
        return Err(ProjectError::ToolMissing {
            language: Language::Rust,
            tool: format!("the standard library for {TARGET}"),
            install: format!("rustup target add {TARGET}"),
        });
    }
    step("cargo builds it");
    let sysroot = rustc.command(folder).args(["--print", "sysroot"]).run()?;
    let built = cargo
        .command(folder)
        .args(["build", "--release", "--target", TARGET, "--manifest-path"])
        .arg(&manifest)
        .args(["--message-format", "json-render-diagnostics", "--config"])
        .arg(remapped(project, sysroot.trim()))
        // In place of every flag of the project's own, the stack's size included.
        .without_env("RUSTFLAGS")
        .without_env("CARGO_ENCODED_RUSTFLAGS")
        .run()?;
    let file = component_of(&built).ok_or_else(|| ProjectError::NoComponent {
        tool: "cargo".to_owned(),
        reason: "the library of `Cargo.toml` needs `crate-type = [\"cdylib\", \"rlib\"]`"
            .to_owned(),
    })?;
    std::fs::copy(file, component).map_err(ProjectError::file("write", component))?;
    Ok(())
}

/// The setting that keeps paths of this machine out of the component: its digest
/// would be another one on every machine.
fn remapped(project: &Project, sysroot: &str) -> String {
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(
        || dirs::home_dir().unwrap_or_default().join(".cargo"),
        Into::into,
    );
    let flag = |from: &Path, to: &str| {
        let flag = format!("--remap-path-prefix={}={to}", from.display());
        Value::from(flag).to_string()
    };
    let flags = [
        flag(&project.folder, "/scenario"),
        flag(&project.sdk, "/vuelo"),
        flag(&cargo_home, "/cargo"),
        flag(Path::new(sysroot), "/rust"),
    ];
    format!("target.{TARGET}.rustflags=[{}]", flags.join(","))
}

/// The component among what cargo says that it made.
fn component_of(messages: &str) -> Option<String> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let files = messages
        .filter(|message| message["reason"] == "compiler-artifact")
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default());
    let components = files.filter_map(|file| Some(file.as_str()?.to_owned()));
    // The last one is the project's own.
    components.rev().find(|file| file.ends_with(".wasm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_component_is_the_last_that_cargo_made() {
        let said = r#"{"reason":"compiler-artifact","filenames":["/t/libserde.rlib"]}
                      {"reason":"compiler-artifact","filenames":["/t/libshop.rlib","/t/shop.wasm"]}
                      {"reason":"build-finished","success":true}"#;
        assert_eq!(component_of(said).as_deref(), Some("/t/shop.wasm"));
        assert_eq!(component_of("not json"), None);
    }
}
