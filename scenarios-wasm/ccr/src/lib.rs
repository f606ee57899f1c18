//! Load on the Claude Code Router: health, routing decisions, quotas.
//!
//! The router is an optional service. It is asked where it answers, directly or
//! through AgentOS; where it answers nowhere, the run says so and passes.

#![deny(missing_docs)]

mod answers;
mod measures;
mod routing;
#[cfg(test)]
mod tests;
mod visit;

use serde::{Deserialize, Serialize};
use vuelo_scenario_platform::{Platform, join, options};
use vuelo_sdk::prelude::*;

use visit::Visit;

/// Where the router answered in setup: only that is loaded.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct SetupData {
    /// The router's own URL.
    direct: Option<String>,
    /// Whether AgentOS reaches it.
    through_agentos: bool,
}

/// One virtual user, who makes the same visit again and again.
pub struct Visitor(Visit);

impl Scenario for Visitor {
    type Data = SetupData;

    fn options() -> Options {
        measures::declare(options())
            .stages([stage("30s", 20), stage("2m", 20), stage("30s", 0)])
            .thresholds("ccr_routing_duration", ["p(95)<100", "p(99)<200"])
            .thresholds("ccr_health_duration", ["p(95)<50", "p(99)<100"])
            .threshold("ccr_availability", "rate>0.95")
            .threshold("http_req_duration{endpoint:ccr}", "p(95)<100")
            // Without a router nothing is measured, the defaults included.
            .no_data_passes()
    }

    fn start(data: SetupData) -> Result<Self, Failure> {
        let platform = Platform::from_config()?;
        Ok(Self(Visit::new(&platform, &data)))
    }

    fn iteration(&mut self, flow: &str) -> Result<(), Failure> {
        if flow != "default" {
            return Err(flow::unknown_flow(flow, &["default"]));
        }
        self.0.make();
        Ok(())
    }
}

impl Setup for Visitor {
    fn setup() -> Result<SetupData, Failure> {
        let platform = Platform::from_config()?;
        let direct = config::get("CCR_URL").filter(|url| !url.is_empty());
        let direct = direct.filter(|url| answers(&platform, &join(url, "/health")));
        let through_agentos = answers(&platform, &platform.url("/ccr/health"));
        if direct.is_none() && !through_agentos {
            warn!("no Claude Code Router answers: nothing is loaded, and the run passes");
        }
        Ok(SetupData {
            direct,
            through_agentos,
        })
    }
}

/// Whether a router is there. One that refuses the token or limits requests is:
/// the run then tells so. What AgentOS has no router behind is 404 or 502.
fn answers(platform: &Platform, url: &str) -> bool {
    let probe = platform
        .authenticated("GET", url)
        .tag("endpoint", "probe")
        .unjudged();
    match probe.send() {
        Ok(answer) if answer.status() < 500 && answer.status() != 404 => true,
        Ok(answer) => {
            info!("no Claude Code Router at {url}: status {}", answer.status());
            false
        }
        Err(error) => {
            info!("no Claude Code Router at {url}: {error}");
            false
        }
    }
}

vuelo_sdk::scenario!(Visitor, setup);
