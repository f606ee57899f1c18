//! How servers are authenticated, and how this side is: the settings.

use std::path::PathBuf;

use rustls::SupportedProtocolVersion;
use rustls::pki_types::CertificateDer;
use rustls::version::{TLS12, TLS13};

use super::client_certificate::ClientCertificate;

/// How servers are authenticated, and how this side is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// Takes any certificate, of anybody, for any name.
    pub insecure_skip_verify: bool,
    /// Authorities that are trusted beside the machine's own.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Who this side is, to servers that ask (k6: `tlsAuth`).
    pub client_certificates: Vec<ClientCertificate>,
    /// The versions of TLS that are spoken (k6: `tlsVersion`).
    pub versions: TlsVersions,
    /// Where the keys of all sessions are written, so that others can read what
    /// was said (`SSLKEYLOGFILE`).
    pub key_log: Option<PathBuf>,
}

/// A version of TLS. Those before 1.2 are broken, and spoken by nobody here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// The versions of TLS that are spoken: all unless set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlsVersions {
    lowest: TlsVersion,
    highest: TlsVersion,
}

impl TlsVersions {
    /// From one version to another; `None` where there are none between.
    #[must_use]
    pub fn between(lowest: TlsVersion, highest: TlsVersion) -> Option<Self> {
        (lowest <= highest).then_some(Self { lowest, highest })
    }

    /// One version alone.
    #[must_use]
    pub fn only(version: TlsVersion) -> Self {
        Self {
            lowest: version,
            highest: version,
        }
    }

    /// The oldest.
    #[must_use]
    pub fn lowest(self) -> TlsVersion {
        self.lowest
    }

    /// The newest.
    #[must_use]
    pub fn highest(self) -> TlsVersion {
        self.highest
    }

    pub(super) fn spoken(self) -> Vec<&'static SupportedProtocolVersion> {
        let all = [(TlsVersion::Tls12, &TLS12), (TlsVersion::Tls13, &TLS13)];
        all.into_iter()
            .filter(|(version, _)| (self.lowest..=self.highest).contains(version))
            .map(|(_, spoken)| spoken)
            .collect()
    }
}

impl Default for TlsVersions {
    fn default() -> Self {
        Self {
            lowest: TlsVersion::Tls12,
            highest: TlsVersion::Tls13,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_versions_holds_at_least_one() {
        use TlsVersion::{Tls12, Tls13};
        assert_eq!(TlsVersions::between(Tls13, Tls12), None);
        let spoken = |versions: TlsVersions| versions.spoken().len();
        assert_eq!(spoken(TlsVersions::default()), 2);
        assert_eq!(TlsVersions::between(Tls12, Tls12).map(spoken), Some(1));
        assert_eq!(TlsVersions::only(Tls13).spoken()[0].version, TLS13.version);
    }
}
