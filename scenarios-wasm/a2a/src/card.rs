//! Where an agent listens, as its card says: the standard dialects' setup.

use serde::{Deserialize, Serialize};
use vuelo_scenario_platform::{Platform, join, origin};
use vuelo_sdk::prelude::*;

use crate::standard::Version;

/// Where in every A2A server the card is.
pub(crate) const CARD: &str = "/.well-known/agent-card.json";

/// What a virtual user needs to know of an agent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    /// The URL that takes JSON-RPC.
    pub(crate) url: String,
    /// Whether it offers streams.
    pub(crate) streaming: bool,
    /// Whether the token may be sent there.
    pub(crate) trusted: bool,
    /// Keeps message ids of one run apart from those of another.
    pub(crate) run: String,
}

/// As much of a card as names the endpoint, in both versions at once: servers
/// that speak both send one card for both.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    url: Option<String>,
    preferred_transport: Option<String>,
    #[serde(default)]
    additional_interfaces: Vec<Interface>,
    #[serde(default)]
    supported_interfaces: Vec<Interface>,
    #[serde(default)]
    capabilities: Capabilities,
}

#[derive(Deserialize, Default)]
struct Capabilities {
    streaming: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Interface {
    url: String,
    /// 0.3's word for the protocol spoken there.
    transport: Option<String>,
    /// 1.0's word for it.
    protocol_binding: Option<String>,
    protocol_version: Option<String>,
}

impl Card {
    fn endpoint(&self, version: Version) -> Option<&str> {
        let supported = self.supported_interfaces.iter().find(|interface| {
            interface.protocol_binding.as_deref() == Some("JSONRPC")
                && interface
                    .protocol_version
                    .as_deref()
                    .is_some_and(|it| version.is_named_by(it))
        });
        // A card of 1.0 alone has no `url`, one of 0.3 has little else.
        let main = self.url.as_deref().filter(|_| {
            version == Version::V0_3
                && self
                    .preferred_transport
                    .as_deref()
                    .is_none_or(|it| it == "JSONRPC")
        });
        let additional = self.additional_interfaces.iter().find(|interface| {
            version == Version::V0_3 && interface.transport.as_deref() == Some("JSONRPC")
        });
        main.or(supported
            .or(additional)
            .map(|interface| interface.url.as_str()))
    }
}

/// Fetches the card and reads from it where the agent listens.
pub(crate) fn find_endpoint(platform: &Platform, version: Version) -> Result<Endpoint, Failure> {
    let url = platform.url(CARD);
    let doing = ["asking for the agent card at ", &url].concat();
    let answer = platform
        .public("GET", &url)
        .tag("endpoint", "discovery")
        .send()
        .map_err(|error| Failure::from(error).while_doing(&doing))?;
    if answer.status() != 200 {
        let text = format!(
            "status {}; is there an A2A server? (--base-url says where)",
            answer.status()
        );
        return Err(Failure::from(text).while_doing(&doing));
    }
    let card: Card = answer
        .json()
        .map_err(|error| Failure::from(error).while_doing(&doing))?;
    let Some(endpoint) = card.endpoint(version) else {
        let name = version.name();
        let text = [
            "the card names no JSON-RPC endpoint of A2A ",
            name,
            ": try another A2A_DIALECT",
        ];
        return Err(Failure::from(text.concat()).while_doing(&doing));
    };
    let endpoint = if endpoint.starts_with('/') {
        join(platform.base_url(), endpoint)
    } else {
        endpoint.to_owned()
    };
    let streaming = card.capabilities.streaming == Some(true);
    let trusted = origin(&endpoint) == origin(platform.base_url());
    if !streaming {
        info!("the agent's card offers no streams: they are left out");
    }
    if !trusted {
        warn!("the card's endpoint {endpoint} is not at BASE_URL: AUTH_TOKEN is not sent there");
    }
    Ok(Endpoint {
        url: endpoint,
        streaming,
        trusted,
        run: run_name(),
    })
}

/// A name that no other run has. Draws would repeat it with the run's seed, and
/// servers remember the messages of earlier runs.
fn run_name() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    [
        "load-test-",
        &now.unwrap_or_default().as_millis().to_string(),
    ]
    .concat()
}
