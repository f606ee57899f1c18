//! How the lookup of names is written.

use std::fmt;
use std::str::FromStr;

use super::one_of::{one_of, word_of};
use super::{DnsPolicy, DnsSelect, DnsSettings, DnsTtl};
use crate::plan::duration::TimeSpan;

impl DnsSelect {
    /// As they are written in the options.
    pub(in crate::plan) const WORDS: [(&'static str, Self); 3] = [
        ("random", Self::Random),
        ("first", Self::First),
        ("roundRobin", Self::RoundRobin),
    ];
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
        match span(text) {
            Ok(TimeSpan(span)) if span.is_zero() => Ok(Self::Nothing),
            Ok(TimeSpan(span)) => Ok(Self::For(span)),
            Err(error) => Err(format!("{error}; `0` keeps nothing, `inf` everything")),
        }
    }
}

impl fmt::Display for DnsTtl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("0s"),
            Self::For(span) => write!(f, "{}", TimeSpan(*span)),
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
impl fmt::Display for DnsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            ttl,
            select,
            policy,
            // Those of the system, which nobody writes.
            servers: _,
        } = self;
        write!(f, "ttl={ttl},select={select},policy={policy}")
    }
}
