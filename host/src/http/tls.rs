//! How servers are authenticated.

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio_rustls::TlsConnector;

use super::error::Error;
use super::settings::{Protocol, TlsSettings};

/// What protocols are called in a handshake.
pub(super) const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// How servers are authenticated: made ready when the first connection wants it,
/// since reading the machine's roots takes a while.
#[derive(Debug)]
pub(super) struct Tls {
    insecure_skip_verify: bool,
    extra_roots: RootCertStore,
    protocol: Protocol,
    config: OnceCell<Arc<ClientConfig>>,
}

impl Tls {
    pub(super) fn new(settings: &TlsSettings, protocol: Protocol) -> Result<Self, Error> {
        let mut extra_roots = RootCertStore::empty();
        for root in &settings.extra_roots {
            extra_roots
                .add(root.clone())
                .map_err(|error| Error::Other {
                    subject: "one of the extra roots".into(),
                    cause: format!("it is no certificate of an authority: {error}"),
                })?;
        }
        Ok(Self {
            insecure_skip_verify: settings.insecure_skip_verify,
            extra_roots,
            protocol,
            config: OnceCell::new(),
        })
    }

    pub(super) async fn connector(&self) -> Result<TlsConnector, Error> {
        self.config().await.map(TlsConnector::from)
    }

    pub(super) async fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        let config = self.config.get_or_try_init(|| self.load()).await?;
        Ok(Arc::clone(config))
    }

    async fn load(&self) -> Result<Arc<ClientConfig>, Error> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| setup_failed(&error.to_string()))?;
        let mut config = if self.insecure_skip_verify {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
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
            #[cfg(feature = "http3")]
            Protocol::Http3 => &[b"h3"],
        };
        config.alpn_protocols = offered.iter().map(|name| name.to_vec()).collect();
        Ok(Arc::new(config))
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
