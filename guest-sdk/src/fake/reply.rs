use std::time::Duration;

use serde::Serialize;

use crate::http::ErrorKind;

/// How a [`Host`](super::Host) answers one request.
#[derive(Debug, Clone)]
#[must_use]
pub struct Reply {
    /// What there is in place of an answer.
    pub(super) failure: Option<ErrorKind>,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// The body's pieces, before its events.
    pub(super) pieces: Vec<Vec<u8>>,
    pub(super) events: Vec<ToldEvent>,
    pub(super) retry: Option<Duration>,
    pub(super) cut: bool,
    pub(super) after: Duration,
}

/// A Server-Sent Event as the test told it.
#[derive(Debug, Clone)]
pub(super) struct ToldEvent {
    pub(super) kind: String,
    pub(super) data: String,
    /// Where it has one of its own.
    id: Option<String>,
}

/// An answer of this status, with an empty body.
pub fn reply(status: u16) -> Reply {
    Reply {
        failure: None,
        status,
        headers: Vec::new(),
        pieces: Vec::new(),
        events: Vec::new(),
        retry: None,
        cut: false,
        after: Duration::from_millis(5),
    }
}

/// No answer: nobody listens there.
pub fn unreachable() -> Reply {
    fails(ErrorKind::ConnectionRefused)
}

/// No answer, but this error. The request is remembered all the same.
///
/// ```
/// use vuelo_sdk::prelude::*;
/// use vuelo_sdk::http::ErrorKind;
///
/// fn is_up(url: &str) -> bool {
///     match http::get(url).send() {
///         Ok(answer) => answer.is_success(),
///         Err(error) if error.kind() == ErrorKind::Timeout => false,
///         Err(error) => {
///             warn!("{error}");
///             false
///         }
///     }
/// }
///
/// let report = fake::Host::new()
///     .on("GET", "/", fake::fails(ErrorKind::Timeout))
///     .on("GET", "/", fake::fails(ErrorKind::Tls))
///     .play(|| {
///         assert!(!is_up("http://localhost/"));
///         assert!(!is_up("http://localhost/"));
///     });
/// assert_eq!(report.logs.len(), 1);
/// ```
pub fn fails(kind: ErrorKind) -> Reply {
    Reply {
        failure: Some(kind),
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
        self.pieces = vec![body.as_bytes().to_vec()];
        self
    }

    /// Answers with a value as JSON.
    ///
    /// # Panics
    ///
    /// If the value cannot be said in JSON.
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        self.pieces = vec![serde_json::to_vec(value).expect("the reply is said in JSON")];
        self.header("content-type", "application/json")
    }

    /// Adds a piece to the body, which [`chunks`](crate::http::Response::chunks) hands
    /// over by itself.
    pub fn chunk(mut self, piece: impl AsRef<[u8]>) -> Self {
        self.pieces.push(piece.as_ref().to_vec());
        self
    }

    /// Adds a Server-Sent Event of the type `message`; the answer is then an
    /// event stream.
    pub fn event(self, data: &str) -> Self {
        self.event_of("message", data)
    }

    /// Adds a Server-Sent Event of another type.
    pub fn event_of(mut self, kind: &str, data: &str) -> Self {
        self.events.push(ToldEvent {
            kind: kind.to_owned(),
            data: data.to_owned(),
            id: None,
        });
        self.event_stream()
    }

    /// Gives an id to the event that was added last, which is also that of later
    /// ones without.
    ///
    /// # Panics
    ///
    /// If no event was added.
    pub fn event_id(mut self, id: &str) -> Self {
        let event = self.events.last_mut();
        event.expect("an event that has the id").id = Some(id.to_owned());
        self
    }

    /// Says how long a client is to wait before it connects anew; the answer is
    /// then an event stream.
    pub fn retry(mut self, pause: Duration) -> Self {
        self.retry = Some(pause);
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

    /// How long the answer takes; 5 ms unless set. Each event and each piece takes
    /// as long again. Nothing is waited for.
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

    /// The last id of the events up to this one.
    pub(super) fn id_at(&self, index: usize) -> &str {
        let mut ids = self.events.iter().take(index + 1).rev();
        ids.find_map(|event| event.id.as_deref()).unwrap_or("")
    }

    /// The body in pieces, events as they are written.
    pub(super) fn written(&self) -> Vec<Vec<u8>> {
        let mut written = self.pieces.clone();
        if let Some(pause) = self.retry {
            written.push(format!("retry: {}\n\n", pause.as_millis()).into_bytes());
        }
        for ToldEvent { kind, data, id } in &self.events {
            let id = id
                .as_ref()
                .map_or(String::new(), |id| format!("id: {id}\n"));
            written.push(format!("event: {kind}\n{id}data: {data}\n\n").into_bytes());
        }
        written.retain(|piece| !piece.is_empty());
        written
    }
}
