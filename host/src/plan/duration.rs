//! Durations as k6 and Go write them: `30s`, `1m30s`, `1.5h`, `500ms`.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use thiserror::Error;

/// A duration in the options, read by k6's rules: Go's notation, days (`1d`)
/// added, and a bare number is milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct TimeSpan(pub Duration);

/// Why a text is no duration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DurationError {
    /// It is written in another way.
    #[error(
        "`{0}` is no duration: write numbers with units (d, h, m, s, ms, us, ns), such as `30s`, `1m30s` or `500ms`"
    )]
    Syntax(String),
    /// It is less than nothing.
    #[error("`{0}` is a negative duration; no wait is shorter than `0s`")]
    Negative(String),
    /// It is a number without a unit, where somebody types it.
    #[error(
        "`{0}` has no unit: write `{0}s` for seconds, or another unit (d, h, m, s, ms, us, ns)"
    )]
    NoUnit(String),
    /// It is more than this program counts to.
    #[error("`{0}` is too long a duration; the longest is 100 years")]
    TooLong(String),
}

/// 100 years, more than any run takes. It keeps sums of durations far from the
/// end of what a clock can count.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The units in nanoseconds. Longer spellings come before those they begin with.
const UNITS: [(&str, u64); 9] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("h", 60 * 60 * 1_000_000_000),
    ("d", 24 * 60 * 60 * 1_000_000_000),
];

impl TimeSpan {
    /// Reads what somebody typed: in a command line or a variable. There a bare
    /// number, which is milliseconds in the options, nearly always means
    /// seconds, so that it is refused; 0 is 0 of everything.
    ///
    /// # Errors
    ///
    /// When it is no duration, or a number above 0 without a unit.
    pub fn with_unit(text: &str) -> Result<Self, DurationError> {
        let span: Self = text.parse()?;
        let is_bare = text
            .trim()
            .ends_with(|c: char| c.is_ascii_digit() || c == '.');
        if is_bare && !span.0.is_zero() {
            return Err(DurationError::NoUnit(text.trim().to_owned()));
        }
        Ok(span)
    }
}

impl FromStr for TimeSpan {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        let syntax = || DurationError::Syntax(text.to_owned());
        let trimmed = text.trim();
        let unsigned = match trimmed.strip_prefix('-') {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
                return Err(DurationError::Negative(text.to_owned()));
            }
            _ => trimmed.strip_prefix('+').unwrap_or(trimmed),
        };
        if unsigned.is_empty() {
            return Err(syntax());
        }
        let mut nanoseconds: u128 = 0;
        let mut rest = unsigned;
        while !rest.is_empty() {
            let end = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .unwrap_or(rest.len());
            let (number, after) = rest.split_at(end);
            // k6's rule for a text that is nothing but a number.
            let (unit, after) = if after.is_empty() && rest.len() == unsigned.len() {
                (1_000_000, after)
            } else {
                UNITS
                    .iter()
                    .find_map(|(name, unit)| Some((*unit, after.strip_prefix(name)?)))
                    .ok_or_else(syntax)?
            };
            nanoseconds += scaled(number, unit).ok_or_else(syntax)?;
            if nanoseconds > LONGEST.as_nanos() {
                return Err(DurationError::TooLong(text.to_owned()));
            }
            rest = after;
        }
        let nanoseconds =
            u64::try_from(nanoseconds).map_err(|_| DurationError::TooLong(text.to_owned()))?;
        Ok(Self(Duration::from_nanos(nanoseconds)))
    }
}

/// A decimal number times a unit, in whole nanoseconds, without the rounding of
/// floating-point numbers.
fn scaled(number: &str, unit: u64) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    // Beyond this many digits the number is longer than the longest duration.
    let whole: u128 = match whole.trim_start_matches('0') {
        "" => 0,
        digits if digits.len() > 19 => return Some(u128::MAX >> 1),
        digits => digits.parse().ok()?,
    };
    // And beyond these a fraction of any unit is less than a nanosecond.
    let fraction: String = fraction.chars().take(15).collect();
    let part = match fraction.as_str() {
        "" => 0,
        digits => {
            let digits_value: u128 = digits.parse().ok()?;
            digits_value * u128::from(unit) / 10_u128.pow(u32::try_from(digits.len()).ok()?)
        }
    };
    Some(whole * u128::from(unit) + part)
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_nanos();
        let mut text = String::new();
        for (name, unit) in [("h", 3_600_000_000_000), ("m", 60_000_000_000)] {
            if rest >= unit {
                write!(text, "{}{name}", rest / unit)?;
                rest %= unit;
            }
        }
        if rest > 0 || text.is_empty() {
            let (name, unit) = match (text.is_empty(), rest) {
                (true, 1..1_000) => ("ns", 1),
                (true, 1_000..1_000_000) => ("us", 1_000),
                (true, 1_000_000..1_000_000_000) => ("ms", 1_000_000),
                _ => ("s", 1_000_000_000_u128),
            };
            write!(text, "{}", rest / unit)?;
            if !rest.is_multiple_of(unit) {
                let digits = unit.ilog10() as usize;
                let fraction = format!("{:0digits$}", rest % unit);
                write!(text, ".{}", fraction.trim_end_matches('0'))?;
            }
            text.push_str(name);
        }
        f.pad(&text)
    }
}

impl<'de> Deserialize<'de> for TimeSpan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl Visitor<'_> for Read {
            type Value = TimeSpan;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration such as \"30s\", or a number of milliseconds")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<TimeSpan, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, milliseconds: u64) -> Result<TimeSpan, E> {
                self.visit_str(&milliseconds.to_string())
            }

            fn visit_i64<E: de::Error>(self, milliseconds: i64) -> Result<TimeSpan, E> {
                self.visit_str(&milliseconds.to_string())
            }

            fn visit_f64<E: de::Error>(self, milliseconds: f64) -> Result<TimeSpan, E> {
                self.visit_str(&milliseconds.to_string())
            }
        }

        deserializer.deserialize_any(Read)
    }
}

impl JsonSchema for TimeSpan {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A duration: numbers with units (`d`, `h`, `m`, `s`, `ms`, `us`, `ns`) \
                such as `30s`, `1m30s`, `1.5h` or `500ms`. A bare number is milliseconds.",
            "anyOf": [
                {
                    "type": "string",
                    "pattern": r"^\s*\+?(([0-9]+\.?[0-9]*|\.[0-9]+)(d|h|m|s|ms|us|\u00b5s|\u03bcs|ns))+\s*$|^\s*\+?([0-9]+\.?[0-9]*|\.[0-9]+)\s*$"
                },
                { "type": "number", "minimum": 0 }
            ]
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn k6_s_notations_are_read() {
        for (text, milliseconds) in [
            ("30s", 30_000.0),
            ("1m30s", 90_000.0),
            ("1.5h", 5_400_000.0),
            ("500ms", 500.0),
            ("1d2h", 93_600_000.0),
            ("0", 0.0),
            ("0s", 0.0),
            ("250", 250.0),
            (" 2m ", 120_000.0),
            ("+5s", 5_000.0),
            ("1us", 0.001),
            ("1.000001ms", 1.000001),
            (".5s", 500.0),
            ("5.s", 5_000.0),
        ] {
            let read: TimeSpan = text.parse().unwrap();
            assert!(
                (read.0.as_secs_f64() * 1e3 - milliseconds).abs() < 1e-9,
                "{text}: {read:?}"
            );
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_with_the_notation() {
        for text in ["", "s", "1x", "1s2", "1..5s", "five", "1 s", "1m -2s", "."] {
            let error = text.parse::<TimeSpan>().unwrap_err();
            assert!(matches!(error, DurationError::Syntax(_)), "{text}: {error}");
        }
        assert!(matches!(
            "-5s".parse::<TimeSpan>(),
            Err(DurationError::Negative(_))
        ));
        for long in ["1000000h", "99999999999999999999999999d", "40000d"] {
            assert!(
                matches!(long.parse::<TimeSpan>(), Err(DurationError::TooLong(_))),
                "{long}"
            );
        }
    }

    #[test]
    fn what_somebody_types_has_a_unit() {
        let error = TimeSpan::with_unit("10").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`10` has no unit: write `10s` for seconds, or another unit (d, h, m, s, ms, us, ns)"
        );
        for text in ["1.5", "+3", "10."] {
            let error = TimeSpan::with_unit(text).unwrap_err();
            assert!(matches!(error, DurationError::NoUnit(_)), "{text}: {error}");
        }
        for text in ["10s", "0", "1m30s", "0.0"] {
            assert_eq!(TimeSpan::with_unit(text), text.parse());
        }
    }

    #[test]
    fn a_json_number_is_milliseconds() {
        assert_eq!(
            serde_json::from_str::<TimeSpan>("1500")
                .unwrap()
                .to_string(),
            "1.5s"
        );
        assert_eq!(
            serde_json::from_str::<TimeSpan>("0.5").unwrap().to_string(),
            "500us"
        );
        assert!(serde_json::from_str::<TimeSpan>("-1").is_err());
        assert!(serde_json::from_str::<TimeSpan>("true").is_err());
    }

    #[test]
    fn durations_are_written_as_go_writes_them_but_for_zeros() {
        for (text, written) in [
            ("90s", "1m30s"),
            ("60s", "1m"),
            ("3600s", "1h"),
            ("3605s", "1h5s"),
            ("1500ms", "1.5s"),
            ("0s", "0s"),
            ("15us", "15us"),
            ("60.25s", "1m0.25s"),
        ] {
            assert_eq!(
                text.parse::<TimeSpan>().unwrap().to_string(),
                written,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(nanoseconds in 0_u64..1_000_000_000_000_000) {
            let span = TimeSpan(Duration::from_nanos(nanoseconds));
            prop_assert_eq!(span.to_string().parse::<TimeSpan>(), Ok(span));
        }

        #[test]
        fn no_text_panics_the_reader(text in "[0-9.smhdnu+-]{0,40}|\\PC{0,12}") {
            let _ = text.parse::<TimeSpan>();
        }
    }
}
