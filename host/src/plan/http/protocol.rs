//! How the version of HTTP is written.

use std::fmt;
use std::str::FromStr;

use super::Protocol;
use super::one_of::{one_of, word_of};

impl Protocol {
    /// As they are written in the options.
    pub(in crate::plan) const WORDS: [(&'static str, Self); 4] = [
        ("auto", Self::Negotiated),
        ("1.1", Self::Http1),
        ("2", Self::Http2),
        ("3", Self::Http3),
    ];
}

impl FromStr for Protocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        one_of(text.trim(), &Self::WORDS)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(word_of(*self, &Self::WORDS))
    }
}
