//! The process environment, as one value that tests can make.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use super::ExecutionPartError;
use super::error::{Mistakes, PlanError};
use super::near::nearest;
use super::options::{Notation, Options, SegmentOption, SequenceOption, Written};
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
    pub(super) fn options(&self, mistakes: &mut Mistakes) -> Vec<(Origin, Options)> {
        let mut layers = Vec::new();
        for (name, set) in VARIABLES {
            let Some(Some(text)) = mistakes.right(self.get(name)) else {
                continue;
            };
            let origin = Origin::Process((*name).to_owned());
            let mut options = Options::default();
            match set(text.trim(), &mut options) {
                Ok(()) => layers.push((origin, options)),
                Err(reason) => mistakes.add(PlanError::Setting { origin, reason }),
            }
        }
        layers
    }

    /// The variables that look as if they stood for options and do not, each
    /// with the one that was probably meant. Keys that components declare are
    /// other things of such a name.
    pub(super) fn unknown(&self, is_key: impl Fn(&str) -> bool) -> Vec<String> {
        let known = || VARIABLES.iter().map(|(known, _)| *known).chain(OTHERS);
        let ours = self.0.keys().filter(|name| name.starts_with(PREFIX));
        let unknown = ours.filter(|name| !known().any(|known| known == *name) && !is_key(name));
        unknown
            .map(|name| {
                let what = format!("the environment variable {name} is none that Vuelo reads");
                match nearest(name, known()) {
                    Some(near) => format!("{what}; did you mean {near}?"),
                    None => format!("{what}; it has no effect"),
                }
            })
            .collect()
    }
}

/// What the names of our variables begin with.
const PREFIX: &str = "VUELO_";

/// Variables of ours that stand for no option.
const OTHERS: [&str; 2] = ["VUELO_CACHE_DIR", "VUELO_RENEW"];

/// The names of the variables that stand for options.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    VARIABLES.iter().map(|(name, _)| *name)
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
    ("VUELO_NO_VU_CONNECTION_REUSE", |text, options| {
        truth(text).map(|truth| options.no_vu_connection_reuse = Some(truth))
    }),
    ("VUELO_CONNECTIONS", |text, options| {
        options.connections = Some(text.parse()?);
        Ok(())
    }),
    ("VUELO_HTTP_VERSION", |text, options| {
        options.http_version = Some(Written(text.parse()?));
        Ok(())
    }),
    ("VUELO_MAX_REDIRECTS", |text, options| {
        number(text).map(|most| options.max_redirects = Some(most))
    }),
    ("VUELO_NO_COOKIES_RESET", |text, options| {
        truth(text).map(|truth| options.no_cookies_reset = Some(truth))
    }),
    ("VUELO_CONNECT_TIMEOUT", |text, options| {
        span(text).map(|span| options.connect_timeout = Some(span))
    }),
    ("VUELO_RESPONSE_HEAD_TIMEOUT", |text, options| {
        span(text).map(|span| options.response_head_timeout = Some(span))
    }),
    ("VUELO_STREAM_IDLE_TIMEOUT", |text, options| {
        span(text).map(|span| options.stream_idle_timeout = Some(span))
    }),
    ("VUELO_MAX_BODY_SIZE", |text, options| {
        options.max_body_size = Some(text.parse()?);
        Ok(())
    }),
    ("VUELO_DNS", |text, options| {
        options.dns = Some(text.parse()?);
        Ok(())
    }),
    ("VUELO_LOCAL_IPS", |text, options| {
        options.local_ips = Some(Written(text.parse()?));
        Ok(())
    }),
    ("VUELO_BLACKLIST_IPS", |text, options| {
        options.blacklist_ips = Some(list(text)?);
        Ok(())
    }),
    ("VUELO_BLOCK_HOSTNAMES", |text, options| {
        options.block_hostnames = Some(list(text)?);
        Ok(())
    }),
    ("VUELO_ALLOW_HOSTS", |text, options| {
        options.allow_hosts = Some(list(text)?);
        Ok(())
    }),
    ("VUELO_PROXY", |text, options| {
        options.proxy = Some(Written(text.parse()?));
        Ok(())
    }),
    ("VUELO_TLS_VERSION", |text, options| {
        options.tls_version = Some(text.parse()?);
        Ok(())
    }),
    ("VUELO_TLS_CA_FILES", |text, options| {
        let files = text.split(',').map(|file| file.trim().to_owned());
        options.tls_ca_files = Some(files.collect());
        Ok(())
    }),
    ("VUELO_DISCARD_RESPONSE_BODIES", |text, options| {
        truth(text).map(|truth| options.discard_response_bodies = Some(truth))
    }),
    ("VUELO_RPS", |text, options| {
        number(text).map(|rps| options.rps = Some(rps))
    }),
    ("VUELO_MAX_SERIES", |text, options| {
        number(text).map(|most| options.max_series = Some(most))
    }),
    ("VUELO_EXECUTION_SEGMENT", |text, options| {
        let segment = text
            .parse()
            .map_err(|error: ExecutionPartError| error.to_string())?;
        options.execution_segment = Some(SegmentOption(segment));
        Ok(())
    }),
    ("VUELO_EXECUTION_SEGMENT_SEQUENCE", |text, options| {
        let sequence = text
            .parse()
            .map_err(|error: ExecutionPartError| error.to_string())?;
        options.execution_segment_sequence = Some(SequenceOption(sequence));
        Ok(())
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
    super::duration::TimeSpan::with_unit(text).map_err(|error| error.to_string())
}

fn list<T: Notation>(text: &str) -> Result<Vec<Written<T>>, String> {
    let items = text.split(',').map(str::parse::<T>);
    items
        .map(|item| item.map(Written).map_err(|error| error.to_string()))
        .collect()
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
