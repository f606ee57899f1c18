//! Sizes as people write them: `64MiB`, `10MB`, `1500B`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};

/// A number of bytes. A bare number in the options is bytes; a text has a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

/// The units, the larger ones of each kind first.
const UNITS: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

impl FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no size; write a whole number and one of B, kB, KiB, MB, MiB, GB, GiB, such as `64MiB`"
            )
        };
        let trimmed = text.trim();
        let end = trimmed
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(end);
        let unit = unit.trim_start();
        let units = UNITS.iter();
        let (_, unit) = units
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let bytes = number.checked_mul(*unit);
        let bytes = bytes.ok_or_else(|| format!("`{text}` is more bytes than can be counted"))?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS
            .iter()
            .find(|(_, unit)| self.0 >= *unit && self.0.is_multiple_of(*unit));
        let (name, unit) = whole.copied().unwrap_or(("B", 1));
        f.pad(&format!("{}{name}", self.0 / unit))
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl Visitor<'_> for Read {
            type Value = ByteSize;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size such as \"64MiB\", or a whole number of bytes")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ByteSize, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<ByteSize, E> {
                Ok(ByteSize(bytes))
            }
        }

        deserializer.deserialize_any(Read)
    }
}

impl JsonSchema for ByteSize {
    fn schema_name() -> Cow<'static, str> {
        "ByteSize".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A size: a whole number and a unit (`B`, `kB`, `KiB`, `MB`, `MiB`, `GB`, `GiB`) such as \
                `64MiB`. A bare number is bytes.",
            "anyOf": [
                { "type": "string", "pattern": r"^\s*[0-9]+\s*([kKmMgG][iI]?)?[bB]\s*$" },
                { "type": "integer", "minimum": 0 }
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
    fn sizes_are_read_with_binary_and_decimal_units() {
        for (text, bytes) in [
            ("64MiB", 64 << 20),
            ("10MB", 10_000_000),
            ("0B", 0),
            (" 1 gib ", 1 << 30),
            ("1kb", 1000),
            ("2KiB", 2048),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
        for text in ["", "64", "64M", "1.5MiB", "-1B", "MiB", "64 MiB each"] {
            let error = text.parse::<ByteSize>().unwrap_err();
            assert!(error.contains("such as `64MiB`"), "{text}: {error}");
        }
        let error = "99999999999999GiB".parse::<ByteSize>().unwrap_err();
        assert!(error.contains("more bytes than"), "{error}");
    }

    #[test]
    fn a_size_is_written_in_the_largest_unit_that_it_is_whole_in() {
        for (bytes, text) in [
            (64 << 20, "64MiB"),
            (10_000_000, "10MB"),
            (1023, "1023B"),
            (0, "0B"),
            (3 << 30, "3GiB"),
        ] {
            assert_eq!(ByteSize(bytes).to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bytes in any::<u64>()) {
            prop_assert_eq!(ByteSize(bytes).to_string().parse(), Ok(ByteSize(bytes)));
        }
    }
}
