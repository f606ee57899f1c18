//! How servers are authenticated, and how this side is.

mod client_certificate;
mod key_log;
mod settings;

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio_rustls::TlsConnector;

use self::key_log::KeyLogFile;
use super::error::Error;
use super::network::HostPattern;
use super::origin::Origin;
use super::settings::Protocol;

pub use client_certificate::ClientCertificate;
pub use settings::{TlsSettings, TlsVersion, TlsVersions};

/// What protocols are called in a handshake.
pub(super) const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// How servers are authenticated, and how this side is. What the settings have
/// is looked at at once, so that a mistake in it is told before anything is sent;
/// the machine's roots are read when the first connection wants them, since that
/// takes a while.
#[derive(Debug)]
pub(super) struct Tls {
    insecure_skip_verify: bool,
    extra_roots: RootCertStore,
    protocol: Protocol,
    versions: TlsVersions,
    client_certificates: Vec<(HostPattern, Arc<SingleCertAndKey>)>,
    key_log: Option<Arc<KeyLogFile>>,
    provider: Arc<CryptoProvider>,
    configs: OnceCell<Configs>,
}

/// How to speak to servers, by what they are shown.
#[derive(Debug)]
struct Configs {
    /// Servers that are shown no certificate.
    usual: Arc<ClientConfig>,
    /// Servers that are shown one if they ask.
    authenticated: Vec<(HostPattern, Arc<ClientConfig>)>,
}

impl Tls {
    pub(super) fn new(settings: &TlsSettings, protocol: Protocol) -> Result<Self, Error> {
        let provider = Arc::new(ring::default_provider());
        let mut extra_roots = RootCertStore::empty();
        for root in &settings.extra_roots {
            add_root(&mut extra_roots, root.clone())?;
        }
        let mut client_certificates = Vec::new();
        for certificate in &settings.client_certificates {
            let loaded = certificate.load(&provider)?;
            let patterns = match &*certificate.hosts {
                [] => vec![HostPattern::any()],
                patterns => patterns.to_vec(),
            };
            for pattern in patterns {
                client_certificates.push((pattern, Arc::clone(&loaded)));
            }
        }
        let key_log = settings.key_log.as_deref().map(KeyLogFile::open);
        Ok(Self {
            insecure_skip_verify: settings.insecure_skip_verify,
            extra_roots,
            protocol,
            versions: settings.versions,
            client_certificates,
            key_log: key_log.transpose()?.map(Arc::new),
            provider,
            configs: OnceCell::new(),
        })
    }

    /// Shakes hands with a server.
    pub(super) async fn connector(&self, origin: &Origin) -> Result<TlsConnector, Error> {
        self.config(origin).await.map(TlsConnector::from)
    }

    /// How to speak to a server.
    pub(super) async fn config(&self, origin: &Origin) -> Result<Arc<ClientConfig>, Error> {
        let configs = self.configs().await?;
        let authenticated = configs.authenticated.iter();
        // Of equals the first counts, and `max_by_key` takes the last.
        let config = authenticated
            .rev()
            .filter(|(pattern, _)| pattern.matches(&origin.host, origin.port))
            .max_by_key(|(pattern, _)| pattern.closeness())
            .map_or(&configs.usual, |(_, config)| config);
        Ok(Arc::clone(config))
    }

    /// Shakes hands with a server that is to speak HTTP/1.1 alone.
    pub(super) async fn connector_of_http1(&self, origin: &Origin) -> Result<TlsConnector, Error> {
        let mut config = ClientConfig::clone(&*self.config(origin).await?);
        config.alpn_protocols = vec![HTTP1.to_vec()];
        Ok(TlsConnector::from(Arc::new(config)))
    }

    /// Shakes hands with a proxy, which is spoken to by HTTP/1.1 alone.
    pub(super) async fn connector_to_proxy(&self) -> Result<TlsConnector, Error> {
        let mut config = ClientConfig::clone(&self.configs().await?.usual);
        config.alpn_protocols = vec![HTTP1.to_vec()];
        Ok(TlsConnector::from(Arc::new(config)))
    }

    async fn configs(&self) -> Result<&Configs, Error> {
        self.configs
            .get_or_try_init(async || {
                let usual = self.load().await?;
                let authenticated =
                    self.client_certificates
                        .iter()
                        .map(|(pattern, certificate)| {
                            let mut config = usual.clone();
                            config.client_auth_cert_resolver = Arc::clone(certificate) as _;
                            (pattern.clone(), Arc::new(config))
                        });
                Ok(Configs {
                    authenticated: authenticated.collect(),
                    usual: Arc::new(usual),
                })
            })
            .await
    }

    async fn load(&self) -> Result<ClientConfig, Error> {
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&self.versions.spoken())
            .map_err(|error| setup_failed(&error.to_string()))?;
        let mut config = if self.insecure_skip_verify {
            let any = AnyCertificate(Arc::clone(&self.provider));
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(any))
                .with_no_client_auth()
        } else {
            let mut roots = self.extra_roots.clone();
            let native = spawn_blocking(rustls_native_certs::load_native_certs)
                .await
                .map_err(|error| setup_failed(&error.to_string()))?;
            // A certificate that cannot be read is passed over: the others are
            // good.
            roots.add_parsable_certificates(native.certs);
            if roots.is_empty() {
                return Err(setup_failed(
                    "this machine has no root certificates, so no server can be trusted; \
                     install them (the package is mostly named ca-certificates)",
                ));
            }
            builder.with_root_certificates(roots).with_no_client_auth()
        };
        // Every virtual user is somebody else, who has not been there before;
        // and tickets shared by all would be a lock that all wait for.
        config.resumption = Resumption::disabled();
        let offered: &[&[u8]] = match self.protocol {
            Protocol::Negotiated => &[HTTP2, HTTP1],
            Protocol::Http1 => &[HTTP1],
            Protocol::Http2 => &[HTTP2],
            Protocol::Http3 => &[b"h3"],
        };
        config.alpn_protocols = offered.iter().map(|name| name.to_vec()).collect();
        if let Some(key_log) = &self.key_log {
            config.key_log = Arc::clone(key_log) as _;
        }
        Ok(config)
    }
}

fn add_root(roots: &mut RootCertStore, root: CertificateDer<'static>) -> Result<(), Error> {
    roots.add(root).map_err(|error| {
        unusable(
            "one of the extra roots",
            &format!("it is no certificate of an authority: {error}"),
        )
    })
}

/// What was to be used for TLS cannot be.
fn unusable(what: &str, cause: &str) -> Error {
    Error::Other {
        subject: what.into(),
        cause: cause.to_owned(),
    }
}

fn setup_failed(cause: &str) -> Error {
    Error::Other {
        subject: "TLS could not be set up".into(),
        cause: cause.to_owned(),
    }
}

/// Takes any certificate, of anybody, for any name.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    // A signature proves that the server owns the certificate, which is worth
    // nothing when anybody's certificate will do.
    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
