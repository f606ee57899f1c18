//! Texts in the options that stand for values of types of their own.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::plan::http::{
    AddressRanges, Destination, DnsPolicy, DnsSelect, HostNames, HostPattern, Network, Protocol,
    ProxySetting, TlsVersion,
};

/// A text in the options, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written<T>(pub T);

/// How a value is written in the options.
pub trait Notation: FromStr<Err: fmt::Display> {
    /// Its name in the schema.
    const NAME: &'static str;

    /// What was expected where something else than a text stands.
    const EXPECTED: &'static str;

    /// What the schema says of the text.
    fn schema() -> Schema;
}

impl<'de, T: Notation> Deserialize<'de> for Written<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(PhantomData<T>);

        impl<T: Notation> Visitor<'_> for Read<T> {
            type Value = Written<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(T::EXPECTED)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Written<T>, E> {
                text.parse().map(Written).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Read(PhantomData))
    }
}

impl<T: Notation> JsonSchema for Written<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        T::schema()
    }
}

fn words<T>(words: &[(&'static str, T)]) -> Schema {
    let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
    json_schema!({ "type": "string", "enum": words })
}

impl Notation for HostNames {
    const NAME: &'static str = "HostNames";
    const EXPECTED: &'static str = "a host such as \"example.com\" or \"*.example.com\"";

    fn schema() -> Schema {
        json_schema!({ "type": "string", "examples": ["example.com", "*.example.com", "10.0.0.1"] })
    }
}

impl Notation for HostPattern {
    const NAME: &'static str = "HostPattern";
    const EXPECTED: &'static str = "a host such as \"example.com\" or \"*.example.com:8443\"";

    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "examples": ["example.com", "*.example.com", "example.com:8443", "*"]
        })
    }
}

impl Notation for Destination {
    const NAME: &'static str = "HostTarget";
    const EXPECTED: &'static str = "an address such as \"10.0.0.1\" or \"10.0.0.1:8443\"";

    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "examples": ["10.0.0.1", "10.0.0.1:8443", "[::1]:8443", "unix:/run/server.sock"]
        })
    }
}

impl Notation for AddressRanges {
    const NAME: &'static str = "AddressRanges";
    const EXPECTED: &'static str = "addresses in one text, such as \"10.0.0.1,10.0.0.5-10.0.0.9\"";

    fn schema() -> Schema {
        json_schema!({ "type": "string", "examples": ["10.0.0.1,10.0.0.5-10.0.0.9,10.1.0.0/28"] })
    }
}

impl Notation for Network {
    const NAME: &'static str = "Network";
    const EXPECTED: &'static str = "a network such as \"10.0.0.0/8\"";

    fn schema() -> Schema {
        json_schema!({ "type": "string", "examples": ["10.0.0.0/8", "fd00::/8", "10.0.0.1"] })
    }
}

impl Notation for Protocol {
    const NAME: &'static str = "HttpVersion";
    const EXPECTED: &'static str = "\"auto\", \"1.1\", \"2\" or \"3\" in quotes";

    fn schema() -> Schema {
        words(&Self::WORDS)
    }
}

impl Notation for DnsSelect {
    const NAME: &'static str = "DnsSelect";
    const EXPECTED: &'static str = "\"random\", \"first\" or \"roundRobin\"";

    fn schema() -> Schema {
        words(&Self::WORDS)
    }
}

impl Notation for DnsPolicy {
    const NAME: &'static str = "DnsPolicy";
    const EXPECTED: &'static str = "a policy such as \"preferIPv4\"";

    fn schema() -> Schema {
        words(&Self::WORDS)
    }
}

impl Notation for ProxySetting {
    const NAME: &'static str = "Proxy";
    const EXPECTED: &'static str = "a URL such as \"http://proxy:3128\", or \"none\"";

    fn schema() -> Schema {
        json_schema!({ "type": "string", "examples": ["http://proxy:3128", "none"] })
    }
}

impl Notation for TlsVersion {
    const NAME: &'static str = "TlsVersion";
    const EXPECTED: &'static str = "\"tls1.2\" or \"tls1.3\"";

    fn schema() -> Schema {
        words(&Self::WORDS)
    }
}
