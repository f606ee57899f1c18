//! Asking for agent cards and for the listing of agents.

use serde::Deserialize;
use serde::de::IgnoredAny;
use vuelo_scenario_platform::{Platform, exchange};
use vuelo_sdk::prelude::*;

use crate::measures;

/// A place where agents are described.
pub(crate) struct Place {
    agent: &'static str,
    request: Request,
}

/// As much of a card or a listing as says which of the two it is.
#[derive(Deserialize)]
struct Description {
    agents: Option<Vec<IgnoredAny>>,
    name: Option<String>,
    capabilities: Option<IgnoredAny>,
}

impl Description {
    fn is_useful(&self) -> bool {
        self.agents.is_some() || (self.name.is_some() && self.capabilities.is_some())
    }
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
        let described = exchange.answer.as_ref().is_ok_and(|answer| {
            answer
                .json::<Description>()
                .is_ok_and(|description| description.is_useful())
        });
        check("discovery: answer is an agent card or a listing", described);
        measures::record_discovery(&exchange, self.agent, found && described);
    }
}
