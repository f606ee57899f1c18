//! Who the server says it is.

use std::sync::{Arc, OnceLock};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// Who the server says it is.
#[derive(Debug, Clone, Copy)]
pub enum Identity {
    /// `localhost`, signed by the authority.
    Good,
    /// The same, in the past.
    Expired,
    /// The same, in the future.
    NotYetValid,
    /// Somebody else, signed by the authority.
    OtherName,
    /// `localhost`, signed by itself.
    Unknown,
    /// `localhost`, signed by somebody who has the authority's name and not its
    /// key, as when an authority was made anew.
    SameName,
}

/// The authority that the clients of the tests trust.
struct Authority {
    root: CertificateDer<'static>,
    root_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

fn authority() -> &'static Authority {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let (key, params) = (KeyPair::generate().unwrap(), authority_params());
        let root = params.self_signed(&key).unwrap();
        Authority {
            root: root.der().clone(),
            root_pem: root.pem(),
            issuer: Issuer::new(params, key),
        }
    })
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(DnType::CommonName, "the authority of the tests");
    params
}

/// What a client has to trust.
pub fn root() -> CertificateDer<'static> {
    authority().root.clone()
}

/// The same, as a file has it.
pub fn root_pem() -> &'static str {
    &authority().root_pem
}

/// Shakes hands as somebody.
pub fn acceptor(identity: Identity) -> TlsAcceptor {
    let name = match identity {
        Identity::OtherName => "elsewhere.example",
        _ => "localhost",
    };
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    match identity {
        Identity::Expired => {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2001, 12, 31);
        }
        Identity::NotYetValid => {
            params.not_before = date_time_ymd(2999, 1, 1);
            params.not_after = date_time_ymd(2999, 12, 31);
        }
        Identity::Good | Identity::OtherName | Identity::Unknown | Identity::SameName => {}
    }
    let key = KeyPair::generate().unwrap();
    let certificate = match identity {
        Identity::Unknown => params.self_signed(&key),
        Identity::SameName => {
            let other = KeyPair::generate().unwrap();
            params.signed_by(&key, &Issuer::new(authority_params(), other))
        }
        _ => params.signed_by(&key, &authority().issuer),
    };
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.unwrap().der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
