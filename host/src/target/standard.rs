//! The A2A standard over JSON-RPC, versions 0.3 and 1.0.
//!
//! The versions differ in the names of methods, in how an enum is written, and
//! in how a result says what it is: 0.3 by a `kind` member within, 1.0 by the
//! member that it is wrapped in. 0.3 ends a stream by `final`, 1.0 by a state.

use std::time::Duration;

use hyper::header::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::Access;
use super::draws::Draws;
use super::faults::Fault;
use super::json_rpc::{Code, Members, NoCall};
use super::response::{Answer, events, json_ok};
use super::sse::{EventStreamWriter, LineEnd, StreamEnd};

/// One of the two versions; a request without `A2A-Version` means 0.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    V03,
    V10,
}

/// A call that can be followed.
#[derive(Debug)]
pub(super) struct Call {
    id: Value,
    version: Version,
    context: Option<String>,
    method: Method,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Send,
    Stream,
    /// Asks for a task, of which the target keeps none.
    Task,
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    id: Value,
    jsonrpc: Option<String>,
    method: String,
    params: Option<Params>,
}

#[derive(Deserialize)]
struct Params {
    message: Option<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    context_id: Option<String>,
}

impl Call {
    /// Reads a call.
    ///
    /// # Errors
    /// The body of the answer, at status 200, to a call that cannot be followed.
    pub(super) fn read(headers: &HeaderMap, access: Access, body: &[u8]) -> Result<Self, String> {
        let refuse = |id: &Value, code, message: &str| Err(Members::One.failure(id, code, message));
        let request: Request = match serde_json::from_slice(body).map_err(NoCall::from) {
            Ok(request) => request,
            Err(NoCall::NotJson) => {
                return refuse(&Value::Null, Code::Parse, "Invalid JSON payload");
            }
            Err(NoCall::WrongShape) => {
                return refuse(
                    &Value::Null,
                    Code::InvalidRequest,
                    "Request payload validation error",
                );
            }
        };
        let id = request.id;
        if request.jsonrpc.as_deref() != Some("2.0") {
            return refuse(
                &id,
                Code::InvalidRequest,
                "Request payload validation error",
            );
        }
        if access == Access::Missing {
            return refuse(&id, Code::InvalidRequest, "Authentication required");
        }
        let version = match headers
            .get("a2a-version")
            .map(|value| value.to_str().unwrap_or("").trim())
        {
            None | Some("" | "0.3") => Version::V03,
            Some("1.0") => Version::V10,
            Some(other) => {
                let message = format!("Version {other} is not supported; 0.3 and 1.0 are");
                return refuse(&id, Code::VersionNotSupported, &message);
            }
        };
        let method = match (version, request.method.as_str()) {
            (Version::V03, "message/send") | (Version::V10, "SendMessage") => Method::Send,
            (Version::V03, "message/stream") | (Version::V10, "SendStreamingMessage") => {
                Method::Stream
            }
            (Version::V03, "tasks/get" | "tasks/cancel")
            | (Version::V10, "GetTask" | "CancelTask") => Method::Task,
            _ => return refuse(&id, Code::MethodNotFound, "Method not found"),
        };
        let message = request.params.and_then(|params| params.message);
        if message.is_none() && method != Method::Task {
            return refuse(
                &id,
                Code::InvalidParams,
                "Invalid parameters: `message` is required",
            );
        }
        Ok(Self {
            id,
            version,
            method,
            context: message.and_then(|message| message.context_id),
        })
    }

    /// The faults that the answer to this call can have.
    pub(super) fn possible_faults(&self) -> &'static [Fault] {
        match self.method {
            Method::Stream => Fault::OF_RPC_STREAM,
            Method::Send | Method::Task => Fault::OF_RPC,
        }
    }

    /// The answer.
    pub(super) fn answer(self, mut draws: Draws, pause: Duration, fault: Option<Fault>) -> Answer {
        if fault == Some(Fault::RpcError) {
            // A streaming method answers a failure before its first event with
            // a plain body too.
            return json_ok(Members::One.failure(
                &self.id,
                Code::Internal,
                "Agent execution failed",
            ));
        }
        let task = Task {
            version: self.version,
            id: draws.uuid(),
            context: self.context.unwrap_or_else(|| draws.uuid()),
        };
        let outcome = match fault {
            Some(Fault::HiddenFailure) => State::Failed,
            _ => State::Completed,
        };
        match self.method {
            Method::Task => {
                json_ok(Members::One.failure(&self.id, Code::TaskNotFound, "Task not found"))
            }
            // An agent that needs no task may answer with a message alone.
            Method::Send if outcome == State::Completed && draws.bits().is_multiple_of(4) => {
                json_ok(Members::One.success(&self.id, &task.reply(draws.uuid()).to_string()))
            }
            Method::Send => {
                let result = task.whole(outcome, Some(&draws.uuid()));
                json_ok(Members::One.success(&self.id, &result.to_string()))
            }
            Method::Stream => stream(&self.id, &task, outcome, draws, pause, fault),
        }
    }
}

/// A task's stream: the task, its work, the parts of its artifact, its end.
fn stream(
    id: &Value,
    task: &Task,
    outcome: State,
    mut draws: Draws,
    pause: Duration,
    fault: Option<Fault>,
) -> Answer {
    let artifact = draws.uuid();
    let mut writer = EventStreamWriter::new(LineEnd::CrLf, pause, draws);
    let event = |result: Value| Members::One.success(id, &result.to_string());
    writer.event(&event(task.whole(State::Submitted, None)));
    writer.event(&event(task.status(State::Working)));
    writer.ping();
    let end = match fault {
        Some(Fault::StreamBroken) => Some(StreamEnd::Broken),
        Some(Fault::StreamUnfinished) => Some(StreamEnd::Finished),
        _ => None,
    };
    let last = REPLY_PARTS.len() - 1;
    for (index, part) in REPLY_PARTS.iter().enumerate() {
        if end.is_some() && index == last {
            break;
        }
        writer.event_after_pause(&event(task.artifact_part(
            &artifact,
            part,
            index,
            index == last,
        )));
    }
    if end.is_none() {
        writer.event(&event(task.status(outcome)));
    }
    events(writer.end(end.unwrap_or(StreamEnd::Finished)))
}

/// What the agent replies, in the parts in which it streams them.
const REPLY_PARTS: [&str; 4] = [
    "Three projects are on track ",
    "and one needs a decision: ",
    "the beta's scope ",
    "has grown since Monday.",
];

/// When every task took place. A clock would make answers differ from run to
/// run, and nothing reads it.
const TIMESTAMP: &str = "2026-01-01T00:00:00.000Z";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Submitted,
    Working,
    Completed,
    Failed,
}

impl State {
    fn name(self, version: Version) -> &'static str {
        match (self, version) {
            (Self::Submitted, Version::V03) => "submitted",
            (Self::Working, Version::V03) => "working",
            (Self::Completed, Version::V03) => "completed",
            (Self::Failed, Version::V03) => "failed",
            (Self::Submitted, Version::V10) => "TASK_STATE_SUBMITTED",
            (Self::Working, Version::V10) => "TASK_STATE_WORKING",
            (Self::Completed, Version::V10) => "TASK_STATE_COMPLETED",
            (Self::Failed, Version::V10) => "TASK_STATE_FAILED",
        }
    }
}

/// A task as one version writes it.
struct Task {
    version: Version,
    id: String,
    context: String,
}

impl Task {
    /// The task itself, with the whole reply where `artifact` names it.
    fn whole(&self, state: State, artifact: Option<&str>) -> Value {
        let mut task =
            json!({ "id": self.id, "contextId": self.context, "status": self.state(state) });
        if let Some(artifact) = artifact {
            task["artifacts"] = json!([self.artifact(artifact, &REPLY_PARTS.concat())]);
        }
        self.result("task", "task", task)
    }

    /// An event of the task's status, final where the task has ended.
    fn status(&self, state: State) -> Value {
        let mut event =
            json!({ "taskId": self.id, "contextId": self.context, "status": self.state(state) });
        if self.version == Version::V03 {
            event["final"] = matches!(state, State::Completed | State::Failed).into();
        }
        self.result("statusUpdate", "status-update", event)
    }

    /// An event of one part of the reply.
    fn artifact_part(&self, artifact: &str, part: &str, index: usize, last: bool) -> Value {
        let event = json!({
            "taskId": self.id,
            "contextId": self.context,
            "artifact": self.artifact(artifact, part),
            "append": index > 0,
            "lastChunk": last,
        });
        self.result("artifactUpdate", "artifact-update", event)
    }

    /// A message instead of a task.
    fn reply(&self, message: String) -> Value {
        let role = match self.version {
            Version::V03 => "agent",
            Version::V10 => "ROLE_AGENT",
        };
        let message = json!({
            "messageId": message,
            "contextId": self.context,
            "role": role,
            "parts": [self.text(&REPLY_PARTS.concat())],
        });
        self.result("message", "message", message)
    }

    fn state(&self, state: State) -> Value {
        json!({ "state": state.name(self.version), "timestamp": TIMESTAMP })
    }

    fn artifact(&self, id: &str, text: &str) -> Value {
        json!({ "artifactId": id, "name": "reply", "parts": [self.text(text)] })
    }

    fn text(&self, text: &str) -> Value {
        match self.version {
            Version::V03 => json!({ "kind": "text", "text": text }),
            Version::V10 => json!({ "text": text }),
        }
    }

    fn result(&self, member: &str, kind: &str, mut content: Value) -> Value {
        match self.version {
            Version::V03 => {
                content["kind"] = kind.into();
                content
            }
            Version::V10 => json!({ member: content }),
        }
    }
}
