//! How names are looked up.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::one_of::{one_of, word_of};
use crate::plan::duration::TimeSpan;

/// How names are looked up. The defaults are k6's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DnsPlan {
    /// For how long an answer is kept.
    pub ttl: DnsTtl,
    /// Which of several addresses is taken.
    pub select: DnsSelect,
    /// Which version of IP is taken.
    pub policy: DnsPolicy,
}

/// For how long the answer of a lookup is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnsTtl {
    /// For so long; with 0 each connection looks up anew.
    For(TimeSpan),
    /// To the end of the run: `inf`.
    Forever,
}

impl Default for DnsTtl {
    fn default() -> Self {
        Self::For(TimeSpan(Duration::from_secs(300)))
    }
}

/// Which of several addresses of a name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DnsSelect {
    /// Any, for each connection anew.
    #[default]
    Random,
    /// The first.
    First,
    /// One after another.
    RoundRobin,
}

impl DnsSelect {
    /// As they are written in the options.
    pub(in crate::plan) const WORDS: [(&'static str, Self); 3] = [
        ("random", Self::Random),
        ("first", Self::First),
        ("roundRobin", Self::RoundRobin),
    ];
}

/// Which version of IP is taken, where a name has addresses of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DnsPolicy {
    /// IPv4, or else IPv6.
    #[default]
    PreferIpv4,
    /// IPv6, or else IPv4.
    PreferIpv6,
    /// IPv4 alone.
    OnlyIpv4,
    /// IPv6 alone.
    OnlyIpv6,
    /// Either.
    Any,
}

impl DnsPolicy {
    /// As they are written in the options.
    pub(in crate::plan) const WORDS: [(&'static str, Self); 5] = [
        ("preferIPv4", Self::PreferIpv4),
        ("preferIPv6", Self::PreferIpv6),
        ("onlyIPv4", Self::OnlyIpv4),
        ("onlyIPv6", Self::OnlyIpv6),
        ("any", Self::Any),
    ];
}

impl FromStr for DnsSelect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        one_of(text.trim(), &Self::WORDS)
    }
}

impl FromStr for DnsPolicy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        one_of(text.trim(), &Self::WORDS)
    }
}

impl DnsTtl {
    /// Reads what somebody wrote, durations by the rule that is given.
    pub(in crate::plan) fn read<E: fmt::Display>(
        text: &str,
        span: impl Fn(&str) -> Result<TimeSpan, E>,
    ) -> Result<Self, String> {
        if text.trim() == "inf" {
            return Ok(Self::Forever);
        }
        let span = span(text);
        span.map(Self::For)
            .map_err(|error| format!("{error}; `0` keeps nothing, `inf` everything"))
    }
}

impl fmt::Display for DnsTtl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::For(span) => write!(f, "{span}"),
            Self::Forever => f.write_str("inf"),
        }
    }
}

impl fmt::Display for DnsSelect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(word_of(*self, &Self::WORDS))
    }
}

impl fmt::Display for DnsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(word_of(*self, &Self::WORDS))
    }
}

/// k6's short form: `ttl=5m,select=random,policy=preferIPv4`.
impl fmt::Display for DnsPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            ttl,
            select,
            policy,
        } = self;
        write!(f, "ttl={ttl},select={select},policy={policy}")
    }
}
