//! JSON-RPC 2.0: reading calls and writing answers, in the two ways that
//! servers write them.

use serde_json::Value;

use super::response::quoted;

/// Why no call could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoCall {
    /// The body is no JSON.
    NotJson,
    /// It is JSON, but not of the shape that was asked for.
    WrongShape,
}

impl From<serde_json::Error> for NoCall {
    fn from(error: serde_json::Error) -> Self {
        if error.is_data() {
            Self::WrongShape
        } else {
            Self::NotJson
        }
    }
}

/// The error codes in use here; those above -32100 are A2A's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    Parse = -32700,
    InvalidRequest = -32600,
    MethodNotFound = -32601,
    InvalidParams = -32602,
    Internal = -32603,
    TaskNotFound = -32001,
    VersionNotSupported = -32009,
}

/// Which members an answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Members {
    /// `result` and `error` always, one of them null, as AgentOS does.
    Both,
    /// The one that applies, as the specification demands.
    One,
}

impl Members {
    /// A success. `result` is JSON.
    pub(super) fn success(self, id: &Value, result: &str) -> String {
        let error = match self {
            Self::Both => r#","error":null"#,
            Self::One => "",
        };
        format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}{error}}}"#)
    }

    /// A failure, which HTTP knows nothing of.
    pub(super) fn failure(self, id: &Value, code: Code, message: &str) -> String {
        let result = match self {
            Self::Both => r#""result":null,"#,
            Self::One => "",
        };
        let (code, message) = (code as i32, quoted(message));
        format!(
            r#"{{"jsonrpc":"2.0","id":{id},{result}"error":{{"code":{code},"message":{message}}}}}"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_ways_differ_only_in_the_member_that_is_null() {
        let id = Value::from("a\"b");
        assert_eq!(
            Members::Both.success(&id, "{}"),
            r#"{"jsonrpc":"2.0","id":"a\"b","result":{},"error":null}"#
        );
        assert_eq!(
            Members::One.success(&id, "{}"),
            r#"{"jsonrpc":"2.0","id":"a\"b","result":{}}"#
        );
        assert_eq!(
            Members::One.failure(&Value::Null, Code::Parse, "no"),
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}"#
        );
        assert!(
            Members::Both
                .failure(&Value::from(1), Code::Internal, "no")
                .contains(r#""result":null"#)
        );
    }
}
