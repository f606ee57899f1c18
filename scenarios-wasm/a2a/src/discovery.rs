//! Asking for agent cards and for the listing of agents.

use serde_json::Value;
use vuelo_scenario_platform::{Platform, exchange};
use vuelo_sdk::prelude::*;

use crate::measures;

/// A place where agents are described.
pub(crate) struct Place {
    agent: &'static str,
    request: Request,
}

/// Whether this is a listing of agents, or the card of one.
fn is_description(answer: &Value) -> bool {
    answer["agents"].is_array() || (answer["name"].is_string() && !answer["capabilities"].is_null())
}

impl Place {
    pub(crate) fn new(platform: &Platform, path: &str, agent: &'static str) -> Self {
        let request = platform
            .public("GET", &platform.url(path))
            .tag("endpoint", "discovery")
            .tag("agent", agent)
            .build();
        Self { agent, request }
    }

    pub(crate) fn ask(&self) {
        let exchange = exchange(&self.request);
        let found = check("discovery: status is 200", exchange.has_status(200));
        let described = exchange
            .json()
            .is_some_and(|answer| is_description(&answer));
        check("discovery: answer is an agent card or a listing", described);
        measures::record_discovery(&exchange, self.agent, found && described);
    }
}
