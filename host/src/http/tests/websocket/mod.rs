//! WebSocket sessions with servers on real sockets: tungstenite's, and such as
//! write what no server should.

mod closing;
mod frames;
mod handshakes;
mod sessions;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tungstenite::handshake::derive_accept_key;
use tungstenite::handshake::server::{Request as Asked, Response as Answer};

use super::server::{Peer, Server, serve, serve_sockets};
use super::{SOON, client, client_with};
use crate::http::Client;
use crate::http::websocket::{Arrived, Error, Handshake, Message, Socket};

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

fn handshake(server: &Server) -> Handshake {
    let mut handshake = Handshake::new(&url(server, "/chat")).unwrap();
    handshake.set_timeout(SOON);
    handshake
}

fn url(server: &Server, path: &str) -> String {
    server.url(path).replacen("http", "ws", 1)
}

/// A session that must open.
async fn open(client: &mut Client, handshake: &Handshake) -> Socket {
    let opened = client.open_socket(handshake, &|_| {}).await;
    opened.expect("a session")
}

/// Why a handshake that must fail does.
async fn refused(client: &mut Client, handshake: &Handshake) -> Error {
    let opened = client.open_socket(handshake, &|_| {}).await;
    opened.expect_err("no session").error
}

/// A message that must come.
async fn next(socket: &mut Socket) -> Message {
    let arrived: Option<Arrived> = socket.next(Some(SOON)).await.unwrap();
    arrived.expect("a message in time").message
}

fn text(text: &str) -> Message {
    Message::Text(text.to_owned())
}

/// Serves every connection as tungstenite does, on a thread of its own.
async fn tungstenite_by<F>(serve: F) -> Server
where
    F: Fn(tungstenite::WebSocket<std::net::TcpStream>) + Clone + Send + Sync + 'static,
{
    serve_sockets(move |tcp, _, _| {
        let serve = serve.clone();
        async move {
            let tcp = tcp.into_std().unwrap();
            tcp.set_nonblocking(false).unwrap();
            std::thread::spawn(move || {
                #[allow(clippy::result_large_err)]
                let choose = |asked: &Asked, mut answer: Answer| {
                    let offered = asked.headers().get("sec-websocket-protocol");
                    if let Some(offered) = offered.and_then(|value| value.to_str().ok()) {
                        // The last one is what the server likes best.
                        let taken = offered.split(", ").last().unwrap_or_default();
                        let headers = answer.headers_mut();
                        headers.insert("sec-websocket-protocol", taken.parse().unwrap());
                    }
                    Ok(answer)
                };
                if let Ok(session) = tungstenite::accept_hdr(tcp, choose) {
                    serve(session);
                }
            });
        }
    })
    .await
}

/// Sends back what comes.
async fn echo() -> Server {
    tungstenite_by(|mut session| {
        while let Ok(message) = session.read() {
            if (message.is_text() || message.is_binary()) && session.send(message).is_err() {
                break;
            }
        }
    })
    .await
}

/// Answers handshakes, and serves what follows by `serve`.
async fn raw<F, Fut>(serve_session: F) -> Server
where
    F: Fn(Peer) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    serve(move |mut peer| {
        let serve_session = serve_session.clone();
        async move {
            if upgrade(&mut peer).await.is_some() {
                serve_session(peer).await;
            }
        }
    })
    .await
}

/// Answers the handshake; the request.
async fn upgrade(peer: &mut Peer) -> Option<String> {
    let request = peer.request().await?;
    let key = header(&request, "sec-websocket-key").unwrap();
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
         sec-websocket-accept: {}\r\nx-server: raw\r\n\r\n",
        derive_accept_key(key.as_bytes())
    );
    peer.write(answer.as_bytes()).await;
    Some(request)
}

fn header<'r>(request: &'r str, name: &str) -> Option<&'r str> {
    request.lines().find_map(|line| {
        let (own, value) = line.split_once(": ")?;
        own.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// A frame as servers send it: unmasked. Its first byte has the flags.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..=125 => frame.push(length as u8),
        length @ 126..=0xffff => {
            frame.push(126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame
}

fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    frame(CLOSE, &close_payload(code, reason))
}

fn close_payload(code: u16, reason: &str) -> Vec<u8> {
    [&code.to_be_bytes()[..], reason.as_bytes()].concat()
}

/// The client's next frame, unmasked: its first byte and its payload. `None`
/// when the connection was closed.
async fn client_frame(peer: &mut Peer) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 2];
    peer.stream.read_exact(&mut head).await.ok()?;
    assert!(head[1] & 0x80 != 0, "clients mask what they send");
    let length = match head[1] & 0x7f {
        126 => u64::from(peer.stream.read_u16().await.ok()?),
        127 => peer.stream.read_u64().await.ok()?,
        length => u64::from(length),
    };
    let mut mask = [0; 4];
    peer.stream.read_exact(&mut mask).await.ok()?;
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    peer.stream.read_exact(&mut payload).await.ok()?;
    for (at, byte) in payload.iter_mut().enumerate() {
        *byte ^= mask[at % 4];
    }
    Some((head[0], payload))
}

/// What a server tells its test, a number.
#[derive(Debug, Clone, Default)]
struct Told(Arc<AtomicU64>);

impl Told {
    fn tell(&self, number: u64) {
        self.0.store(number, SeqCst);
    }

    /// What was told, once something was.
    async fn heard(&self) -> u64 {
        let hearing = async {
            loop {
                match self.0.load(SeqCst) {
                    0 => tokio::time::sleep(Duration::from_millis(2)).await,
                    number => return number,
                }
            }
        };
        tokio::time::timeout(SOON, hearing).await.unwrap()
    }
}

#[test]
fn futures_and_sockets_can_move_between_threads() {
    fn must_be_send(_: &(impl Send + ?Sized)) {}
    fn must_be_send_of(mut socket: Socket) {
        must_be_send(&socket);
        must_be_send(&socket.next(None));
        must_be_send(&socket.send_text(String::new()));
        must_be_send(&socket.close(1000, String::new()));
    }
    let _ = must_be_send_of;
    let mut client = client();
    let handshake = Handshake::new("ws://localhost/").unwrap();
    must_be_send(&client.open_socket(&handshake, &|_| {}));
}
