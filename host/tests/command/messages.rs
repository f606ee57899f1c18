//! What an answer asks for, and the bodies of requests: through the contract, with
//! samples for everything that goes over the wire.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Folder, Ran};

const TOKEN: &str = "s3cr3t-t0k3n-9f8e7d";

/// A request as it came: head and body, chunks taken apart.
fn request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let head = loop {
        if let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = all.split_off(end + 4);
            break String::from_utf8(std::mem::replace(&mut all, rest)).unwrap();
        }
        read(stream, &mut all)?;
    };
    if head.contains("expect: 100-continue") {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
    if value("transfer-encoding: ").is_some() {
        while !all.ends_with(b"0\r\n\r\n") {
            read(stream, &mut all)?;
        }
        let text = String::from_utf8(all).unwrap();
        // Every second line is a length.
        let body: String = text.split("\r\n").skip(1).step_by(2).collect();
        return Some((head, body.into_bytes()));
    }
    let length = value("content-length: ").map_or(0, |length| length.parse().unwrap());
    while all.len() < length {
        read(stream, &mut all)?;
    }
    Some((head, all))
}

fn read(stream: &mut TcpStream, all: &mut Vec<u8>) -> Option<()> {
    let mut piece = [0; 4096];
    let length = stream.read(&mut piece).ok().filter(|length| *length > 0)?;
    all.extend_from_slice(&piece[..length]);
    Some(())
}

/// Text in gzip, by the tool of that name.
fn gzipped(text: &str) -> Vec<u8> {
    let mut gzip = Command::new("gzip")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = gzip.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    gzip.wait_with_output().unwrap().stdout
}

fn answer(head: &str, body: &[u8], zipped: &[u8]) -> Vec<u8> {
    let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
    let mut line = head.lines().next().unwrap().split(' ');
    let (method, path) = (line.next().unwrap(), line.next().unwrap());
    let authorization = value("authorization: ").unwrap_or_default();
    let is_login = body.is_empty() || body == b"user=ann&note=a+%26+b";
    let (status, headers, body) = match (method, path) {
        ("POST", "/login") if is_login => (
            303,
            "location: /home\r\nset-cookie: session=1\r\n",
            Vec::new(),
        ),
        ("GET", "/home") => (200, "", value("cookie: ").unwrap_or("none").into()),
        ("GET", "/round") => (302, "location: /round\r\n", Vec::new()),
        ("GET", "/app") => (302, "location: app://home\r\n", Vec::new()),
        ("GET", "/news") => (
            200,
            "content-type: text/event-stream\r\n",
            b"id: 7\ndata: rain\n\nretry: 1500\n\n".to_vec(),
        ),
        ("GET", "/gzip") => (200, "content-encoding: gzip\r\n", zipped.to_vec()),
        ("GET", "/no-gzip") => (200, "content-encoding: gzip\r\n", b"plain".to_vec()),
        ("GET", "/digest") if authorization.starts_with("Digest username=\"ann\"") => {
            (200, "", Vec::new())
        }
        ("GET", "/digest") => {
            let challenge = "www-authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n";
            (401, challenge, Vec::new())
        }
        // ann:s3cr3t-t0k3n-9f8e7d
        ("GET", "/basic") if authorization == "Basic YW5uOnMzY3IzdC10MGszbi05ZjhlN2Q=" => {
            (200, "", Vec::new())
        }
        (_, "/echo") => (200, "", body.to_vec()),
        _ => (404, "", Vec::new()),
    };
    let length = body.len();
    let mut answer =
        format!("HTTP/1.1 {status} S\r\ncontent-length: {length}\r\n{headers}\r\n").into_bytes();
    answer.extend(body);
    answer
}

/// The server that the guest talks to.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let zipped = gzipped("Hello, load!");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, zipped) = (stream.unwrap(), zipped.clone());
            std::thread::spawn(move || {
                while let Some((head, body)) = request(&mut stream) {
                    if head.starts_with("GET /slow ") {
                        std::thread::sleep(Duration::from_secs(2));
                    }
                    if stream.write_all(&answer(&head, &body, &zipped)).is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

/// Requests by method and name, and those of them that failed.
fn counts(result: &Value, url: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for row in result["endpoints"].as_array().unwrap() {
        let name = row["tags"]["name"].as_str().unwrap();
        let name = name.strip_prefix(url).unwrap_or(name);
        let key = format!("{} {name}", row["tags"]["method"].as_str().unwrap());
        *counts.entry(key).or_default() += row["requests"].as_u64().unwrap();
    }
    counts
}

#[test]
fn what_answers_ask_for_is_done_and_every_exchange_is_counted() {
    let url = serve();
    let folder = Folder::new().with_guest();
    let base = format!("BASE_URL={url}");
    let arguments = ["run", "guest.wasm", "-i", "2", "-u", "1"];
    let ran = folder
        .command(&arguments)
        .args(["-e", "DO=exchange messages", "-e", &base])
        .env("TOKEN", TOKEN)
        .output()
        .unwrap();
    let ran = Ran::new(ran).ends_with(0);
    let ran = ran.says("stopped after 10 redirects").does_not_say(TOKEN);
    let result = folder.result();
    let checks = &result["metrics"]["checks"]["values"];
    assert_eq!(checks["fails"], 0, "{}", ran.stdout);
    assert_eq!(checks["passes"], 2 * 23, "{}", ran.stdout);
    let each = [
        ("GET /home", 3),
        ("POST /login", 2),
        ("GET round", 11),
        ("GET /app", 1),
        ("GET /news", 1),
        ("GET /gzip", 1),
        ("GET /no-gzip", 1),
        ("GET /digest", 2),
        ("GET /basic", 1),
        ("POST /echo", 1),
        // The one of a wrong length had its head on the way.
        ("PUT /echo", 3),
        ("GET /slow", 1),
    ];
    let expected: BTreeMap<String, u64> = each
        .iter()
        .map(|(name, count)| ((*name).to_owned(), 2 * count))
        .collect();
    assert_eq!(counts(&result, &url), expected);
    // What had no answer that is one, and nothing else: neither redirects nor the
    // challenge.
    let failed = &result["metrics"]["http_req_failed"]["values"];
    assert_eq!(failed["passes"], 2 * 3, "{failed}");
}

#[test]
fn what_a_guests_own_client_sends_is_measured_like_any_other_request() {
    let url = serve();
    let folder = Folder::new().with_guest();
    let base = format!("BASE_URL={url}");
    let arguments = ["run", "guest.wasm", "-i", "2", "-u", "1"];
    let more = ["-e", "DO=use another client", "-e", &base];
    let ran = folder.vuelo(&[&arguments[..], &more[..]].concat());
    let ran = ran.ends_with(0);
    let result = folder.result();
    let checks = &result["metrics"]["checks"]["values"];
    assert_eq!(checks["fails"], 0, "{}", ran.stdout);
    assert_eq!(checks["passes"], 2 * 4, "{}", ran.stdout);
    let expected = [("GET /basic", 2), ("PUT mine", 2), ("POST /login", 2)];
    let expected: BTreeMap<String, u64> = expected
        .map(|(name, count)| (name.to_owned(), count))
        .into();
    assert_eq!(counts(&result, &url), expected);
    // Of the statuses 404, 200 and 303 the first one is not expected.
    let failed = &result["metrics"]["http_req_failed"]["values"];
    assert_eq!(failed["passes"], 2, "{failed}");
    for metric in [
        "http_req_duration",
        "http_req_waiting",
        "http_req_receiving",
    ] {
        let count = &result["metrics"][metric]["values"]["count"];
        assert_eq!(count, 6, "{metric}");
    }
    // Answers that were read leave a connection that serves the next request.
    let connecting = &result["metrics"]["http_req_connecting"]["values"];
    assert_eq!(connecting["med"], 0.0, "{connecting}");
}
