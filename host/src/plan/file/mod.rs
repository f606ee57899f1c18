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
//!
//! Where scenarios name their `component`, the file is a run of its own, of
//! several components: `vuelo run --plan FILE`.

use std::path::{Path, PathBuf};

use super::error::{PlanError, PlanErrors};
use super::named::Named;
use super::near::nearest;
use super::options::{ConfigValue, Options, ReadError};
use super::origin::Origin;
use super::tree::{Position, Read, Tree};

mod components;
mod document;

pub use components::FileComponent;
use document::Document;

/// The name of a plan file.
pub const FILE_NAME: &str = "vuelo.toml";

/// The folder below a project's root in which its own plan file stands.
const PROJECT_FOLDER: &str = "scenarios-wasm";

/// The environment that needs no plan file, and the only one in which TLS may
/// go unverified.
pub const DEVELOPMENT: &str = "development";

/// The environment in which requests are limited where nobody says otherwise.
pub const PRODUCTION: &str = "production";

/// A plan file that was read. What is wrong in it is kept until a plan is made
/// of it, so that everything that is wrong is said together.
#[derive(Debug, Clone, Default)]
pub struct PlanFile {
    path: Option<PathBuf>,
    document: Document,
    /// Where everything in it stands.
    tree: Tree,
    /// What does not parse, or can mean nothing.
    mistakes: Vec<PlanError>,
    /// Of these, what does not parse.
    unread: Vec<ReadError>,
    /// The paths of what was left out for that.
    left_out: Vec<String>,
}

/// One layer of values or options, and where it stands.
pub(super) struct Layer<T> {
    pub(super) origin: Origin,
    /// The path of its table: `environments.staging.options`.
    pub(super) table: String,
    /// The component that it is for alone.
    pub(super) component: Option<String>,
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
    /// When the file cannot be read, or is no TOML or JSON at all.
    pub fn find(asked_for: Option<&Path>, folder: &Path) -> Result<Self, PlanErrors> {
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
    /// When it cannot be read, or is no TOML or JSON at all.
    pub fn read(path: &Path) -> Result<Self, PlanErrors> {
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
    /// When it is no TOML or JSON at all.
    pub fn parse(path: &Path, text: &str) -> Result<Self, PlanErrors> {
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let wrong = |error| PlanError::File {
            path: path.to_owned(),
            error,
        };
        let read = if is_json {
            Tree::from_json(text)
        } else {
            Tree::from_toml(text)
        };
        let (tree, twice) = read.map_err(wrong)?;
        let Read {
            value,
            mistakes,
            left_out,
        } = tree.read();
        let unread: Vec<_> = twice.into_iter().chain(mistakes).collect();
        let mut file = Self {
            path: Some(path.to_owned()),
            document: value,
            tree,
            mistakes: unread.iter().cloned().map(wrong).collect(),
            unread,
            left_out,
        };
        let meaningless = file.meaningless();
        file.mistakes.extend(meaningless);
        Ok(file)
    }

    /// What parses and can mean nothing.
    fn meaningless(&self) -> Vec<PlanError> {
        let mut found = Vec::new();
        for layer in self.all_options() {
            for (member, declares) in [
                ("config", layer.content.config.is_some()),
                ("metrics", layer.content.metrics.is_some()),
            ] {
                if declares {
                    let reason = "only a component declares these; values of configuration keys stand in \
                                  [config], [components.NAME.config] and [environments.NAME]";
                    found.push(self.option_error(&layer, member, reason));
                }
            }
        }
        for layer in self.all_values() {
            if layer.content.get(ENVIRONMENT_KEY).is_some() {
                let reason =
                    "its value is the name of the environment in use; name that with --env";
                found.push(self.option_error(&layer, ENVIRONMENT_KEY, reason));
            }
        }
        found
    }

    fn option_error<T>(&self, layer: &Layer<T>, path: &str, reason: &str) -> PlanError {
        PlanError::Option {
            origin: layer.origin.clone(),
            at: self.position(&layer.table, path),
            path: path.to_owned(),
            reason: reason.to_owned(),
        }
    }

    /// Where an option of a table stands.
    pub(super) fn position(&self, table: &str, path: &str) -> Option<Position> {
        self.tree.position(&format!("{table}.{path}"))
    }

    /// What is wrong in it.
    pub(super) fn mistakes(&self) -> &[PlanError] {
        &self.mistakes
    }

    /// What of a table does not parse, by paths from there.
    pub(super) fn unread(&self, table: &str) -> Vec<ReadError> {
        let below = self.unread.iter().filter_map(|error| error.below(table));
        below.collect()
    }

    /// What of a table was left out for that, by paths from there.
    pub(super) fn left_out(&self, table: &str) -> Vec<String> {
        let below = self.left_out.iter().filter_map(|path| {
            let rest = path.strip_prefix(table)?.strip_prefix('.')?;
            Some(rest.to_owned())
        });
        below.collect()
    }

    /// What it is called in messages.
    pub(super) fn name(&self) -> String {
        match &self.path {
            Some(path) => path.display().to_string(),
            None => format!("the built-in plan (no {FILE_NAME} was found)"),
        }
    }

    fn all_options(&self) -> impl Iterator<Item = Layer<&Options>> {
        let document = &self.document;
        let components = document.components.iter().map(|(name, table)| Layer {
            component: Some(name.to_owned()),
            ..self.layer(format!("components.{name}.options"), &table.options)
        });
        let environments = document.environments.iter().map(|(name, table)| {
            self.layer(format!("environments.{name}.options"), &table.options)
        });
        std::iter::once(self.layer("options".to_owned(), &document.options))
            .chain(components)
            .chain(environments)
    }

    fn all_values(&self) -> impl Iterator<Item = Layer<&Named<ConfigValue>>> {
        let document = &self.document;
        let components = document.components.iter().map(|(name, table)| Layer {
            component: Some(name.to_owned()),
            ..self.layer(format!("components.{name}.config"), &table.config)
        });
        let environments = document
            .environments
            .iter()
            .map(|(name, table)| self.layer(format!("environments.{name}"), &table.config));
        std::iter::once(self.layer("config".to_owned(), &document.config))
            .chain(components)
            .chain(environments)
    }

    fn layer<T>(&self, table: String, content: T) -> Layer<T> {
        Layer {
            origin: Origin::File {
                path: self.path.clone().unwrap_or_default(),
                table: format!("[{table}]"),
            },
            table,
            component: None,
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
            file: self.name(),
            near: nearest(environment, known.iter().copied()).map(str::to_owned),
            known: known.into_iter().map(str::to_owned).collect(),
        })
    }

    /// The options for components in an environment, the lowest layer first.
    pub(super) fn options(&self, components: &[&str], environment: &str) -> Vec<Layer<&Options>> {
        self.all_options()
            .filter(|layer| {
                let of_environment = format!("environments.{environment}.options");
                match &layer.component {
                    Some(component) => components.contains(&component.as_str()),
                    None => layer.table == "options" || layer.table == of_environment,
                }
            })
            .collect()
    }

    /// The values for a component in an environment, the lowest layer first.
    pub(super) fn values(
        &self,
        component: &str,
        environment: &str,
    ) -> Vec<Layer<&Named<ConfigValue>>> {
        self.all_values()
            .filter(|layer| match &layer.component {
                Some(of) => of == component,
                None => {
                    layer.table == "config" || layer.table == format!("environments.{environment}")
                }
            })
            .collect()
    }
}

/// The key whose value is the name of the environment in use.
pub(super) const ENVIRONMENT_KEY: &str = "ENVIRONMENT";

#[cfg(test)]
mod tests;
