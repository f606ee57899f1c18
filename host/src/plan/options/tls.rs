//! k6's `tlsAuth` and `tlsVersion`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::config_value::unshown_text;
use super::written::Written;
use crate::plan::Unshown;
use crate::plan::http::{HostNames, TlsVersion};

/// A certificate that this side shows of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TlsAuthOptions {
    /// To which hosts; to all unless set.
    pub domains: Option<Vec<Written<HostNames>>>,

    /// The certificate in PEM form, with those that it was made by: the text
    /// itself, or, in a plan file, a file's path from the plan file's folder.
    pub cert: PemText,

    /// Its key, in the same way.
    pub key: PemText,

    /// What opens the key, where it is encrypted. It is shown nowhere.
    pub password: Option<PemText>,
}

/// The text of a certificate, a key or a password, or the path of a file that
/// holds it. Neither its `Debug` nor an error shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PemText(pub Unshown);

impl TlsAuthOptions {
    /// A text that tells it from another; with everything in it, it is not to be
    /// shown.
    pub(in crate::plan) fn compared(&self) -> String {
        let texts = [Some(&self.cert), Some(&self.key), self.password.as_ref()];
        let texts = texts.map(|text| text.map(PemText::expose));
        format!("{:?}{texts:?}", self.domains)
    }
}

impl PemText {
    /// The text.
    pub(in crate::plan) fn expose(&self) -> &str {
        &self.0.0
    }

    /// Whether it is the thing itself, and not the path of a file.
    pub(in crate::plan) fn is_inline(&self) -> bool {
        self.expose().contains("-----BEGIN ")
    }
}

/// Which versions of TLS may be spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsVersionOption {
    /// This one alone.
    Only(TlsVersion),
    /// From one to another.
    Between(TlsVersionRange),
}

/// From one version of TLS to another.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TlsVersionRange {
    /// The oldest; `tls1.2` unless set.
    pub min: Option<Written<TlsVersion>>,

    /// The newest; `tls1.3` unless set.
    pub max: Option<Written<TlsVersion>>,
}

impl FromStr for TlsVersionOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self::Only)
    }
}

impl<'de> Deserialize<'de> for PemText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = unshown_text(
            deserializer,
            "a certificate, a key or a password is a text in quotes",
        )?;
        Ok(Self(Unshown(text)))
    }
}

impl JsonSchema for PemText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "PemText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl<'de> Deserialize<'de> for TlsVersionOption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = TlsVersionOption;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a version such as \"tls1.2\", or an object with `min` and `max`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<TlsVersionOption, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TlsVersionOption, A::Error> {
                let range = TlsVersionRange::deserialize(MapAccessDeserializer::new(map))?;
                Ok(TlsVersionOption::Between(range))
            }
        }

        deserializer.deserialize_any(Read)
    }
}

impl JsonSchema for TlsVersionOption {
    fn schema_name() -> Cow<'static, str> {
        "TlsVersions".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Which versions of TLS may be spoken: one alone, or from `min` to `max`.",
            "anyOf": [
                generator.subschema_for::<Written<TlsVersion>>(),
                generator.subschema_for::<TlsVersionRange>()
            ]
        })
    }
}
