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
        struct Read;

        /// serde's own text would show the value.
        fn no_text<T, E: de::Error>() -> Result<T, E> {
            Err(E::custom(
                "the value of a configuration key is a text in quotes",
            ))
        }

        impl<'de> Visitor<'de> for Read {
            type Value = ConfigValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text in quotes")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ConfigValue, E> {
                Ok(ConfigValue(text.to_owned()))
            }

            fn visit_bool<E: de::Error>(self, _: bool) -> Result<ConfigValue, E> {
                no_text()
            }

            fn visit_i64<E: de::Error>(self, _: i64) -> Result<ConfigValue, E> {
                no_text()
            }

            fn visit_u64<E: de::Error>(self, _: u64) -> Result<ConfigValue, E> {
                no_text()
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<ConfigValue, E> {
                no_text()
            }

            fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<ConfigValue, A::Error> {
                no_text()
            }

            fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<ConfigValue, A::Error> {
                no_text()
            }
        }

        deserializer.deserialize_any(Read)
    }
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
