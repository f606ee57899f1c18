//! What the command line says of a plan.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::duration::TimeSpan;
use super::error::PlanError;
use super::options::{Options, SegmentOption, SequenceOption, StageOptions};
use super::origin::Origin;
use super::profile::TimeScale;
use super::{ExecutionSegment, ExecutionSegmentSequence};

/// What the command line says of a plan.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `-e`, `--env`: the name of an environment, or, with a `=` in it, the
    /// value of a configuration key.
    pub env: Vec<Unshown>,
    /// `--base-url`
    pub base_url: Option<Unshown>,
    /// `--web-url`
    pub web_url: Option<Unshown>,
    /// `--ccr-url`
    pub ccr_url: Option<Unshown>,
    /// `--secret`: `KEY` or `KEY=@FILE`.
    pub secrets: Vec<Unshown>,
    /// `--vus`
    pub vus: Option<u32>,
    /// `--duration`
    pub duration: Option<TimeSpan>,
    /// `--iterations`
    pub iterations: Option<u64>,
    /// `--stage`
    pub stages: Vec<StageOptions>,
    /// `--rps`
    pub rps: Option<u32>,
    /// `--execution-segment`
    pub execution_segment: Option<ExecutionSegment>,
    /// `--execution-segment-sequence`
    pub execution_segment_sequence: Option<ExecutionSegmentSequence>,
    /// `--seed`
    pub seed: Option<u64>,
    /// `--time-scale`
    pub time_scale: Option<TimeScale>,
    /// The URL of the embedded target, with `--demo`.
    pub demo: Option<String>,
}

/// A text from the command line that may hold a secret by mistake: its `Debug`
/// does not show it, and reading it cannot fail, since an error of the command
/// line would quote it.
#[derive(Clone, PartialEq, Eq)]
pub struct Unshown(pub String);

impl FromStr for Unshown {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Unshown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"…\"")
    }
}

/// A value that the command line gives to a configuration key.
pub(super) struct Assignment<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
    pub(super) flag: &'static str,
}

/// Where `--secret` takes a secret from.
pub(super) enum SecretSource {
    Process,
    File(PathBuf),
}

/// The flags that set a configuration key of their own.
const URL_FLAGS: [(&str, &str); 3] = [
    ("BASE_URL", "--base-url"),
    ("WEB_URL", "--web-url"),
    ("CCR_URL", "--ccr-url"),
];

/// The flag to set a key with, for error texts.
pub(super) fn flag_of(key: &str) -> String {
    URL_FLAGS
        .iter()
        .find(|(known, _)| *known == key)
        .map_or_else(|| format!("-e {key}=VALUE"), |(_, flag)| (*flag).to_owned())
}

/// The keys that `--demo` points at the embedded target.
pub(super) fn is_demo_key(key: &str) -> bool {
    URL_FLAGS.iter().any(|(known, _)| *known == key)
}

impl Flags {
    /// The environments that `--env` names. Naming one twice is naming it.
    pub(super) fn environments(&self) -> impl Iterator<Item = &str> {
        self.env
            .iter()
            .map(|text| text.0.as_str())
            .filter(|text| !text.contains('='))
    }

    /// The values for configuration keys; of several for one key the last
    /// counts.
    pub(super) fn assignments(&self) -> Vec<Assignment<'_>> {
        let set = self.env.iter().filter_map(|text| {
            let (key, value) = text.0.split_once('=')?;
            Some(Assignment {
                key: key.trim(),
                value,
                flag: "-e",
            })
        });
        let urls = [&self.base_url, &self.web_url, &self.ccr_url];
        let urls = URL_FLAGS.iter().zip(urls).filter_map(|((key, flag), url)| {
            let value = url.as_ref()?.0.as_str();
            Some(Assignment { key, value, flag })
        });
        set.chain(urls).collect()
    }

    /// The secrets, and where each is to come from.
    pub(super) fn secret_sources(
        &self,
    ) -> impl Iterator<Item = Result<(&str, SecretSource), PlanError>> {
        self.secrets
            .iter()
            .map(|text| match text.0.split_once('=') {
                None => Ok((text.0.trim(), SecretSource::Process)),
                Some((key, source)) => match source.strip_prefix('@') {
                    Some(file) if !file.is_empty() => {
                        Ok((key.trim(), SecretSource::File(PathBuf::from(file))))
                    }
                    _ => Err(PlanError::SecretOnCommandLine {
                        key: key.trim().to_owned(),
                    }),
                },
            })
    }

    /// The options that flags set, as layers: one for those that say together
    /// when iterations start, and one for each of the others.
    pub(super) fn options(&self) -> Vec<(Origin, Options)> {
        let mut layers = Vec::new();
        let profile = [
            ("--vus", self.vus.is_some()),
            ("--duration", self.duration.is_some()),
            ("--iterations", self.iterations.is_some()),
            ("--stage", !self.stages.is_empty()),
        ];
        let given = profile.iter().filter(|(_, given)| *given);
        let given: Vec<_> = given.map(|(name, _)| *name).collect();
        if !given.is_empty() {
            let options = Options {
                vus: self.vus,
                duration: self.duration,
                iterations: self.iterations,
                stages: (!self.stages.is_empty()).then(|| self.stages.clone()),
                ..Options::default()
            };
            layers.push((given.join(" "), options));
        }
        if self.rps.is_some() {
            let options = Options {
                rps: self.rps,
                ..Options::default()
            };
            layers.push(("--rps".to_owned(), options));
        }
        if let Some(segment) = self.execution_segment {
            let options = Options {
                execution_segment: Some(SegmentOption(segment)),
                ..Options::default()
            };
            layers.push(("--execution-segment".to_owned(), options));
        }
        if let Some(sequence) = self.execution_segment_sequence.clone() {
            let options = Options {
                execution_segment_sequence: Some(SequenceOption(sequence)),
                ..Options::default()
            };
            layers.push(("--execution-segment-sequence".to_owned(), options));
        }
        let layers = layers.into_iter();
        layers
            .map(|(flag, options)| (Origin::Flag(flag), options))
            .collect()
    }
}

/// Refuses names of components on a command line of which one would run twice.
///
/// # Errors
///
/// When a name stands there twice, or beside `all`, which is every name.
pub fn check_names(names: &[String]) -> Result<(), PlanError> {
    for (index, name) in names.iter().enumerate() {
        if names[..index].contains(name) {
            return Err(PlanError::NamedTwice(name.clone()));
        }
        let is_artifact = !name.contains(['/', '\\']) && !name.ends_with(".wasm");
        if name != "all" && is_artifact && names.iter().any(|name| name == "all") {
            return Err(PlanError::BesideAll(name.clone()));
        }
    }
    Ok(())
}
