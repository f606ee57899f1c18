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

/// A server that answers each request with its own `authorization` header.
fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 2048];
            let length = stream.read(&mut request).unwrap();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let mut lines = request.lines();
            let line = lines
                .find(|line| line.starts_with("authorization"))
                .unwrap_or("none");
            let length = line.len();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{line}");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

#[test]
fn a_secret_that_a_server_echoes_is_masked_wherever_it_comes_out() {
    let url = format!("BASE_URL={}", echo());
    for (what, code) in [
        ("DO=say the token", 0),
        ("SETUP=panic with what the server echoes", 107),
    ] {
        let folder = Folder::new().with_guest();
        let arguments = ["run", "guest.wasm", "-i", "1", "-e", what, "-e", &url];
        let ran = folder
            .command(&arguments)
            .env("TOKEN", TOKEN)
            .output()
            .unwrap();
        let ran = Ran::new(ran)
            .ends_with(code)
            .says("authorization: Bearer ***");
        ran.does_not_say(TOKEN);
        assert!(!folder.all_text().contains(TOKEN));
    }
}

#[test]
fn the_token_is_not_in_the_list_of_processes() {
    let folder = Folder::new().with_guest();
    let mut command = folder.command(&["run", "guest.wasm", "-d", "3s"]);
    let mut child = command.env("TOKEN", TOKEN).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    let line = std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    assert!(String::from_utf8_lossy(&line).contains("guest.wasm"));
    assert!(!String::from_utf8_lossy(&line).contains(TOKEN));
    child.wait().unwrap();
}
