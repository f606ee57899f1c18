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
    stream: Option<contract::EventStream>,
}

impl Events {
    pub(super) fn new(stream: contract::EventStream) -> Self {
        Self {
            stream: Some(stream),
        }
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
                self.stream = None;
                None
            }
            Err(error) => {
                self.stream = None;
                Some(Err(error.into()))
            }
        }
    }
}

/// Pieces of a body as they arrive, none of them empty; otherwise as
/// [`Events`].
pub struct Chunks {
    stream: Option<contract::BodyStream>,
}

impl Chunks {
    pub(super) fn new(stream: contract::BodyStream) -> Self {
        Self {
            stream: Some(stream),
        }
    }
}

impl Iterator for Chunks {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.stream.as_ref()?.next();
        match next {
            Ok(Some(chunk)) => Some(Ok(chunk)),
            Ok(None) => {
                self.stream = None;
                None
            }
            Err(error) => {
                self.stream = None;
                Some(Err(error.into()))
            }
        }
    }
}
