//! The discovery of the example flow with an HTTP client from crates.io. It sends
//! by `wasi:http`, and the host measures that as it measures its own requests.
//! Checks, groups, tags and think times are the SDK's.

#![deny(missing_docs)]

use serde_json::Value;
use vuelo_sdk::prelude::*;
use waki::Client;

static AGENTS_FOUND: Counter = Counter::new("agents_found");

/// One virtual user.
pub struct Visitor {
    base_url: String,
    client: Client,
}

impl Scenario for Visitor {
    type Data = ();

    fn options() -> Options {
        Options::new()
            .vus(2)
            .iterations(20)
            .threshold("checks", "rate>0.95")
            .threshold("http_req_failed", "rate<0.05")
            .threshold("http_req_duration{endpoint:discovery}", "p(95)<500")
            .config(Key::url("BASE_URL").default("http://localhost:7777"))
            .metric(&AGENTS_FOUND)
    }

    fn start((): ()) -> Result<Self, Failure> {
        flow::set_tag("language", "rust");
        flow::set_tag("endpoint", "discovery");
        Ok(Self {
            base_url: config::require("BASE_URL")?,
            client: Client::new(),
        })
    }

    fn iteration(&mut self, _flow: &str) -> Result<(), Failure> {
        group("discovery", || self.discover());
        sleep_between(milliseconds(20)..=milliseconds(60));
        Ok(())
    }
}

vuelo_sdk::scenario!(Visitor);

impl Visitor {
    fn discover(&self) {
        let card = self.ask("/.well-known/agent-card.json", "global");
        check("discovery: has a name", card["name"].is_string());

        sleep_between(milliseconds(10)..=milliseconds(30));

        let listing = self.ask("/.well-known/agents", "listing");
        let found = listing["agents"].as_array().map_or(0, Vec::len);
        check("discovery: lists agents", found > 0);
        AGENTS_FOUND.add(found);
    }

    /// The JSON that is answered, or null.
    fn ask(&self, path: &str, agent: &str) -> Value {
        // What the client sends has the tags that are set when it is sent.
        flow::set_tag("agent", agent);
        let url = [&self.base_url, path].concat();
        let answer = self.client.get(&url).send();
        let status = answer.as_ref().map(waki::Response::status_code);
        check("discovery: status is 200", matches!(status, Ok(200)));
        match answer.and_then(waki::Response::json) {
            Ok(json) => json,
            Err(error) => {
                debug!("{error:#}");
                Value::Null
            }
        }
    }
}
