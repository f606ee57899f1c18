//! What a plan file holds.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::plan::named::Named;
use crate::plan::options::{ConfigValue, Options};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[serde(default)]
    pub(super) config: Named<ConfigValue>,
    #[serde(default)]
    pub(super) options: Options,
    #[serde(default)]
    pub(super) components: Named<ComponentTable>,
    #[serde(default)]
    pub(super) environments: Named<Environment>,
    /// How the folder's project is built, which is no business of a run.
    #[serde(default, rename = "build")]
    _build: IgnoredAny,
}

/// `[components.NAME]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ComponentTable {
    #[serde(default)]
    pub(super) config: Named<ConfigValue>,
    #[serde(default)]
    pub(super) options: Options,
}

/// `[environments.NAME]`
#[derive(Debug, Clone, Default)]
pub(super) struct Environment {
    pub(super) confirm: bool,
    pub(super) config: Named<ConfigValue>,
    pub(super) options: Options,
}

/// An option that an environment may say without `options`, since every second
/// one does.
const INSECURE: &str = "insecureSkipTLSVerify";

impl<'de> Deserialize<'de> for Environment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Environment;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of configuration keys, `confirm`, `insecureSkipTLSVerify` and `options`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Environment, A::Error> {
                let mut environment = Environment::default();
                let mut insecure = None;
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "confirm" => environment.confirm = map.next_value()?,
                        INSECURE => insecure = Some(map.next_value()?),
                        "options" => environment.options = map.next_value()?,
                        _ => environment.config.set(name, map.next_value()?),
                    }
                }
                // The short form lies over `options`, where both are there.
                if insecure.is_some() {
                    environment.options.insecure_skip_tls_verify = insecure;
                }
                Ok(environment)
            }
        }

        deserializer.deserialize_map(Read)
    }
}
