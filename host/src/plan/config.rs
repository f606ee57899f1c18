//! The values of the configuration keys that a component declares.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::error::{Mistakes, PlanError};
use super::file::ENVIRONMENT_KEY;
use super::flags::{Flags, SecretSource, flag_of, is_demo_key};
use super::named::Named;
use super::near::nearest;
use super::options::{ConfigKey, KeyKind};
use super::origin::Origin;
use super::process::ProcessEnvironment;
use super::{Config, PlanFile, Secret};

/// A declared key as it can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigEntry {
    /// The component that declares it.
    pub component: String,
    /// The key.
    pub key: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its value.
    pub value: Shown,
    /// Who gave it the value; `None` where nobody did.
    pub origin: Option<Origin>,
}

/// A value as it can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// This value.
    Value(String),
    /// A secret's value.
    Masked,
    /// There is none.
    Absent,
}

/// What the values of one component are looked up with.
pub(super) struct Lookup<'a> {
    pub(super) component: &'a str,
    pub(super) environment: &'a str,
    pub(super) file: &'a PlanFile,
    pub(super) process: &'a ProcessEnvironment,
    pub(super) flags: &'a Flags,
    pub(super) secrets: &'a BTreeMap<String, (Origin, String)>,
}

/// The values of a component's keys, and how they can be shown.
pub(super) fn values(
    declared: &Named<ConfigKey>,
    lookup: &Lookup<'_>,
    mistakes: &mut Mistakes,
) -> (Config, Vec<ConfigEntry>) {
    let mut config = Config::default();
    let mut entries = Vec::new();
    for (key, declaration) in declared.iter() {
        let found = check_declaration(lookup.component, key, declaration)
            .and_then(|()| usable_value(key, declaration, lookup));
        let Some(found) = mistakes.right(found) else {
            continue;
        };
        let (origin, shown) = match found {
            None => (None, Shown::Absent),
            Some((origin, value)) if declaration.secret => {
                config.secrets.insert(key.to_owned(), Secret::new(value));
                (Some(origin), Shown::Masked)
            }
            Some((origin, value)) => {
                config.values.insert(key.to_owned(), value.clone());
                (Some(origin), Shown::Value(value))
            }
        };
        entries.push(ConfigEntry {
            component: lookup.component.to_owned(),
            key: key.to_owned(),
            description: declaration.description.clone(),
            value: shown,
            origin,
        });
    }
    (config, entries)
}

/// The value of a key as the component gets it, where there is one.
fn usable_value(
    key: &str,
    declaration: &ConfigKey,
    lookup: &Lookup<'_>,
) -> Result<Option<(Origin, String)>, PlanError> {
    // An empty text is how somebody says that there is no such value: a service
    // that is not deployed, a header that is not sent.
    let found = value(key, declaration, lookup)?.filter(|(_, value)| !value.trim().is_empty());
    let Some((origin, value)) = found else {
        if !declaration.required {
            return Ok(None);
        }
        return Err(PlanError::MissingKey {
            key: key.to_owned(),
            description: declaration.description.clone(),
            flag: if declaration.secret {
                format!("--secret {key}=@FILE")
            } else {
                flag_of(key)
            },
        });
    };
    if declaration.secret && value.chars().any(|c| c.is_control()) {
        return Err(PlanError::SecretNotAHeader {
            origin,
            key: key.to_owned(),
        });
    }
    match of_kind(declaration.kind, value) {
        Ok(value) => Ok(Some((origin, value))),
        Err(reason) => Err(PlanError::BadUrl {
            origin,
            key: key.to_owned(),
            reason,
        }),
    }
}

/// A value as its kind is handed over, or what is wrong with it.
pub(super) fn of_kind(kind: KeyKind, value: String) -> Result<String, String> {
    match kind {
        KeyKind::String => Ok(value),
        KeyKind::Url => usable_url(&value),
    }
}

fn check_declaration(component: &str, key: &str, declaration: &ConfigKey) -> Result<(), PlanError> {
    let wrong = |reason: &str| {
        Err(PlanError::Option {
            origin: Origin::Component(component.to_owned()),
            path: format!("config.{key}"),
            at: None,
            reason: reason.to_owned(),
        })
    };
    let mut letters = key.chars();
    if !letters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        || !letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
    {
        return wrong("a key is of letters, digits and `_`, and starts with no digit");
    }
    if declaration.secret && declaration.kind == KeyKind::Url {
        return wrong("a secret fills a header and can be no URL; take `secret` or `kind` away");
    }
    if declaration.secret && key == ENVIRONMENT_KEY {
        return wrong("the environment's name is shown everywhere and can be no secret");
    }
    Ok(())
}

/// The value of a key from the highest layer that has one.
fn value(
    key: &str,
    declaration: &ConfigKey,
    lookup: &Lookup<'_>,
) -> Result<Option<(Origin, String)>, PlanError> {
    if key == ENVIRONMENT_KEY {
        return Ok(Some((
            Origin::EnvironmentName,
            lookup.environment.to_owned(),
        )));
    }
    if let Some(found) = lookup.secrets.get(key) {
        return Ok(Some(found.clone()));
    }
    if let Some(url) = lookup.flags.demo.as_ref().filter(|_| is_demo_key(key)) {
        return Ok(Some((Origin::Demo, url.clone())));
    }
    let assigned = lookup.flags.assignments();
    if let Some(assignment) = assigned
        .iter()
        .rev()
        .find(|assignment| assignment.key == key)
    {
        let origin = Origin::Flag(assignment.flag.to_owned());
        return Ok(Some((origin, assignment.value.to_owned())));
    }
    if let Some(value) = lookup.process.get(key)? {
        return Ok(Some((Origin::Process(key.to_owned()), value.to_owned())));
    }
    for layer in lookup
        .file
        .values(lookup.component, lookup.environment)
        .into_iter()
        .rev()
    {
        if let Some(value) = layer.content.get(key) {
            return Ok(Some((layer.origin, value.0.clone())));
        }
    }
    let origin = || Origin::Component(lookup.component.to_owned());
    Ok(declaration.default.clone().map(|value| (origin(), value)))
}

/// The URL as it is handed over, or what is wrong with it. The reason does not
/// show it: what somebody pastes into the wrong place can be a token.
fn usable_url(text: &str) -> Result<String, String> {
    let url = Url::parse(text.trim()).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("it starts with neither http:// nor https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "it holds a user name or password, which results would show; use a secret for it"
                .to_owned(),
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it has a `?` or `#`, after which no path can follow".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Reads the secrets that flags name, and refuses flags for keys that nothing
/// declares and values for secrets.
pub(super) fn check_flags(
    flags: &Flags,
    process: &ProcessEnvironment,
    declared: &[&Named<ConfigKey>],
    mistakes: &mut Mistakes,
) -> BTreeMap<String, (Origin, String)> {
    let keys: BTreeSet<&str> = declared.iter().flat_map(|keys| keys.names()).collect();
    let is_secret = |key: &str| {
        declared
            .iter()
            .any(|keys| keys.get(key).is_some_and(|known| known.secret))
    };
    let require = |key: &str, flag: &str| {
        if keys.contains(key) {
            return Ok(());
        }
        Err(PlanError::UndeclaredKey {
            flag: flag.to_owned(),
            key: key.to_owned(),
            near: nearest(key, keys.iter().copied()).map(str::to_owned),
            known: keys.iter().map(|&key| key.to_owned()).collect(),
        })
    };
    for assignment in flags.assignments() {
        let right = require(assignment.key, assignment.flag).and_then(|()| {
            if is_secret(assignment.key) {
                return Err(PlanError::SecretOnCommandLine {
                    key: assignment.key.to_owned(),
                });
            }
            Ok(())
        });
        mistakes.right(right);
    }
    let mut secrets = BTreeMap::new();
    for source in flags.secret_sources() {
        let found = source.and_then(|(key, source)| {
            require(key, "--secret")?;
            if !is_secret(key) {
                return Err(PlanError::NotASecret {
                    key: key.to_owned(),
                });
            }
            Ok((key.to_owned(), secret(key, source, process)?))
        });
        secrets.extend(mistakes.right(found));
    }
    secrets
}

/// A secret from where a flag says that it is.
fn secret(
    key: &str,
    source: SecretSource,
    process: &ProcessEnvironment,
) -> Result<(Origin, String), PlanError> {
    match source {
        SecretSource::Process => {
            let value = process.get(key)?.ok_or_else(|| PlanError::SecretNotSet {
                key: key.to_owned(),
            })?;
            Ok((Origin::Process(key.to_owned()), value.to_owned()))
        }
        SecretSource::File(path) => {
            let refused = |reason: String| PlanError::SecretFile {
                key: key.to_owned(),
                path: path.clone(),
                reason,
            };
            let text = std::fs::read_to_string(&path)
                .map_err(|error| refused(format!("cannot be read: {error}")))?;
            // Editors end a file with a line break that is no part of it.
            let value = text.trim_end_matches(['\r', '\n']);
            if value.is_empty() {
                return Err(refused("is empty".to_owned()));
            }
            Ok((Origin::SecretFile(path.clone()), value.to_owned()))
        }
    }
}
