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
//! - [`resolve`](resolve()): all of it into a [`Resolved`] plan for each component
//! - [`resolve_together`]: into one plan for several components
//! - [`http`]: what holds for requests and connections
//! - [`PlanErrors`]: why there is none

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::metrics::{MetricType, Selector, Threshold, Unit};

mod config;
pub mod duration;
mod error;
mod execution_part;
mod extent;
mod file;
mod flags;
pub mod http;
pub mod named;
mod near;
pub mod options;
mod origin;
mod process;
mod profile;
mod resolve;
mod scenario;
mod show;
mod tree;
mod values;

pub use config::{ConfigEntry, Shown};
pub use error::{PlanError, PlanErrors};
pub use execution_part::{
    ExecutionPart, ExecutionPartError, ExecutionSegment, ExecutionSegmentSequence, Stripe,
};
pub use file::{DEVELOPMENT, FileComponent, PRODUCTION, PlanFile};
pub use flags::{Flags, Unshown, check_names};
pub use http::HttpPlan;
pub use origin::Origin;
pub use process::ProcessEnvironment;
pub use profile::TimeScale;
pub use resolve::{Component, Part, Resolved, resolve, resolve_together};
pub use scenario::{ArrivalPool, Arrivals, Executor, OnNoVu, RateStage, ScenarioPlan, Stage};
pub use tree::Position;
pub use values::{Config, Secret};

/// One run, ready to start.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The run's name: that of its component, or, where it has several, that of
    /// the plan file without its ending.
    pub name: String,
    /// The named environment in use, `development` where none was named.
    pub environment: String,
    /// What every seeded draw of the run is keyed by.
    pub seed: Seed,
    /// What the scenarios run; at least one, and no two of one name.
    pub components: Vec<ComponentPlan>,
    /// The scenarios, which run side by side.
    pub scenarios: Vec<ScenarioPlan>,
    /// What judges the run, in the order of declaration.
    pub thresholds: Vec<(Selector, Vec<Threshold>)>,
    /// Tags of every sample.
    pub tags: BTreeMap<String, String>,
    /// The components' own metrics.
    pub metrics: BTreeMap<String, MetricDeclaration>,
    /// How long setup may take; 60 s unless set, as in k6.
    pub setup_timeout: Duration,
    /// How long teardown may take; 60 s unless set, as in k6.
    pub teardown_timeout: Duration,
    /// What holds for all requests.
    pub http: HttpPlan,
    /// Most requests a second over all VUs; `None` for no limit. k6's `rps`.
    pub rps: Option<NonZeroU32>,
    /// Which part of the whole load this process is; the whole unless somebody
    /// says otherwise.
    pub part: ExecutionPart,
    /// For how many sets of tags samples are kept apart; 100,000 unless set.
    pub max_series: usize,
}

/// A component of a run: an artifact with the values of the keys it declared.
#[derive(Debug, Clone)]
pub struct ComponentPlan {
    /// The name of its artifact, or of its file without `.wasm`.
    pub name: String,
    /// The values of the configuration keys that it declared.
    pub config: Config,
}

impl Plan {
    /// The text without the values of any component's secrets in it, nor the
    /// passwords of proxies.
    #[must_use]
    pub fn masked(&self, text: &str) -> String {
        let components = self.components.iter();
        components.fold(self.http.masked(text), |text, component| {
            component.config.masked(&text)
        })
    }
}

/// What a seeded draw is keyed by. A run with the same seed thinks the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
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
