//! HTTP/3, against the server side of h3 over quinn.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use bytes::{Buf, Bytes};
use h3::error::Code;
use h3::server::RequestStream;
use quinn::crypto::rustls::QuicServerConfig;
use rustls::pki_types::CertificateDer;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::*;
use crate::http::{Error, Fault, Protocol};

/// A server of HTTP/3, which ends with the test's runtime.
struct Server {
    address: SocketAddr,
    root: CertificateDer<'static>,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    /// Told when a connection is over.
    closed: mpsc::UnboundedReceiver<()>,
    _endpoint: quinn::Endpoint,
}

impl Server {
    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    fn counts(&self) -> (usize, usize) {
        (self.connections.load(SeqCst), self.requests.load(SeqCst))
    }

    fn client(&self) -> Client {
        client_with(|settings| {
            settings.protocol = Protocol::Http3;
            settings.tls.extra_roots = vec![self.root.clone()];
            settings.per_host = 0;
            settings.batch = 0;
        })
    }
}

type Stream = RequestStream<h3_quinn::BidiStream<Bytes>, Bytes>;

async fn serve() -> Server {
    let (mut config, root) = tls::identity(&["localhost", "127.0.0.1"]);
    config.alpn_protocols = vec![b"h3".to_vec()];
    let config = QuicServerConfig::try_from(config).unwrap();
    let config = quinn::ServerConfig::with_crypto(Arc::new(config));
    let endpoint = quinn::Endpoint::server(config, (Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let (connections, requests) = (Arc::default(), Arc::default());
    let (told, closed) = mpsc::unbounded_channel();
    let server = Server {
        address: endpoint.local_addr().unwrap(),
        root,
        connections: Arc::clone(&connections),
        requests: Arc::clone(&requests),
        closed,
        _endpoint: endpoint.clone(),
    };
    tokio::spawn(async move {
        while let Some(incoming) = endpoint.accept().await {
            let Ok(quic) = incoming.await else { continue };
            connections.fetch_add(1, SeqCst);
            let (requests, told) = (Arc::clone(&requests), told.clone());
            tokio::spawn(async move {
                speak(quic, requests).await;
                let _ = told.send(());
            });
        }
    });
    server
}

async fn speak(quic: quinn::Connection, requests: Arc<AtomicUsize>) {
    let quic = h3_quinn::Connection::new(quic);
    let mut connection = h3::server::Connection::<_, Bytes>::new(quic).await.unwrap();
    while let Ok(Some(resolver)) = connection.accept().await {
        let requests = Arc::clone(&requests);
        tokio::spawn(async move {
            let Ok((request, stream)) = resolver.resolve_request().await else {
                return;
            };
            requests.fetch_add(1, SeqCst);
            answer(request.uri().path(), stream).await;
        });
    }
}

async fn answer(path: &str, mut stream: Stream) {
    let mut body = Vec::new();
    match path {
        "/reset" => return stream.stop_stream(Code::H3_INTERNAL_ERROR),
        "/slow" => sleep(SOON).await,
        "/echo" => {
            while let Ok(Some(mut piece)) = stream.recv_data().await {
                body.extend_from_slice(&piece.copy_to_bytes(piece.remaining()));
            }
        }
        _ => {
            sleep(Duration::from_millis(30)).await;
            body.extend_from_slice(path.as_bytes());
        }
    }
    let head = http::Response::builder().header("content-length", body.len());
    if stream.send_response(head.body(()).unwrap()).await.is_ok() {
        let _ = stream.send_data(body.into()).await;
        let _ = stream.finish().await;
    }
}

#[tokio::test]
async fn requests_share_a_connection_and_say_what_is_known_of_their_times() {
    let server = serve().await;
    let mut client = server.client();
    let request = get(&server.url("/a"));
    for turn in 0..3 {
        let exchange = client.send(&request, &()).await;
        assert_eq!(text(&exchange), "/a");
        assert_eq!(exchange.outcome.as_ref().unwrap().protocol(), "HTTP/3.0");
        assert_eq!(exchange.remote, Some(server.address));
        assert!(exchange.bytes_sent > 20 && exchange.bytes_received > 20);
        let timings = exchange.timings;
        assert_eq!(timings.connecting.unwrap().is_zero(), turn > 0);
        assert_eq!(timings.sending, None);
        assert_eq!(
            timings.tls_handshaking,
            (turn > 0).then_some(Duration::ZERO)
        );
        assert!(timings.waiting.unwrap() >= Duration::from_millis(25));
        assert!(timings.duration().unwrap() >= Duration::from_millis(25));
    }
    assert_eq!(server.counts(), (1, 3));
}

#[tokio::test]
async fn a_batch_goes_over_one_connection_and_large_bodies_both_ways() {
    let server = serve().await;
    let mut client = server.client();
    let request = get(&server.url("/b"));
    for exchange in client.send_all(&[&request; 20], &()).await {
        assert_eq!(text(&exchange), "/b");
    }
    let body: Vec<u8> = (0..5_u32 << 20).map(|at| (at >> 3) as u8).collect();
    let mut request = Request::new("POST", &server.url("/echo")).unwrap();
    request.set_body(Bytes::from(body.clone()));
    let exchange = client.send(&request, &()).await;
    assert!(exchange.outcome.as_ref().unwrap().body() == body);
    assert!(exchange.bytes_sent > 5 << 20 && exchange.bytes_received > 5 << 20);
    assert_eq!(server.counts(), (1, 21));
}

#[tokio::test]
async fn what_is_cut_off_is_told_and_leaves_the_connection_to_others() {
    let server = serve().await;
    let mut client = server.client();
    let witness = Witness::default();
    let (fast, slow) = (get(&server.url("/")), get(&server.url("/slow")));
    client.send(&fast, &witness).await;
    for turn in 1..4 {
        let cut = timeout(Duration::from_millis(40), client.send(&slow, &witness));
        assert!(cut.await.is_err());
        assert_eq!(witness.interruptions().len(), turn);
        assert_eq!(text(&client.send(&fast, &witness).await), "/");
    }
    // Never polled, never sent.
    drop(client.send(&fast, &witness));
    let mut open = client.open(&fast, &witness).await.unwrap();
    assert!(open.next_chunk().await.unwrap().is_some());
    assert!(open.finish(&mut client).outcome.is_ok());
    sleep(Duration::from_millis(50)).await;
    assert_eq!(server.counts(), (1, 8));
    assert_eq!(witness.interruptions().len(), 3);
}

#[tokio::test]
async fn faults_are_told_apart() {
    let server = serve().await;
    let mut client = server.client();
    let exchange = client.send(&get(&server.url("/reset")), &()).await;
    assert!(
        matches!(
            exchange.outcome,
            Err(Error::Protocol {
                fault: Fault::Stream,
                reason: 0x102,
                ..
            })
        ),
        "{exchange:?}"
    );
    assert_eq!(text(&client.send(&get(&server.url("/c")), &()).await), "/c");
    assert_eq!(server.counts(), (1, 2));

    let mut distrusting = client_with(|settings| settings.protocol = Protocol::Http3);
    let exchange = distrusting.send(&get(&server.url("/")), &()).await;
    assert_eq!(
        (code(&exchange), exchange.bytes_sent),
        (1310, 0),
        "{exchange:?}"
    );
    let plain = server.url("/").replace("https", "http");
    let exchange = client.send(&get(&plain), &()).await;
    assert_eq!(
        (code(&exchange), exchange.bytes_sent),
        (1000, 0),
        "{exchange:?}"
    );

    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let url = format!("https://127.0.0.1:{}/", nobody.local_addr().unwrap().port());
    let mut hasty = client_with(|settings| {
        settings.protocol = Protocol::Http3;
        settings.connect_timeout = Duration::from_millis(100);
    });
    assert_eq!(code(&hasty.send(&get(&url), &()).await), 1211);
}

#[tokio::test]
async fn the_connection_is_closed_with_its_owner_after_what_was_sent() {
    let mut server = serve().await;
    let mut client = server.client();
    client.send(&get(&server.url("/")), &()).await;
    let witness = Witness::default();
    let slow = get(&server.url("/slow"));
    let cut = timeout(Duration::from_millis(40), client.send(&slow, &witness));
    assert!(cut.await.is_err());
    drop(client);
    let closed = timeout(SOON, server.closed.recv()).await;
    closed.expect("the connection is closed").unwrap();
    assert_eq!(
        (server.counts(), witness.interruptions().len()),
        ((1, 2), 1)
    );
}
