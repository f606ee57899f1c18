//! What a guest under examination sends its requests to: a server of the
//! process's own that answers in every way that a case needs, the wrong ones
//! included. A thread for each connection, on loopback.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpSocket;
use tungstenite::WebSocket;
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::Role;

/// The text that is asked for most.
const TEXT: &str = "Grüße, 世界 🦉";

/// The largest head that is read.
const LARGEST_HEAD: usize = 64 << 10;

/// What a client begins with that wants TLS: RFC 8446, 5.1.
const TLS_HANDSHAKE: u8 = 22;

/// A server until the process ends.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    /// It has a port at which it does not listen.
    refused: TcpSocket,
}

impl Server {
    pub(super) fn start() -> io::Result<Self> {
        let refused = TcpSocket::new_v4()?;
        refused.bind(([127, 0, 0, 1], 0).into())?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        std::thread::Builder::new().spawn(move || {
            for stream in listener.incoming().flatten() {
                // Without a thread the connection is closed, which the guest's
                // case then shows.
                let _ = std::thread::Builder::new().spawn(move || {
                    // The other side is gone, which is how connections end.
                    let _ = Connection::new(stream).serve();
                });
            }
        })?;
        Ok(Self { address, refused })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where nobody listens.
    pub(super) fn refused_url(&self) -> io::Result<String> {
        Ok(format!("http://{}/", self.refused.local_addr()?))
    }
}

/// A request, its body included.
#[derive(Debug)]
struct Asked {
    method: String,
    path: String,
    headers: BTreeMap<String, Vec<String>>,
    body: Vec<u8>,
}

impl Asked {
    fn header(&self, name: &str) -> Option<&str> {
        Some(self.headers.get(name)?.first()?)
    }

    fn echoed(&self) -> String {
        json!({
            "method": self.method,
            "path": self.path,
            "headers": self.headers,
            "body": std::str::from_utf8(&self.body).ok(),
            "length": self.body.len(),
        })
        .to_string()
    }
}

struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Connection {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    /// Answers one request after another.
    fn serve(mut self) -> io::Result<()> {
        // Pieces of an answer are to arrive as they are written.
        self.stream.set_nodelay(true)?;
        while let Some(asked) = self.asked()? {
            if asked.path == "/socket" {
                return self.echo_messages(&asked);
            }
            self.answer(&asked)?;
        }
        Ok(())
    }

    fn answer(&mut self, asked: &Asked) -> io::Result<()> {
        let path = asked.path.split('?').next().unwrap_or_default();
        let (first, rest) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
        let number = rest.parse().unwrap_or(0);
        match first {
            "echo" => self.whole(200, "content-type: application/json", asked.echoed().as_bytes()),
            "mirror" => self.whole(200, "content-type: application/octet-stream", &asked.body),
            "status" => self.status(u16::try_from(number).unwrap_or(500)),
            "bytes" => {
                let bytes: Vec<u8> = (0..number).map(|at| (at % 256) as u8).collect();
                self.whole(200, "content-type: application/octet-stream", &bytes)
            }
            "text" => self.whole(
                200,
                "content-type: text/plain; charset=utf-8\r\nx-greeting: hello\r\nx-twice: one\r\nx-twice: two",
                TEXT.as_bytes(),
            ),
            "latin1" => self.whole(200, "content-type: text/plain", b"Gr\xfc\xdfe"),
            "redirect" => self.whole(302, "location: /text", b""),
            "events" => {
                self.begin("content-type: text/event-stream")?;
                self.piece(b"data: one\n\n: a comment\n\nretry: 1500\n")?;
                self.pause();
                self.piece("event: greeting\r\ndata: Grüße\r\ndata: 世界\r\nid: 7\r\n\r\n".as_bytes())?;
                self.pause();
                self.piece(b"data\n\ndata: cut off")?;
                self.end()
            }
            "endless" => {
                self.begin("content-type: text/event-stream")?;
                loop {
                    self.piece(b"data: and on\n\n")?;
                    self.pause();
                }
            }
            "pieces" => {
                self.begin("content-type: text/plain")?;
                self.piece(b"one, ")?;
                self.pause();
                self.piece(b"two, ")?;
                self.pause();
                // Cut in the middle of a character.
                let (head, tail) = "Grüße".as_bytes().split_at(3);
                self.piece(head)?;
                self.pause();
                self.piece(tail)?;
                self.end()
            }
            "slow" => self.until_closed(),
            "stalls" => {
                self.begin("content-type: text/plain")?;
                self.piece(b"one")?;
                self.until_closed()
            }
            "lost" => Err(io::ErrorKind::ConnectionAborted.into()),
            "malformed" => self.stream.write_all(b"HTTP/1.1 2x0 what\r\n\r\n"),
            "bad-gzip" => self.whole(
                200,
                "content-type: text/plain\r\ncontent-encoding: gzip",
                b"this was never compressed",
            ),
            _ => self.whole(404, "content-type: text/plain", b"nothing is here"),
        }
    }

    fn status(&mut self, status: u16) -> io::Result<()> {
        match status {
            204 => self.stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n"),
            _ => self.whole(status, "content-type: text/plain", b"as asked"),
        }
    }

    /// An answer of a known length.
    fn whole(&mut self, status: u16, headers: &str, body: &[u8]) -> io::Result<()> {
        let length = body.len();
        let mut answer =
            format!("HTTP/1.1 {status} As Asked\r\n{headers}\r\ncontent-length: {length}\r\n\r\n")
                .into_bytes();
        answer.extend_from_slice(body);
        self.stream.write_all(&answer)
    }

    /// The head of an answer in chunks.
    fn begin(&mut self, headers: &str) -> io::Result<()> {
        let head = format!("HTTP/1.1 200 OK\r\n{headers}\r\ntransfer-encoding: chunked\r\n\r\n");
        self.stream.write_all(head.as_bytes())
    }

    fn piece(&mut self, piece: &[u8]) -> io::Result<()> {
        let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
        chunk.extend_from_slice(piece);
        chunk.extend_from_slice(b"\r\n");
        self.stream.write_all(&chunk)
    }

    fn end(&mut self) -> io::Result<()> {
        self.stream.write_all(b"0\r\n\r\n")
    }

    /// So that pieces arrive one by one.
    fn pause(&self) {
        std::thread::sleep(Duration::from_millis(5));
    }

    fn until_closed(&mut self) -> io::Result<()> {
        loop {
            self.read()?;
        }
    }

    /// Opens a session and sends back what comes.
    fn echo_messages(mut self, asked: &Asked) -> io::Result<()> {
        let key = asked.header("sec-websocket-key").unwrap_or_default();
        let accept = derive_accept_key(key.as_bytes());
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-accept: {accept}\r\n\r\n"
        );
        self.stream.write_all(head.as_bytes())?;
        let mut session =
            WebSocket::from_partially_read(self.stream, self.unread, Role::Server, None);
        // An error is the end of the session, a good one or not.
        while let Ok(message) = session.read() {
            if (message.is_text() || message.is_binary()) && session.send(message).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// The next request; `None` where the connection is over.
    fn asked(&mut self) -> io::Result<Option<Asked>> {
        let malformed = || io::Error::from(io::ErrorKind::InvalidData);
        let end = loop {
            if self.unread.first() == Some(&TLS_HANDSHAKE) {
                // As servers do that are spoken to in the wrong protocol.
                self.whole(400, "connection: close", b"")?;
                return Ok(None);
            }
            if let Some(at) = find(&self.unread, b"\r\n\r\n") {
                break at + 4;
            }
            if self.unread.len() > LARGEST_HEAD {
                return Err(malformed());
            }
            if self.read().is_err() {
                return Ok(None);
            }
        };
        let head: Vec<u8> = self.unread.drain(..end).collect();
        let head = String::from_utf8(head).map_err(|_| malformed())?;
        let mut lines = head.split("\r\n");
        let mut first = lines.next().unwrap_or_default().split(' ');
        let (method, path) = (first.next(), first.next());
        let mut headers = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let values = headers.entry(name.to_ascii_lowercase()).or_default();
            values.push(value.trim().to_owned());
        }
        let mut asked = Asked {
            method: method.unwrap_or_default().to_owned(),
            // Also of a request that is sent as if this were a proxy.
            path: format!("/{}", path.unwrap_or_default().trim_start_matches('/')),
            headers,
            body: Vec::new(),
        };
        asked.body = match asked.header("content-length") {
            Some(length) => self.take(length.parse().map_err(|_| malformed())?)?,
            None if asked.header("transfer-encoding").is_some() => self.chunks()?,
            None => Vec::new(),
        };
        Ok(Some(asked))
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let end = loop {
                match find(&self.unread, b"\r\n") {
                    Some(at) => break at,
                    None => self.read()?,
                }
            };
            let line: Vec<u8> = self.unread.drain(..end + 2).collect();
            let line = String::from_utf8_lossy(&line);
            let length = usize::from_str_radix(line.trim(), 16)
                .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
            body.extend(self.take(length)?);
            self.take(2)?;
            if length == 0 {
                return Ok(body);
            }
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.unread.len() < length {
            self.read()?;
        }
        Ok(self.unread.drain(..length).collect())
    }

    fn read(&mut self) -> io::Result<()> {
        let mut piece = [0; 16 << 10];
        match self.stream.read(&mut piece)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            length => {
                self.unread.extend_from_slice(&piece[..length]);
                Ok(())
            }
        }
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
