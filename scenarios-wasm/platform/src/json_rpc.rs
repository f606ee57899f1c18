//! Judging the answer to a JSON-RPC call.
//!
//! Errors come with HTTP 200, some servers always send both `result` and
//! `error`, and some agents hide a failure inside a successful result.

use std::fmt;

use serde_json::Value;

/// Why an answer is no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The status is not from 200 to 299.
    Status(u16),
    /// The body is not JSON.
    NotJson,
    /// The body is JSON, but no JSON-RPC answer.
    NotJsonRpc,
    /// The answer has an `error`: its code and message.
    Error(i64, String),
    /// The task ended as `failed`, `canceled` or `rejected`.
    Task(String),
    /// The result is one in name only: its `content` says `"status":"error"`.
    Hidden(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "the status is {status}"),
            Self::NotJson => f.write_str("the answer is not JSON"),
            Self::NotJsonRpc => f.write_str("the answer is not JSON-RPC"),
            Self::Error(code, message) => write!(f, "JSON-RPC error {code}: {message}"),
            Self::Task(state) => write!(f, "the task is {state}"),
            Self::Hidden(text) => write!(f, "the result hides a failure: {text}"),
        }
    }
}

/// Judges a whole answer.
///
/// # Errors
///
/// Why it is no success.
pub fn judge(status: u16, body: &[u8]) -> Result<Value, Fault> {
    if !(200..300).contains(&status) {
        return Err(Fault::Status(status));
    }
    judge_text(body)
}

/// Judges the JSON text of an answer or of an event in a stream, and hands its
/// `result` back.
///
/// # Errors
///
/// Why it is no success.
pub fn judge_text(body: &[u8]) -> Result<Value, Fault> {
    let mut answer: Value = serde_json::from_slice(body).map_err(|_| Fault::NotJson)?;
    match &answer["error"] {
        Value::Null => {}
        error => {
            let message = error["message"]
                .as_str()
                .or(error.as_str())
                .unwrap_or_default();
            return Err(Fault::Error(
                error["code"].as_i64().unwrap_or_default(),
                message.into(),
            ));
        }
    }
    let Some(result) = answer.get_mut("result").map(Value::take) else {
        return Err(Fault::NotJsonRpc);
    };
    if let Some(state) = task_state(&result)
        && matches!(state.as_str(), "failed" | "canceled" | "rejected")
    {
        return Err(Fault::Task(state));
    }
    match hidden_error(&result) {
        Some(text) => Err(Fault::Hidden(text)),
        None => Ok(result),
    }
}

/// The state of the task that a result is or tells about, in the words of A2A
/// 0.3 (`input-required`); 1.0 says `TASK_STATE_INPUT_REQUIRED` for that.
#[must_use]
pub fn task_state(result: &Value) -> Option<String> {
    let state = [result, &result["task"], &result["statusUpdate"]]
        .into_iter()
        .find_map(|holder| holder["status"]["state"].as_str())?;
    let state = state.strip_prefix("TASK_STATE_").unwrap_or(state);
    Some(state.to_ascii_lowercase().replace('_', "-"))
}

/// What a `content` says that is itself the JSON text of an error. Plain text
/// that reads like one cannot be told from an answer.
fn hidden_error(result: &Value) -> Option<String> {
    let content = result["content"].as_str()?;
    // Most contents are prose: only what can be an object is worth parsing.
    if !content.trim_start().starts_with('{') {
        return None;
    }
    let inner: Value = serde_json::from_slice(content.as_bytes()).ok()?;
    if inner["status"] != "error" {
        return None;
    }
    let text = ["message", "error", "content"]
        .iter()
        .find_map(|name| inner[name].as_str());
    Some(text.unwrap_or_default().to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn fault(status: u16, body: &str) -> Fault {
        judge(status, body.as_bytes()).unwrap_err()
    }

    fn is_success(body: &str) -> bool {
        judge(200, body.as_bytes()).is_ok()
    }

    #[test]
    fn a_result_is_a_success_with_the_error_absent_or_null() {
        assert!(is_success(
            r#"{"jsonrpc":"2.0","id":1,"result":{"status":"healthy"}}"#
        ));
        assert!(is_success(
            r#"{"jsonrpc":"2.0","id":1,"result":{},"error":null}"#
        ));
        assert!(is_success(r#"{"jsonrpc":"2.0","id":1,"result":"pong"}"#));
        assert!(is_success(
            r#"{"jsonrpc":"2.0","id":1,"result":null,"error":null}"#
        ));
    }

    #[test]
    fn a_json_rpc_error_at_status_200_is_a_failure() {
        assert_eq!(
            fault(
                200,
                r#"{"id":1,"result":null,"error":{"code":-32600,"message":"no token"}}"#
            ),
            Fault::Error(-32600, "no token".into())
        );
        assert_eq!(
            fault(200, r#"{"error":"gone"}"#),
            Fault::Error(0, "gone".into())
        );
    }

    #[test]
    fn an_error_wins_over_a_result() {
        assert!(!is_success(
            r#"{"result":{"ok":true},"error":{"code":1,"message":"x"}}"#
        ));
    }

    #[test]
    fn the_status_is_judged_before_the_body() {
        assert_eq!(fault(429, "Too many requests"), Fault::Status(429));
        assert_eq!(fault(422, r#"{"detail":[]}"#), Fault::Status(422));
        assert_eq!(fault(403, r#"{"result":{}}"#), Fault::Status(403));
    }

    #[test]
    fn what_is_no_json_rpc_is_a_failure() {
        assert_eq!(fault(200, "<html>"), Fault::NotJson);
        assert_eq!(fault(200, ""), Fault::NotJson);
        assert_eq!(fault(200, "[]"), Fault::NotJsonRpc);
        assert_eq!(fault(200, "3"), Fault::NotJsonRpc);
        assert_eq!(fault(200, r#"{"detail":"x"}"#), Fault::NotJsonRpc);
    }

    #[test]
    fn a_task_that_did_not_go_well_is_a_failure_in_both_dialects() {
        for (body, state) in [
            (
                r#"{"result":{"kind":"task","status":{"state":"failed"}}}"#,
                "failed",
            ),
            (
                r#"{"result":{"kind":"task","status":{"state":"canceled"}}}"#,
                "canceled",
            ),
            (
                r#"{"result":{"task":{"status":{"state":"TASK_STATE_REJECTED"}}}}"#,
                "rejected",
            ),
            (
                r#"{"result":{"statusUpdate":{"status":{"state":"TASK_STATE_FAILED"}}}}"#,
                "failed",
            ),
        ] {
            assert_eq!(fault(200, body), Fault::Task(state.into()));
        }
        assert!(is_success(
            r#"{"result":{"kind":"task","status":{"state":"completed"}}}"#
        ));
        assert!(is_success(
            r#"{"result":{"task":{"status":{"state":"TASK_STATE_WORKING"}}}}"#
        ));
    }

    #[test]
    fn a_failure_hidden_in_the_content_is_found_where_it_is_json() {
        assert_eq!(
            fault(
                200,
                r#"{"result":{"content":"{\"status\":\"error\",\"message\":\"no db\"}"}}"#
            ),
            Fault::Hidden("no db".into())
        );
        assert!(is_success(
            r#"{"result":{"content":"{\"status\":\"ok\"}"}}"#
        ));
        assert!(is_success(r#"{"result":{"content":"Connection error."}}"#));
        assert!(is_success(r#"{"result":{"content":"{half"}}"#));
    }

    #[test]
    fn task_states_read_alike_in_both_dialects() {
        let value = serde_json::from_str(r#"{"status":{"state":"TASK_STATE_INPUT_REQUIRED"}}"#);
        assert_eq!(task_state(&value.unwrap()).unwrap(), "input-required");
    }
}
