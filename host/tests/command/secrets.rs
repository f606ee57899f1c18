//! A secret appears nowhere.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::harness::{Folder, Ran, TargetProcess};

const TOKEN: &str = "s3cr3t-t0k3n-9f8e7d";

#[test]
fn the_token_is_in_no_output_no_result_no_dry_run_and_no_error() {
    let target = TargetProcess::start(&["--token", TOKEN]);
    for (arguments, code) in [
        (
            vec!["run", "a2a", "--base-url", &target.url, "-i", "2", "-v"],
            0,
        ),
        (
            vec!["run", "a2a", "--base-url", &target.url, "--dry-run"],
            0,
        ),
        (
            vec!["run", "a2a", "--base-url", "http://127.0.0.1:1", "-i", "1"],
            107,
        ),
    ] {
        let folder = Folder::new();
        let ran = folder
            .command(&arguments)
            .env("AUTH_TOKEN", TOKEN)
            .output()
            .unwrap();
        Ran::new(ran).ends_with(code).does_not_say(TOKEN);
        assert!(!folder.all_text().contains(TOKEN));
    }
}

#[test]
fn a_secret_on_the_command_line_is_refused() {
    let folder = Folder::new();
    let ran = folder.vuelo(&[
        "run",
        "a2a",
        "--dry-run",
        "-e",
        &format!("AUTH_TOKEN={TOKEN}"),
    ]);
    ran.ends_with(104).says("AUTH_TOKEN").does_not_say(TOKEN);
}

#[test]
fn a_secret_can_come_from_a_file() {
    let target = TargetProcess::start(&["--token", TOKEN]);
    let folder = Folder::new().with("token", format!("{TOKEN}\n"));
    let arguments = [
        "run",
        "a2a",
        "--base-url",
        &target.url,
        "-i",
        "1",
        "--secret",
        "AUTH_TOKEN=@token",
    ];
    folder.vuelo(&arguments).ends_with(0).does_not_say(TOKEN);
}

#[test]
fn a_secret_that_a_server_echoes_is_masked_in_the_log() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 2048];
        let length = stream.read(&mut request).unwrap();
        let request = String::from_utf8_lossy(&request[..length]).into_owned();
        let line = request
            .lines()
            .find(|line| line.starts_with("authorization"))
            .unwrap_or("none");
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{line}",
            line.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
    });
    let folder = Folder::new().with_guest();
    let arguments = [
        "run",
        "guest.wasm",
        "-i",
        "1",
        "-e",
        "DO=say the token",
        "-e",
        &format!("BASE_URL={url}"),
    ];
    let ran = folder
        .command(&arguments)
        .env("TOKEN", TOKEN)
        .output()
        .unwrap();
    Ran::new(ran)
        .ends_with(0)
        .says("the server says authorization: Bearer ***")
        .does_not_say(TOKEN);
}
