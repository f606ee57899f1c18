//! The package `websockets` of PyPI, and scenarios that speak to it by the built
//! command.

use std::process::{Command, Stdio};

use crate::guests;
use crate::rows::Table;
use crate::servers::folder;

const NAME: &str = "websockets";

pub fn try_all(table: &mut Table) {
    let folder = folder();
    let guest = folder.path().join("guest.wasm");
    std::fs::write(&guest, guests::rust()).unwrap();
    let output = Command::new("bash")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/conformance/websocket/run.sh"
        ))
        .arg(env!("CARGO_BIN_EXE_vuelo"))
        .arg(&guest)
        .env(
            "VUELO_CACHE_DIR",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"),
        )
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for line in text.lines() {
        let (what, came) = line.split_once('\t').expect("a subject and a result");
        table.row(NAME, what, "passed", came);
    }
    assert!(!text.is_empty(), "nothing was tried");
}
