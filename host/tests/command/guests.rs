//! The scenario of the tests, built once.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests");

/// The scenario that does what its key `DO` says.
pub fn rust() -> &'static [u8] {
    static GUEST: OnceLock<Vec<u8>> = OnceLock::new();
    GUEST.get_or_init(|| {
        let target = "wasm32-wasip2";
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests/rust");
        run(Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--profile", "scenario"])
            .args(["--target", target, "--manifest-path"])
            .arg(Path::new(SOURCES).join("rust/Cargo.toml"))
            .env("CARGO_TARGET_DIR", &folder));
        let component = folder.join(target).join("scenario/vuelo_test_guest.wasm");
        std::fs::read(component).unwrap()
    })
}

/// Runs a command that is to end well. What it wrote to standard output.
#[track_caller]
pub fn run(command: &mut Command) -> String {
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
    said(&output.stdout)
}
