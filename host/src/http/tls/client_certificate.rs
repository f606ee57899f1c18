//! Who this side is, to servers that ask.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::unusable;
use crate::http::error::Error;
use crate::http::network::HostPattern;

/// Who this side is, to servers that ask. Its `Debug` shows no key.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// What it is called in errors, such as the name of its file.
    pub name: String,
    /// The certificate, and those between it and an authority.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its private key.
    pub key: Arc<PrivateKeyDer<'static>>,
    /// The servers that are shown it; all of them where there are none. Of
    /// several certificates for a server the closest one counts.
    pub hosts: Vec<HostPattern>,
}

impl ClientCertificate {
    /// Whether a certificate and a key can be shown together.
    ///
    /// # Errors
    ///
    /// Why not, without anything of the key.
    pub fn check(
        chain: &[CertificateDer<'static>],
        key: &PrivateKeyDer<'static>,
    ) -> Result<(), String> {
        certified(chain, key, &ring::default_provider()).map(drop)
    }

    /// Makes certificate and key ready for use.
    pub(super) fn load(&self, provider: &CryptoProvider) -> Result<Arc<SingleCertAndKey>, Error> {
        let certified = certified(&self.chain, &self.key, provider);
        let certified = certified
            .map_err(|cause| unusable(&format!("the client certificate {}", self.name), &cause))?;
        Ok(Arc::new(SingleCertAndKey::from(certified)))
    }
}

fn certified(
    chain: &[CertificateDer<'static>],
    key: &PrivateKeyDer<'static>,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, String> {
    let key = provider
        .key_provider
        .load_private_key(key.clone_key())
        .map_err(|error| format!("the key cannot be used: {error}"))?;
    let certified = CertifiedKey::new(chain.to_vec(), key);
    match certified.keys_match() {
        // Some kinds of key cannot say.
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
            Ok(certified)
        }
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err("the key is another certificate's; name the one that belongs to it".to_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientCertificate")
            .field("name", &self.name)
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}
