//! The client against real sockets: servers that say byte for byte what a test
//! wants them to say.
#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

/// Notes what was cut off.
#[derive(Default)]
struct Cut {
    times: AtomicUsize,
    bytes_sent: AtomicU64,
}

impl OnInterrupt for Cut {
    fn interrupted(&self, _: usize, _: Timings, bytes_sent: u64, _: u64) {
        self.times.fetch_add(1, Ordering::Relaxed);
        self.bytes_sent.fetch_add(bytes_sent, Ordering::Relaxed);
    }
}

/// A server that counts connections and requests.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers every request with these pieces, each after its delay, and closes
    /// the connection afterwards if told to.
    async fn answering(pieces: Vec<(Duration, &'static str)>, close: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let (connections, requests) =
            (Arc::clone(&server.connections), Arc::clone(&server.requests));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::Relaxed);
                let (pieces, requests) = (pieces.clone(), Arc::clone(&requests));
                tokio::spawn(async move {
                    while let Some(request) = head_of(&mut stream).await {
                        requests.lock().unwrap().push(request);
                        for (delay, piece) in &pieces {
                            tokio::time::sleep(*delay).await;
                            let _ = stream.write_all(piece.as_bytes()).await;
                        }
                        if close {
                            return;
                        }
                    }
                });
            }
        });
        server
    }

    async fn saying(answer: &'static str) -> Self {
        Self::answering(vec![(Duration::ZERO, answer)], false).await
    }

    fn get(&self) -> Request {
        Request::new("GET", &format!("http://{}/path?q=1#part", self.address)).unwrap()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

/// Reads the head of a request.
async fn head_of(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return None,
        }
    }
    Some(String::from_utf8(head).unwrap())
}

fn client_with(settings: Settings) -> Client {
    Client::new(Engine::new(settings).unwrap())
}

fn client() -> Client {
    client_with(Settings::default())
}

async fn error_of(server: &Server) -> Error {
    client().send(&server.get(), &Cut::default()).await.outcome.unwrap_err()
}

#[tokio::test]
async fn an_answer_comes_with_its_body_its_bytes_and_its_timings() {
    let server = Server::saying(OK).await;
    let exchange = client().send(&server.get(), &Cut::default()).await;
    let request = server.requests.lock().unwrap()[0].clone();
    assert!(request.starts_with("GET /path?q=1 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("host: {}\r\n", server.address)), "{request}");
    assert!(request.contains("user-agent: vuelo/"), "{request}");
    assert_eq!(exchange.bytes_sent, request.len() as u64);
    assert_eq!(exchange.bytes_received, OK.len() as u64);
    let timings = exchange.timings;
    let parts = [timings.sending, timings.waiting, timings.receiving].map(Option::unwrap);
    assert_eq!(timings.duration, Some(parts.iter().sum()));
    let mut response = exchange.outcome.unwrap();
    assert_eq!((response.head.status.as_u16(), &*response.body()), (200, &b"hi"[..]));
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request_and_costs_it_nothing() {
    let server = Server::saying(OK).await;
    let mut client = client();
    let first = client.send(&server.get(), &Cut::default()).await;
    let second = client.send(&server.get(), &Cut::default()).await;
    assert_eq!(server.connections(), 1);
    assert!(first.timings.connecting.unwrap() > Duration::ZERO);
    assert_eq!(second.timings.connecting, Some(Duration::ZERO));
    let settings = Settings { connection_reuse: false, ..Settings::default() };
    let mut client = client_with(settings);
    client.send(&server.get(), &Cut::default()).await;
    client.send(&server.get(), &Cut::default()).await;
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_kept_connection_that_the_server_closed_is_replaced_without_an_error() {
    let server = Server::answering(vec![(Duration::ZERO, OK)], true).await;
    let mut client = client();
    for _ in 0..3 {
        assert!(client.send(&server.get(), &Cut::default()).await.outcome.is_ok());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.connections(), 3);
    assert_eq!(server.requests.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn each_phase_is_timed() {
    let ms = Duration::from_millis;
    let pieces = vec![
        (ms(80), "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"),
        (ms(30), "ab"),
        (ms(30), "cd"),
    ];
    let server = Server::answering(pieces, false).await;
    let timings = client().send(&server.get(), &Cut::default()).await.timings;
    let near = |measured: Option<Duration>, truth| {
        let measured = measured.unwrap();
        assert!(measured >= truth && measured < truth + ms(25), "{measured:?} for {truth:?}");
    };
    near(timings.waiting, ms(80));
    near(timings.receiving, ms(60));
    near(timings.duration, ms(140));
}

#[tokio::test]
async fn a_refused_connection_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let exchange = client().send(&Request::new("GET", &url).unwrap(), &Cut::default()).await;
    let error = exchange.outcome.unwrap_err();
    assert_eq!(error.code().number(), 1212, "{error}");
    assert_eq!(exchange.bytes_sent, 0);
}

#[tokio::test]
async fn what_goes_wrong_in_an_answer_has_a_code_of_its_own() {
    let closed = Server::answering(vec![(Duration::ZERO, "")], true).await;
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
    let cut = Server::answering(vec![(Duration::ZERO, cut)], true).await;
    let garbage = Server::saying("SSH-2.0-OpenSSH_9.2\r\n").await;
    let bad_chunk = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n";
    let bad_chunk = Server::saying(bad_chunk).await;
    for (server, code) in [(closed, 1200), (cut, 1200), (garbage, 1701)] {
        let error = error_of(&server).await;
        assert_eq!(error.code().number(), code, "{error:?}");
    }
    let error = error_of(&bad_chunk).await;
    assert!(matches!(error.code().number(), 1200 | 1701), "{error:?}");
}

#[tokio::test]
async fn a_request_that_takes_too_long_times_out_with_what_was_measured() {
    let stalls = Server::answering(vec![(Duration::from_secs(60), OK)], false).await;
    let mut request = stalls.get();
    request.set_timeout(Duration::from_millis(50));
    let exchange = client().send(&request, &Cut::default()).await;
    assert_eq!(exchange.outcome.unwrap_err().code().number(), 1050);
    assert!(exchange.bytes_sent > 0);
    assert!(exchange.timings.sending.is_some());
    assert_eq!(exchange.timings.waiting, None);
}

#[tokio::test]
async fn a_body_over_the_limit_ends_in_an_error() {
    let server = Server::saying(OK).await;
    let mut client = client_with(Settings { body_limit: 1, ..Settings::default() });
    let error = client.send(&server.get(), &Cut::default()).await.outcome.unwrap_err();
    assert_eq!(error.code().number(), 1702);
}

#[tokio::test]
async fn a_request_that_is_cut_off_is_told_exactly_when_the_server_has_it() {
    let stalls = Server::answering(vec![(Duration::from_secs(60), OK)], false).await;
    // With the waits of a busy worker between: before the connection is there,
    // while it is made, before and after the request is written.
    for micros in [0, 50, 100, 200, 400, 1_000, 5_000, 20_000] {
        let cut = Cut::default();
        let before = stalls.requests.lock().unwrap().len();
        let (mut client, request) = (client(), stalls.get());
        let limit = Duration::from_micros(micros);
        assert!(tokio::time::timeout(limit, client.send(&request, &cut)).await.is_err());
        tokio::time::sleep(Duration::from_millis(30)).await;
        let arrived = stalls.requests.lock().unwrap().len() - before;
        assert_eq!(cut.times.load(Ordering::Relaxed), arrived, "after {micros} µs");
    }
    assert!(!stalls.requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_batch_keeps_to_six_connections_a_host_and_to_the_order_of_its_requests() {
    let server = Server::answering(vec![(Duration::from_millis(40), OK)], false).await;
    let requests: Vec<_> = (0..13)
        .map(|number| Request::new("GET", &format!("http://{}/{number}", server.address)).unwrap())
        .collect();
    let requests: Vec<_> = requests.iter().collect();
    let exchanges = client().send_all(&requests, &Cut::default()).await;
    assert_eq!(exchanges.len(), 13);
    assert!(exchanges.iter().all(|exchange| exchange.outcome.is_ok()));
    assert_eq!(server.connections(), 6);
    assert_eq!(exchanges[0].timings.blocked.unwrap().as_millis(), 0);
    assert!(exchanges[12].timings.blocked.unwrap() >= Duration::from_millis(79));
}

#[tokio::test]
async fn an_opened_answer_gives_its_body_piece_by_piece() {
    let ms = Duration::from_millis;
    let pieces = vec![
        (ms(0), "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
        (ms(20), "3\r\none\r\n"),
        (ms(20), "3\r\ntwo\r\n0\r\n\r\n"),
    ];
    let server = Server::answering(pieces, false).await;
    let mut client = client();
    let mut open = client.open(&server.get(), &Cut::default()).await.unwrap();
    assert_eq!(open.next_chunk().await.unwrap().as_deref(), Some(&b"one"[..]));
    assert_eq!(open.next_chunk().await.unwrap().as_deref(), Some(&b"two"[..]));
    assert_eq!(open.next_chunk().await.unwrap(), None);
    client.close(open);
    assert!(client.send(&server.get(), &Cut::default()).await.outcome.is_ok());
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_request_takes_absolute_http_urls_only() {
    for url in ["/path", "ftp://host/", "http://", "mailto:a@b"] {
        assert_eq!(Request::new("GET", url).unwrap_err().code().number(), 1020, "{url}");
    }
    let request = Request::new("GET", "http://user:pa%20ss@host/#x").unwrap();
    assert_eq!(request.url(), "http://host/");
    let mut request = Request::new("GET", "http://host/").unwrap();
    let error = request.set_header("authorization", "Bearer a\nb").unwrap_err();
    assert!(!error.to_string().contains("Bearer"), "{error}");
}

/// A TLS server with a certificate for `localhost` that it signed itself.
async fn tls_server() -> (u16, rustls::pki_types::CertificateDer<'static>) {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let certificate = certified.cert.der().clone();
    let key = rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der());
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(vec![certificate.clone()], key.unwrap())
    .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    answer_for_ever(&mut stream).await;
                }
            });
        }
    });
    (port, certificate)
}

async fn answer_for_ever(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    while head_of(stream).await.is_some() {
        stream.write_all(OK.as_bytes()).await.unwrap();
    }
}

#[tokio::test]
async fn a_certificate_is_checked_unless_told_otherwise() {
    let (port, certificate) = tls_server().await;
    let local = Request::new("GET", &format!("https://localhost:{port}/")).unwrap();
    let by_number = Request::new("GET", &format!("https://127.0.0.1:{port}/")).unwrap();
    let with = |insecure_skip_verify, extra_roots| {
        let tls = TlsSettings { insecure_skip_verify, extra_roots };
        client_with(Settings { tls, ..Settings::default() })
    };
    let code = |exchange: Exchange| exchange.outcome.unwrap_err().code().number();
    let trusting = vec![certificate];
    assert_eq!(code(client().send(&local, &Cut::default()).await), 1310);
    assert_eq!(code(with(false, trusting.clone()).send(&by_number, &Cut::default()).await), 1311);
    assert!(with(true, Vec::new()).send(&by_number, &Cut::default()).await.outcome.is_ok());
    let mut client = with(false, trusting);
    let exchange = client.send(&local, &Cut::default()).await;
    assert!(exchange.timings.tls_handshaking.unwrap() > Duration::ZERO);
    assert_eq!(exchange.bytes_received, OK.len() as u64, "counted on the plain side");
    let again = client.send(&local, &Cut::default()).await;
    assert_eq!(again.timings.tls_handshaking, Some(Duration::ZERO));
}

#[tokio::test]
async fn no_tls_where_a_server_speaks_none_is_an_error_of_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    let exchange = client().send(&Request::new("GET", &url).unwrap(), &Cut::default()).await;
    assert_eq!(exchange.outcome.unwrap_err().code().number(), 1300);
}
