//! Requests of a guest's own HTTP client (`wasi:http`), against a server that takes
//! its time.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Folder, Ran};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
const IN_PIECES: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/// What a server has seen.
#[derive(Debug, Default)]
struct Seen {
    connections: AtomicU64,
    requests: AtomicU64,
}

struct Server {
    url: String,
    seen: Arc<Seen>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Seen> = Arc::default();
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                shared.connections.fetch_add(1, SeqCst);
                let seen = Arc::clone(&shared);
                let mut peer = Peer {
                    stream: stream.unwrap(),
                    unread: Vec::new(),
                };
                std::thread::spawn(move || while peer.serve(&seen).is_some() {});
            }
        });
        Self { url, seen }
    }

    /// How many connections and requests it has seen.
    fn seen(&self) -> (u64, u64) {
        let Seen {
            connections,
            requests,
        } = &*self.seen;
        (connections.load(SeqCst), requests.load(SeqCst))
    }
}

/// One connection, seen from the server.
struct Peer {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Peer {
    /// Answers the next request; `None` where the connection is over.
    fn serve(&mut self, seen: &Seen) -> Option<()> {
        let head = String::from_utf8(self.up_to(b"\r\n\r\n")?).ok()?;
        seen.requests.fetch_add(1, SeqCst);
        match head.split(' ').nth(1)? {
            "/pieces" => {
                self.write(IN_PIECES)?;
                for piece in ["one", "two", "three"] {
                    std::thread::sleep(Duration::from_millis(60));
                    self.write_chunk(piece.as_bytes())?;
                }
                self.write_chunk(b"")
            }
            "/back-and-forth" => {
                self.write(IN_PIECES)?;
                loop {
                    let chunk = self.chunk()?;
                    self.write_chunk(&chunk)?;
                    if chunk.is_empty() {
                        return Some(());
                    }
                }
            }
            "/too-large" => {
                self.write(b"HTTP/1.1 413 Large\r\ncontent-length: 0\r\n\r\n")?;
                self.until_closed()
            }
            "/lost" => None,
            "/silent" => self.until_closed(),
            "/stalls" => {
                self.write(IN_PIECES)?;
                self.write_chunk(b"one")?;
                self.until_closed()
            }
            "/slow" => {
                std::thread::sleep(Duration::from_millis(150));
                self.write(OK)
            }
            _ => self.write(OK),
        }
    }

    /// What comes up to these bytes, and they.
    fn up_to(&mut self, end: &[u8]) -> Option<Vec<u8>> {
        loop {
            let found = self.unread.windows(end.len()).position(|part| part == end);
            if let Some(at) = found {
                return Some(self.unread.drain(..at + end.len()).collect());
            }
            self.read()?;
        }
    }

    fn chunk(&mut self) -> Option<Vec<u8>> {
        let line = String::from_utf8(self.up_to(b"\r\n")?).ok()?;
        let length = usize::from_str_radix(line.trim(), 16).ok()?;
        while self.unread.len() < length + 2 {
            self.read()?;
        }
        let mut chunk: Vec<u8> = self.unread.drain(..length + 2).collect();
        chunk.truncate(length);
        Some(chunk)
    }

    fn read(&mut self) -> Option<()> {
        let mut piece = [0; 4096];
        let length = self.stream.read(&mut piece).ok()?;
        self.unread.extend_from_slice(&piece[..length]);
        (length > 0).then_some(())
    }

    fn until_closed(&mut self) -> Option<()> {
        loop {
            self.read()?;
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Option<()> {
        self.stream.write_all(bytes).ok()
    }

    fn write_chunk(&mut self, bytes: &[u8]) -> Option<()> {
        let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
        chunk.extend_from_slice(bytes);
        chunk.extend_from_slice(b"\r\n");
        self.write(&chunk)
    }
}

/// Runs so many iterations of one virtual user that does this.
fn run(server: &Server, what: &str, iterations: &str) -> (Ran, Value) {
    let folder = Folder::new().with_guest();
    let (what, base) = (format!("DO={what}"), format!("BASE_URL={}", server.url));
    let arguments = ["run", "guest.wasm", "-u", "1", "-i", iterations];
    let more = ["-e", &what, "-e", &base];
    let ran = folder.vuelo(&[&arguments[..], &more[..]].concat());
    let ran = ran.ends_with(0);
    (ran, folder.result())
}

fn value(result: &Value, metric: &str, name: &str) -> f64 {
    let value = &result["metrics"][metric]["values"][name];
    value.as_f64().unwrap_or_default()
}

#[track_caller]
fn all_checks_passed(ran: &Ran, result: &Value, count: u64) {
    let fails = value(result, "checks", "fails");
    let failed = value(result, "iterations_failed", "count");
    assert_eq!(
        (fails, failed),
        (0.0, 0.0),
        "{}\n{}",
        ran.stdout,
        ran.stderr
    );
    let passes = value(result, "checks", "passes");
    assert_eq!(passes, count as f64, "{}", ran.stdout);
}

#[test]
fn an_answer_is_read_as_it_comes_also_before_the_request_has_ended() {
    let server = Server::start();
    let (ran, result) = run(&server, "stream with another client", "2");
    all_checks_passed(&ran, &result, 2 * 8);
    let (_, requests) = server.seen();
    assert_eq!(requests, 2 * 4);
    assert_eq!(value(&result, "http_reqs", "count"), 8.0);
    // The refusal and the lost connection.
    assert_eq!(value(&result, "http_req_failed", "passes"), 4.0);
}

#[test]
fn the_timeouts_of_a_guests_own_client_hold_each_for_its_part() {
    let server = Server::start();
    let (ran, result) = run(&server, "wait with another client", "1");
    all_checks_passed(&ran, &result, 4);
    assert_eq!(server.seen(), (3, 2));
    assert_eq!(value(&result, "http_reqs", "count"), 3.0);
    assert_eq!(value(&result, "http_req_failed", "passes"), 3.0);
}

#[test]
fn both_clients_of_a_guest_use_the_same_connections() {
    let server = Server::start();
    let (ran, result) = run(&server, "use both clients side by side", "2");
    all_checks_passed(&ran, &result, 2 * 7);
    // As many as there were requests at a time.
    assert_eq!(server.seen(), (5, 2 * 8));
}

#[test]
fn a_trap_loses_no_connection_of_a_guests_own_client() {
    let server = Server::start();
    let (_, result) = run(&server, "use another client and panic", "3");
    assert_eq!(value(&result, "iteration_traps", "count"), 3.0);
    assert_eq!(server.seen(), (1, 3));
}
