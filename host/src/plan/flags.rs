//! What the command line says of a plan.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::duration::TimeSpan;
use super::error::{Mistakes, PlanError};
use super::http::{AddressRanges, HostNames, HostPattern, Network, Protocol, ProxySetting};
use super::options::{DnsOptions, Options, SegmentOption, SequenceOption, StageOptions, Written};
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
    /// `--no-connection-reuse`
    pub no_connection_reuse: bool,
    /// `--no-vu-connection-reuse`
    pub no_vu_connection_reuse: bool,
    /// `--http-version`
    pub http_version: Option<Protocol>,
    /// `--max-redirects`
    pub max_redirects: Option<u32>,
    /// `--dns`
    pub dns: Option<DnsOptions>,
    /// `--local-ips`
    pub local_ips: Option<AddressRanges>,
    /// `--blacklist-ip`
    pub blacklist_ips: Vec<Network>,
    /// `--block-hostnames`
    pub block_hostnames: Vec<HostNames>,
    /// `--allow-host`
    pub allow_hosts: Vec<HostPattern>,
    /// `--proxy`
    pub proxy: Option<Unshown>,
    /// `--ca-file`
    pub ca_files: Vec<PathBuf>,
    /// `--seed`
    pub seed: Option<u64>,
    /// `--time-scale`
    pub time_scale: Option<TimeScale>,
    /// The URL of the embedded target, with `--demo`.
    pub demo: Option<String>,
}

/// A text that holds a secret, or may hold one by mistake: its `Debug` does not
/// show it, and reading it cannot fail, since an error of the command line would
/// quote it.
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
    pub(super) fn options(&self, mistakes: &mut Mistakes) -> Vec<(Origin, Options)> {
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
        let mut add = |flag: &str, is_given: bool, set: &dyn Fn(&mut Options)| {
            if is_given {
                let mut options = Options::default();
                set(&mut options);
                layers.push((flag.to_owned(), options));
            }
        };
        add("--rps", self.rps.is_some(), &|options| {
            options.rps = self.rps;
        });
        add(
            "--execution-segment",
            self.execution_segment.is_some(),
            &|options| options.execution_segment = self.execution_segment.map(SegmentOption),
        );
        add(
            "--execution-segment-sequence",
            self.execution_segment_sequence.is_some(),
            &|options| {
                let sequence = self.execution_segment_sequence.clone();
                options.execution_segment_sequence = sequence.map(SequenceOption);
            },
        );
        // Both at once contradict nothing, and are one layer in either order.
        add(
            "--no-connection-reuse",
            self.no_connection_reuse,
            &|options| options.no_connection_reuse = Some(true),
        );
        add(
            "--no-vu-connection-reuse",
            self.no_vu_connection_reuse,
            &|options| options.no_vu_connection_reuse = Some(true),
        );
        add("--http-version", self.http_version.is_some(), &|options| {
            options.http_version = self.http_version.map(Written);
        });
        add(
            "--max-redirects",
            self.max_redirects.is_some(),
            &|options| {
                options.max_redirects = self.max_redirects;
            },
        );
        add("--dns", self.dns.is_some(), &|options| {
            options.dns.clone_from(&self.dns);
        });
        add("--local-ips", self.local_ips.is_some(), &|options| {
            options.local_ips = self.local_ips.clone().map(Written);
        });
        add(
            "--blacklist-ip",
            !self.blacklist_ips.is_empty(),
            &|options| {
                options.blacklist_ips = Some(written(&self.blacklist_ips));
            },
        );
        add(
            "--block-hostnames",
            !self.block_hostnames.is_empty(),
            &|options| options.block_hostnames = Some(written(&self.block_hostnames)),
        );
        add("--allow-host", !self.allow_hosts.is_empty(), &|options| {
            options.allow_hosts = Some(written(&self.allow_hosts));
        });
        let proxy = self.proxy(mistakes);
        add("--proxy", proxy.is_some(), &|options| {
            options.proxy = proxy.clone().map(Written);
        });
        add("--ca-file", !self.ca_files.is_empty(), &|options| {
            let files = self.ca_files.iter();
            let files = files.map(|file| file.to_string_lossy().into_owned());
            options.tls_ca_files = Some(files.collect());
        });
        let layers = layers.into_iter();
        layers
            .map(|(flag, options)| (Origin::Flag(flag), options))
            .collect()
    }

    /// The proxy that is asked for. A password cannot stand there, as no other
    /// secret can.
    fn proxy(&self, mistakes: &mut Mistakes) -> Option<ProxySetting> {
        let Unshown(text) = self.proxy.as_ref()?;
        let read = text.parse::<ProxySetting>().map_err(String::from);
        let read = read.and_then(|setting| match setting {
            ProxySetting::Use(url) if url.has_password() => Err(
                "it holds a password, and a command line can be read by others; set the environment variable \
                 VUELO_PROXY"
                    .to_owned(),
            ),
            setting => Ok(setting),
        });
        mistakes.right(read.map_err(|reason| PlanError::Setting {
            origin: Origin::Flag("--proxy".to_owned()),
            reason,
        }))
    }
}

fn written<T: Clone>(values: &[T]) -> Vec<Written<T>> {
    values.iter().cloned().map(Written).collect()
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
