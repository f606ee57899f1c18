//! The process environment, as one value that tests can make.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use super::error::PlanError;
use super::options::Options;
use super::origin::Origin;

/// The variables of the process environment. Its `Debug` shows names alone.
#[derive(Clone, Default)]
pub struct ProcessEnvironment(BTreeMap<String, OsString>);

impl ProcessEnvironment {
    /// That of this process.
    #[must_use]
    pub fn current() -> Self {
        // A name that is no text is the name of no key.
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
                .collect(),
        )
    }

    /// A variable's value. An empty one counts as not set: shells and CI systems
    /// set variables empty where they mean that there is nothing to say.
    pub(super) fn get(&self, name: &str) -> Result<Option<&str>, PlanError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) if value.is_empty() => Ok(None),
            Some(value) => value
                .to_str()
                .map(Some)
                .ok_or_else(|| PlanError::NotText(name.to_owned())),
        }
    }

    /// The options that variables set: those of k6's `K6_…` that this version
    /// honours, under our own name. Each is a layer of its own, so that an error
    /// names the variable.
    pub(super) fn options(&self) -> Result<Vec<(Origin, Options)>, PlanError> {
        let mut layers = Vec::new();
        for (name, set) in VARIABLES {
            if let Some(text) = self.get(name)? {
                let origin = Origin::Process((*name).to_owned());
                let mut options = Options::default();
                set(text.trim(), &mut options).map_err(|reason| PlanError::Setting {
                    origin: origin.clone(),
                    reason,
                })?;
                layers.push((origin, options));
            }
        }
        Ok(layers)
    }
}

type Set = fn(&str, &mut Options) -> Result<(), String>;

/// The variables that stand for options.
const VARIABLES: &[(&str, Set)] = &[
    ("VUELO_VUS", |text, options| {
        number(text).map(|vus| options.vus = Some(vus))
    }),
    ("VUELO_DURATION", |text, options| {
        span(text).map(|span| options.duration = Some(span))
    }),
    ("VUELO_ITERATIONS", |text, options| {
        number(text).map(|iterations| options.iterations = Some(iterations))
    }),
    ("VUELO_STAGES", |text, options| {
        let stages = text.split(',').map(str::parse).collect::<Result<_, _>>()?;
        options.stages = Some(stages);
        Ok(())
    }),
    ("VUELO_SETUP_TIMEOUT", |text, options| {
        span(text).map(|span| options.setup_timeout = Some(span))
    }),
    ("VUELO_TEARDOWN_TIMEOUT", |text, options| {
        span(text).map(|span| options.teardown_timeout = Some(span))
    }),
    ("VUELO_USER_AGENT", |text, options| {
        options.user_agent = Some(text.to_owned());
        Ok(())
    }),
    ("VUELO_INSECURE_SKIP_TLS_VERIFY", |text, options| {
        truth(text).map(|truth| options.insecure_skip_tls_verify = Some(truth))
    }),
    ("VUELO_NO_CONNECTION_REUSE", |text, options| {
        truth(text).map(|truth| options.no_connection_reuse = Some(truth))
    }),
    ("VUELO_DISCARD_RESPONSE_BODIES", |text, options| {
        truth(text).map(|truth| options.discard_response_bodies = Some(truth))
    }),
    ("VUELO_BATCH", |text, options| {
        number(text).map(|batch| options.batch = Some(batch))
    }),
    ("VUELO_BATCH_PER_HOST", |text, options| {
        number(text).map(|batch| options.batch_per_host = Some(batch))
    }),
];

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is not a whole number from 0"))
}

fn span(text: &str) -> Result<super::duration::TimeSpan, String> {
    text.parse()
        .map_err(|error: super::duration::DurationError| error.to_string())
}

fn truth(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(format!("`{text}` is neither true nor false")),
    }
}

impl<N: Into<String>, V: Into<OsString>> FromIterator<(N, V)> for ProcessEnvironment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl fmt::Debug for ProcessEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
