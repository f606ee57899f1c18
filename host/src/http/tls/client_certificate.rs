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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rustls::crypto::ring;

    use super::*;

    /// Of `openssl req -x509 -newkey ec -passout pass:geheim`.
    const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBgzCCASmgAwIBAgIUUOyGJqISMyWXFL3NSndpDr96/lkwCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLY2xpZW50LnRlc3QwIBcNMjYxMTI3MTUxMDExWhgPMjEyNjEx
MDMxNTEwMTFaMBYxFDASBgNVBAMMC2NsaWVudC50ZXN0MFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEUppcC4RePqNYgjzFbhFWSHX15EfELzOXdl2bHcyxSAB3oRcV
dj7M1vAWc4rK/zYfHA0ax4nk+bZm3QTlxR6aCKNTMFEwHQYDVR0OBBYEFD+zZQRs
/2AUc1QE23uMpSTY3zrCMB8GA1UdIwQYMBaAFD+zZQRs/2AUc1QE23uMpSTY3zrC
MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhALmytQPcJQ9z4hir
W0vt9QZ8wZ3AtwaBzFgE33v5nIyPAiBy7X23urUWfQws/7tP/1roTRaUPDK3FADX
X5sDdGqniw==
-----END CERTIFICATE-----
";
    const ENCRYPTED_KEY: &str = "\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHjME4GCSqGSIb3DQEFDTBBMCkGCSqGSIb3DQEFDDAcBAjTUcPT3W8dKAICCAAw
DAYIKoZIhvcNAgkFADAUBggqhkiG9w0DBwQI9iR1SMF3aNUEgZAn8cv23J0qWX/X
iknWEYovCnrHa9pie40VDzjdT7Lhylo/KJNbPz+3h4wa/PwqlgXp0NyLzmautXWQ
JPFA1HgcviknYty/KPYmUWBKSH7rvCfKi2LK3ijAmqaDpmYaKfRwBHIlhCmKsqQF
rIlAvd7mjcdZwopwvp+ud/CQVC9Jx8unLUkl1fsxvz7i6yGuZZQ=
-----END ENCRYPTED PRIVATE KEY-----
";

    fn load(key: &str, password: Option<&str>) -> Result<(), String> {
        let certificate = ClientCertificate {
            certificate: CERTIFICATE.parse().unwrap(),
            key: key.parse().unwrap(),
            password: password.map(str::to_owned),
            hosts: Vec::new(),
        };
        let shown = format!("{certificate:?}");
        assert!(
            !shown.contains("BEGIN") && !shown.contains("geheim"),
            "{shown}"
        );
        let loaded = certificate.load(&ring::default_provider());
        loaded.map(|_| ()).map_err(|error| error.to_string())
    }

    #[test]
    fn an_encrypted_key_wants_its_password() {
        assert_eq!(load(ENCRYPTED_KEY, Some("geheim")), Ok(()));
        let error = load(ENCRYPTED_KEY, None).unwrap_err();
        assert!(error.contains("no password"), "{error}");
        let error = load(ENCRYPTED_KEY, Some("falsch")).unwrap_err();
        assert!(
            error.contains("does not decrypt") && !error.contains("falsch"),
            "{error}"
        );
    }

    #[test]
    fn a_key_that_is_encrypted_as_of_old_is_told_with_the_way_to_a_new_one() {
        let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n";
        let error = load(old, Some("geheim")).unwrap_err();
        assert!(error.contains("openssl pkcs8 -topk8"), "{error}");
    }
}
