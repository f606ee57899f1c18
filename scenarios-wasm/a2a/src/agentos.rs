//! The platform's own endpoints: seven places of discovery, four agents.

use serde::Serialize;
use vuelo_scenario_platform::{Platform, exchange, json_rpc};
use vuelo_sdk::prelude::*;

use crate::discovery::Place;
use crate::measures;

/// What one virtual user asks.
pub(crate) struct AgentOs {
    places: Vec<Place>,
    agents: Vec<Agent>,
}

struct Agent {
    /// The value of the tag `agent`, the same for its card and its calls.
    tag: &'static str,
    group: &'static str,
    calls: Vec<Call>,
}

struct Call {
    method: &'static str,
    request: Request,
}

#[derive(Serialize)]
struct Envelope<P: Serialize> {
    jsonrpc: &'static str,
    id: u32,
    method: &'static str,
    params: P,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Task {
    task: &'static str,
    context: TaskContext,
}

#[derive(Serialize)]
struct TaskContext {
    caller_id: &'static str,
}

impl AgentOs {
    pub(crate) fn new(platform: &Platform) -> Self {
        let places = [
            ("/.well-known/agent-card.json", "global"),
            ("/.well-known/agent.json", "global"),
            ("/.well-known/agents", "listing"),
            ("/a2a/dashboard_gateway/.well-known/agent.json", "dashboard"),
            ("/a2a/navi/.well-known/agent.json", "navi"),
            ("/a2a/pulse/.well-known/agent.json", "pulse"),
            ("/a2a/herald/.well-known/agent.json", "herald"),
        ];
        let agents = [
            Agent::new(
                platform,
                ("dashboard_gateway", "dashboard"),
                "Dashboard Gateway RPC",
                &["health", "capabilities", "run"],
            ),
            Agent::new(
                platform,
                ("navi", "navi"),
                "Navi Agent RPC",
                &["health", "capabilities"],
            ),
            Agent::new(platform, ("pulse", "pulse"), "Pulse Agent RPC", &["health"]),
            Agent::new(
                platform,
                ("herald", "herald"),
                "Herald Agent RPC",
                &["health"],
            ),
        ];
        Self {
            places: places
                .map(|(path, agent)| Place::new(platform, path, agent))
                .into(),
            agents: agents.into(),
        }
    }

    pub(crate) fn visit(&self) {
        group("A2A Discovery Endpoints", || {
            for (number, place) in self.places.iter().enumerate() {
                if number > 0 {
                    sleep_between(milliseconds(100)..=milliseconds(300));
                }
                place.ask();
            }
        });
        sleep_between(milliseconds(500)..=milliseconds(1000));
        let agent = pick(&self.agents);
        group(agent.group, || agent.be_called());
        sleep_between(milliseconds(1000)..=milliseconds(2000));
    }
}

impl Agent {
    fn new(
        platform: &Platform,
        (name, tag): (&str, &'static str),
        group: &'static str,
        methods: &[&'static str],
    ) -> Self {
        let url = platform.url(&["/a2a/", name, "/rpc"].concat());
        let calls = (1..)
            .zip(methods)
            .map(|(id, method)| call(platform, &url, tag, method, id));
        Self {
            tag,
            group,
            calls: calls.collect(),
        }
    }

    fn be_called(&self) {
        for (number, call) in self.calls.iter().enumerate() {
            if number > 0 {
                sleep_between(milliseconds(200)..=milliseconds(500));
            }
            call.make(self.tag);
        }
    }
}

fn call(platform: &Platform, url: &str, agent: &str, method: &'static str, id: u32) -> Call {
    // The host fills the tag `method` with HTTP's: this one has a name of its own.
    let request = platform
        .authenticated("POST", url)
        .header("x-a2a-protocol", "1.0")
        .tag("endpoint", "rpc")
        .tag("agent", agent)
        .tag("rpc_method", method);
    let jsonrpc = "2.0";
    let request = if method == "run" {
        let task = "Give a short status of the workspace.";
        let params = Task {
            task,
            context: TaskContext {
                caller_id: "load-test",
            },
        };
        request.timeout(seconds(30)).json(&Envelope {
            jsonrpc,
            id,
            method,
            params,
        })
    } else {
        request.json(&Envelope {
            jsonrpc,
            id,
            method,
            params: Nothing {},
        })
    };
    Call {
        method,
        request: request.build(),
    }
}

impl Call {
    fn make(&self, agent: &str) {
        let exchange = exchange(&self.request);
        check("rpc: status is 200", exchange.has_status(200));
        let verdict = match &exchange.answer {
            Ok(answer) => json_rpc::judge(answer.status(), &answer.body().unwrap_or_default())
                .map_err(|fault| fault.to_string()),
            Err(error) => Err(error.text().to_owned()),
        };
        let good = check("rpc: answer is a success", verdict.is_ok());
        if let Err(why) = verdict {
            debug!("{agent} {}: {why}", self.method);
        }
        measures::record_call(&exchange, agent, self.method, good);
    }
}
