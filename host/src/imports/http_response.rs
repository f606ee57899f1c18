//! The resource `response`, and the streams that it can be read as.
//!
//! Answers stay in the host, in [`Responses`], and end with their iteration
//! whatever handles the guest still holds.

use std::time::Duration;

use ::http::HeaderMap;

use super::bindings::vuelo::load::http::{Error, Event};
use super::http_sample::Sampler;
use super::per_iteration::{PerIteration, Place};
use crate::http::{self, Client, EventStream as Events, Exchange, OpenExchange, Timings};

/// The resource `response`.
#[derive(Debug)]
pub struct Response(pub(super) Place<Held>);

/// The resource `event-stream`.
#[derive(Debug)]
pub struct EventStream {
    pub(super) place: Place<Held>,
    /// The last `retry` that the server has said, also after the stream's end.
    pub(super) retry: Option<Duration>,
}

/// The resource `body-stream`.
#[derive(Debug)]
pub struct BodyStream {
    pub(super) place: Place<Held>,
    /// When the last piece came that the guest was given.
    pub(super) arrived: Option<Duration>,
}

/// The answers of the iteration under way.
#[derive(Debug, Default)]
pub(super) struct Responses(PerIteration<Held>);

impl Responses {
    /// Keeps an answer.
    pub(super) fn keep(&mut self, held: Held) -> Response {
        Response(self.0.keep(held))
    }

    /// The answer, if its iteration is still under way.
    pub(super) fn get(&mut self, place: Place<Held>) -> Option<&mut Held> {
        self.0.get(place)
    }

    /// An answer is read as events, which are another handle to it.
    pub(super) fn event_stream(&mut self, place: Place<Held>) -> EventStream {
        self.0.share(place);
        EventStream { place, retry: None }
    }

    /// An answer is read in pieces, which are another handle to it.
    pub(super) fn body_stream(&mut self, place: Place<Held>) -> BodyStream {
        self.0.share(place);
        BodyStream {
            place,
            arrived: None,
        }
    }

    /// The guest dropped an answer: it is freed, but for one that a stream still
    /// reads.
    pub(super) fn drop_response(&mut self, place: Place<Held>, client: &mut Client) {
        if let Some(mut held) = self.0.release(place) {
            held.end(client);
        }
    }

    /// The guest dropped a stream; it may still ask for the answer's head.
    pub(super) fn drop_stream(&mut self, place: Place<Held>, client: &mut Client) {
        if let Some(held) = self.0.get(place) {
            held.end(client);
        }
        self.0.release(place);
    }

    /// Frees all answers. Requests whose bodies were not read to their end were
    /// sent and answered all the same, and count so.
    pub(super) fn end_iteration(&mut self, client: &mut Client) {
        for mut held in self.0.end_iteration() {
            held.end(client);
        }
    }
}

/// What a handle stands for.
#[derive(Debug)]
pub(super) enum Held {
    /// An answer that is complete.
    Complete(http::Response, Timings),
    /// An answer whose body is still to come.
    Open(Box<Open>),
    /// An answer whose body went to a stream, or ended in an error. The head is
    /// gone with a body that failed.
    Read(Option<http::Response>, Timings),
}

/// An answer whose body is still to come, and what its samples need. Dropped
/// before its end, as when its virtual user is stopped, it counts as cut off.
#[derive(Debug)]
pub(super) struct Open {
    reader: Option<Reader>,
    sampler: Sampler,
}

/// How an open body is read.
#[derive(Debug)]
enum Reader {
    /// Nobody has said so yet.
    Undecided(OpenExchange),
    /// In pieces.
    Chunks(OpenExchange),
    /// As events.
    Events(Box<Events>),
}

impl Reader {
    fn exchange(&self) -> &OpenExchange {
        match self {
            Self::Undecided(exchange) | Self::Chunks(exchange) => exchange,
            Self::Events(events) => events.exchange(),
        }
    }

    fn abandon(self) -> Exchange {
        match self {
            Self::Undecided(exchange) | Self::Chunks(exchange) => exchange.abandon(),
            Self::Events(events) => events.abandon(),
        }
    }

    fn finish(self, client: &mut Client) -> Exchange {
        match self {
            Self::Undecided(exchange) | Self::Chunks(exchange) => exchange.finish(client),
            Self::Events(events) => events.finish(client),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.take() {
            let exchange = reader.abandon();
            self.sampler.cut_off(
                exchange.bytes_sent,
                exchange.bytes_received,
                exchange.redirected.as_deref(),
            );
        }
    }
}

impl Held {
    /// An answer whose head alone is here.
    pub(super) fn open(exchange: OpenExchange, sampler: Sampler) -> Self {
        Self::Open(Box::new(Open {
            reader: Some(Reader::Undecided(exchange)),
            sampler,
        }))
    }

    /// The status code; 0 where the head is gone.
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::Complete(response, _) | Self::Read(Some(response), _) => {
                response.status().as_u16()
            }
            Self::Open(open) => open
                .exchange()
                .map_or(0, |exchange| exchange.status().as_u16()),
            Self::Read(None, _) => 0,
        }
    }

    /// The URL that answered, where the head is still here.
    pub(super) fn url(&self) -> &str {
        match self {
            Self::Complete(response, _) | Self::Read(Some(response), _) => response.url(),
            Self::Open(open) => open.exchange().map_or("", OpenExchange::url),
            Self::Read(None, _) => "",
        }
    }

    /// The headers, where the head is still here.
    pub(super) fn headers(&self) -> Option<&HeaderMap> {
        match self {
            Self::Complete(response, _) | Self::Read(Some(response), _) => Some(response.headers()),
            Self::Open(open) => open.exchange().map(OpenExchange::headers),
            Self::Read(None, _) => None,
        }
    }

    /// The protocol as k6 names it.
    pub(super) fn protocol(&self) -> &'static str {
        match self {
            Self::Complete(response, _) | Self::Read(Some(response), _) => response.protocol(),
            Self::Open(open) => open.exchange().map_or("", OpenExchange::protocol),
            Self::Read(None, _) => "",
        }
    }

    /// Where the time went, so far.
    pub(super) fn timings(&self) -> Timings {
        match self {
            Self::Complete(_, timings) | Self::Read(_, timings) => *timings,
            Self::Open(open) => open
                .exchange()
                .map(OpenExchange::timings)
                .unwrap_or_default(),
        }
    }

    /// The whole body, received first where it was only opened.
    pub(super) async fn body(&mut self, client: &mut Client) -> Result<bytes::Bytes, Error> {
        if let Self::Open(open) = self
            && let Some(Reader::Undecided(exchange)) = &mut open.reader
        {
            // What went wrong is in the exchange too, and recorded with it.
            let received = exchange
                .read_to_end()
                .await
                .map_err(|error| Error::from(&error));
            self.end(client);
            if let (Ok(()), Self::Read(response, timings)) = (&received, &mut *self)
                && let Some(response) = response.take()
            {
                *self = Self::Complete(response, *timings);
            }
            received?;
        }
        match self {
            Self::Complete(response, _) => Ok(response.body()),
            Self::Open(_) | Self::Read(..) => Err(Error::Closed),
        }
    }

    /// Has the body read in pieces from now on.
    pub(super) fn read_chunks(&mut self) -> Result<(), Error> {
        let Self::Open(open) = self else {
            return Err(Error::Closed);
        };
        match open.reader.take() {
            Some(Reader::Undecided(exchange)) => {
                open.reader = Some(Reader::Chunks(exchange));
                Ok(())
            }
            other => {
                open.reader = other;
                Err(Error::Closed)
            }
        }
    }

    /// Has the body read as events from now on, none larger than `limit`.
    pub(super) fn read_events(&mut self, limit: u64) -> Result<(), Error> {
        let Self::Open(open) = self else {
            return Err(Error::Closed);
        };
        let (reader, result) = match open.reader.take() {
            Some(Reader::Undecided(exchange)) => match exchange.into_events(limit) {
                Ok(events) => (Some(Reader::Events(Box::new(events))), Ok(())),
                Err((exchange, error)) => {
                    (Some(Reader::Undecided(exchange)), Err(Error::from(&error)))
                }
            },
            other => (other, Err(Error::Closed)),
        };
        open.reader = reader;
        result
    }

    /// The next piece of a body that is read in pieces; notes when it came.
    pub(super) async fn next_chunk(
        &mut self,
        client: &mut Client,
        arrived: &mut Option<Duration>,
    ) -> Result<Option<bytes::Bytes>, Error> {
        let Self::Open(open) = self else {
            return self.after_the_end();
        };
        let Some(Reader::Chunks(exchange)) = &mut open.reader else {
            return self.after_the_end();
        };
        let next = exchange
            .next_chunk()
            .await
            .map_err(|error| Error::from(&error));
        if let Ok(Some(_)) = next {
            *arrived = Some(exchange.elapsed_at_last_read());
        } else {
            self.end(client);
        }
        next
    }

    /// The next event of a body that is read as events; notes the server's `retry`.
    pub(super) async fn next_event(
        &mut self,
        client: &mut Client,
        retry: &mut Option<Duration>,
    ) -> Result<Option<Event>, Error> {
        let Self::Open(open) = self else {
            return self.after_the_end();
        };
        let Some(Reader::Events(events)) = &mut open.reader else {
            return self.after_the_end();
        };
        let next = events.next().await.map_err(|error| Error::from(&error));
        *retry = events.retry();
        if !matches!(next, Ok(Some(_))) {
            self.end(client);
        }
        Ok(next?.map(|arrived| Event {
            kind: arrived.event.kind,
            data: arrived.event.data,
            id: arrived.event.id.to_string(),
            elapsed: nanos(arrived.elapsed),
        }))
    }

    /// What a stream says that is over: after a clean end the same again, after
    /// an error that it is closed, so that nobody takes it for a clean end.
    fn after_the_end<T>(&self) -> Result<Option<T>, Error> {
        match self {
            Self::Read(Some(_), _) => Ok(None),
            Self::Complete(..) | Self::Open(_) | Self::Read(None, _) => Err(Error::Closed),
        }
    }

    /// The body is over, cleanly or as far as the guest wanted it: the samples
    /// are recorded.
    fn end(&mut self, client: &mut Client) {
        if let Self::Open(open) = self
            && let Some(reader) = open.reader.take()
        {
            let exchange = reader.finish(client);
            open.sampler.record(&exchange);
            *self = Self::Read(exchange.outcome.ok(), exchange.timings);
        }
    }
}

impl Open {
    fn exchange(&self) -> Option<&OpenExchange> {
        self.reader.as_ref().map(Reader::exchange)
    }
}

/// A duration in the contract's nanoseconds.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
