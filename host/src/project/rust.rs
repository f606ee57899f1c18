//! Rust, by cargo.

use std::path::Path;

use serde_json::Value;

use super::error::ProjectError;
use super::language::Language;
use super::settings::Project;
use super::tool::Tool;
use super::{Teller, Told};

const TARGET: &str = "wasm32-wasip2";

pub(super) fn build(
    project: &Project,
    component: &Path,
    tell: Teller<'_>,
) -> Result<(), ProjectError> {
    let manifest = project.source("Cargo.toml")?;
    let tool = |name| Tool::find(Language::Rust, name, None, Language::Rust.installing());
    let (cargo, rustc) = (tool("cargo")?, tool("rustc")?);
    let folder = &project.folder;
    let library = rustc
        .command(folder)
        .args(["--print", "target-libdir", "--target", TARGET])
        .run(tell)?;
    if !Path::new(&library).is_dir() {
        return Err(ProjectError::ToolMissing {
            language: Language::Rust,
            tool: format!("the standard library for {TARGET}"),
            install: format!("rustup target add {TARGET}"),
        });
    }
    tell(Told::Step("cargo builds it"));
    let sysroot = rustc
        .command(folder)
        .args(["--print", "sysroot"])
        .run(tell)?;
    let built = cargo
        .command(folder)
        .args(["build", "--release", "--target", TARGET, "--manifest-path"])
        .arg(&manifest)
        .args(["--message-format", "json-render-diagnostics", "--config"])
        .arg(remapped(project, sysroot.trim()))
        // In place of every flag of the project's own, the stack's size included.
        .without_env("RUSTFLAGS")
        .without_env("CARGO_ENCODED_RUSTFLAGS")
        .run(tell)?;
    let file = component_of(&built, &manifest).ok_or(ProjectError::NoComponent {
        language: Language::Rust,
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

/// The project's component among what cargo says that it made: of a workspace, or
/// with programs and examples beside the library, it makes more.
fn component_of(messages: &str, manifest: &Path) -> Option<String> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut own = messages.filter(|message| {
        message["reason"] == "compiler-artifact"
            && message["manifest_path"] == *manifest.to_string_lossy()
            && message["target"]["kind"]
                .as_array()
                .is_some_and(|kinds| kinds.iter().any(|kind| kind == "cdylib"))
    });
    let files = own.next()?["filenames"].as_array()?.clone();
    let mut files = files.iter().filter_map(Value::as_str);
    files
        .find(|file| file.ends_with(".wasm"))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_component_is_that_of_the_project_s_own_library() {
        let said = r#"{"reason":"compiler-artifact","manifest_path":"/r/serde/Cargo.toml","target":{"kind":["lib"]},"filenames":["/t/libserde.rlib"]}
                      {"reason":"compiler-artifact","manifest_path":"/p/Cargo.toml","target":{"kind":["cdylib","rlib"]},"filenames":["/t/libshop.rlib","/t/shop.wasm"]}
                      {"reason":"compiler-artifact","manifest_path":"/p/Cargo.toml","target":{"kind":["bin"]},"filenames":["/t/tool.wasm"]}
                      {"reason":"build-finished","success":true}"#;
        let of = |said, manifest: &str| component_of(said, manifest.as_ref());
        assert_eq!(of(said, "/p/Cargo.toml").as_deref(), Some("/t/shop.wasm"));
        assert_eq!(of(said, "/other/Cargo.toml"), None);
        assert_eq!(of("not json", "/p/Cargo.toml"), None);
    }
}
