//! A run under construction, and what comes of it.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::*;
use crate::plan::config::Shown;
use crate::plan::flags::Unshown;
use crate::plan::{Config, Executor, Stage};

mod limits;
mod mistakes;
mod options;
mod reach;
mod requests;
mod tls;
mod together;
mod values;

const A2A: &str = r#"{
    "stages": [{"duration": "30s", "target": 20}, {"duration": "30s", "target": 0}],
    "thresholds": {"http_req_duration": ["p(95)<500", "p(99)<1000"], "a2a_errors": "rate<0.01"},
    "tags": {"team": "a"},
    "config": {
        "BASE_URL": {"kind": "url", "default": "http://localhost:7777", "description": "the server"},
        "WEB_URL": {"kind": "url", "default": "http://localhost:3000/"},
        "AUTH_TOKEN": {"secret": true, "default": "test-token"},
        "WORKSPACE_ID": {"default": "w"},
        "ENVIRONMENT": {"default": "nowhere"}
    },
    "metrics": {"a2a_errors": {"type": "rate"}}
}"#;

/// Nothing but the metric that the plan file has a threshold on.
const BARE: &str = r#"{"metrics": {"a2a_errors": {"type": "rate"}}}"#;

const FILE: &str = r#"
[config]
BASE_URL = "http://file"
WORKSPACE_ID = "file"
[options]
setupTimeout = "5s"
[options.tags]
team = "file"
[components.a2a.config]
WORKSPACE_ID = "file-a2a"
[components.a2a.options.thresholds]
a2a_errors = "rate<0.05"
[environments.staging]
BASE_URL = "https://staging.example.com/"
[environments.production]
BASE_URL = "https://example.com"
confirm = true
[environments.production.options]
stages = [{ duration = "1m", target = 5 }]
[environments.development]
insecureSkipTLSVerify = true
"#;

/// A run under construction.
#[derive(Default)]
struct Setup {
    file: PlanFile,
    process: Vec<(&'static str, &'static str)>,
    flags: Flags,
}

impl Setup {
    fn with_file(text: &str) -> Self {
        Self {
            file: PlanFile::parse(Path::new("vuelo.toml"), text).unwrap(),
            ..Self::default()
        }
    }

    fn process(mut self, name: &'static str, value: &'static str) -> Self {
        self.process.push((name, value));
        self
    }

    fn env(mut self, text: &str) -> Self {
        self.flags.env.push(Unshown(text.to_owned()));
        self
    }

    fn secret(mut self, text: &str) -> Self {
        self.flags.secrets.push(Unshown(text.to_owned()));
        self
    }

    fn try_resolve(&self, options: &str) -> Result<Resolved, PlanErrors> {
        let process = self.process.iter().copied().collect();
        let component = Component {
            name: "a2a",
            options,
        };
        resolve(&[component], &self.file, &process, &self.flags).map(|mut all| all.remove(0))
    }

    fn resolve(&self) -> Resolved {
        self.try_resolve(A2A).unwrap()
    }

    fn error(&self, options: &str) -> String {
        self.try_resolve(options).unwrap_err().to_string()
    }
}

impl Resolved {
    /// The values of the only component.
    fn config(&self) -> &Config {
        assert_eq!(self.plan.components.len(), 1);
        &self.plan.components[0].config
    }
}

fn stage(seconds: u64, target: u32) -> Stage {
    Stage {
        duration: Duration::from_secs(seconds),
        target,
    }
}
