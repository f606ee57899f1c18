//! The projects below `scenarios-wasm`, built in their folders.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use super::guests::run;

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios-wasm");
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The component of a project, built once.
pub fn built(project: &str) -> PathBuf {
    static BUILT: Mutex<Option<HashMap<String, PathBuf>>> = Mutex::new(None);
    // Tools that install into one folder are better off one after another.
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let built = built.get_or_insert_default();
    if let Some(component) = built.get(project) {
        return component.clone();
    }
    let folder = Path::new(SCENARIOS).join(project);
    let component = build(&folder);
    built.insert(project.to_owned(), component.clone());
    component
}

/// The conformance scenario in JavaScript, with the other interpreter.
pub fn built_with_starlingmonkey() -> PathBuf {
    // Whatever is to be installed is installed there.
    built("conformance/javascript");
    let from = Path::new(SCENARIOS).join("conformance/javascript");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("starlingmonkey");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    for entry in std::fs::read_dir(&from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name != "vuelo.toml" && name != "build" {
            std::os::unix::fs::symlink(&path, folder.join(name)).unwrap();
        }
    }
    let root = Path::new(ROOT).canonicalize().unwrap();
    let settings = format!(
        "[build]\nname = \"conformance-starlingmonkey\"\nlanguage = \"javascript\"\n\
         exports = [\"setup\", \"teardown\", \"summary\"]\nbackend = \"starlingmonkey\"\nsdk = {root:?}\n"
    );
    std::fs::write(folder.join("vuelo.toml"), settings).unwrap();
    build(&folder)
}

/// Installs what the project's tools are, and builds it.
fn build(folder: &Path) -> PathBuf {
    install(folder);
    let output = run(vuelo().arg("build").arg(folder).arg("--json"));
    let said: serde_json::Value = serde_json::from_str(&output).unwrap();
    PathBuf::from(said["path"].as_str().unwrap())
}

/// The command, with the environment that tools need.
pub fn vuelo() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vuelo"));
    // Crates in Rust share what they are built of.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("languages/rust");
    command.env("CARGO_TARGET_DIR", target);
    command
}

/// By the command that `vuelo build` would name.
fn install(folder: &Path) {
    let list = |name: &str| folder.join(name).is_file();
    if list("package-lock.json") {
        once(
            folder,
            "package-lock.json",
            "node_modules",
            "npm ci --no-audit --no-fund --loglevel error",
        );
    }
    if list("requirements.txt") {
        let install = "python3 -m venv --clear .venv && .venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt";
        once(folder, "requirements.txt", ".venv", install);
    }
}

/// Runs a command where what it brought is not of exactly this list.
fn once(folder: &Path, list: &str, brought: &str, command: &str) {
    let list = std::fs::read(folder.join(list)).unwrap();
    let mark = folder.join(brought).join("installed-of");
    if std::fs::read(&mark).ok().as_ref() != Some(&list) {
        run(Command::new("sh").args(["-c", command]).current_dir(folder));
        std::fs::write(mark, list).unwrap();
    }
}
