//! Who a client is, which authorities it trusts, and which TLS it speaks.

use std::fs;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio_rustls::TlsAcceptor;

use super::server::{Peer, Server, serve_sockets};
use super::*;
use crate::http::{ClientCertificate, TlsSettings, TlsVersion, TlsVersions};

/// An authority.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// A certificate for these names, and its key.
    fn sign(&self, name: &str, others: &[&str]) -> (CertificateDer<'static>, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let names = [&[name], others].concat();
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let certificate = CertificateParams::new(names)
            .unwrap()
            .signed_by(&key, &self.0)
            .unwrap();
        (certificate.der().clone(), key)
    }

    /// A certificate of its own for these hosts.
    fn certificate(&self, name: &str, hosts: &[&str]) -> ClientCertificate {
        let (certificate, key) = self.sign(name, &[]);
        ClientCertificate {
            name: name.to_owned(),
            chain: vec![certificate],
            key: Arc::new(PrivateKeyDer::Pkcs8(key.serialize_der().into())),
            hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
        }
    }

    /// A server for `one.test`, `a.test` and `b.test`, which answers with the names that
    /// the client's certificate has, and by these versions.
    async fn serve(&self, versions: &[&'static SupportedProtocolVersion]) -> Server {
        let (certificate, key) = self.sign("one.test", &["a.test", "b.test"]);
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .allow_unauthenticated()
                .build()
                .unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(
                vec![certificate],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        serve_sockets(move |tcp, requests, index| {
            let acceptor = acceptor.clone();
            async move {
                let Ok(stream) = acceptor.accept(tcp).await else {
                    return;
                };
                let (_, session) = stream.get_ref();
                let shown = session.peer_certificates().map(|chain| chain[0].to_vec());
                let shown = String::from_utf8_lossy(&shown.unwrap_or_default()).into_owned();
                let mut peer = Peer::over(stream, requests, index);
                while peer.request().await.is_some() {
                    let name = ["one.client", "two.client", "any.client"]
                        .into_iter()
                        .find(|name| shown.contains(name))
                        .unwrap_or("nobody");
                    let length = name.len();
                    let answer =
                        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{name}");
                    peer.write(answer.as_bytes()).await;
                }
            }
        })
        .await
    }

    fn client(&self, change: impl FnOnce(&mut TlsSettings)) -> Client {
        client_with(|settings| {
            settings.tls.extra_roots = vec![self.0.der().clone()];
            let here = ("*.test".parse().unwrap(), "127.0.0.1".parse().unwrap());
            settings.network.hosts = [here].into_iter().collect();
            change(&mut settings.tls);
        })
    }
}

const BOTH: [&SupportedProtocolVersion; 2] = [&rustls::version::TLS12, &rustls::version::TLS13];

#[tokio::test]
async fn a_server_is_shown_the_certificate_that_is_closest_to_its_name() {
    let authority = Authority::new();
    for version in BOTH {
        let server = authority.serve(&[version]).await;
        let mut client = authority.client(|tls| {
            tls.client_certificates = vec![
                authority.certificate("one.client", &["one.test", "other.test"]),
                authority.certificate("two.client", &["*.two.test", "b.test"]),
            ];
        });
        for (host, shown) in [
            ("one.test", "one.client"),
            ("b.test", "two.client"),
            ("a.test", "nobody"),
        ] {
            let url = format!("https://{host}:{}/", server.port);
            assert_eq!(text(&client.send(&get(&url), &()).await), shown, "{host}");
        }
        let mut client = authority.client(|tls| {
            tls.client_certificates = vec![
                authority.certificate("any.client", &[]),
                authority.certificate("two.client", &["*.test"]),
                authority.certificate("one.client", &["one.test"]),
            ];
        });
        for (host, shown) in [("one.test", "one.client"), ("a.test", "two.client")] {
            let url = format!("https://{host}:{}/", server.port);
            assert_eq!(text(&client.send(&get(&url), &()).await), shown, "{host}");
        }
    }
}

#[tokio::test]
async fn no_version_is_spoken_but_those_of_the_settings() {
    use TlsVersion::{Tls12, Tls13};
    let authority = Authority::new();
    for (spoken, versions, agrees) in [
        (BOTH[0], TlsVersions::default(), true),
        (BOTH[1], TlsVersions::default(), true),
        (BOTH[0], TlsVersions::only(Tls13), false),
        (BOTH[1], TlsVersions::only(Tls12), false),
        (BOTH[1], TlsVersions::only(Tls13), true),
    ] {
        let server = authority.serve(&[spoken]).await;
        let mut client = authority.client(|tls| tls.versions = versions);
        let url = format!("https://a.test:{}/", server.port);
        let exchange = client.send(&get(&url), &()).await;
        if agrees {
            assert_eq!(text(&exchange), "nobody");
        } else {
            assert_eq!((code(&exchange), exchange.bytes_sent), (1300, 0));
        }
    }
}

#[tokio::test]
async fn keys_of_sessions_are_written_for_others_to_read() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.log");
    fs::write(&path, "# before\n").unwrap();
    for (version, label) in [
        (BOTH[0], "CLIENT_RANDOM "),
        (BOTH[1], "CLIENT_TRAFFIC_SECRET_0 "),
    ] {
        let server = authority.serve(&[version]).await;
        let mut client = authority.client(|tls| tls.key_log = Some(path.clone()));
        let url = format!("https://a.test:{}/", server.port);
        assert_eq!(text(&client.send(&get(&url), &()).await), "nobody");
        let log = fs::read_to_string(&path).unwrap();
        assert!(log.starts_with("# before\n"), "{log}");
        let line = log.lines().find(|line| line.starts_with(label)).unwrap();
        let parts: Vec<&str> = line.split(' ').collect();
        assert_eq!((parts.len(), parts[1].len()), (3, 64), "{line}");
    }
}

/// What an engine says of settings that it cannot use.
fn mistake(change: impl FnOnce(&mut TlsSettings)) -> String {
    let mut settings = Settings::default();
    change(&mut settings.tls);
    Engine::new(settings).unwrap_err().to_string()
}

#[test]
fn settings_that_cannot_be_used_are_told_before_anything_is_sent() {
    let authority = Authority::new();
    let own = authority.certificate("one.client", &[]);
    let other = authority.certificate("two.client", &[]);
    let with = |key: &Arc<PrivateKeyDer<'static>>| {
        let key = Arc::clone(key);
        mistake(|tls| tls.client_certificates = vec![ClientCertificate { key, ..own.clone() }])
    };
    let no_key = Arc::new(PrivateKeyDer::Pkcs8(b"geheim".to_vec().into()));
    let folder = tempfile::tempdir().unwrap();
    for (error, hints) in [
        (
            mistake(|tls| tls.extra_roots = vec![b"geheim".to_vec().into()]),
            ["extra roots", "no certificate of an authority"],
        ),
        (
            mistake(|tls| tls.key_log = Some(folder.path().to_owned())),
            ["SSLKEYLOGFILE", "cannot be written"],
        ),
        (with(&no_key), ["one.client", "the key cannot be used"]),
        (with(&other.key), ["one.client", "another certificate's"]),
    ] {
        assert!(hints.iter().all(|hint| error.contains(hint)), "{error}");
        assert!(!error.contains("geheim"), "{error}");
    }
    let shown = format!("{own:?}");
    assert_eq!(shown.matches("one.client").count(), 1, "{shown}");
}
