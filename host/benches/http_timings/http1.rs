//! A server of HTTP/1.1, with and without TLS. It reads and writes on a thread of
//! its own, one connection after another.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Instant;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tokio::net::TcpSocket;
use tokio::runtime;

use crate::certificates;
use crate::phase::{LARGE, Over, Phase, Trial};
use crate::truth::{Truth, wait};

const NOTHING: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

pub fn start(trial: Trial, tell: Sender<Truth>) -> u16 {
    if trial.phase == Phase::Connecting {
        return start_full(trial, tell);
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = Arc::clone(certificates::acceptor(certificates::Identity::Good).config());
    thread::spawn(move || {
        for tcp in listener.incoming() {
            let tcp = tcp.unwrap();
            tcp.set_nodelay(true).unwrap();
            let truth = match trial.over {
                Over::Tls => serve_by_tls(tcp, trial, &config).unwrap(),
                Over::Http1 | Over::Http2 => {
                    // From here on the request is under way.
                    tcp.peek(&mut [0]).unwrap();
                    serve(tcp, trial).unwrap()
                }
            };
            if let Some(truth) = truth
                && tell.send(truth).is_err()
            {
                break;
            }
        }
    });
    port
}

fn serve_by_tls(
    tcp: TcpStream,
    trial: Trial,
    config: &Arc<ServerConfig>,
) -> io::Result<Option<Truth>> {
    let connection = ServerConnection::new(Arc::clone(config)).unwrap();
    if trial.phase == Phase::TlsHandshaking {
        // The client says hello at once.
        tcp.peek(&mut [0])?;
        let took = wait(trial.delay);
        let mut stream = StreamOwned::new(connection, tcp);
        read_request(&mut stream, 0)?;
        stream.write_all(NOTHING)?;
        stream.flush()?;
        return Ok(Some(Truth::Took(took)));
    }
    let mut stream = StreamOwned::new(connection, tcp);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    serve(stream, trial)
}

/// Serves a connection, and says of its request for how long its phase was delayed.
fn serve(mut stream: impl Read + Write, trial: Trial) -> io::Result<Option<Truth>> {
    let delay = trial.delay;
    match trial.phase {
        Phase::Blocked => {
            read_request(&mut stream, 0)?;
            wait(delay);
            stream.write_all(NOTHING)?;
            let end = Instant::now();
            read_request(&mut stream, 0)?;
            stream.write_all(NOTHING)?;
            Ok(Some(Truth::EndedAt(end)))
        }
        Phase::LookingUp => {
            read_request(&mut stream, 0)?;
            stream.write_all(NOTHING)?;
            // It was the name server's to delay.
            Ok(None)
        }
        Phase::Sending => {
            let begin = Instant::now();
            wait(delay);
            read_request(&mut stream, LARGE)?;
            let took = begin.elapsed();
            stream.write_all(NOTHING)?;
            stream.flush()?;
            Ok(Some(Truth::Took(took)))
        }
        Phase::Waiting => {
            read_request(&mut stream, 0)?;
            let took = wait(delay);
            stream.write_all(NOTHING)?;
            stream.flush()?;
            Ok(Some(Truth::Took(took)))
        }
        Phase::Receiving => {
            read_request(&mut stream, 0)?;
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nh")?;
            stream.flush()?;
            let took = wait(delay);
            stream.write_all(b"i")?;
            stream.flush()?;
            Ok(Some(Truth::Took(took)))
        }
        Phase::Connecting | Phase::TlsHandshaking => unreachable!("they are served elsewhere"),
    }
}

/// A server that has no room for a connection at first. Without a delay it has.
fn start_full(trial: Trial, tell: Sender<Truth>) -> u16 {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let listener = {
        let _context = runtime.enter();
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        // A queue of length 0 holds one.
        socket.listen(0).unwrap().into_std().unwrap()
    };
    listener.set_nonblocking(false).unwrap();
    let address = listener.local_addr().unwrap();
    let fill = move || (!trial.delay.is_zero()).then(|| TcpStream::connect(address).unwrap());
    let mut filler = fill();
    thread::spawn(move || {
        loop {
            if let Some(filler) = filler.take() {
                wait(trial.delay);
                drop(listener.accept().unwrap());
                drop(filler);
            }
            let (mut tcp, _) = listener.accept().unwrap();
            let end = Instant::now();
            read_request(&mut tcp, 0).unwrap();
            tcp.write_all(NOTHING).unwrap();
            // Before the next call.
            filler = fill();
            if tell.send(Truth::EndedAt(end)).is_err() {
                break;
            }
        }
    });
    address.port()
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
