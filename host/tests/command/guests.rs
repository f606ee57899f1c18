//! The scenarios of the tests, each built once, with its language's own tools.
//! These are installed below `target/`, in the versions that the folder of the
//! guest pins.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests");
const CONTRACT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit");
const WORLD: &str = "load-test-with-setup";

/// The scenario that does what its key `DO` says.
pub fn rust() -> &'static [u8] {
    static GUEST: OnceLock<Vec<u8>> = OnceLock::new();
    GUEST.get_or_init(|| {
        let target = "wasm32-wasip2";
        let folder = folder("rust");
        run(Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--profile", "scenario"])
            .args(["--target", target, "--manifest-path"])
            .arg(Path::new(SOURCES).join("rust/Cargo.toml"))
            .env("CARGO_TARGET_DIR", &folder));
        read(&folder.join(target).join("scenario/vuelo_test_guest.wasm"))
    })
}

/// By jco, with QuickJS inside.
pub fn javascript() -> &'static [u8] {
    static GUEST: OnceLock<Vec<u8>> = OnceLock::new();
    GUEST.get_or_init(|| {
        let folder = folder("javascript");
        for file in ["guest.js", "package.json", "package-lock.json"] {
            copy("javascript", file, &folder);
        }
        if !is_installed(&folder, "package-lock.json") {
            run(Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund", "--loglevel", "error"])
                .current_dir(&folder));
            installed(&folder, "package-lock.json");
        }
        run(Command::new(folder.join("node_modules/.bin/jco"))
            .args(["componentize", "guest.js", "--out", "guest.wasm", "--wit"])
            .arg(CONTRACT)
            .args(["--world-name", WORLD])
            .args(["--backend", "quickjs", "--backend-qjs-disable-async"])
            .current_dir(&folder));
        read(&folder.join("guest.wasm"))
    })
}

/// By componentize-py, with CPython inside.
pub fn python() -> &'static [u8] {
    static GUEST: OnceLock<Vec<u8>> = OnceLock::new();
    GUEST.get_or_init(|| {
        let folder = folder("python");
        for file in ["guest.py", "requirements.txt"] {
            copy("python", file, &folder);
        }
        if !is_installed(&folder, "requirements.txt") {
            run(Command::new("python3")
                .args(["-m", "venv", "--clear", "environment"])
                .current_dir(&folder));
            run(Command::new(folder.join("environment/bin/pip"))
                .args(["install", "--quiet", "--disable-pip-version-check"])
                .args(["--requirement", "requirements.txt"])
                .current_dir(&folder));
            installed(&folder, "requirements.txt");
        }
        run(Command::new(folder.join("environment/bin/componentize-py"))
            .args(["--quiet", "--wit-path", CONTRACT, "--world", WORLD])
            .args(["componentize", "guest", "--output", "guest.wasm"])
            .current_dir(&folder));
        read(&folder.join("guest.wasm"))
    })
}

fn folder(language: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("guests")
        .join(language);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn copy(language: &str, file: &str, to: &Path) {
    std::fs::copy(Path::new(SOURCES).join(language).join(file), to.join(file)).unwrap();
}

/// Whether exactly this list was installed, to its end.
fn is_installed(folder: &Path, list: &str) -> bool {
    std::fs::read(folder.join("installed")).ok() == Some(read(&folder.join(list)))
}

fn installed(folder: &Path, list: &str) {
    std::fs::copy(folder.join(list), folder.join("installed")).unwrap();
}

fn read(file: &Path) -> Vec<u8> {
    std::fs::read(file).unwrap()
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        said(&output.stdout),
        said(&output.stderr)
    );
}
