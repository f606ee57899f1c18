//! Load on agents that speak A2A: discovery, then calls.
//!
//! `A2A_DIALECT` chooses what they speak: `agentos` (the platform's own
//! endpoints), or the standard protocol in version `0.3` or `1.0`.

#![deny(missing_docs)]

mod agentos;
mod card;
mod discovery;
mod measures;
mod standard;
mod stream;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use vuelo_scenario_platform::{Platform, options, require_health};
use vuelo_sdk::prelude::*;

use agentos::AgentOs;
use card::Endpoint;
use standard::{Standard, Version};

/// What the agents speak.
enum Dialect {
    AgentOs,
    Standard(Version),
}

impl Dialect {
    fn from_config() -> Result<Self, Failure> {
        match config::get("A2A_DIALECT").unwrap_or_default().as_str() {
            "agentos" => Ok(Self::AgentOs),
            "0.3" => Ok(Self::Standard(Version::V0_3)),
            "1.0" => Ok(Self::Standard(Version::V1_0)),
            other => Err(Failure::from(
                ["A2A_DIALECT is `", other, "`: give it agentos, 0.3 or 1.0"].concat(),
            )),
        }
    }
}

/// What setup found out: of the standard dialects, where the agent listens.
#[derive(Serialize, Deserialize)]
pub struct SetupData {
    endpoint: Option<Endpoint>,
}

/// One virtual user: the agents that it talks to.
pub struct Visitor(Agents);

enum Agents {
    AgentOs(AgentOs),
    Standard(Box<Standard>),
}

impl Scenario for Visitor {
    type Data = SetupData;

    fn options() -> Options {
        measures::declare(options())
            .stages([
                stage("30s", 20),
                stage("2m", 50),
                stage("2m", 50),
                stage("30s", 100),
                stage("30s", 50),
                stage("30s", 0),
            ])
            .threshold("a2a_errors", "rate<0.01")
            .threshold("a2a_duration", "p(95)<500")
            .thresholds("a2a_discovery_duration", ["p(95)<200", "p(99)<500"])
            .threshold("http_req_duration{endpoint:discovery}", "p(95)<200")
            .threshold("http_req_duration{endpoint:rpc}", "p(95)<500")
            .config(
                Key::text("A2A_DIALECT")
                    .default("agentos")
                    .description("what the agents speak: agentos, 0.3 or 1.0"),
            )
    }

    fn start(data: SetupData) -> Result<Self, Failure> {
        let platform = Platform::from_config()?;
        let agents = match (Dialect::from_config()?, data.endpoint) {
            (Dialect::AgentOs, _) => Agents::AgentOs(AgentOs::new(&platform)),
            (Dialect::Standard(version), Some(endpoint)) => {
                Agents::Standard(Box::new(Standard::new(&platform, version, &endpoint)))
            }
            (Dialect::Standard(_), None) => return Err("setup found no endpoint".into()),
        };
        Ok(Self(agents))
    }

    fn iteration(&mut self, flow: &str) -> Result<(), Failure> {
        if flow != "default" {
            return Err(flow::unknown_flow(flow, &["default"]));
        }
        match &mut self.0 {
            Agents::AgentOs(agents) => agents.visit(),
            Agents::Standard(agent) => agent.visit(),
        }
        Ok(())
    }
}

impl Setup for Visitor {
    fn setup() -> Result<SetupData, Failure> {
        let platform = Platform::from_config()?;
        let endpoint = match Dialect::from_config()? {
            Dialect::AgentOs => {
                require_health(&platform)?;
                None
            }
            Dialect::Standard(version) => Some(card::find_endpoint(&platform, version)?),
        };
        Ok(SetupData { endpoint })
    }
}

vuelo_sdk::scenario!(Visitor, setup);
