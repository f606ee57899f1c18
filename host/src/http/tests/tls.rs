//! TLS, against certificates made on the spot.

use std::net::IpAddr;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::server::{Peer, Server, answering, serve_sockets};
use super::*;

/// A server with a certificate, and the authority that signed it.
pub(super) struct TlsServer {
    pub(super) server: Server,
    pub(super) root: CertificateDer<'static>,
}

impl TlsServer {
    pub(super) fn url(&self, host: &str) -> String {
        format!("https://{host}:{}/", self.server.port)
    }
}

/// Serves HTTPS as somebody who has these names.
pub(super) async fn serve(names: &[&str]) -> TlsServer {
    serve_by(names, |mut peer| async move {
        while peer.request().await.is_some() {
            sleep(Duration::from_millis(1)).await;
            peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
                .await;
        }
    })
    .await
}

/// Serves every connection by `serve`, as somebody who has these names.
pub(super) async fn serve_by<F, Fut>(names: &[&str], serve: F) -> TlsServer
where
    F: Fn(Peer) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    serve_alpn(names, &[], move |stream, requests| {
        serve(Peer::over(stream, requests, 0))
    })
    .await
}

/// Serves TLS as somebody who has these names and speaks these protocols.
pub(super) async fn serve_alpn<F, Fut>(names: &[&str], alpn: &[&[u8]], serve: F) -> TlsServer
where
    F: Fn(TlsStream<TcpStream>, Arc<AtomicUsize>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let (mut config, root) = identity(names);
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = serve_sockets(move |tcp, requests, _| {
        let (acceptor, serve) = (acceptor.clone(), serve.clone());
        async move {
            if let Ok(stream) = acceptor.accept(tcp).await {
                serve(stream, requests).await;
            }
        }
    })
    .await;
    TlsServer { server, root }
}

/// A server of these names, and the authority that signed its certificate.
pub(super) fn identity(names: &[&str]) -> (ServerConfig, CertificateDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = authority.self_signed(&key).unwrap().der().clone();
    let own_key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let certificate = CertificateParams::new(names)
        .unwrap()
        .signed_by(&own_key, &Issuer::new(authority, key))
        .unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(own_key.serialize_der().into()),
        )
        .unwrap();
    (config, root)
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let server = serve(&["localhost"]).await;
    let exchange = client().send(&get(&server.url("localhost")), &()).await;
    assert_eq!(code(&exchange), 1310, "{exchange:?}");
    assert_eq!((exchange.bytes_sent, exchange.timings.sending), (0, None));
    assert!(exchange.timings.tls_handshaking.is_some());
    assert_eq!(server.server.requests(), 0);
}

#[tokio::test]
async fn an_extra_root_is_trusted_and_the_connection_is_kept() {
    let server = serve(&["localhost", "127.0.0.1"]).await;
    let mut client = client_with(|settings| settings.tls.extra_roots = vec![server.root.clone()]);
    for turn in 0..3 {
        let exchange = client.send(&get(&server.url("localhost")), &()).await;
        assert_eq!(text(&exchange), "hi");
        let handshake = exchange.timings.tls_handshaking.unwrap();
        assert_eq!(handshake.is_zero(), turn > 0, "{handshake:?}");
    }
    assert_eq!(server.server.connections(), 1);
    let ip: IpAddr = [127, 0, 0, 1].into();
    assert_eq!(
        text(&client.send(&get(&server.url(&ip.to_string())), &()).await),
        "hi"
    );
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let server = serve(&["example.com"]).await;
    let mut client = client_with(|settings| settings.tls.extra_roots = vec![server.root.clone()]);
    let exchange = client.send(&get(&server.url("localhost")), &()).await;
    assert_eq!(code(&exchange), 1311, "{exchange:?}");
}

#[tokio::test]
async fn verification_can_be_skipped() {
    let server = serve(&["example.com"]).await;
    let mut client = client_with(|settings| settings.tls.insecure_skip_verify = true);
    assert_eq!(
        text(&client.send(&get(&server.url("localhost")), &()).await),
        "hi"
    );
}

#[tokio::test]
async fn a_server_without_tls_is_told_as_such() {
    let plain = answering(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    let url = format!("https://localhost:{}/", plain.port);
    let mut client = client_with(|settings| settings.tls.insecure_skip_verify = true);
    // It waits for the end of a head that never comes, as some do.
    let mut request = get(&url);
    request.set_timeout(Duration::from_millis(200));
    let exchange = client.send(&request, &()).await;
    assert_eq!(exchange.bytes_sent, 0, "{exchange:?}");
    assert!([1050, 1300].contains(&code(&exchange)), "{exchange:?}");
}
