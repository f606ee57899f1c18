use std::time::Duration;

use serde::Serialize;

/// How a [`Host`](super::Host) answers one request.
#[derive(Debug, Clone)]
#[must_use]
pub struct Reply {
    pub(super) reachable: bool,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) events: Vec<(String, String)>,
    pub(super) cut: bool,
    pub(super) after: Duration,
}

/// An answer of this status, with an empty body.
pub fn reply(status: u16) -> Reply {
    Reply {
        reachable: true,
        status,
        headers: Vec::new(),
        body: Vec::new(),
        events: Vec::new(),
        cut: false,
        after: Duration::from_millis(5),
    }
}

/// No answer: nobody listens there.
pub fn unreachable() -> Reply {
    Reply {
        reachable: false,
        ..reply(0)
    }
}

impl Reply {
    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// Answers with a text.
    pub fn text(mut self, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self
    }

    /// Answers with a value as JSON.
    ///
    /// # Panics
    ///
    /// If the value cannot be said in JSON.
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        self.body = serde_json::to_vec(value).expect("the reply is said in JSON");
        self.header("content-type", "application/json")
    }

    /// Adds a Server-Sent Event of the type `message`; the answer is then an
    /// event stream.
    pub fn event(self, data: &str) -> Self {
        self.event_of("message", data)
    }

    /// Adds a Server-Sent Event of another type.
    pub fn event_of(mut self, kind: &str, data: &str) -> Self {
        self.events.push((kind.to_owned(), data.to_owned()));
        self.event_stream()
    }

    /// Answers with an event stream, even one without events.
    pub fn event_stream(self) -> Self {
        if self.headers.iter().any(|(name, _)| name == "content-type") {
            return self;
        }
        self.header("content-type", "text/event-stream")
    }

    /// Loses the connection before the body's clean end.
    pub fn cut(mut self) -> Self {
        self.cut = true;
        self
    }

    /// How long the answer takes; 5 ms unless set. Each event takes as long
    /// again. Nothing is waited for.
    pub fn after(mut self, duration: Duration) -> Self {
        self.after = duration;
        self
    }

    pub(super) fn header_value(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn whole_body(&self) -> Vec<u8> {
        let mut body = self.body.clone();
        for (kind, data) in &self.events {
            body.extend_from_slice(format!("event: {kind}\ndata: {data}\n\n").as_bytes());
        }
        body
    }
}
