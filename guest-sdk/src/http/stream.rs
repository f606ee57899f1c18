use std::time::Duration;

use super::Error;
use crate::host::http as contract;

/// One Server-Sent Event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The type: `message` where the server named none.
    pub kind: String,
    /// The lines of data, joined by a line feed.
    pub data: String,
    /// The last event id: empty where the server named none so far.
    pub id: String,
    /// From the start of sending the request to this event's arrival.
    pub elapsed: Duration,
}

/// Server-Sent Events as they arrive. `None` is the clean end of the body,
/// whatever the events before it said; after an error there is nothing more.
/// It ends with its iteration. Dropping it before the end closes the connection.
pub struct Events {
    /// Gone after the end.
    stream: Option<contract::EventStream>,
    /// What the server said of connecting anew, from the end on.
    retry: Option<Duration>,
}

impl Events {
    pub(super) fn new(stream: contract::EventStream) -> Self {
        Self {
            stream: Some(stream),
            retry: None,
        }
    }

    /// How long the server wants a client to wait before it connects anew: the
    /// last `retry` that has come, also after the end. `None` where none has. To
    /// connect anew is the scenario's to do.
    ///
    /// ```
    /// use vuelo_sdk::prelude::*;
    ///
    /// let news = fake::reply(200).event("rain").event_id("7").retry(seconds(3));
    /// let report = fake::Host::new().on("GET", "/news", news).play(|| {
    ///     let mut last = String::new();
    ///     let mut events = http::get("http://localhost/news").open().unwrap().events().unwrap();
    ///     while let Some(event) = events.next() {
    ///         last = event.unwrap().id;
    ///     }
    ///     if let Some(pause) = events.retry() {
    ///         sleep(pause);
    ///     }
    ///     http::get("http://localhost/news").header("last-event-id", &last).open().unwrap();
    /// });
    /// assert_eq!(report.sleeps, [seconds(3)]);
    /// assert_eq!(report.requests[1].header("last-event-id"), Some("7"));
    /// ```
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        match &self.stream {
            Some(stream) => stream.retry().map(Duration::from_nanos),
            None => self.retry,
        }
    }

    fn end(&mut self) {
        self.retry = self.retry();
        self.stream = None;
    }
}

impl Iterator for Events {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.stream.as_ref()?.next();
        match next {
            Ok(Some(event)) => Some(Ok(Event {
                kind: event.kind,
                data: event.data,
                id: event.id,
                elapsed: Duration::from_nanos(event.elapsed),
            })),
            Ok(None) => {
                self.end();
                None
            }
            Err(error) => {
                self.end();
                Some(Err(error.into()))
            }
        }
    }
}

/// Pieces of a body as they arrive, none of them empty; otherwise as
/// [`Events`].
pub struct Chunks {
    /// Gone after the end.
    stream: Option<contract::BodyStream>,
    /// When the last piece came, from the end on.
    elapsed: Option<Duration>,
}

impl Chunks {
    pub(super) fn new(stream: contract::BodyStream) -> Self {
        Self {
            stream: Some(stream),
            elapsed: None,
        }
    }

    /// From the start of sending the request to the arrival of the piece that was
    /// handed over last. `None` before the first one.
    #[must_use]
    pub fn elapsed(&self) -> Option<Duration> {
        match &self.stream {
            Some(stream) => stream.elapsed().map(Duration::from_nanos),
            None => self.elapsed,
        }
    }

    fn end(&mut self) {
        self.elapsed = self.elapsed();
        self.stream = None;
    }
}

impl Iterator for Chunks {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.stream.as_ref()?.next();
        match next {
            Ok(Some(chunk)) => Some(Ok(chunk)),
            Ok(None) => {
                self.end();
                None
            }
            Err(error) => {
                self.end();
                Some(Err(error.into()))
            }
        }
    }
}
