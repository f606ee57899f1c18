//! The target over real sockets, read byte by byte.
#![allow(clippy::unwrap_used)]

mod agents;
mod behaviour;
mod parts;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use super::*;

/// A target without latency on a free port.
fn target() -> RunningTarget {
    target_with(|_| {})
}

fn target_with(change: impl FnOnce(&mut Settings)) -> RunningTarget {
    let mut settings = Settings {
        latency: Latency::None,
        stream_pause: Duration::from_millis(2),
        ..Settings::default()
    };
    change(&mut settings);
    Target::spawn(SocketAddr::from(([127, 0, 0, 1], 0)), settings).unwrap()
}

/// What came back.
#[derive(Debug)]
struct Received {
    status: u16,
    head: String,
    body: String,
    /// Whether the body came to the end that its framing announced.
    complete: bool,
}

impl Received {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (one, value) = line.split_once(':')?;
            one.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    /// The JSON of each event of a stream.
    fn events(&self) -> Vec<Value> {
        let data = self
            .body
            .lines()
            .filter_map(|line| line.strip_prefix("data: "));
        data.map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }
}

fn get(target: &RunningTarget, path: &str) -> Received {
    send(target, "GET", path, &[], "").unwrap()
}

fn post(target: &RunningTarget, path: &str, body: &str) -> Received {
    send(target, "POST", path, &[], body).unwrap()
}

/// One request on a connection of its own.
fn send(
    target: &RunningTarget,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Received> {
    let mut stream = TcpStream::connect(target.address())?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
        target.address()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    receive(&String::from_utf8(bytes).unwrap())
}

fn receive(text: &str) -> io::Result<Received> {
    let (head, rest) = text
        .split_once("\r\n\r\n")
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut received = Received {
        status,
        head: head.to_owned(),
        body: String::new(),
        complete: false,
    };
    if received.header("transfer-encoding") == Some("chunked") {
        let mut rest = rest;
        while let Some((size, after)) = rest.split_once("\r\n") {
            let size = usize::from_str_radix(size, 16).unwrap();
            received.body.push_str(&after[..size]);
            received.complete = size == 0;
            rest = &after[size + 2..];
        }
    } else {
        received.body = rest.to_owned();
        let length = received
            .header("content-length")
            .map(|length| length.parse().unwrap());
        received.complete = length.unwrap_or(0) == rest.len();
    }
    Ok(received)
}
