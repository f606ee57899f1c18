//! HTTP/2, against the server side of hyper and of h2.

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
fn prior_knowledge() -> Client {
    client_with(|settings| {
        settings.protocol = Protocol::Http2;
        settings.per_host = 0;
        settings.batch = 0;
    })
}

#[tokio::test]
async fn requests_share_a_connection_and_are_timed_each() {
    let server = serve(|_| async {
        sleep(Duration::from_millis(30)).await;
        answer("hi")
    })
    .await;
    let mut client = prior_knowledge();
    let request = get(&server.url("/a?b"));
    for turn in 0..4 {
        let exchange = client.send(&request, &()).await;
        assert_eq!(text(&exchange), "hi");
        let response = exchange.outcome.as_ref().unwrap();
        assert_eq!(
            (response.protocol(), response.status().as_u16()),
            ("HTTP/2.0", 200)
        );
        assert_eq!(exchange.remote.unwrap().port(), server.port);
        assert!(exchange.bytes_sent > 9 && exchange.bytes_received > 20);
        let timings = exchange.timings;
        assert_eq!(
            timings.connecting.unwrap().is_zero(),
            turn > 0,
            "{timings:?}"
        );
        assert_eq!(timings.tls_handshaking, Some(Duration::ZERO));
        assert!(
            timings.waiting.unwrap() >= Duration::from_millis(25),
            "{timings:?}"
        );
        assert!(
            timings.sending.unwrap() < Duration::from_millis(20),
            "{timings:?}"
        );
        assert!(timings.duration().unwrap() < Duration::from_millis(500));
    }
    assert_eq!((server.connections(), server.requests()), (1, 4));
}

#[tokio::test]
async fn a_batch_goes_over_one_connection_at_once_and_in_order() {
    let now = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let noted = Arc::clone(&most);
    let server = serve(move |request| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&noted));
        async move {
            most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
            sleep(Duration::from_millis(40)).await;
            now.fetch_sub(1, SeqCst);
            answer(request.uri().path().to_owned())
        }
    })
    .await;
    let requests: Vec<Request> = (0..20)
        .map(|number| get(&server.url(&format!("/{number}"))))
        .collect();
    let requests: Vec<&Request> = requests.iter().collect();
    let mut client = prior_knowledge();
    for round in 0..2 {
        let exchanges = client.send_all(&requests, &()).await;
        for (number, exchange) in exchanges.iter().enumerate() {
            assert_eq!(text(exchange), format!("/{number}"));
            // Those that waited for the first one's connection did not make it.
            let connecting = exchange.timings.connecting.unwrap();
            assert_eq!(connecting.is_zero(), (round, number) != (0, 0));
        }
    }
    assert_eq!(
        (server.connections(), server.requests(), most.load(SeqCst)),
        (1, 40, 20)
    );

    // k6's limit per host holds here too.
    most.store(0, SeqCst);
    let mut client = client_with(|settings| settings.protocol = Protocol::Http2);
    client.send_all(&requests, &()).await;
    assert_eq!((server.connections(), most.load(SeqCst)), (2, 6));
}

/// A socket that counts.
struct Counted {
    tcp: TcpStream,
    read: Arc<AtomicU64>,
    written: Arc<AtomicU64>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.tcp).poll_read(cx, buf);
        let bytes = buf.filled().len() - before;
        self.read.fetch_add(bytes as u64, SeqCst);
        read
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs);
        if let Poll::Ready(Ok(bytes)) = written {
            self.written.fetch_add(bytes as u64, SeqCst);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn all_bytes_of_a_connection_are_counted_once() {
    let read = Arc::new(AtomicU64::new(0));
    let written = Arc::new(AtomicU64::new(0));
    let (sum_read, sum_written) = (Arc::clone(&read), Arc::clone(&written));
    let server = serve_sockets(move |tcp, requests, _| {
        let stream = Counted {
            tcp,
            read: Arc::clone(&sum_read),
            written: Arc::clone(&sum_written),
        };
        let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        speak(builder, stream, requests, |request| async move {
            let body = request.into_body().collect().await.unwrap().to_bytes();
            answer(body)
        })
    })
    .await;
    let mut client = prior_knowledge();
    let mut large = Request::new("POST", &server.url("/")).unwrap();
    large.set_body(Bytes::from(vec![7; 3 << 20]));
    let small = get(&server.url("/"));
    let (mut sent, mut received) = (0, 0);
    for _ in 0..3 {
        for exchange in client.send_all(&[&large, &small, &large], &()).await {
            sent += exchange.bytes_sent;
            received += exchange.bytes_received;
        }
    }
    // What the connection itself says in the end nobody counts: a frame or two
    // that open windows.
    sleep(Duration::from_millis(50)).await;
    let (read, written) = (read.load(SeqCst), written.load(SeqCst));
    assert!(sent > 18 << 20 && received > 18 << 20);
    assert!(read - sent < 200, "{read} read, {sent} sent");
    assert!(
        written - received < 200,
        "{written} written, {received} received"
    );
}

#[tokio::test]
async fn the_head_is_as_the_request_was_built() {
    let (seen, mut heads) = mpsc::unbounded_channel();
    let server = serve(move |request| {
        let (head, body) = request.into_parts();
        let seen = seen.clone();
        async move {
            let body = body.collect().await.unwrap().to_bytes();
            seen.send((head, body)).unwrap();
            answer("")
        }
    })
    .await;
    let mut client = client_with(|settings| {
        settings.protocol = Protocol::Http2;
        settings.user_agent = "vuelo/test".to_owned();
    });
    let authority = format!("127.0.0.1:{}", server.port);
    let mut request = get(&format!("http://u:p@{authority}/a/b?c=d%20e#f"));
    request.append_header("x-one", "1").unwrap();
    request.append_header("x-one", "ü").unwrap();
    for (name, value) in [
        ("connection", "keep-alive"),
        ("keep-alive", "timeout=5"),
        ("upgrade", "h2c"),
        ("te", "gzip"),
    ] {
        request.set_header(name, value).unwrap();
    }
    assert!(client.send(&request, &()).await.outcome.is_ok());
    let (head, _) = heads.recv().await.unwrap();
    assert_eq!(
        head.uri.to_string(),
        format!("http://{authority}/a/b?c=d%20e")
    );
    let mut names: Vec<&str> = head.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["authorization", "user-agent", "x-one"]);
    assert_eq!(head.headers["authorization"], "Basic dTpw");
    assert_eq!(head.headers["user-agent"], "vuelo/test");
    assert_eq!(head.headers.get_all("x-one").iter().count(), 2);

    let mut request = Request::new("POST", &server.url("/")).unwrap();
    request.set_header("host", "example.com").unwrap();
    request.set_body(Bytes::from_static(b"{}"));
    assert!(client.send(&request, &()).await.outcome.is_ok());
    let (head, body) = heads.recv().await.unwrap();
    assert_eq!(head.uri, "http://example.com/");
    assert_eq!(
        (&head.headers["content-length"], &body[..]),
        (&"2".parse().unwrap(), &b"{}"[..])
    );
}

#[tokio::test]
async fn a_dropped_future_resets_its_stream_and_leaves_the_connection_to_others() {
    /// Tells when it is dropped.
    struct Given(mpsc::UnboundedSender<()>);
    impl Drop for Given {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let (given_up, mut seen) = mpsc::unbounded_channel();
    let server = serve(move |request| {
        let given = Given(given_up.clone());
        async move {
            if request.uri().path() == "/slow" {
                pending::<()>().await;
            }
            std::mem::forget(given);
            answer("hi")
        }
    })
    .await;
    let (fast, slow) = (get(&server.url("/fast")), get(&server.url("/slow")));
    let mut client = prior_knowledge();
    let witness = Witness::default();
    for turn in 1..4 {
        assert_eq!(text(&client.send(&fast, &witness).await), "hi");
        let cut = timeout(Duration::from_millis(50), client.send(&slow, &witness));
        assert!(cut.await.is_err());
        timeout(SOON, seen.recv()).await.unwrap().unwrap();
        let told = witness.interruptions();
        assert_eq!(told.len(), turn);
        let (_, interrupted) = &told[turn - 1];
        assert!(interrupted.bytes_sent > 0);
        assert!(interrupted.timings.waiting.unwrap() > Duration::from_millis(20));
    }
    assert_eq!((server.connections(), server.requests()), (1, 6));
}

#[tokio::test]
async fn a_request_cut_off_before_it_was_given_to_the_connection_is_never_sent() {
    let server = serve(|_| async { answer("hi") }).await;
    let mut client = prior_knowledge();
    let witness = Witness::default();
    let request = get(&server.url("/"));
    drop(client.send(&request, &witness));
    client.send(&request, &witness).await;
    {
        let mut sending = pin!(client.send(&request, &witness));
        poll_fn(|cx| {
            assert!(sending.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    sleep(Duration::from_millis(50)).await;
    assert_eq!(server.requests(), 1);
    assert!(witness.interruptions().is_empty());
    client.send(&request, &witness).await;
    assert_eq!((server.connections(), server.requests()), (1, 2));
}

#[tokio::test]
async fn a_request_that_waits_for_a_place_was_not_sent() {
    let server = serve_with(
        |builder| {
            builder.max_concurrent_streams(1);
        },
        |request| async move {
            if request.uri().path() == "/slow" {
                sleep(Duration::from_millis(150)).await;
            }
            answer("hi")
        },
    )
    .await;
    let (fast, slow) = (get(&server.url("/")), get(&server.url("/slow")));
    let mut client = prior_knowledge();
    let witness = Witness::default();
    // From now on the client knows how many the server takes.
    client.send(&fast, &witness).await;
    let batch = [&slow, &fast, &fast];
    let cut = timeout(Duration::from_millis(50), client.send_all(&batch, &witness));
    assert!(cut.await.is_err());
    let told = witness.interruptions();
    assert_eq!(
        told.iter().map(|(index, _)| *index).collect::<Vec<_>>(),
        [0]
    );
    assert_eq!(server.requests(), 2);
    // Those that are not cut off have their turn.
    let exchanges = client.send_all(&batch, &witness).await;
    assert!(exchanges.iter().all(|exchange| exchange.outcome.is_ok()));
    assert!(exchanges[2].timings.blocked.unwrap() > Duration::from_millis(100));
    assert_eq!((server.connections(), server.requests()), (1, 5));
}

#[tokio::test]
async fn refused_requests_are_sent_again_and_counted_once() {
    // The first batch comes before the server has said how many it takes.
    let server = serve_with(
        |builder| {
            builder.max_concurrent_streams(3);
        },
        |_| async {
            sleep(Duration::from_millis(5)).await;
            answer("hi")
        },
    )
    .await;
    let mut client = prior_knowledge();
    let mut post = Request::new("POST", &server.url("/")).unwrap();
    post.set_body(Bytes::from_static(b"once"));
    for exchange in client.send_all(&[&post; 20], &()).await {
        assert_eq!(text(&exchange), "hi");
    }
    assert_eq!((server.connections(), server.requests()), (1, 20));
}

/// Serves connections by h2 itself, which lets a test say what hyper would not.
async fn serve_h2<F, Fut>(serve: F) -> Server
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

fn reply(respond: &mut h2::server::SendResponse<Bytes>, body: &'static [u8]) {
    let mut stream = respond
        .send_response(http::Response::new(()), false)
        .unwrap();
    stream.send_data(Bytes::from_static(body), true).unwrap();
}

#[tokio::test]
async fn a_goodbye_between_requests_costs_a_connection_and_no_request() {
    let server = serve_h2(|mut connection, _| async move {
        for turn in 0.. {
            let Some(Ok((_, mut respond))) = connection.accept().await else {
                break;
            };
            reply(&mut respond, b"hi");
            if turn == 2 {
                connection.graceful_shutdown();
            }
        }
    })
    .await;
    let mut client = prior_knowledge();
    let request = Request::new("POST", &server.url("/")).unwrap();
    for _ in 0..9 {
        assert_eq!(text(&client.send(&request, &()).await), "hi");
    }
    assert_eq!(server.connections(), 3);
}

/// A connection whose frames the test writes itself.
struct RawPeer(TcpStream);

impl RawPeer {
    /// Has heard the preface and said its own.
    async fn greet(mut tcp: TcpStream) -> Self {
        tcp.read_exact(&mut [0; 24]).await.unwrap();
        let mut peer = Self(tcp);
        peer.write(0x4, 0, 0, &[]).await;
        peer
    }

    async fn write(&mut self, kind: u8, flags: u8, stream: u8, payload: &[u8]) {
        let length = u8::try_from(payload.len()).unwrap();
        let head = [0, 0, length, kind, flags, 0, 0, 0, stream];
        self.0
            .write_all(&[&head[..], payload].concat())
            .await
            .unwrap();
    }

    /// The stream of the next request.
    async fn request(&mut self) -> Option<u8> {
        loop {
            let mut head = [0; 9];
            self.0.read_exact(&mut head).await.ok()?;
            let length = usize::from(head[1]) << 8 | usize::from(head[2]);
            self.0.read_exact(&mut vec![0; length]).await.ok()?;
            if head[3] == 0x1 {
                return Some(head[8]);
            }
        }
    }

    /// Answers with status 200 and no body.
    async fn answer(&mut self, stream: u8) {
        self.write(0x1, 0x5, stream, &[0x88]).await;
    }
}

#[tokio::test]
async fn requests_that_a_goodbye_leaves_out_are_sent_again_and_the_others_are_answered() {
    let answered = Arc::new(AtomicUsize::new(0));
    let noted = Arc::clone(&answered);
    let server = serve_sockets(move |tcp, _, index| {
        let answered = Arc::clone(&noted);
        async move {
            let mut peer = RawPeer::greet(tcp).await;
            if index == 0 {
                for stream in [1, 3, 5, 7, 9] {
                    assert_eq!(peer.request().await, Some(stream));
                }
                // Those up to 3 will be answered.
                peer.write(0x7, 0, 0, &[0, 0, 0, 3, 0, 0, 0, 0]).await;
                sleep(Duration::from_millis(50)).await;
                for stream in [3, 1] {
                    peer.answer(stream).await;
                    answered.fetch_add(1, SeqCst);
                }
                sleep(SOON).await;
            }
            while let Some(stream) = peer.request().await {
                peer.answer(stream).await;
                answered.fetch_add(1, SeqCst);
            }
        }
    })
    .await;
    let mut client = prior_knowledge();
    let post = Request::new("POST", &server.url("/")).unwrap();
    for exchange in client.send_all(&[&post; 5], &()).await {
        assert_eq!(exchange.outcome.unwrap().status(), 200);
    }
    assert_eq!((server.connections(), answered.load(SeqCst)), (2, 5));
}

#[tokio::test]
async fn a_server_that_refuses_everything_is_not_asked_for_ever() {
    let server = serve_sockets(|tcp, requests, _| async move {
        let mut peer = RawPeer::greet(tcp).await;
        while let Some(stream) = peer.request().await {
            requests.fetch_add(1, SeqCst);
            peer.write(0x3, 0, stream, &[0, 0, 0, 7]).await;
        }
    })
    .await;
    let exchange = prior_knowledge().send(&get(&server.url("/")), &()).await;
    assert_eq!(code(&exchange), 1638, "{exchange:?}");
    assert_eq!((server.connections(), server.requests()), (1, 4));
    let server = serve_sockets(|tcp, _, _| async move {
        let mut peer = RawPeer::greet(tcp).await;
        peer.request().await;
        peer.write(0x7, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 0]).await;
        sleep(SOON).await;
    })
    .await;
    let exchange = prior_knowledge().send(&get(&server.url("/")), &()).await;
    assert_eq!(code(&exchange), 1611, "{exchange:?}");
    assert_eq!(server.connections(), 4);
}

#[tokio::test]
async fn a_connection_that_the_server_closes_in_the_middle_is_lost_and_replaced() {
    let server = serve_sockets(|tcp, requests, _| async move {
        let mut peer = RawPeer::greet(tcp).await;
        for turn in 0..2 {
            let stream = peer.request().await.unwrap();
            requests.fetch_add(1, SeqCst);
            if turn == 0 {
                peer.answer(stream).await;
            }
        }
    })
    .await;
    let mut client = prior_knowledge();
    let post = Request::new("POST", &server.url("/")).unwrap();
    assert!(client.send(&post, &()).await.outcome.is_ok());
    // Nobody knows whether the server has processed it.
    let exchange = client.send(&post, &()).await;
    assert_eq!(code(&exchange), 1200, "{exchange:?}");
    assert_eq!((server.connections(), server.requests()), (1, 2));
    // Which does not matter here.
    assert!(
        client
            .send(&get(&server.url("/")), &())
            .await
            .outcome
            .is_ok()
    );
    assert!(
        client
            .send(&get(&server.url("/")), &())
            .await
            .outcome
            .is_ok()
    );
    assert_eq!((server.connections(), server.requests()), (3, 5));
}

#[tokio::test]
async fn faults_have_numbers_of_their_own() {
    let server = serve_h2(|mut connection, _| async move {
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            match request.uri().path() {
                "/reset" => respond.send_reset(Reason::INTERNAL_ERROR),
                "/calm" => connection.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM),
                "/half" => {
                    let answer = http::Response::new(());
                    let mut stream = respond.send_response(answer, false).unwrap();
                    stream.send_data(Bytes::from_static(b"ha"), false).unwrap();
                    tokio::spawn(async move {
                        sleep(Duration::from_millis(20)).await;
                        stream.send_reset(Reason::CANCEL);
                    });
                }
                _ => reply(&mut respond, b"hi"),
            }
        }
    })
    .await;
    let mut client = prior_knowledge();
    let exchange = client.send(&get(&server.url("/reset")), &()).await;
    assert_eq!(code(&exchange), 1633, "{exchange:?}");
    assert!(exchange.bytes_sent > 0);
    let exchange = client.send(&get(&server.url("/half")), &()).await;
    assert_eq!(code(&exchange), 1639, "{exchange:?}");
    assert!(matches!(
        exchange.outcome,
        Err(Error::Protocol {
            fault: Fault::Stream,
            ..
        })
    ));
    // The connection has survived both.
    assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
    assert_eq!(server.connections(), 1);
    let exchange = client.send(&get(&server.url("/calm")), &()).await;
    assert_eq!(code(&exchange), 1622, "{exchange:?}");
    assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_server_of_http1_breaks_the_rules_of_http2() {
    let server = answering(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    let mut request = get(&server.url("/"));
    request.set_timeout(Duration::from_secs(2));
    let exchange = prior_knowledge().send(&request, &()).await;
    assert!((1650..1665).contains(&code(&exchange)), "{exchange:?}");
}

#[tokio::test]
async fn time_is_up_for_one_stream_alone() {
    let server = serve(|request| async move {
        if request.uri().path() == "/slow" {
            pending::<()>().await;
        }
        answer("hi")
    })
    .await;
    let mut client = prior_knowledge();
    let (fast, mut slow) = (get(&server.url("/")), get(&server.url("/slow")));
    slow.set_timeout(Duration::from_millis(80));
    for _ in 0..2 {
        let exchanges = client.send_all(&[&slow, &fast], &()).await;
        assert_eq!(code(&exchanges[0]), 1050, "{exchanges:?}");
        assert!(matches!(
            exchanges[0].outcome,
            Err(Error::Timeout {
                phase: Phase::Waiting,
                ..
            })
        ));
        assert!(exchanges[0].bytes_sent > 0);
        assert_eq!(text(&exchanges[1]), "hi");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn an_answer_over_the_limit_and_one_that_is_left_reset_their_streams_alone() {
    let server = serve(|request| async move {
        let length = request.uri().path()[1..].parse().unwrap();
        answer(vec![7; length])
    })
    .await;
    let mut client = client_with(|settings| {
        settings.protocol = Protocol::Http2;
        settings.body_limit = 1 << 20;
    });
    let (large, small) = (get(&server.url("/20000000")), get(&server.url("/2")));
    let exchange = client.send(&large, &()).await;
    assert_eq!(code(&exchange), 1702);
    // It was not even begun.
    assert!(exchange.bytes_received < 5 << 20, "{exchange:?}");
    let mut open = client.open(&large, &()).await.unwrap();
    assert_eq!(open.protocol(), "HTTP/2.0");
    assert!(!open.next_chunk().await.unwrap().unwrap().is_empty());
    assert!(client.send(&small, &()).await.outcome.is_ok());
    let exchange = open.finish(&mut client);
    assert!(exchange.outcome.is_ok() && exchange.bytes_sent > 0);
    let mut open = client.open(&small, &()).await.unwrap();
    open.read_to_end().await.unwrap();
    assert_eq!(open.finish(&mut client).outcome.unwrap().body_len(), 2);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_large_body_goes_both_ways_and_its_sending_is_timed() {
    let server = serve(|request| async move {
        // Windows are full meanwhile.
        sleep(Duration::from_millis(120)).await;
        let body = request.into_body().collect().await.unwrap().to_bytes();
        answer(body)
    })
    .await;
    let mut client = prior_knowledge();
    let body: Vec<u8> = (0..20_u32 << 20).map(|at| (at >> 3) as u8).collect();
    let mut request = Request::new("POST", &server.url("/")).unwrap();
    request.set_body(Bytes::from(body.clone()));
    let exchange = client.send(&request, &()).await;
    assert!(exchange.outcome.as_ref().unwrap().body() == body);
    assert!(exchange.timings.sending.unwrap() > Duration::from_millis(100));
    assert!(exchange.bytes_sent > body.len() as u64 && exchange.bytes_received > body.len() as u64);
}

#[tokio::test]
async fn a_body_is_sent_while_it_is_made() {
    let server = serve(|request| async move {
        let body = request.into_body().collect().await.unwrap();
        let trailer = body.trailers().map(|trailers| trailers["x-sum"].clone());
        let length = body.to_bytes().len();
        answer(format!("{length} {trailer:?}"))
    })
    .await;
    /// The pieces that somebody makes.
    struct Pieces(mpsc::UnboundedReceiver<Frame<Bytes>>);
    impl Body for Pieces {
        type Data = Bytes;
        type Error = BodyError;
        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
            self.0.poll_recv(cx).map(|piece| piece.map(Ok))
        }
    }
    let engine = Engine::new(Settings {
        protocol: Protocol::Http2,
        ..Settings::default()
    })
    .unwrap();
    let request = Request::new("POST", &server.url("/")).unwrap();
    let call = Call::new(&engine, Sent::AsBuilt(&request));
    let leg = call.leg(&Cookies::default());
    let mut progress = Progress::new(std::time::Instant::now(), &leg);
    let route = alone(&engine, request.origin(), SOON, &mut progress)
        .await
        .unwrap();
    let Route::Http2(http2, meter) = route else {
        panic!("HTTP/2 was wanted");
    };
    let (pieces, made) = mpsc::unbounded_channel();
    let body = OutgoingBody::Streamed(Box::pin(Pieces(made)));
    let mut message = http::Request::new(body);
    *message.method_mut() = http::Method::POST;
    let sending = http2.send(request.uri().clone(), message, Arc::clone(&meter));
    let making = async {
        for _ in 0..50 {
            sleep(Duration::from_millis(1)).await;
            let piece = Frame::data(Bytes::from(vec![1; 100_000]));
            pieces.send(piece).unwrap();
        }
        let trailers = [("x-sum".parse().unwrap(), "5".parse().unwrap())];
        let trailers = Frame::trailers(trailers.into_iter().collect());
        pieces.send(trailers).unwrap();
        drop(pieces);
    };
    let (answer, ()) = tokio::join!(sending, making);
    let (mut answer, _stream) = answer.map_err(|_| "no answer").unwrap();
    let text = answer.body_mut().data().await.unwrap().unwrap();
    assert_eq!(text, "5000000 Some(\"5\")");
    assert!(meter.writing.length(None).unwrap() > Duration::from_millis(40));
}

#[tokio::test]
async fn the_protocol_is_what_both_sides_agree_on() {
    const BOTH: &[&[u8]] = &[b"h2", b"http/1.1"];
    for (server, client, expected) in [
        (BOTH, Protocol::Negotiated, Some("HTTP/2.0")),
        (BOTH, Protocol::Http1, Some("HTTP/1.1")),
        (BOTH, Protocol::Http2, Some("HTTP/2.0")),
        (&BOTH[1..], Protocol::Negotiated, Some("HTTP/1.1")),
        (&[], Protocol::Negotiated, Some("HTTP/1.1")),
        (&BOTH[1..], Protocol::Http2, None),
        (&[], Protocol::Http2, None),
    ] {
        let server = serve_tls(server).await;
        let mut client = client_with(|settings| {
            settings.protocol = client;
            settings.tls.extra_roots = vec![server.root.clone()];
        });
        let request = get(&server.url("localhost"));
        for turn in 0..2 {
            let exchange = client.send(&request, &()).await;
            let Some(expected) = expected else {
                assert_eq!((code(&exchange), exchange.bytes_sent), (1300, 0));
                continue;
            };
            assert_eq!(text(&exchange), "hi");
            assert_eq!(exchange.outcome.as_ref().unwrap().protocol(), expected);
            assert_eq!(
                exchange.timings.tls_handshaking.unwrap().is_zero(),
                turn > 0
            );
        }
        if expected.is_some() {
            assert_eq!(
                (server.server.connections(), server.server.requests()),
                (1, 2)
            );
        }
    }
}

#[tokio::test]
async fn a_first_batch_makes_one_connection_of_http2_and_as_many_of_http1_as_it_needs() {
    const HTTP2: &[&[u8]] = &[b"h2"];
    const HTTP1: &[&[u8]] = &[b"http/1.1"];
    for (alpn, connections) in [(HTTP2, 1), (HTTP1, 4)] {
        let server = serve_tls(alpn).await;
        let mut client = client_with(|settings| {
            settings.tls.extra_roots = vec![server.root.clone()];
        });
        let request = get(&server.url("localhost"));
        for exchange in client.send_all(&[&request; 4], &()).await {
            assert_eq!(text(&exchange), "hi");
        }
        assert_eq!(server.server.connections(), connections);
    }
}

#[tokio::test]
async fn a_connection_that_cannot_be_made_fails_all_who_wait_for_it_together() {
    let server = server::serve(|mut peer| async move { peer.closed().await }).await;
    let url = format!("https://127.0.0.1:{}/", server.port);
    let mut client = client_with(|settings| {
        settings.connect_timeout = Duration::from_millis(150);
        settings.tls.insecure_skip_verify = true;
    });
    let started = std::time::Instant::now();
    let exchanges = client.send_all(&[&get(&url); 5], &()).await;
    assert!(exchanges.iter().all(|exchange| code(exchange) == 1211));
    assert!(started.elapsed() < Duration::from_millis(300));
    assert_eq!(server.connections(), 1);
}
