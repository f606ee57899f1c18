//! The values of configuration keys, secrets among them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The values of the declared configuration keys.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// What the guest can read. A declared key without a value is absent.
    pub values: BTreeMap<String, String>,
    /// What the guest can use and not read.
    pub secrets: BTreeMap<String, Secret>,
}

/// How short a secret may be and still be masked. A shorter one guards nothing,
/// and its mask would eat numbers and words.
const SHORTEST_MASKED: usize = 4;

impl Config {
    /// The text without the values of secrets in it.
    #[must_use]
    pub fn masked(&self, text: &str) -> String {
        let secrets = self.secrets.values();
        secrets.fold(text.to_owned(), |text, secret| mask(text, secret.expose()))
    }
}

/// The text without the value of a secret in it.
pub(super) fn mask(text: String, secret: &str) -> String {
    if secret.len() >= SHORTEST_MASKED && text.contains(secret) {
        text.replace(secret, "***")
    } else {
        text
    }
}

/// A value that is shown nowhere: its `Debug` and `Display` are a mask.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes a value in.
    #[must_use]
    pub fn new(value: impl Into<Arc<str>>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the header that it fills and for masking it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
