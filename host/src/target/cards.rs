//! Agent cards, which name the address they are asked at, and their listing.

use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, ETAG, HOST, HeaderMap, HeaderValue, IF_NONE_MATCH};
use serde_json::{Value, json};

use super::draws::Draws;
use super::response::{Answer, json_ok};
use super::routes::{Agent, STANDARD_RPC_PATH};

/// Stands for `host:port` in a card's template.
const AUTHORITY: &str = "AUTHORITY";

/// All cards, ready but for the address.
#[derive(Debug)]
pub(super) struct Cards {
    own_authority: String,
    standard: Card,
    listing: Card,
    agents: [Card; Agent::ALL.len()],
}

/// A document that names the address it is asked at.
#[derive(Debug)]
struct Card {
    /// What stands around the address, which goes between each two pieces.
    pieces: Vec<String>,
    hash: u64,
}

impl Cards {
    /// The cards of a target that listens on `own_authority` (`host:port`).
    pub(super) fn new(own_authority: String) -> Self {
        Self {
            own_authority,
            standard: Card::new(&standard_card()),
            listing: Card::new(&json!({ "agents": Agent::ALL.map(agent_card) })),
            agents: Agent::ALL.map(|agent| Card::new(&agent_card(agent))),
        }
    }

    pub(super) fn standard(&self, headers: &HeaderMap) -> Answer {
        self.answer(&self.standard, headers)
    }

    pub(super) fn listing(&self, headers: &HeaderMap) -> Answer {
        self.answer(&self.listing, headers)
    }

    pub(super) fn agent(&self, agent: Agent, headers: &HeaderMap) -> Answer {
        match Agent::ALL
            .iter()
            .zip(&self.agents)
            .find(|(one, _)| **one == agent)
        {
            Some((_, card)) => self.answer(card, headers),
            None => self.answer(&self.standard, headers),
        }
    }

    fn answer(&self, card: &Card, headers: &HeaderMap) -> Answer {
        let authority = self.authority(headers);
        let tag = card.tag(authority);
        let known = headers
            .get_all(IF_NONE_MATCH)
            .iter()
            .any(|value| names_tag(value, &tag));
        let mut answer = json_ok(if known {
            String::new()
        } else {
            card.text(authority)
        });
        if known {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            answer.headers_mut().remove(hyper::header::CONTENT_TYPE);
        }
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            answer.headers_mut().insert(ETAG, tag);
        }
        answer.headers_mut().insert(
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=3600"),
        );
        answer
    }

    /// Where the client found the target: behind a forwarded port or a name
    /// that is not the address listened on. A `Host` that could not stand in a
    /// URL as it is gives way to the own address.
    fn authority<'a>(&'a self, headers: &'a HeaderMap) -> &'a str {
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
        match headers.get(HOST).and_then(|host| host.to_str().ok()) {
            Some(host) if !host.is_empty() && host.chars().all(plain) => host,
            _ => &self.own_authority,
        }
    }
}

impl Card {
    fn new(document: &Value) -> Self {
        let text = document.to_string();
        let hash = Draws::of_request(0, "ETAG", &text, 0).bits();
        Self {
            pieces: text.split(AUTHORITY).map(str::to_owned).collect(),
            hash,
        }
    }

    fn text(&self, authority: &str) -> String {
        self.pieces.join(authority)
    }

    fn tag(&self, authority: &str) -> String {
        // The address is part of the document, and so of its tag.
        let address: u64 = authority
            .bytes()
            .fold(0, |sum, byte| sum.wrapping_mul(31) ^ u64::from(byte));
        format!("\"{:016x}\"", self.hash ^ address)
    }
}

/// Whether an `If-None-Match` names the tag (RFC 9110, 13.1.2: a list or `*`,
/// compared weakly).
fn names_tag(value: &HeaderValue, tag: &str) -> bool {
    value.to_str().is_ok_and(|list| {
        list.split(',')
            .map(str::trim)
            .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
    })
}

/// The card of an agent that speaks the standard in both versions: A2A 1.0
/// reads `supportedInterfaces`, 0.3 reads `url` and what belongs to it.
fn standard_card() -> Value {
    let url = format!("http://{AUTHORITY}{STANDARD_RPC_PATH}");
    json!({
        "protocolVersion": "0.3.0",
        "name": "Vuelo Target",
        "description": "Answers every task the same way, for load tests.",
        "url": url,
        "preferredTransport": "JSONRPC",
        "additionalInterfaces": [{ "url": url, "transport": "JSONRPC" }],
        "supportedInterfaces": [
            { "url": url, "protocolBinding": "JSONRPC", "protocolVersion": "1.0" },
            { "url": url, "protocolBinding": "JSONRPC", "protocolVersion": "0.3" },
        ],
        "provider": { "organization": "Vuelo", "url": format!("http://{AUTHORITY}") },
        "version": env!("CARGO_PKG_VERSION"),
        "capabilities": { "streaming": true, "pushNotifications": false },
        "defaultInputModes": ["text/plain", "application/json"],
        "defaultOutputModes": ["text/plain"],
        "skills": [{
            "id": "dashboard_gateway",
            "name": "Dashboard gateway",
            "description": "Gathers what the dashboard shows.",
            "tags": ["dashboard", "load-test"],
            "examples": ["Summarise the state of my projects"],
        }],
    })
}

/// The card of an AgentOS agent, whose endpoint speaks AgentOS's own methods.
fn agent_card(agent: Agent) -> Value {
    let name = agent.name();
    let (title, does) = match agent {
        Agent::DashboardGateway => ("Dashboard Gateway", "Gathers what the dashboard shows."),
        Agent::Navi => ("Navi", "Finds projects, plans and documents."),
        Agent::Pulse => ("Pulse", "Watches the health of projects."),
        Agent::Herald => ("Herald", "Sends notifications."),
    };
    json!({
        "protocolVersion": "0.3.0",
        "name": name,
        "description": does,
        "url": format!("http://{AUTHORITY}/a2a/{name}/rpc"),
        "preferredTransport": "JSONRPC",
        "version": env!("CARGO_PKG_VERSION"),
        "capabilities": { "streaming": false, "pushNotifications": false, "stateTransitionHistory": false },
        "defaultInputModes": ["text/plain"],
        "defaultOutputModes": ["text/plain"],
        "skills": [{ "id": "run", "name": title, "description": does, "tags": [name] }],
    })
}
