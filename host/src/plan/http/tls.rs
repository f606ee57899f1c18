//! How connections are secured.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::one_of::{one_of, word_of};
use super::{HostNames, TlsVersion, TlsVersions};

/// How connections are secured.
#[derive(Debug, Clone, Default)]
pub struct TlsPlan {
    /// Takes any certificate. Only the environment `development` allows it.
    pub insecure_skip_verify: bool,
    /// Which versions may be spoken.
    pub versions: TlsVersions,
    /// What this side shows of itself where a server asks for it. Of several for
    /// one host the closest counts, and of equals the first.
    pub client_certificates: Vec<ClientCertificate>,
    /// Authorities that are trusted beside the machine's own.
    pub authorities: Vec<Authorities>,
    /// The file to which keys of connections are added, so that what was
    /// recorded of them can be read: the variable `SSLKEYLOGFILE`.
    pub key_log: Option<PathBuf>,
}

/// A certificate that this side shows of itself.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// To which hosts; to all where there are none.
    pub domains: Vec<HostNames>,
    /// The certificate and those that it was made by; at least one.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key, decrypted where it was encrypted.
    pub key: PrivateKey,
    /// Where the certificate was written.
    pub certificate_source: PemSource,
    /// Where the key was written.
    pub key_source: PemSource,
    /// Whether a password opened the key.
    pub has_password: bool,
}

/// The key of a certificate. Its `Debug` does not show it.
#[derive(Clone)]
pub struct PrivateKey(Arc<PrivateKeyDer<'static>>);

impl PrivateKey {
    pub(super) fn new(key: PrivateKeyDer<'static>) -> Self {
        Self(Arc::new(key))
    }

    /// The key itself.
    #[must_use]
    pub fn expose(&self) -> &Arc<PrivateKeyDer<'static>> {
        &self.0
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Authorities of a file.
#[derive(Debug, Clone)]
pub struct Authorities {
    /// The file.
    pub path: PathBuf,
    /// Their certificates; at least one.
    pub certificates: Vec<CertificateDer<'static>>,
}

/// Where a certificate or a key was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PemSource {
    /// In this file.
    File(PathBuf),
    /// In the options themselves.
    Inline,
}

impl TlsVersion {
    /// As they are written in the options. k6's.
    pub(in crate::plan) const WORDS: [(&'static str, Self); 2] =
        [("tls1.2", Self::Tls12), ("tls1.3", Self::Tls13)];
}

/// What k6 has besides, and no server should have.
const OUTDATED: [&str; 3] = ["ssl3.0", "tls1.0", "tls1.1"];

impl FromStr for TlsVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if OUTDATED.contains(&text) {
            return Err(format!(
                "`{text}` is broken, and this version of Vuelo does not speak it; write `tls1.2` or `tls1.3`"
            ));
        }
        one_of(text, &Self::WORDS)
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(word_of(*self, &Self::WORDS))
    }
}

impl fmt::Display for TlsVersions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lowest, highest) = (self.lowest(), self.highest());
        if lowest == highest {
            write!(f, "{lowest} alone")
        } else {
            write!(f, "{lowest} to {highest}")
        }
    }
}

impl fmt::Display for PemSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Inline => f.write_str("in the options"),
        }
    }
}
