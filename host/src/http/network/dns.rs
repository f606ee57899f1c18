//! How names become addresses: the settings.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use super::bad_setting::BadSetting;

/// How names become addresses (k6: `dns`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DnsSettings {
    /// How long an answer is good, whatever the answer itself says.
    pub ttl: DnsTtl,
    /// Which of several addresses is taken.
    pub select: DnsSelect,
    /// Which addresses come into question.
    pub policy: DnsPolicy,
    /// Whom to ask; the system's name servers where there are none.
    pub servers: Vec<SocketAddr>,
}

/// How long an answer is good, whatever the answer itself says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnsTtl {
    /// Every connection looks its name up.
    Nothing,
    /// For this long.
    For(Duration),
    /// For the whole run.
    Forever,
}

/// Which of several addresses is taken. The others are tried after it, in their
/// order, where it takes no connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DnsSelect {
    /// The first one.
    First,
    /// The one after that of the last connection.
    RoundRobin,
    /// Any.
    #[default]
    Random,
}

/// Which addresses come into question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DnsPolicy {
    /// Those of IPv4; where there are none, those of IPv6.
    #[default]
    PreferIpv4,
    /// Those of IPv6; where there are none, those of IPv4.
    PreferIpv6,
    /// Those of IPv4.
    OnlyIpv4,
    /// Those of IPv6.
    OnlyIpv6,
    /// All.
    Any,
}

impl Default for DnsTtl {
    fn default() -> Self {
        Self::For(Duration::from_secs(5 * 60))
    }
}

impl DnsTtl {
    /// Reads k6's notation: `inf`, or a duration, of which 0 is nothing.
    ///
    /// # Errors
    ///
    /// When it is neither. Durations are read by `duration`.
    pub fn parse(
        text: &str,
        duration: impl FnOnce(&str) -> Option<Duration>,
    ) -> Result<Self, BadSetting> {
        if text == "inf" {
            return Ok(Self::Forever);
        }
        match duration(text) {
            Some(Duration::ZERO) => Ok(Self::Nothing),
            Some(time) => Ok(Self::For(time)),
            None => Err(BadSetting::new(
                text,
                "time to keep addresses: write a duration such as `30s`, `0` or `inf`",
            )),
        }
    }
}

impl DnsSettings {
    /// Reads k6's notation of a flag, `ttl=5m,select=random,policy=preferIPv4`,
    /// over the defaults; each part may be left out.
    ///
    /// # Errors
    ///
    /// When it is something else. Durations are read by `duration`.
    pub fn parse(
        text: &str,
        duration: impl Fn(&str) -> Option<Duration>,
    ) -> Result<Self, BadSetting> {
        let mut settings = Self::default();
        for part in text.split(',') {
            match part.trim().split_once('=') {
                Some(("ttl", value)) => settings.ttl = DnsTtl::parse(value, &duration)?,
                Some(("select", value)) => settings.select = value.parse()?,
                Some(("policy", value)) => settings.policy = value.parse()?,
                _ => {
                    return Err(BadSetting::new(
                        part,
                        "setting of DNS: write `ttl=`, `select=` or `policy=` and a value, with \
                         commas between them",
                    ));
                }
            }
        }
        Ok(settings)
    }
}

impl FromStr for DnsSelect {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        match text {
            "first" => Ok(Self::First),
            "roundRobin" => Ok(Self::RoundRobin),
            "random" => Ok(Self::Random),
            _ => Err(BadSetting::new(
                text,
                "way to take one of several addresses: write `first`, `roundRobin` or `random`",
            )),
        }
    }
}

impl FromStr for DnsPolicy {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        match text {
            "preferIPv4" => Ok(Self::PreferIpv4),
            "preferIPv6" => Ok(Self::PreferIpv6),
            "onlyIPv4" => Ok(Self::OnlyIpv4),
            "onlyIPv6" => Ok(Self::OnlyIpv6),
            "any" => Ok(Self::Any),
            _ => Err(BadSetting::new(
                text,
                "policy of addresses: write `preferIPv4`, `preferIPv6`, `onlyIPv4`, `onlyIPv6` \
                 or `any`",
            )),
        }
    }
}

impl fmt::Display for DnsSelect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::First => "first",
            Self::RoundRobin => "roundRobin",
            Self::Random => "random",
        })
    }
}

impl fmt::Display for DnsPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::PreferIpv4 => "preferIPv4",
            Self::PreferIpv6 => "preferIPv6",
            Self::OnlyIpv4 => "onlyIPv4",
            Self::OnlyIpv6 => "onlyIPv6",
            Self::Any => "any",
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<Duration> {
        Some(Duration::from_secs(text.parse().ok()?))
    }

    #[test]
    fn k6s_notation_is_read_over_the_defaults() {
        let settings = DnsSettings::parse("ttl=7,select=roundRobin,policy=any", seconds).unwrap();
        assert_eq!(settings.ttl, DnsTtl::For(Duration::from_secs(7)));
        assert_eq!(settings.select, DnsSelect::RoundRobin);
        assert_eq!(settings.policy, DnsPolicy::Any);
        let settings = DnsSettings::parse("ttl=0", seconds).unwrap();
        assert_eq!(settings.ttl, DnsTtl::Nothing);
        assert_eq!(settings.select, DnsSelect::Random);
        assert_eq!(DnsTtl::parse("inf", seconds), Ok(DnsTtl::Forever));
    }

    #[test]
    fn other_notations_are_refused_with_what_would_be_right() {
        for (text, hint) in [
            ("", "`ttl=`"),
            ("ttl", "`ttl=`"),
            ("ttl=soon", "`inf`"),
            ("select=last", "`roundRobin`"),
            ("policy=ipv4", "`onlyIPv4`"),
        ] {
            let error = DnsSettings::parse(text, seconds).unwrap_err().to_string();
            assert!(error.contains(hint), "{error}");
        }
    }

    #[test]
    fn what_is_shown_reads_as_what_was_written() {
        for text in ["first", "roundRobin", "random"] {
            assert_eq!(text.parse::<DnsSelect>().unwrap().to_string(), text);
        }
        for text in ["preferIPv4", "preferIPv6", "onlyIPv4", "onlyIPv6", "any"] {
            assert_eq!(text.parse::<DnsPolicy>().unwrap().to_string(), text);
        }
    }
}
