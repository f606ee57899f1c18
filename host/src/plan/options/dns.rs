//! k6's `dns`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::written::Written;
use crate::plan::duration::TimeSpan;
use crate::plan::http::{DnsPolicy, DnsSelect, DnsTtl};
use crate::plan::near::nearest;

/// How names are looked up. A lookup is made for a new connection alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DnsOptions {
    /// For how long an answer is kept, whatever it says itself: a duration, `0`
    /// for no time, or `inf` for the whole run; `5m` unless set.
    pub ttl: Option<TtlOption>,

    /// Which of several addresses a connection takes: a `random` one, the
    /// `first`, or one after another (`roundRobin`); `random` unless set.
    pub select: Option<Written<DnsSelect>>,

    /// Which version of IP a connection takes; `preferIPv4` unless set.
    pub policy: Option<Written<DnsPolicy>>,
}

/// For how long the answer of a lookup is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TtlOption(pub DnsTtl);

impl DnsOptions {
    /// Lays the members of a higher layer over these, one by one, as k6 does.
    pub(super) fn overlay(&mut self, over: Self) {
        let Self {
            ttl,
            select,
            policy,
        } = over;
        self.ttl = ttl.or(self.ttl);
        self.select = select.or(self.select);
        self.policy = policy.or(self.policy);
    }
}

/// k6's short form on a command line: `ttl=1m,select=first,policy=any`.
impl FromStr for DnsOptions {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const MEMBERS: [&str; 3] = ["ttl", "select", "policy"];
        let mut options = Self::default();
        for part in text.split(',') {
            let Some((name, value)) = part.split_once('=') else {
                return Err(format!(
                    "`{part}` has no `=`; write it as `ttl=5m,select=random,policy=preferIPv4`"
                ));
            };
            let (name, value) = (name.trim(), value.trim());
            match name {
                "ttl" => options.ttl = Some(TtlOption(DnsTtl::read(value, TimeSpan::with_unit)?)),
                "select" => options.select = Some(Written(value.parse()?)),
                "policy" => options.policy = Some(Written(value.parse()?)),
                other => {
                    let near =
                        nearest(other, MEMBERS).map(|near| format!("did you mean `{near}`?"));
                    let near = near.unwrap_or_else(|| "there are ttl, select, policy".to_owned());
                    return Err(format!("there is no member `{other}`; {near}"));
                }
            }
        }
        Ok(options)
    }
}

impl<'de> Deserialize<'de> for TtlOption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl Visitor<'_> for Read {
            type Value = TtlOption;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration such as \"5m\", a number of milliseconds, or \"inf\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<TtlOption, E> {
                let ttl = DnsTtl::read(text, TimeSpan::from_str);
                ttl.map(TtlOption).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, milliseconds: u64) -> Result<TtlOption, E> {
                self.visit_str(&milliseconds.to_string())
            }

            fn visit_i64<E: de::Error>(self, milliseconds: i64) -> Result<TtlOption, E> {
                self.visit_str(&milliseconds.to_string())
            }

            fn visit_f64<E: de::Error>(self, milliseconds: f64) -> Result<TtlOption, E> {
                self.visit_str(&milliseconds.to_string())
            }
        }

        deserializer.deserialize_any(Read)
    }
}

impl JsonSchema for TtlOption {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "DnsTtl".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "const": "inf" }, generator.subschema_for::<TimeSpan>()] })
    }
}
