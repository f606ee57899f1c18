//! Certificates and keys out of PEM texts. What is wrong is said without the
//! text itself, which can be a key.

use pkcs8::{EncryptedPrivateKeyInfoRef, SecretDocument};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::tls::PrivateKey;

/// The certificates of a text; at least one.
pub(in crate::plan) fn certificates(text: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    match found {
        Ok(found) if found.is_empty() => Err(
            "it holds no certificate in PEM form, which starts with `-----BEGIN CERTIFICATE-----`"
                .to_owned(),
        ),
        Ok(found) => Ok(found),
        Err(error) => Err(format!("a certificate in it is damaged: {error}")),
    }
}

const ENCRYPTED: [&str; 2] = [
    "-----BEGIN ENCRYPTED PRIVATE KEY-----",
    "-----END ENCRYPTED PRIVATE KEY-----",
];

/// The first key of a text, decrypted where it is encrypted.
pub(in crate::plan) fn private_key(
    text: &str,
    password: Option<&str>,
) -> Result<PrivateKey, String> {
    if text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(
            "the key is encrypted in an outdated form; write it anew with `openssl pkcs8 -topk8 -in OLD -out NEW`"
                .to_owned(),
        );
    }
    if let Some(encrypted) = section(text, ENCRYPTED) {
        let Some(password) = password else {
            return Err("the key is encrypted; add its `password`".to_owned());
        };
        return decrypted(encrypted, password);
    }
    let key = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|error| match error {
        rustls::pki_types::pem::Error::NoItemsFound => {
            "it holds no key in PEM form, which starts with `-----BEGIN PRIVATE KEY-----`"
                .to_owned()
        }
        error => format!("the key in it is damaged: {error}"),
    })?;
    if password.is_some() {
        return Err("the key is not encrypted; take the `password` away".to_owned());
    }
    Ok(PrivateKey::new(key))
}

fn section<'a>(text: &'a str, [begin, end]: [&str; 2]) -> Option<&'a str> {
    let from = text.find(begin)?;
    let length = text[from..].find(end)? + end.len();
    Some(&text[from..from + length])
}

fn decrypted(pem: &str, password: &str) -> Result<PrivateKey, String> {
    let damaged = |error: &dyn std::fmt::Display| format!("the key in it is damaged: {error}");
    let (_, document) = SecretDocument::from_pem(pem).map_err(|error| damaged(&error))?;
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes())
        .map_err(|error| damaged(&error))?;
    let key = encrypted.decrypt(password).map_err(|_| {
        "the `password` does not open the key, or it is encrypted in an outdated form; `openssl pkcs8 -topk8` \
         writes it anew"
            .to_owned()
    })?;
    let key = PrivatePkcs8KeyDer::from(key.as_bytes().to_vec());
    Ok(PrivateKey::new(PrivateKeyDer::Pkcs8(key)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn certified() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["me".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    /// Of `openssl genpkey -algorithm ed25519`, encrypted by `openssl pkcs8 -topk8`.
    const ENCRYPTED_KEY: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg97TSDvCxSvgICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEENGhi99uH4ntsIuRopWMpgQEQNCT
ZPe+dWAgb/XO6bMxoExU8LReNg6he3nbYRSi+gjNy2+Cw21X/9ViCFKkfTwMI78q
NdAV6VmnZV+ndvFkxko=
-----END ENCRYPTED PRIVATE KEY-----\n";

    #[test]
    fn certificates_and_keys_are_found_among_other_things() {
        let (certificate, key) = certified();
        let both = format!("a note\n{key}\n{certificate}{certificate}");
        assert_eq!(certificates(&both).unwrap().len(), 2);
        private_key(&both, None).unwrap();
    }

    #[test]
    fn an_encrypted_key_opens_with_its_password_alone() {
        let key = private_key(ENCRYPTED_KEY, Some("correct horse")).unwrap();
        assert!(matches!(**key.expose(), PrivateKeyDer::Pkcs8(_)));
        let (certificate, plain) = certified();
        let outdated = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n";
        for (text, password, reason) in [
            (ENCRYPTED_KEY, Some("wrong pony"), "does not open the key"),
            (ENCRYPTED_KEY, None, "add its `password`"),
            (
                plain.as_str(),
                Some("correct horse"),
                "take the `password` away",
            ),
            (certificate.as_str(), None, "it holds no key"),
            (outdated, Some("correct horse"), "outdated form"),
        ] {
            let error = private_key(text, password).unwrap_err();
            assert!(error.contains(reason), "{error}");
            assert!(
                !error.contains("pony") && !error.contains("horse"),
                "{error}"
            );
        }
    }

    #[test]
    fn what_holds_no_certificate_is_refused() {
        let (_, key) = certified();
        for (text, reason) in [
            (key.as_str(), "it holds no certificate"),
            ("", "it holds no certificate"),
            (
                "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n",
                "is damaged",
            ),
        ] {
            let error = certificates(text).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
