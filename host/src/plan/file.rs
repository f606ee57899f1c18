//! The plan file: values, options and named environments for a folder's runs.
//!
//! ```toml
//! [config]                          # values of configuration keys
//! WORKSPACE_ID = "load-test-workspace"
//!
//! [options]                         # options of every component, in the
//! setupTimeout = "10s"              # schema that components use
//!
//! [components.a2a.config]           # the same for one component
//! A2A_DIALECT = "1.0"
//! [components.a2a.options]
//! thresholds.a2a_errors = "rate<0.05"
//!
//! [environments.staging]            # values of configuration keys, by --env
//! BASE_URL = "https://agents.staging.example.com"
//! confirm = true                    # asks before the load starts
//! [environments.staging.options]    # options in this environment
//! tags.region = "eu"
//! ```
//!
//! A file that ends in `.json` holds the same as JSON.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::error::PlanError;
use super::named::Named;
use super::near::nearest;
use super::options::{Options, ReadError, from_json_file, read_error};
use super::origin::Origin;

/// The name of a plan file.
pub const FILE_NAME: &str = "vuelo.toml";

/// The folder below a project's root in which its own plan file stands.
const PROJECT_FOLDER: &str = "scenarios-wasm";

/// The environment that needs no plan file, and the only one in which TLS may
/// go unverified.
pub const DEVELOPMENT: &str = "development";

/// A plan file that was read.
#[derive(Debug, Clone, Default)]
pub struct PlanFile {
    path: Option<PathBuf>,
    document: Document,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    config: Named<Value>,
    #[serde(default)]
    options: Options,
    #[serde(default)]
    components: Named<ComponentTable>,
    #[serde(default)]
    environments: Named<Environment>,
}

/// `[components.NAME]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentTable {
    #[serde(default)]
    config: Named<Value>,
    #[serde(default)]
    options: Options,
}

/// `[environments.NAME]`
#[derive(Debug, Clone, Default)]
struct Environment {
    confirm: bool,
    config: Named<Value>,
    options: Options,
}

/// The value of a configuration key. It can be a secret's, so that neither its
/// `Debug` nor an error shows it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Value(pub(super) String);

/// One layer of values or options, and where it stands.
pub(super) struct Layer<T> {
    pub(super) origin: Origin,
    pub(super) content: T,
}

impl PlanFile {
    /// The plan without a file: no values, one environment `development`.
    #[must_use]
    pub fn built_in() -> Self {
        Self::default()
    }

    /// Takes the file that was asked for, or else the nearest `vuelo.toml` in
    /// the folder or one above it (or in the `scenarios-wasm` of either), or
    /// else the built-in one.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or does not parse.
    pub fn find(asked_for: Option<&Path>, folder: &Path) -> Result<Self, PlanError> {
        let nearest = || {
            folder.ancestors().find_map(|folder| {
                [
                    folder.join(FILE_NAME),
                    folder.join(PROJECT_FOLDER).join(FILE_NAME),
                ]
                .into_iter()
                .find(|file| file.is_file())
            })
        };
        match asked_for.map(Path::to_owned).or_else(nearest) {
            Some(path) => Self::read(&path),
            None => Ok(Self::built_in()),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read or does not parse.
    pub fn read(path: &Path) -> Result<Self, PlanError> {
        let text = std::fs::read_to_string(path).map_err(|error| PlanError::FileUnreadable {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        Self::parse(path, &text)
    }

    /// Reads the text of a file: JSON when the path ends in `.json`, or else
    /// TOML.
    ///
    /// # Errors
    ///
    /// When it does not parse.
    pub fn parse(path: &Path, text: &str) -> Result<Self, PlanError> {
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let read = if is_json {
            from_json_file(text)
        } else {
            from_toml(text)
        };
        let document: Document = read.map_err(|error| PlanError::File {
            path: path.to_owned(),
            error,
        })?;
        let file = Self {
            path: Some(path.to_owned()),
            document,
        };
        file.check()?;
        Ok(file)
    }

    /// Refuses what parses and can mean nothing.
    fn check(&self) -> Result<(), PlanError> {
        for layer in self.all_options() {
            for (member, declares) in [
                ("config", layer.content.config.is_some()),
                ("metrics", layer.content.metrics.is_some()),
            ] {
                if declares {
                    let reason = "only a component declares these; values of configuration keys stand in \
                                  [config], [components.NAME.config] and [environments.NAME]";
                    return Err(PlanError::Option {
                        origin: layer.origin,
                        path: member.to_owned(),
                        reason: reason.to_owned(),
                    });
                }
            }
        }
        for layer in self.all_values() {
            if layer.content.get(ENVIRONMENT_KEY).is_some() {
                return Err(PlanError::Option {
                    origin: layer.origin,
                    path: ENVIRONMENT_KEY.to_owned(),
                    reason: "its value is the name of the environment in use; name that with --env"
                        .to_owned(),
                });
            }
        }
        Ok(())
    }

    fn all_options(&self) -> impl Iterator<Item = Layer<&Options>> {
        let document = &self.document;
        let components = document.components.iter().map(|(name, table)| {
            self.layer(format!("[components.{name}.options]"), &table.options)
        });
        let environments = document.environments.iter().map(|(name, table)| {
            self.layer(format!("[environments.{name}.options]"), &table.options)
        });
        std::iter::once(self.layer("[options]".to_owned(), &document.options))
            .chain(components)
            .chain(environments)
    }

    fn all_values(&self) -> impl Iterator<Item = Layer<&Named<Value>>> {
        let document = &self.document;
        let components = document
            .components
            .iter()
            .map(|(name, table)| self.layer(format!("[components.{name}.config]"), &table.config));
        let environments = document
            .environments
            .iter()
            .map(|(name, table)| self.layer(format!("[environments.{name}]"), &table.config));
        std::iter::once(self.layer("[config]".to_owned(), &document.config))
            .chain(components)
            .chain(environments)
    }

    fn layer<T>(&self, table: String, content: T) -> Layer<T> {
        Layer {
            origin: Origin::File {
                path: self.path.clone().unwrap_or_default(),
                table,
            },
            content,
        }
    }

    /// The file; `None` for the built-in plan.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The names of the environments, `development` among them.
    #[must_use]
    pub fn environments(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.document.environments.names().collect();
        if !names.contains(&DEVELOPMENT) {
            names.insert(0, DEVELOPMENT);
        }
        names
    }

    /// Whether this environment is to be asked for before the load starts.
    #[must_use]
    pub fn asks(&self, environment: &str) -> bool {
        self.document
            .environments
            .get(environment)
            .is_some_and(|table| table.confirm)
    }

    /// Refuses an environment that the file does not have.
    pub(super) fn require(&self, environment: &str, origin: Origin) -> Result<(), PlanError> {
        let known = self.environments();
        if known.contains(&environment) {
            return Ok(());
        }
        Err(PlanError::UnknownEnvironment {
            origin,
            name: environment.to_owned(),
            file: match &self.path {
                Some(path) => path.display().to_string(),
                None => format!("the built-in plan (no {FILE_NAME} was found)"),
            },
            near: nearest(environment, known.iter().copied()).map(str::to_owned),
            known: known.into_iter().map(str::to_owned).collect(),
        })
    }

    /// The options for a component in an environment, the lowest layer first.
    pub(super) fn options(&self, component: &str, environment: &str) -> Vec<Layer<&Options>> {
        let wanted = [
            "[options]".to_owned(),
            format!("[components.{component}.options]"),
            format!("[environments.{environment}.options]"),
        ];
        self.all_options()
            .filter(|layer| is_one_of(&layer.origin, &wanted))
            .collect()
    }

    /// The values for a component in an environment, the lowest layer first.
    pub(super) fn values(&self, component: &str, environment: &str) -> Vec<Layer<&Named<Value>>> {
        let wanted = [
            "[config]".to_owned(),
            format!("[components.{component}.config]"),
            format!("[environments.{environment}]"),
        ];
        self.all_values()
            .filter(|layer| is_one_of(&layer.origin, &wanted))
            .collect()
    }
}

/// The key whose value is the name of the environment in use.
pub(super) const ENVIRONMENT_KEY: &str = "ENVIRONMENT";

fn is_one_of(origin: &Origin, tables: &[String]) -> bool {
    matches!(origin, Origin::File { table, .. } if tables.contains(table))
}

fn from_toml(text: &str) -> Result<Document, ReadError> {
    let deserializer = toml::Deserializer::parse(text).map_err(|error| {
        let (line, column) = error
            .span()
            .map_or((1, 1), |span| position(text, span.start));
        ReadError::Syntax {
            line,
            column,
            reason: error.message().to_owned(),
        }
    })?;
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let line = error
            .inner()
            .span()
            .map(|span| position(text, span.start).0);
        read_error(error.path(), line, error.inner().message())
    })
}

/// Line and column, from 1, of a byte.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(byte)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"…\"")
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        /// serde's own text would show the value.
        fn no_text<T, E: de::Error>() -> Result<T, E> {
            Err(E::custom(
                "the value of a configuration key is a text in quotes",
            ))
        }

        impl<'de> Visitor<'de> for Read {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text in quotes")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
                Ok(Value(text.to_owned()))
            }

            fn visit_bool<E: de::Error>(self, _: bool) -> Result<Value, E> {
                no_text()
            }

            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Value, E> {
                no_text()
            }

            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Value, E> {
                no_text()
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Value, E> {
                no_text()
            }

            fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Value, A::Error> {
                no_text()
            }
        }

        deserializer.deserialize_any(Read)
    }
}

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

const INSECURE: &str = "insecureSkipTLSVerify";

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
