//! Who this side is, to servers that ask.

use std::fmt;
use std::sync::Arc;

use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::pem::{Pem, unusable};
use crate::http::error::Error;
use crate::http::network::HostPattern;

/// What the parts are called in errors.
const CERTIFICATE: &str = "client certificate";
const KEY: &str = "key of a client certificate";

/// Who this side is, to servers that ask. Its `Debug` shows no key and no
/// password.
#[derive(Clone)]
pub struct ClientCertificate {
    /// The certificate, and those between it and an authority.
    pub certificate: Pem,
    /// Its private key.
    pub key: Pem,
    /// What the key is encrypted with, if it is.
    pub password: Option<String>,
    /// The servers that are shown it; all of them where there are none. Of
    /// several certificates for a server the closest one counts.
    pub hosts: Vec<HostPattern>,
}

impl ClientCertificate {
    /// Reads certificate and key.
    pub(super) fn load(&self, provider: &CryptoProvider) -> Result<Arc<SingleCertAndKey>, Error> {
        let chain = self.certificate.certificates(CERTIFICATE)?;
        let key = self.private_key()?;
        let unusable_key = |error: rustls::Error| unusable(&self.key.name(KEY), &error.to_string());
        let key = provider
            .key_provider
            .load_private_key(key)
            .map_err(unusable_key)?;
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            // Some kinds of key cannot say.
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {}
            Err(rustls::Error::InconsistentKeys(_)) => {
                let certificate = self.certificate.name(CERTIFICATE);
                return Err(unusable(
                    &self.key.name(KEY),
                    &format!("it is not the key of {certificate}"),
                ));
            }
            Err(error) => {
                return Err(unusable(
                    &self.certificate.name(CERTIFICATE),
                    &error.to_string(),
                ));
            }
        }
        Ok(Arc::new(SingleCertAndKey::from(certified)))
    }

    fn private_key(&self) -> Result<PrivateKeyDer<'static>, Error> {
        let text = self.key.read(KEY)?;
        let unusable = |cause: &str| unusable(&self.key.name(KEY), cause);
        if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
            let Some(password) = &self.password else {
                return Err(unusable("it is encrypted, and there is no password for it"));
            };
            // What is wrong exactly may tell something of the key.
            return decrypted(&text, password)
                .ok_or_else(|| unusable("the password does not decrypt it"));
        }
        if text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(unusable(
                "it is encrypted in a way that is out of use; \
                 `openssl pkcs8 -topk8 -in OLD -out NEW` writes it in the way of today",
            ));
        }
        PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| {
            unusable(
                "there is no private key in it: PEM is wanted, with `-----BEGIN PRIVATE KEY-----`",
            )
        })
    }
}

/// A key that is encrypted as in RFC 5958.
fn decrypted(pem: &str, password: &str) -> Option<PrivateKeyDer<'static>> {
    let start = pem.find("-----BEGIN ENCRYPTED PRIVATE KEY-----")?;
    let (_, encrypted) = pkcs8::Document::from_pem(pem[start..].trim_end()).ok()?;
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(encrypted.as_bytes()).ok()?;
    let key = encrypted.decrypt(password).ok()?;
    Some(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into())
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientCertificate")
            .field("certificate", &self.certificate)
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}
