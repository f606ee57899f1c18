//! Reading a stream of A2A events, and judging it as a whole.

use std::time::Instant;

use serde_json::Value;
use vuelo_scenario_platform::json_rpc::{judge, judge_text, task_state};
use vuelo_sdk::prelude::*;

/// What came of a stream.
pub(crate) struct Watched {
    /// How many events arrived.
    pub(crate) events: u64,
    /// When the first did.
    pub(crate) first_event: Option<Duration>,
    /// From the request to the end of the stream.
    pub(crate) duration: Duration,
    /// Why it is no success.
    pub(crate) fault: Option<String>,
}

/// Sends a request and reads the events of its answer to the end. A clean end
/// without the final event is a fault.
pub(crate) fn watch(request: &Request) -> Watched {
    let begun = Instant::now();
    let mut watched = Watched {
        events: 0,
        first_event: None,
        duration: Duration::ZERO,
        fault: None,
    };
    watched.fault = watched.read(request).err();
    watched.duration = begun.elapsed();
    watched
}

impl Watched {
    fn read(&mut self, request: &Request) -> Result<(), String> {
        let answer = request.open().map_err(|error| error.to_string())?;
        let events = match answer.events() {
            Ok(events) if answer.status() == 200 => events,
            // An error comes as one plain JSON answer, or with its status alone.
            Ok(_) => return Err(["the status is ", &answer.status().to_string()].concat()),
            Err(no_stream) => {
                let body = answer.body().map_err(|error| error.to_string())?;
                return Err(match judge(answer.status(), &body) {
                    Err(fault) => fault.to_string(),
                    Ok(_) => no_stream.to_string(),
                });
            }
        };
        let mut is_final = false;
        for event in events {
            let event = event.map_err(|error| error.to_string())?;
            self.events += 1;
            self.first_event.get_or_insert(event.elapsed);
            let result = judge_text(event.data.as_bytes()).map_err(|fault| fault.to_string())?;
            is_final |= ends_stream(&result);
        }
        if is_final {
            Ok(())
        } else {
            Err("the stream ended without its final event".to_owned())
        }
    }
}

/// Whether an event is the last that an agent owes: a message, or the news that
/// the task is done or waits for somebody.
fn ends_stream(result: &Value) -> bool {
    let is_message = result["kind"] == "message" || result["message"].is_object();
    let is_over = task_state(result).is_some_and(|state| {
        matches!(
            state.as_str(),
            "completed" | "input-required" | "auth-required"
        )
    });
    is_message || is_over || result["final"] == true
}
