use std::time::{Duration, Instant};

use vuelo_sdk::http::{self, Error};
use vuelo_sdk::prelude::*;

/// Requests whose answer was judged good.
pub static SUCCESSFUL: Counter = Counter::new("successful_requests");
/// Requests without an answer, or with one that was judged bad.
pub static FAILED: Counter = Counter::new("failed_requests");

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Ok,
    /// Otherwise.
    Error,
}

impl Outcome {
    /// Judges by one truth.
    #[must_use]
    pub fn of(good: bool) -> Self {
        if good { Self::Ok } else { Self::Error }
    }

    /// Whether it ended as it should.
    #[must_use]
    pub fn is_ok(self) -> bool {
        self == Self::Ok
    }

    /// The tag that keeps failures apart in a trend which counts them.
    #[must_use]
    pub fn tag(self) -> (&'static str, &'static str) {
        ("outcome", if self.is_ok() { "ok" } else { "error" })
    }

    /// Counts the request in `successful_requests` or `failed_requests`.
    pub fn count(self) {
        if self.is_ok() {
            SUCCESSFUL.add(1)
        } else {
            FAILED.add(1)
        }
    }
}

/// A request that was sent, and what came of it.
pub struct Exchange {
    /// The answer, or why there is none.
    pub answer: Result<Response, Error>,
    /// The answer's `http_req_duration`; without an answer, the time until
    /// that was known.
    pub duration: Duration,
}

impl Exchange {
    fn new(answer: Result<Response, Error>, begun: Instant) -> Self {
        let measured = answer.as_ref().ok().and_then(Response::duration);
        Self {
            answer,
            duration: measured.unwrap_or_else(|| begun.elapsed()),
        }
    }

    /// Whether there is an answer of this status.
    #[must_use]
    pub fn has_status(&self, status: u16) -> bool {
        self.answer
            .as_ref()
            .is_ok_and(|answer| answer.status() == status)
    }

    /// The answer's body, if there is an answer with one that arrived.
    #[must_use]
    pub fn body(&self) -> Option<Vec<u8>> {
        self.answer.as_ref().ok()?.body().ok()
    }

    /// The answer's body as JSON, if it is that.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body()?).ok()
    }
}

/// Sends a request and waits for the whole answer.
#[must_use]
pub fn exchange(request: &Request) -> Exchange {
    let begun = Instant::now();
    Exchange::new(request.send(), begun)
}

/// Sends several requests at once.
#[must_use]
pub fn exchange_all(requests: &[&Request]) -> Vec<Exchange> {
    let begun = Instant::now();
    let answers = http::send_all(requests);
    answers
        .into_iter()
        .map(|answer| Exchange::new(answer, begun))
        .collect()
}
