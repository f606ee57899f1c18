//! How answers are put together.

use bytes::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};

use super::body::AnswerBody;
use super::faults::Fault;
use super::sse::EventStream;

/// An answer of the target.
pub(super) type Answer = Response<AnswerBody>;

/// Instead of an answer: the connection is to be reset.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset on purpose")]
pub(super) struct Reset;

/// An answer of some media type.
pub(super) fn typed(
    status: StatusCode,
    media_type: &'static str,
    body: impl Into<Bytes>,
) -> Answer {
    let mut answer = Response::new(AnswerBody::Whole(body.into()));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    answer
}

/// An answer in JSON.
pub(super) fn json(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    typed(status, "application/json", body)
}

/// An answer in JSON with status 200.
pub(super) fn json_ok(body: impl Into<Bytes>) -> Answer {
    json(StatusCode::OK, body)
}

/// An answer in plain text.
pub(super) fn text(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    typed(status, "text/plain; charset=utf-8", body)
}

/// A refusal in the shape of the web framework that AgentOS is built on.
pub(super) fn detail(status: StatusCode, what: &str) -> Answer {
    json(status, format!(r#"{{"detail":{}}}"#, quoted(what)))
}

/// A stream of events with status 200.
pub(super) fn events(stream: EventStream) -> Answer {
    let mut answer = Response::new(AnswerBody::Events(Box::new(stream)));
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// A text as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The same answer with a `retry-after` of one second.
pub(super) fn retry_after_a_second(mut answer: Answer) -> Answer {
    answer
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    answer
}

/// The answer of a fault that takes the place of any answer; `None` for one
/// that is part of an answer, or of a stream.
pub(super) fn of_fault(fault: Fault) -> Option<Result<Answer, Reset>> {
    match fault {
        Fault::ServerError => Some(Ok(text(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal Server Error",
        ))),
        Fault::Unavailable => {
            let answer = detail(
                StatusCode::SERVICE_UNAVAILABLE,
                "Service temporarily unavailable",
            );
            Some(Ok(retry_after_a_second(answer)))
        }
        Fault::Reset => Some(Err(Reset)),
        Fault::RpcError
        | Fault::HiddenFailure
        | Fault::StreamBroken
        | Fault::StreamUnfinished
        | Fault::RunError => None,
    }
}
