//! The standard protocol over JSON-RPC, in versions 0.3 and 1.0: one message
//! that is answered whole, one that is answered as a stream.

use serde::Serialize;
use vuelo_scenario_platform::{Platform, exchange, json_rpc};
use vuelo_sdk::http::RequestBuilder;
use vuelo_sdk::prelude::*;

use crate::card::{CARD, Endpoint};
use crate::discovery::Place;
use crate::measures;
use crate::stream;

/// A version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V0_3,
    V1_0,
}

impl Version {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::V0_3 => "0.3",
            Self::V1_0 => "1.0",
        }
    }

    /// Whether a card means this version: only major and minor count.
    pub(crate) fn is_named_by(self, version: &str) -> bool {
        version
            .strip_prefix(self.name())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    fn send_method(self) -> &'static str {
        match self {
            Self::V0_3 => "message/send",
            Self::V1_0 => "SendMessage",
        }
    }

    fn stream_method(self) -> &'static str {
        match self {
            Self::V0_3 => "message/stream",
            Self::V1_0 => "SendStreamingMessage",
        }
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    jsonrpc: &'static str,
    id: &'a str,
    method: &'static str,
    params: Params<'a>,
}

#[derive(Serialize)]
struct Params<'a> {
    message: Message<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    message_id: &'a str,
    role: &'static str,
    parts: [Part; 1],
}

#[derive(Serialize)]
struct Part {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    text: &'static str,
}

/// One virtual user's view of the agent.
pub(crate) struct Standard {
    version: Version,
    card: Place,
    send: Request,
    stream: Option<Request>,
    /// What message ids begin with.
    run: String,
}

/// The tag of the one agent that a standard server is.
const AGENT: &str = "global";

impl Standard {
    pub(crate) fn new(platform: &Platform, version: Version, endpoint: &Endpoint) -> Self {
        let request = |method, kind| {
            let request = if endpoint.trusted {
                platform.authenticated("POST", &endpoint.url)
            } else {
                platform.public("POST", &endpoint.url)
            };
            let request = with_version(request, version);
            request
                .timeout(seconds(30))
                .tag("endpoint", kind)
                .tag("agent", AGENT)
                .tag("rpc_method", method)
        };
        let stream = endpoint.streaming.then(|| {
            // Not tagged `rpc`: a stream takes as long as the agent talks, and
            // thresholds on calls are not for that.
            request(version.stream_method(), "stream")
                .header("accept", "text/event-stream")
                .build()
        });
        Self {
            version,
            card: Place::new(platform, CARD, AGENT),
            send: request(version.send_method(), "rpc").build(),
            stream,
            run: endpoint.run.clone(),
        }
    }

    pub(crate) fn visit(&mut self) {
        group("A2A Discovery Endpoints", || self.card.ask());
        sleep_between(milliseconds(500)..=milliseconds(1000));
        group("A2A Message", || self.send_message());
        if self.stream.is_some() {
            sleep_between(milliseconds(200)..=milliseconds(500));
            group("A2A Stream", || self.stream_message());
        }
        sleep_between(milliseconds(1000)..=milliseconds(2000));
    }

    fn send_message(&mut self) {
        let method = self.version.send_method();
        let body = self.next_message(method);
        self.send.set_json(&body.envelope());
        let exchange = exchange(&self.send);
        check("rpc: status is 200", exchange.has_status(200));
        let verdict = match &exchange.answer {
            Ok(answer) => json_rpc::judge(answer.status(), &answer.body().unwrap_or_default())
                .map_err(|fault| fault.to_string()),
            Err(error) => Err(error.text().to_owned()),
        };
        let good = check("rpc: answer is a success", verdict.is_ok());
        if let Err(why) = verdict {
            debug!("{method}: {why}");
        }
        measures::record_call(&exchange, AGENT, method, good);
    }

    fn stream_message(&mut self) {
        let method = self.version.stream_method();
        let body = self.next_message(method);
        let Some(request) = &mut self.stream else {
            return;
        };
        request.set_json(&body.envelope());
        let watched = stream::watch(request);
        let good = check(
            "stream: ends with a final event and no error",
            watched.fault.is_none(),
        );
        if let Some(why) = &watched.fault {
            debug!("{method}: {why}");
        }
        measures::record_stream(&watched, AGENT, method, good);
    }

    fn next_message(&self, method: &'static str) -> NextMessage {
        // Not a count of its own: that would begin anew in the instance that
        // replaces one that trapped.
        let (vu, iteration) = (flow::vu(), flow::vu_iteration());
        let id = format!("{}-{vu}-{iteration}-{method}", self.run);
        NextMessage {
            id,
            method,
            version: self.version,
        }
    }
}

struct NextMessage {
    id: String,
    method: &'static str,
    version: Version,
}

impl NextMessage {
    fn envelope(&self) -> Envelope<'_> {
        // 1.0 tells parts and messages apart by their members, and names roles
        // as protocol buffers do.
        let (message_kind, part_kind, role) = match self.version {
            Version::V0_3 => (Some("message"), Some("text"), "user"),
            Version::V1_0 => (None, None, "ROLE_USER"),
        };
        Envelope {
            jsonrpc: "2.0",
            id: &self.id,
            method: self.method,
            params: Params {
                message: Message {
                    kind: message_kind,
                    message_id: &self.id,
                    role,
                    parts: [Part {
                        kind: part_kind,
                        text: "Give a short status.",
                    }],
                },
            },
        }
    }
}

fn with_version(request: RequestBuilder, version: Version) -> RequestBuilder {
    match version {
        // Servers take a request without this header for 0.3.
        Version::V0_3 => request,
        Version::V1_0 => request.header("a2a-version", "1.0"),
    }
}
