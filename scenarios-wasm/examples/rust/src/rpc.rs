//! Calls of agents by JSON-RPC.

use serde_json::{Value, json};
use vuelo_sdk::config::Secret;
use vuelo_sdk::prelude::*;

use crate::send;

pub(crate) static DURATION: Trend = Trend::milliseconds("rpc_duration");
pub(crate) static ERRORS: Rate = Rate::new("rpc_errors");

/// An agent that can be called.
pub(crate) struct Agent {
    health: Request,
}

impl Agent {
    pub(crate) fn new(base_url: &str, name: &str, token: &Secret) -> Self {
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "health", "params": {}});
        let health = http::post(&format!("{base_url}/a2a/{name}/rpc"))
            .json(&call)
            .bearer(token)
            .header("x-a2a-protocol", "1.0")
            .tag("endpoint", "rpc")
            .tag("agent", name)
            .tag("rpc_method", "health")
            .timeout(seconds(10))
            .build();
        Self { health }
    }

    pub(crate) fn call(&self) {
        let answer = send(&self.health);
        let status = answer.as_ref().map(Response::status);
        let well = check("rpc: status is 200", status == Some(200));
        let body = answer.as_ref().and_then(|answer| answer.json().ok());
        let done = check(
            "rpc: has a result",
            body.is_some_and(|body| has_result(&body)),
        );
        ERRORS.add(!(well && done));
        if let Some(duration) = answer.and_then(|answer| answer.duration()) {
            DURATION.add(duration);
        }
    }
}

fn has_result(body: &Value) -> bool {
    body["error"].is_null() && body["result"].is_object()
}
