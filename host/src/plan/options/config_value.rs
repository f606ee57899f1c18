//! The value of a configuration key, as it is written.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// The value of a configuration key. It can be a secret's by mistake, so that
/// neither its `Debug` nor an error shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigValue(pub String);

impl fmt::Debug for ConfigValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"…\"")
    }
}

impl<'de> Deserialize<'de> for ConfigValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let message = "the value of a configuration key is a text in quotes";
        unshown_text(deserializer, message).map(Self)
    }
}

/// A text that can be a secret's. What is no text is refused with this message:
/// serde's own would show the value.
pub(super) fn unshown_text<'de, D: Deserializer<'de>>(
    deserializer: D,
    message: &'static str,
) -> Result<String, D::Error> {
    struct Read(&'static str);

    impl Read {
        fn no_text<E: de::Error>(&self) -> Result<String, E> {
            Err(E::custom(self.0))
        }
    }

    impl<'de> Visitor<'de> for Read {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text in quotes")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }

        fn visit_bool<E: de::Error>(self, _: bool) -> Result<String, E> {
            self.no_text()
        }

        fn visit_i64<E: de::Error>(self, _: i64) -> Result<String, E> {
            self.no_text()
        }

        fn visit_u64<E: de::Error>(self, _: u64) -> Result<String, E> {
            self.no_text()
        }

        fn visit_f64<E: de::Error>(self, _: f64) -> Result<String, E> {
            self.no_text()
        }

        fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<String, A::Error> {
            self.no_text()
        }

        fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<String, A::Error> {
            self.no_text()
        }
    }

    deserializer.deserialize_any(Read(message))
}

impl JsonSchema for ConfigValue {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ConfigValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}
