//! Who the servers and the clients say they are, as files for servers of others.

use std::path::Path;
use std::sync::OnceLock;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use rustls::pki_types::CertificateDer;

/// Who vouches for servers and clients.
pub struct Authority {
    root: CertificateDer<'static>,
    root_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate that is not as it should be, or is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// `localhost`.
    Good,
    /// `localhost`, in the past.
    Expired,
    /// Somebody else.
    OtherName,
    /// `localhost`, by an authority that nobody knows.
    Unknown,
    /// A client.
    Client,
}

pub fn authority() -> &'static Authority {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    AUTHORITY.get_or_init(|| Authority::named("an authority for these tests"))
}

impl Authority {
    fn named(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let root = params.self_signed(&key).unwrap();
        Self {
            root: root.der().clone(),
            root_pem: root.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    pub fn root(&self) -> CertificateDer<'static> {
        self.root.clone()
    }

    /// Writes `authority.pem`, `certificate.pem` and `key.pem`.
    pub fn write(&self, certificate: Certificate, folder: &Path) {
        let name = match certificate {
            Certificate::OtherName => "elsewhere.example",
            Certificate::Client => "client.example",
            Certificate::Good | Certificate::Expired | Certificate::Unknown => "localhost",
        };
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        if certificate == Certificate::Expired {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2001, 12, 31);
        }
        if certificate == Certificate::Client {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        }
        let key = KeyPair::generate().unwrap();
        let signed = match certificate {
            Certificate::Unknown => {
                params.signed_by(&key, &Self::named("an authority that nobody knows").issuer)
            }
            _ => params.signed_by(&key, &self.issuer),
        };
        for (file, content) in [
            ("authority.pem", &self.root_pem),
            ("certificate.pem", &signed.unwrap().pem()),
            ("key.pem", &key.serialize_pem()),
        ] {
            std::fs::write(folder.join(file), content).unwrap();
        }
    }
}
