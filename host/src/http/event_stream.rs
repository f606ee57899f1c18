//! An answer's body, read as Server-Sent Events.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;

use super::client::Client;
use super::error::Error;
use super::events::{Event, EventParser};
use super::exchange::Exchange;
use super::open::OpenExchange;

/// An event, and when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivedEvent {
    /// The event.
    pub event: Event,
    /// From the start of sending the request to the event's last bytes.
    pub elapsed: Duration,
}

/// An answer's body, read as Server-Sent Events.
#[derive(Debug)]
pub struct EventStream {
    open: OpenExchange,
    parser: EventParser,
    parsed: VecDeque<Event>,
    /// When the bytes came that completed the events parsed.
    arrived: Duration,
    /// Why there are no events after those parsed.
    too_large: Option<Error>,
}

impl OpenExchange {
    /// Reads the rest of the body as Server-Sent Events, none of which may be
    /// larger than `limit` bytes.
    ///
    /// # Errors
    ///
    /// [`Error::WrongContent`] where the content type is another; the body can
    /// still be read.
    // The answer goes back to whoever asked.
    #[allow(clippy::result_large_err)]
    pub fn into_events(self, limit: u64) -> Result<EventStream, (Self, Error)> {
        let content_type = self.headers().get(CONTENT_TYPE);
        let essence = content_type
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .map_or("", str::trim);
        if !essence.eq_ignore_ascii_case("text/event-stream") {
            let found = match content_type {
                Some(value) => format!("content of type `{}`", value.as_bytes().escape_ascii()),
                None => "content without a type".to_owned(),
            };
            let authority = Arc::clone(self.authority());
            let error = Error::WrongContent {
                authority,
                expected: "`text/event-stream`",
                found,
            };
            return Err((self, error));
        }
        Ok(EventStream {
            open: self,
            parser: EventParser::new(limit),
            parsed: VecDeque::new(),
            arrived: Duration::ZERO,
            too_large: None,
        })
    }
}

impl EventStream {
    /// Waits for the next event. `None` is the clean end of the body. Dropping
    /// the future loses nothing.
    ///
    /// # Errors
    ///
    /// Those of [`OpenExchange::next_chunk`], and [`Error::BodyTooLarge`].
    pub async fn next(&mut self) -> Result<Option<ArrivedEvent>, Error> {
        loop {
            if let Some(event) = self.parsed.pop_front() {
                return Ok(Some(ArrivedEvent {
                    event,
                    elapsed: self.arrived,
                }));
            }
            if let Some(error) = self.too_large.take() {
                return Err(self.open.fail(error));
            }
            let Some(chunk) = self.open.next_chunk().await? else {
                return Ok(None);
            };
            self.arrived = self.open.elapsed_at_last_read();
            if let Err(error) = self.parser.feed(&chunk, &mut self.parsed) {
                let authority = Arc::clone(self.open.authority());
                self.too_large = Some(Error::BodyTooLarge {
                    authority,
                    limit: error.limit,
                });
            }
        }
    }

    /// How long the server wants a client to wait before it connects anew: the last
    /// `retry` that has come.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.parser.retry()
    }

    /// The answer itself.
    #[must_use]
    pub fn exchange(&self) -> &OpenExchange {
        &self.open
    }

    /// Ends the exchange: [`OpenExchange::finish`].
    #[must_use]
    pub fn finish(self, client: &mut Client) -> Exchange {
        self.open.finish(client)
    }

    /// Ends the exchange and closes the connection: [`OpenExchange::abandon`].
    #[must_use]
    pub fn abandon(self) -> Exchange {
        self.open.abandon()
    }
}
