//! The resource `response`, and the streams that it can be read as.
//!
//! Answers stay in the host, in [`Responses`], and end with their iteration
//! whatever handles the guest still holds: a language that collects garbage
//! drops handles late or never.

use std::time::Instant;

use super::bindings::vuelo::load::http::Error;
use super::http_sample::Sampler;
use crate::http::{Client, Event, EventParser, Head, OpenExchange, Response as Answer, Timings};

/// The resource `response`: a place in [`Responses`].
#[derive(Debug, Clone, Copy)]
pub struct Response {
    place: Place,
}

/// The resource `event-stream`.
#[derive(Debug)]
pub struct EventStream {
    pub(super) place: Place,
    pub(super) parser: EventParser,
}

/// The resource `body-stream`.
#[derive(Debug)]
pub struct BodyStream {
    pub(super) place: Place,
}

/// Where an answer is, as long as its iteration lasts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    generation: u64,
    index: usize,
}

impl Response {
    pub(super) fn place(self) -> Place {
        self.place
    }
}

/// What a handle stands for.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) head: Head,
    pub(super) body: Body,
    /// Of a complete answer; an open one knows its own.
    timings: Timings,
}

/// How far an answer's body is.
#[derive(Debug)]
pub(super) enum Body {
    /// It is here.
    Complete(Answer),
    /// It is still to come, and nobody has said how it will be read.
    Open(Open),
    /// A stream reads it.
    Streamed(Open),
    /// It ended in an error, or was read to its end as a stream.
    Gone,
}

/// An answer whose body is still to come, and the samples that are recorded when
/// it has.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) exchange: OpenExchange,
    sampler: Sampler,
}

impl Open {
    /// When sending began.
    pub(super) fn started(&self) -> Instant {
        self.exchange.started()
    }

    /// The body is over, cleanly or as far as the guest wanted it.
    fn end(self, client: &mut Client) {
        let (timings, head) = (self.exchange.timings(), &self.exchange.head);
        let bytes = (self.exchange.bytes_sent(), self.exchange.bytes_received());
        self.sampler.answered(head, &timings, bytes);
        client.close(self.exchange);
    }

    /// The body ended in an error.
    fn fail(self, error: &crate::http::Error) {
        let bytes = (self.exchange.bytes_sent(), self.exchange.bytes_received());
        self.sampler.failed(error, &self.exchange.timings(), bytes);
    }
}

/// The answers of the iteration under way.
#[derive(Debug, Default)]
pub(super) struct Responses {
    generation: u64,
    held: Vec<Option<Held>>,
}

impl Responses {
    /// Keeps a complete answer.
    pub(super) fn keep(&mut self, answer: Answer, timings: Timings) -> Response {
        let head = answer.head.clone();
        self.push(Held { head, body: Body::Complete(answer), timings })
    }

    /// Keeps an answer whose body is still to come.
    pub(super) fn keep_open(&mut self, exchange: OpenExchange, sampler: Sampler) -> Response {
        let (head, timings) = (exchange.head.clone(), exchange.timings());
        self.push(Held { head, body: Body::Open(Open { exchange, sampler }), timings })
    }

    fn push(&mut self, held: Held) -> Response {
        self.held.push(Some(held));
        Response { place: Place { generation: self.generation, index: self.held.len() - 1 } }
    }

    /// What a handle stands for, if its iteration is still under way.
    pub(super) fn get(&mut self, place: Place) -> Option<&mut Held> {
        if place.generation != self.generation {
            return None;
        }
        self.held.get_mut(place.index)?.as_mut()
    }

    /// The guest dropped an answer: its body is freed, but for one that a stream
    /// still reads.
    pub(super) fn drop_response(&mut self, place: Place, client: &mut Client) {
        if place.generation == self.generation
            && let Some(slot) = self.held.get_mut(place.index)
            && let Some(held) = slot.take_if(|held| !matches!(held.body, Body::Streamed(_)))
        {
            held.close(client);
        }
    }

    /// Lets go of a stream's answer, whose head the guest may still ask for.
    pub(super) fn end_stream(&mut self, place: Place, client: &mut Client) {
        if let Some(held) = self.get(place) {
            held.end_open(client);
        }
    }

    /// Frees all answers. Bodies that were not read to their end are over: their
    /// requests were sent and answered, and count.
    pub(super) fn end_iteration(&mut self, client: &mut Client) {
        for held in self.held.drain(..).flatten() {
            held.close(client);
        }
        self.generation += 1;
    }
}

impl Held {
    /// Where the time went, so far.
    pub(super) fn timings(&self) -> Timings {
        match &self.body {
            Body::Open(open) | Body::Streamed(open) => open.exchange.timings(),
            Body::Complete(_) | Body::Gone => self.timings,
        }
    }

    /// Receives the rest of an open body, so that it can be read in one piece.
    pub(super) async fn complete(&mut self, client: &mut Client) -> Result<&mut Answer, Error> {
        if let Body::Open(_) = self.body
            && let Body::Open(mut open) = std::mem::replace(&mut self.body, Body::Gone)
        {
            // While the rest is awaited the answer is in this future: if the
            // virtual user is stopped, it is dropped with it, and its sampler
            // records that it was cut off.
            let received = open.exchange.rest().await;
            self.timings = open.exchange.timings();
            match received {
                Ok(pieces) => {
                    let answer = Answer::new(self.head.clone(), pieces);
                    self.body = Body::Complete(answer);
                    open.end(client);
                }
                Err(error) => {
                    let told = Error::from(&error);
                    open.fail(&error);
                    return Err(told);
                }
            }
        }
        match &mut self.body {
            Body::Complete(answer) => Ok(answer),
            Body::Open(_) | Body::Streamed(_) | Body::Gone => Err(Error::Closed),
        }
    }

    /// Hands an open body to a stream.
    pub(super) fn stream(&mut self) -> Result<(), Error> {
        match std::mem::replace(&mut self.body, Body::Gone) {
            Body::Open(open) => {
                self.body = Body::Streamed(open);
                Ok(())
            }
            other => {
                self.body = other;
                Err(Error::Closed)
            }
        }
    }

    /// The next piece of a streamed body.
    pub(super) async fn next_piece(
        &mut self,
        client: &mut Client,
    ) -> Result<Option<bytes::Bytes>, Error> {
        let Body::Streamed(open) = &mut self.body else { return Ok(None) };
        match open.exchange.next_chunk().await {
            Ok(Some(piece)) => Ok(Some(piece)),
            Ok(None) => {
                self.end_open(client);
                Ok(None)
            }
            Err(error) => {
                self.timings = self.timings();
                if let Body::Streamed(open) = std::mem::replace(&mut self.body, Body::Gone) {
                    open.fail(&error);
                }
                Err(Error::from(&error))
            }
        }
    }

    /// When sending began, of a streamed body.
    pub(super) fn stream_started(&self) -> Option<Instant> {
        match &self.body {
            Body::Streamed(open) => Some(open.started()),
            _ => None,
        }
    }

    fn end_open(&mut self, client: &mut Client) {
        if let Body::Streamed(_) | Body::Open(_) = self.body {
            self.timings = self.timings();
            if let Body::Streamed(open) | Body::Open(open) =
                std::mem::replace(&mut self.body, Body::Gone)
            {
                open.end(client);
            }
        }
    }

    fn close(mut self, client: &mut Client) {
        self.end_open(client);
    }
}

/// An event in the contract's words.
pub(super) fn event(
    event: Event,
    elapsed: std::time::Duration,
) -> super::bindings::vuelo::load::http::Event {
    super::bindings::vuelo::load::http::Event {
        kind: event.kind,
        data: event.data,
        id: event.id,
        elapsed: nanos(elapsed),
    }
}

/// A duration in the contract's nanoseconds.
pub(super) fn nanos(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
