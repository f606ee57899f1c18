//! The phases of a request, held against a server that knows how long each took:
//! `make http-timings`.
//!
//! The server delays one phase at a time and writes down by the same clock for how
//! long it did. It reads and writes on a thread of its own. The numbers are of
//! this machine and of today; the bench fails where a phase is told a millisecond
//! shorter than it was, or five longer, in the middle of all requests.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tokio::runtime;
use vuelo::http::{Client, Engine, Request, Settings, Timings};

#[path = "../tests/faults/certificates.rs"]
#[allow(dead_code)]
mod certificates;

/// Delays, and how often each is tried.
const DELAYS: [(Duration, usize); 4] = [
    (Duration::ZERO, 200),
    (Duration::from_millis(1), 200),
    (Duration::from_millis(10), 100),
    (Duration::from_millis(100), 20),
];

/// More than the buffers of two sockets hold.
const LARGE: usize = 16 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The server's hello is late.
    TlsHandshaking,
    /// The server does not read the request's body.
    Sending,
    /// The answer's head is late.
    Waiting,
    /// The second half of the answer's body is late.
    Receiving,
}

impl Phase {
    const ALL: [Self; 4] = [
        Self::TlsHandshaking,
        Self::Sending,
        Self::Waiting,
        Self::Receiving,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::TlsHandshaking => "tls_handshaking",
            Self::Sending => "sending",
            Self::Waiting => "waiting",
            Self::Receiving => "receiving",
        }
    }

    fn of(self, timings: &Timings) -> Duration {
        match self {
            Self::TlsHandshaking => timings.tls_handshaking,
            Self::Sending => timings.sending,
            Self::Waiting => timings.waiting,
            Self::Receiving => timings.receiving,
        }
        .expect("a phase that was reached")
    }

    fn request(self, port: u16) -> Request {
        let scheme = match self {
            Self::TlsHandshaking => "https",
            _ => "http",
        };
        let url = format!("{scheme}://localhost:{port}/");
        match self {
            Self::Sending => {
                let mut request = Request::new("POST", &url).unwrap();
                request.set_body(Bytes::from_static(&[0; LARGE]));
                request
            }
            _ => Request::new("GET", &url).unwrap(),
        }
    }
}

/// A server that delays one phase, and says of each request for how long.
struct Server {
    port: u16,
    truths: Receiver<Duration>,
}

impl Server {
    fn start(phase: Phase, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = Arc::clone(certificates::acceptor(certificates::Identity::Good).config());
        let (tell, truths) = mpsc::channel();
        // It ends with the receiver, or with the process.
        thread::spawn(move || {
            for tcp in listener.incoming() {
                let truth = serve(tcp.unwrap(), phase, delay, &config).unwrap();
                if tell.send(truth).is_err() {
                    break;
                }
            }
        });
        Self { port, truths }
    }
}

/// Serves one request; for how long it delayed the phase.
fn serve(
    mut tcp: TcpStream,
    phase: Phase,
    delay: Duration,
    config: &Arc<ServerConfig>,
) -> io::Result<Duration> {
    tcp.set_nodelay(true)?;
    match phase {
        Phase::TlsHandshaking => {
            // The client says hello at once.
            tcp.peek(&mut [0])?;
            let truth = wait(delay);
            let connection = ServerConnection::new(Arc::clone(config)).unwrap();
            let mut stream = StreamOwned::new(connection, tcp);
            read_request(&mut stream, 0)?;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
            stream.flush()?;
            Ok(truth)
        }
        Phase::Sending => {
            tcp.peek(&mut [0])?;
            let begin = Instant::now();
            wait(delay);
            read_request(&mut tcp, LARGE)?;
            let truth = begin.elapsed();
            tcp.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
            Ok(truth)
        }
        Phase::Waiting => {
            read_request(&mut tcp, 0)?;
            let truth = wait(delay);
            tcp.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
            Ok(truth)
        }
        Phase::Receiving => {
            read_request(&mut tcp, 0)?;
            tcp.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nh")?;
            let truth = wait(delay);
            tcp.write_all(b"i")?;
            Ok(truth)
        }
    }
}

/// How long it really was.
fn wait(delay: Duration) -> Duration {
    let begin = Instant::now();
    if !delay.is_zero() {
        thread::sleep(delay);
    }
    begin.elapsed()
}

fn read_request(stream: &mut impl Read, body: usize) -> io::Result<()> {
    let mut unread = Vec::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        let length = stream.read(&mut piece)?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // Of a body, only its length counts.
        unread.extend_from_slice(&piece[..length]);
        if let Some(end) = unread
            .windows(4)
            .take(4096)
            .position(|four| four == b"\r\n\r\n")
            && unread.len() >= end + 4 + body
        {
            return Ok(());
        }
    }
}

fn main() -> ExitCode {
    let worker = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    println!(
        "\nhow long each phase was by the server, and by how much the client differs, in ms\n"
    );
    println!("| phase | delay | requests | server, median | error, median | p99 | worst |");
    println!("|---|---|---|---|---|---|---|");
    let mut good = true;
    for phase in Phase::ALL {
        for (delay, times) in DELAYS {
            let server = Server::start(phase, delay);
            let mut truths = Vec::new();
            let mut errors = Vec::new();
            let mut settings = Settings::default();
            settings.tls.extra_roots = vec![certificates::root()];
            let engine = Engine::new(settings).unwrap();
            for _ in 0..times {
                let mut client = Client::new(Arc::clone(&engine));
                let exchange = worker.block_on(client.send(&phase.request(server.port), &()));
                assert!(exchange.outcome.is_ok(), "{exchange:?}");
                let truth = server.truths.recv().unwrap();
                truths.push(truth.as_secs_f64() * 1e3);
                errors
                    .push((phase.of(&exchange.timings).as_secs_f64() - truth.as_secs_f64()) * 1e3);
            }
            truths.sort_by(f64::total_cmp);
            errors.sort_by(|one, other| one.abs().total_cmp(&other.abs()));
            let worst = errors[times - 1];
            let p99 = errors[times * 99 / 100 - 1];
            errors.sort_by(f64::total_cmp);
            let median = errors[times / 2];
            println!(
                "| {} | {} | {times} | {:.3} | {median:+.3} | {p99:+.3} | {worst:+.3} |",
                phase.name(),
                delay.as_millis(),
                truths[times / 2],
            );
            good &= (-1.0..5.0).contains(&median) || phase == Phase::Sending;
        }
    }
    println!(
        "\nsending ends when the last byte is in the system's buffers, which is before the server \
         has read it"
    );
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
