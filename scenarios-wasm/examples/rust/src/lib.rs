//! Load on a server of agents: discovery, then a call of one of them.

#![deny(missing_docs)]

mod discovery;
mod rpc;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use vuelo_sdk::prelude::*;

use discovery::Discovery;
use rpc::Agent;

/// What setup found out.
#[derive(Serialize, Deserialize)]
pub struct Found {
    agents: Vec<String>,
}

/// One virtual user: its requests, built once.
pub struct Visitor {
    discovery: Discovery,
    agents: Vec<Agent>,
}

impl Scenario for Visitor {
    type Data = Found;

    fn options() -> Options {
        Options::new()
            .vus(2)
            .iterations(20)
            .threshold("checks", "rate>0.95")
            .threshold("http_req_failed", "rate<0.05")
            .threshold("rpc_duration", "p(95)<500")
            .threshold("http_req_duration{endpoint:discovery}", "p(95)<500")
            .config(Key::url("BASE_URL").default("http://localhost:7777"))
            .config(Key::secret("AUTH_TOKEN").default("test-token"))
            .metric(&rpc::DURATION)
            .metric(&rpc::ERRORS)
            .metric(&discovery::AGENTS_FOUND)
    }

    fn start(found: Found) -> Result<Self, Failure> {
        flow::set_tag("language", "rust");
        let base_url = config::require("BASE_URL")?;
        let token = config::require_secret("AUTH_TOKEN")?;
        let agents = found.agents.iter();
        Ok(Self {
            discovery: Discovery::new(&base_url),
            agents: agents
                .map(|name| Agent::new(&base_url, name, &token))
                .collect(),
        })
    }

    fn iteration(&mut self, _flow: &str) -> Result<(), Failure> {
        group("discovery", || self.discovery.visit());
        sleep_between(milliseconds(20)..=milliseconds(60));
        let agent = pick(&self.agents);
        group("rpc", || agent.call());
        sleep_between(milliseconds(20)..=milliseconds(60));
        Ok(())
    }
}

impl Setup for Visitor {
    fn setup() -> Result<Found, Failure> {
        let url = config::require("BASE_URL")? + discovery::LISTING;
        let answer = http::get(&url).tag("endpoint", "setup").send()?;
        if answer.status() != 200 {
            let status = answer.status();
            return Err(format!("setup: {url} answered {status}").into());
        }
        let listing = answer.text()?;
        let agents: Vec<String> = ["navi", "pulse", "herald"]
            .into_iter()
            .filter(|name| listing.contains(name))
            .map(str::to_owned)
            .collect();
        if agents.is_empty() {
            return Err(format!("setup: {url} lists no agent that is known").into());
        }
        Ok(Found { agents })
    }
}

vuelo_sdk::scenario!(Visitor, setup);

/// Sends a request. Where no answer comes, the log says why, and the checks of the
/// answer fail.
fn send(request: &Request) -> Option<Response> {
    match request.send() {
        Ok(answer) => Some(answer),
        Err(error) => {
            debug!("{error}");
            None
        }
    }
}
