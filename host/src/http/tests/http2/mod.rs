//! HTTP/2, against the server side of hyper and of h2.

mod breaking;
mod cutting_off;
mod goodbyes;
mod messages;
mod sharing;

use std::future::{pending, poll_fn};
use std::io::IoSlice;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use h2::Reason;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::server::{Server, answering, serve_sockets};
use super::*;
use crate::http::body::{BodyError, OutgoingBody};
use crate::http::cookies::Cookies;
use crate::http::following::{Call, Sent};
use crate::http::line::{Route, alone};
use crate::http::progress::Progress;
use crate::http::{Error, Fault, Phase, Protocol};

pub(super) type Answer = http::Response<Full<Bytes>>;

pub(super) fn answer(body: impl Into<Bytes>) -> Answer {
    http::Response::new(Full::new(body.into()))
}

/// A server of HTTP/2 that answers each request by `answer`, and counts it when
/// it hands it to that.
pub(super) async fn serve<F, Fut>(answer: F) -> Server
where
    F: Fn(http::Request<Incoming>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Answer> + Send + 'static,
{
    serve_with(|_| {}, answer).await
}

async fn serve_with<F, Fut>(
    change: impl Fn(&mut hyper::server::conn::http2::Builder<TokioExecutor>) + Send + Sync + 'static,
    answer: F,
) -> Server
where
    F: Fn(http::Request<Incoming>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Answer> + Send + 'static,
{
    serve_sockets(move |tcp, requests, _| {
        let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        change(&mut builder);
        speak(builder, tcp, requests, answer.clone())
    })
    .await
}

async fn speak<F, Fut>(
    builder: hyper::server::conn::http2::Builder<TokioExecutor>,
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    requests: Arc<AtomicUsize>,
    answer: F,
) where
    F: Fn(http::Request<Incoming>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Answer> + Send + 'static,
{
    let service = service_fn(move |request| {
        requests.fetch_add(1, SeqCst);
        let answer = answer(request);
        async move { Ok::<_, hyper::Error>(answer.await) }
    });
    let _ = builder
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Serves one connection that speaks HTTP/2.
pub(super) async fn speak_to(tcp: TcpStream, requests: Arc<AtomicUsize>) {
    let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    speak(builder, tcp, requests, |_| async { answer("hi") }).await;
}

/// A server of HTTP/2 over TLS, which also speaks HTTP/1.1 if it is to.
pub(super) async fn serve_tls(alpn: &'static [&'static [u8]]) -> tls::TlsServer {
    tls::serve_alpn(
        &["localhost", "127.0.0.1"],
        alpn,
        |stream, requests| async move {
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                speak(builder, stream, requests, |_| async {
                    sleep(Duration::from_millis(1)).await;
                    answer("hi")
                })
                .await;
            } else {
                let mut peer = server::Peer::over(stream, requests, 0);
                while peer.request().await.is_some() {
                    peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
                        .await;
                }
            }
        },
    )
    .await
}

/// A client that speaks HTTP/2 without being asked.
pub(super) fn prior_knowledge() -> Client {
    client_with(|settings| {
        settings.protocol = Protocol::Http2;
        settings.per_host = 0;
        settings.batch = 0;
    })
}

/// Serves connections by h2 itself, which lets a test say what hyper would not.
pub(super) async fn serve_h2<F, Fut>(serve: F) -> Server
where
    F: Fn(h2::server::Connection<TcpStream, Bytes>, usize) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    serve_sockets(move |tcp, _, index| {
        let serve = serve.clone();
        async move {
            let connection = h2::server::handshake(tcp).await.unwrap();
            serve(connection, index).await;
        }
    })
    .await
}

pub(super) fn reply(respond: &mut h2::server::SendResponse<Bytes>, body: &'static [u8]) {
    let mut stream = respond
        .send_response(http::Response::new(()), false)
        .unwrap();
    stream.send_data(Bytes::from_static(body), true).unwrap();
}

/// A connection whose frames the test writes itself.
struct RawPeer(TcpStream);

impl RawPeer {
    /// Has heard the preface and said its own.
    async fn greet(mut tcp: TcpStream) -> Self {
        tcp.set_nodelay(true).unwrap();
        tcp.read_exact(&mut [0; 24]).await.unwrap();
        let mut peer = Self(tcp);
        peer.write(0x4, 0, 0, &[]).await;
        peer
    }

    async fn write(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u8::try_from(payload.len()).unwrap();
        let [a, b, c, d] = stream.to_be_bytes();
        let head = [0, 0, length, kind, flags, a, b, c, d];
        self.0
            .write_all(&[&head[..], payload].concat())
            .await
            .unwrap();
    }

    /// The next frame of one of these kinds: its kind, its stream and its payload.
    async fn next_of(&mut self, kinds: &[u8]) -> Option<(u8, u32, Vec<u8>)> {
        loop {
            let mut head = [0; 9];
            self.0.read_exact(&mut head).await.ok()?;
            let [_, high, low, kind, _, stream @ ..] = head;
            let length = usize::from(high) << 8 | usize::from(low);
            let mut payload = vec![0; length];
            self.0.read_exact(&mut payload).await.ok()?;
            if kinds.contains(&kind) {
                return Some((kind, u32::from_be_bytes(stream), payload));
            }
        }
    }

    /// The stream of the next request.
    async fn request(&mut self) -> Option<u32> {
        let (_, stream, _) = self.next_of(&[0x1]).await?;
        Some(stream)
    }

    /// Answers with status 200 and no body.
    async fn answer(&mut self, stream: u32) {
        self.write(0x1, 0x5, stream, &[0x88]).await;
    }
}
