//! An answer whose body is read as it arrives.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, StatusCode};
use url::Url;

use super::arriving::ArrivingBody;
use super::body::ReceivedBody;
use super::carrier::Carrier;
use super::client::Client;
use super::connection::Connection;
use super::decoding::Encodings;
use super::engine::Engine;
use super::error::Error;
use super::exchange::Exchange;
use super::following::{Deadline, Leg};
use super::progress::{Cut, Progress};
use super::response::{Response, protocol};
use super::sending::{Answering, BodyLimit};
use super::timings::Timings;

/// An answer whose head is there, and whose body is read as it arrives.
///
/// It was sent for certain: whoever holds it counts it, by
/// [`finish`](Self::finish) or, where there is no client any more, by
/// [`abandon`](Self::abandon). Dropping it closes the connection or resets the
/// stream, and nobody is told.
pub struct OpenExchange {
    url: Arc<Url>,
    authority: Arc<str>,
    head: Parts,
    /// `None` while it changes its state.
    body: Option<ArrivingBody>,
    decoding: Decoding,
    received: ReceivedBody,
    limit: BodyLimit,
    /// What the body comes over, until it has failed.
    carrier: Option<Carrier>,
    /// The connection that the body came over, after its end.
    free: Option<Connection>,
    progress: Progress,
    deadline: Deadline,
    state: BodyState,
}

/// Whether the body is decoded, which shows when it is first read: what is
/// dropped is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decoding {
    Due,
    Decided,
}

/// How far the body has been read.
#[derive(Debug)]
enum BodyState {
    Reading,
    Complete,
    Failed(Error, Timings),
}

impl OpenExchange {
    pub(super) fn new(
        engine: &Engine,
        leg: &Leg<'_>,
        answering: Answering,
        progress: Progress,
        deadline: Deadline,
    ) -> Self {
        let Answering {
            head,
            body,
            carrier,
        } = answering;
        let request = &*leg.request;
        Self {
            url: Arc::clone(&request.url),
            authority: Arc::clone(request.authority()),
            head,
            body: Some(ArrivingBody::of(engine, request, body)),
            decoding: if request.is_plain() {
                Decoding::Decided
            } else {
                Decoding::Due
            },
            received: ReceivedBody::default(),
            limit: BodyLimit::of(engine, request),
            carrier: Some(carrier),
            free: None,
            progress,
            deadline,
            state: BodyState::Reading,
        }
    }

    /// The URL that answers, without user, password and fragment.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// The protocol as k6 names it.
    #[must_use]
    pub fn protocol(&self) -> &'static str {
        protocol(self.head.version)
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// When the request was called for.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.progress.started
    }

    /// Host and port as in the URL.
    #[must_use]
    pub fn authority(&self) -> &Arc<str> {
        &self.authority
    }

    /// Where the time went, as far as is known.
    #[must_use]
    pub fn timings(&self) -> Timings {
        match &self.state {
            BodyState::Failed(_, timings) => *timings,
            BodyState::Reading | BodyState::Complete => self.progress.timings(Cut::AtLastByte),
        }
    }

    /// From the start of sending to the last bytes that came so far.
    #[must_use]
    pub fn elapsed_at_last_read(&self) -> Duration {
        self.progress.elapsed_at_last_read()
    }

    /// The next piece of the body, never an empty one; `None` at its clean end.
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// When the connection is lost or the time is up; the same error again when
    /// asked again.
    pub async fn next_chunk(&mut self) -> Result<Option<Bytes>, Error> {
        match &self.state {
            BodyState::Reading => {}
            BodyState::Complete => return Ok(None),
            BodyState::Failed(error, _) => return Err(error.clone()),
        }
        if self.decoding == Decoding::Due {
            self.decoding = Decoding::Decided;
            let body = self.body.take();
            self.body = body.map(|body| body.decoded(&self.head.headers));
        }
        let Some(body) = &mut self.body else {
            return Ok(None);
        };
        let piece = self.deadline.limit(body.next_piece()).await;
        let piece = piece.unwrap_or_else(|| {
            let after = self.deadline.after;
            Err(self.progress.timed_out(&self.authority, after))
        });
        match piece {
            Ok(Some(piece)) => Ok(Some(piece)),
            Ok(None) => {
                self.state = BodyState::Complete;
                if let Some(mut carrier) = self.carrier.take() {
                    carrier.tidy_up().await;
                    self.free = carrier.into_ready();
                }
                Ok(None)
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Reads the rest of the body and keeps it, for the response that
    /// [`finish`](Self::finish) returns; where bodies are discarded, keeps
    /// nothing.
    ///
    /// # Errors
    ///
    /// Those of [`next_chunk`](Self::next_chunk), and [`Error::BodyTooLarge`].
    pub async fn read_to_end(&mut self) -> Result<(), Error> {
        if let BodyLimit::Discard = self.limit {
            self.decoding = Decoding::Decided;
        }
        let encoded = self.decoding == Decoding::Due && Encodings::of(&self.head.headers).is_some();
        let to_come = self.body.as_ref().map_or(0, ArrivingBody::at_least);
        let announced = if encoded {
            0
        } else {
            self.received.len() + to_come
        };
        if let Err(error) = self.limit.admit(&self.authority, announced) {
            return Err(self.fail(error));
        }
        while let Some(piece) = self.next_chunk().await? {
            if let Err(error) = self.limit.keep(&self.authority, &mut self.received, piece) {
                return Err(self.fail(error));
            }
        }
        Ok(())
    }

    /// Gives the connection back, if the body is complete, and ends the
    /// exchange; a body that is not complete is cut off here, which is no error.
    /// The response has what [`read_to_end`](Self::read_to_end) kept.
    #[must_use]
    pub fn finish(mut self, client: &mut Client) -> Exchange {
        self.free
            .take()
            .into_iter()
            .for_each(|connection| client.keep(connection));
        self.abandon()
    }

    /// Ends the exchange, and with it the connection or the stream.
    #[must_use]
    pub fn abandon(self) -> Exchange {
        let Self {
            url,
            head,
            received,
            progress,
            state,
            ..
        } = self;
        match state {
            BodyState::Reading | BodyState::Complete => {
                progress.answered(Response::new(url, head, received))
            }
            BodyState::Failed(error, timings) => Exchange {
                timings,
                ..progress.failed(error)
            },
        }
    }

    /// The body is of no use any more.
    pub(super) fn fail(&mut self, error: Error) -> Error {
        if let BodyState::Failed(first, _) = &self.state {
            return first.clone();
        }
        self.state = BodyState::Failed(error.clone(), self.progress.timings(Cut::Now));
        self.carrier = None;
        self.body = None;
        error
    }
}

impl fmt::Debug for OpenExchange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OpenExchange")
            .field("authority", &self.authority)
            .field("status", &self.head.status)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
