//! The AG-UI protocol: a run of an agent as a stream of events.

use std::time::Duration;

use hyper::StatusCode;
use serde::Deserialize;

use super::access::Access;
use super::draws::Draws;
use super::faults::Fault;
use super::response::{Answer, detail, events, json, quoted};
use super::sse::{EventStreamWriter, LineEnd, StreamEnd};

/// What is read of a `RunAgentInput`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    thread_id: String,
    run_id: String,
}

/// What the agent says, token by token.
const DELTAS: [&str; 8] = [
    "Good morning. ",
    "Three projects ",
    "are on track, ",
    "one needs a decision: ",
    "the beta's scope ",
    "has grown ",
    "by two features ",
    "since Monday.",
];

/// `POST /agui`.
pub(super) fn run(
    access: Access,
    body: &[u8],
    mut draws: Draws,
    pause: Duration,
    fault: Option<Fault>,
) -> Answer {
    if access == Access::Missing {
        return detail(StatusCode::UNAUTHORIZED, "Not authenticated");
    }
    let input: Input = match serde_json::from_slice(body) {
        Ok(input) => input,
        Err(_) => {
            return json(
                StatusCode::UNPROCESSABLE_ENTITY,
                r#"{"detail":[{"type":"missing","loc":["body","threadId"],"msg":"Field required","input":{}}]}"#,
            );
        }
    };
    let (thread, run) = (quoted(&input.thread_id), quoted(&input.run_id));
    let message = draws.uuid();
    let mut writer = EventStreamWriter::new(LineEnd::Lf, pause, draws);
    writer.event(&format!(
        r#"{{"type":"RUN_STARTED","threadId":{thread},"runId":{run}}}"#
    ));
    writer.ping();
    writer.event_after_pause(&format!(
        r#"{{"type":"TEXT_MESSAGE_START","messageId":"{message}","role":"assistant"}}"#
    ));
    // A run that fails has said something by then: its first token alone makes
    // no success.
    let spoken = match fault {
        Some(Fault::StreamBroken | Fault::StreamUnfinished | Fault::RunError) => DELTAS.len() / 2,
        _ => DELTAS.len(),
    };
    for delta in DELTAS.iter().take(spoken) {
        let delta = quoted(delta);
        writer.event_after_pause(&format!(
            r#"{{"type":"TEXT_MESSAGE_CONTENT","messageId":"{message}","delta":{delta}}}"#
        ));
    }
    match fault {
        Some(Fault::StreamBroken) => return events(writer.end(StreamEnd::Broken)),
        Some(Fault::StreamUnfinished) => {}
        Some(Fault::RunError) => writer.event_after_pause(
            r#"{"type":"RUN_ERROR","message":"The model stopped answering","code":"MODEL_ERROR"}"#,
        ),
        _ => {
            writer.event(&format!(
                r#"{{"type":"TEXT_MESSAGE_END","messageId":"{message}"}}"#
            ));
            writer.event(&format!(
                r#"{{"type":"RUN_FINISHED","threadId":{thread},"runId":{run}}}"#
            ));
        }
    }
    events(writer.end(StreamEnd::Finished))
}
