//! Asking for the card of the server and for its listing of agents.

use serde_json::Value;
use vuelo_sdk::prelude::*;

use crate::send;

pub(crate) const LISTING: &str = "/.well-known/agents";

pub(crate) static AGENTS_FOUND: Counter = Counter::new("agents_found");

/// The two requests of discovery.
pub(crate) struct Discovery {
    card: Request,
    listing: Request,
}

impl Discovery {
    pub(crate) fn new(base_url: &str) -> Self {
        let get = |path: &str, agent: &str| {
            http::get(&[base_url, path].concat())
                .tag("endpoint", "discovery")
                .tag("agent", agent)
                .build()
        };
        Self {
            card: get("/.well-known/agent-card.json", "global"),
            listing: get(LISTING, "listing"),
        }
    }

    pub(crate) fn visit(&self) {
        let card = ask(&self.card);
        check("discovery: has a name", card["name"].is_string());

        sleep_between(milliseconds(10)..=milliseconds(30));

        let listing = ask(&self.listing);
        let found = listing["agents"].as_array().map_or(0, Vec::len);
        check("discovery: lists agents", found > 0);
        AGENTS_FOUND.add(found);
    }
}

/// The JSON that is answered, or null.
fn ask(request: &Request) -> Value {
    let answer = send(request);
    let status = answer.as_ref().map(Response::status);
    check("discovery: status is 200", status == Some(200));
    answer
        .and_then(|answer| answer.json().ok())
        .unwrap_or_default()
}
