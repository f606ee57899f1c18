//! Everything a run needs, resolved and validated.
//!
//! [`Options`](options::Options) is what somebody wrote (a component, a plan
//! file, flags): parsed, and nothing more. [`Plan`] is what comes of laying them
//! over each other and checking the outcome. A `Plan` in hand can be run; the
//! rooms below take its parts and check nothing again.
//!
//! - [`options`], [`duration`]: what components and plan files are written in
//! - [`PlanFile`]: the plan file `vuelo.toml` and its named environments
//! - [`Flags`], [`ProcessEnvironment`]: what lies over them
//! - [`resolve`]: all of it into a [`Resolved`] plan for each component
//! - [`PlanError`]: why there is none

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::metrics::{MetricType, Selector, Threshold, Unit};

mod config;
pub mod duration;
mod error;
mod extent;
mod file;
mod flags;
pub mod named;
mod near;
pub mod options;
mod origin;
mod process;
mod profile;
mod resolve;
mod show;

pub use config::{ConfigEntry, Shown};
pub use error::PlanError;
pub use file::{DEVELOPMENT, PlanFile};
pub use flags::{Flags, Unshown};
pub use origin::Origin;
pub use process::ProcessEnvironment;
pub use profile::TimeScale;
pub use resolve::{Component, Resolved, resolve};

/// One run, ready to start.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The component's name: that of its artifact, or of its file without
    /// `.wasm`.
    pub name: String,
    /// The named environment in use, `development` where none was named.
    pub environment: String,
    /// What every seeded draw of the run is keyed by.
    pub seed: Seed,
    /// The scenarios, which run side by side.
    pub scenarios: Vec<ScenarioPlan>,
    /// What judges the run, in the order of declaration.
    pub thresholds: Vec<(Selector, Vec<Threshold>)>,
    /// Tags of every sample.
    pub tags: BTreeMap<String, String>,
    /// The values of the configuration keys that the component declared.
    pub config: Config,
    /// The component's own metrics.
    pub metrics: BTreeMap<String, MetricDeclaration>,
    /// How long setup may take; 60 s unless set, as in k6.
    pub setup_timeout: Duration,
    /// How long teardown may take; 60 s unless set, as in k6.
    pub teardown_timeout: Duration,
    /// What holds for all requests.
    pub http: HttpPlan,
}

/// What a seeded draw is keyed by. A run with the same seed thinks the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One of k6's `scenarios`: an executor and what it runs.
#[derive(Debug, Clone)]
pub struct ScenarioPlan {
    /// Its name; `default` where the options are the short form.
    pub name: String,
    /// When iterations start.
    pub executor: Executor,
    /// The flow handed to `scenario.iteration`; k6's `exec`.
    pub exec: String,
    /// How long after the start of the load it begins.
    pub start_time: Duration,
    /// How long iterations under way may go on at the end; 30 s unless set.
    pub graceful_stop: Duration,
    /// Tags of this scenario's samples.
    pub tags: BTreeMap<String, String>,
}

/// When iterations start. The names and rules are k6's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Executor {
    /// A fixed number of VUs for a fixed time.
    ConstantVus {
        /// How many VUs.
        vus: u32,
        /// For how long.
        duration: Duration,
    },
    /// A number of VUs that follows stages.
    RampingVus {
        /// How many VUs run at the start.
        start_vus: u32,
        /// One after another.
        stages: Vec<Stage>,
        /// How long the iteration of a VU that is ramped down may go on.
        graceful_ramp_down: Duration,
    },
    /// A fixed number of iterations, taken by whichever VU is free.
    SharedIterations {
        /// How many VUs.
        vus: u32,
        /// How many iterations in all.
        iterations: u64,
        /// After which no iteration starts.
        max_duration: Duration,
    },
    /// A fixed number of iterations for each VU.
    PerVuIterations {
        /// How many VUs.
        vus: u32,
        /// How many iterations each.
        iterations: u64,
        /// After which no iteration starts.
        max_duration: Duration,
    },
}

impl Executor {
    /// The executor's name in the options.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ConstantVus { .. } => "constant-vus",
            Self::RampingVus { .. } => "ramping-vus",
            Self::SharedIterations { .. } => "shared-iterations",
            Self::PerVuIterations { .. } => "per-vu-iterations",
        }
    }

    /// The most VUs it has at any time.
    #[must_use]
    pub fn most_vus(&self) -> u32 {
        match self {
            Self::ConstantVus { vus, .. }
            | Self::SharedIterations { vus, .. }
            | Self::PerVuIterations { vus, .. } => *vus,
            Self::RampingVus {
                start_vus, stages, ..
            } => stages
                .iter()
                .map(|stage| stage.target)
                .fold(*start_vus, u32::max),
        }
    }

    /// The time from its start after which it starts no iteration.
    #[must_use]
    pub fn duration(&self) -> Duration {
        match self {
            Self::ConstantVus { duration, .. } => *duration,
            Self::SharedIterations { max_duration, .. }
            | Self::PerVuIterations { max_duration, .. } => *max_duration,
            Self::RampingVus { stages, .. } => stages.iter().map(|stage| stage.duration).sum(),
        }
    }
}

/// A straight line to a number of VUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// How long it takes.
    pub duration: Duration,
    /// How many VUs there are at its end.
    pub target: u32,
}

/// The values of the declared configuration keys.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// What the guest can read. A declared key without a value is absent.
    pub values: BTreeMap<String, String>,
    /// What the guest can use and not read.
    pub secrets: BTreeMap<String, Secret>,
}

/// How short a secret may be and still be masked. A shorter one guards nothing,
/// and its mask would eat numbers and words.
const SHORTEST_MASKED: usize = 4;

impl Config {
    /// The text without the values of secrets in it.
    #[must_use]
    pub fn masked(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for secret in self.secrets.values() {
            let value = secret.expose();
            if value.len() >= SHORTEST_MASKED && masked.contains(value) {
                masked = masked.replace(value, "***");
            }
        }
        masked
    }
}

/// A value that is shown nowhere: its `Debug` and `Display` are a mask.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes a value in.
    #[must_use]
    pub fn new(value: impl Into<Arc<str>>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the header that it fills and for masking it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A metric that the component declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricDeclaration {
    /// What it adds up to.
    pub metric_type: MetricType,
    /// What it is counted in.
    pub unit: Unit,
}

/// What holds for all requests of a run.
#[derive(Debug, Clone)]
pub struct HttpPlan {
    /// The `user-agent` header; the product's name and version unless set.
    pub user_agent: String,
    /// Takes any certificate. Only the environment `development` allows it.
    pub insecure_skip_tls_verify: bool,
    /// Opens a connection for each request.
    pub no_connection_reuse: bool,
    /// Drops every body as it arrives.
    pub discard_response_bodies: bool,
    /// Requests of one `send-all` under way at a time; 20 unless set, as in k6.
    pub batch: usize,
    /// The same to one host; 6 unless set, as in k6.
    pub batch_per_host: usize,
}
