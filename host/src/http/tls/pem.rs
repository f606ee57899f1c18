//! What stands in a file of PEM, or in a text.

use std::convert::Infallible;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::http::error::Error;

/// A certificate or a key: the text of it, or the file that it stands in. The
/// `Debug` of a text shows nothing of it, since it may be a key.
#[derive(Clone, PartialEq, Eq)]
pub enum Pem {
    /// The text itself.
    Text(String),
    /// A file with the text.
    File(PathBuf),
}

impl Pem {
    /// What it is called in errors.
    pub(super) fn name(&self, kind: &str) -> String {
        match self {
            Self::Text(_) => format!("the {kind}"),
            Self::File(path) => format!("{} ({kind})", path.display()),
        }
    }

    /// The text. `kind` says in an error what should have been read.
    pub(super) fn read(&self, kind: &str) -> Result<String, Error> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::File(path) => fs::read_to_string(path).map_err(|error| {
                unusable(&self.name(kind), &format!("it cannot be read: {error}"))
            }),
        }
    }

    /// All certificates in it, which are at least one.
    pub(super) fn certificates(&self, kind: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
        let text = self.read(kind)?;
        let certificates: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(text.as_bytes()).collect();
        match certificates {
            Ok(certificates) if certificates.is_empty() => Err(unusable(
                &self.name(kind),
                "there is no certificate in it: PEM is wanted, with `-----BEGIN CERTIFICATE-----`",
            )),
            Ok(certificates) => Ok(certificates),
            Err(error) => Err(unusable(
                &self.name(kind),
                &format!("it is not PEM: {error}"),
            )),
        }
    }
}

/// What was to be used for TLS cannot be.
pub(super) fn unusable(what: &str, cause: &str) -> Error {
    Error::Other {
        subject: what.into(),
        cause: cause.to_owned(),
    }
}

/// A text of PEM is one; all else is the name of a file.
impl FromStr for Pem {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text.contains("-----BEGIN ") {
            Self::Text(text.to_owned())
        } else {
            Self::File(PathBuf::from(text))
        })
    }
}

impl fmt::Debug for Pem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => formatter.write_str("Text(…)"),
            Self::File(path) => formatter.debug_tuple("File").field(path).finish(),
        }
    }
}
