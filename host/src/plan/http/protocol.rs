//! Which version of HTTP is spoken.

use std::fmt;
use std::str::FromStr;

use super::one_of::{one_of, word_of};

/// Which version of HTTP is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Protocol {
    /// With TLS, what the server prefers of HTTP/2 and HTTP/1.1 (ALPN); without,
    /// HTTP/1.1.
    #[default]
    Negotiated,
    /// HTTP/1.1 alone.
    Http1,
    /// HTTP/2 alone; without TLS by prior knowledge.
    Http2,
    /// HTTP/3 alone.
    Http3,
}

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
