//! An answer whose body is read as it arrives.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, StatusCode};
use tokio::time::timeout_at;

use super::body::{IncomingBody, ReceivedBody};
use super::carrier::Carrier;
use super::client::Client;
use super::connection::Connection;
use super::error::Error;
use super::exchange::Exchange;
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
    authority: Arc<str>,
    head: Parts,
    body: IncomingBody,
    received: ReceivedBody,
    limit: BodyLimit,
    /// What the body comes over, until it has failed.
    carrier: Option<Carrier>,
    /// The connection that the body came over, after its end.
    free: Option<Connection>,
    progress: Progress,
    deadline: Option<tokio::time::Instant>,
    timeout: Duration,
    state: BodyState,
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
        authority: &Arc<str>,
        answering: Answering,
        limit: BodyLimit,
        progress: Progress,
        deadline: Option<tokio::time::Instant>,
        timeout: Duration,
    ) -> Self {
        let Answering {
            head,
            body,
            carrier,
        } = answering;
        Self {
            authority: Arc::clone(authority),
            head,
            body,
            received: ReceivedBody::default(),
            limit,
            carrier: Some(carrier),
            free: None,
            progress,
            deadline,
            timeout,
            state: BodyState::Reading,
        }
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
        let piece = self.body.next_piece(&self.authority);
        let piece = match self.deadline {
            None => piece.await,
            Some(deadline) => timeout_at(deadline, piece)
                .await
                .unwrap_or_else(|_| Err(self.progress.timed_out(&self.authority, self.timeout))),
        };
        match piece {
            Ok(Some(piece)) => Ok(Some(piece)),
            Ok(None) => {
                self.state = BodyState::Complete;
                if let Some(carrier) = self.carrier.take() {
                    self.free = carrier.once_ready().await;
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
        let announced = self.received.len() + self.body.at_least();
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
            head,
            received,
            progress,
            state,
            ..
        } = self;
        match state {
            BodyState::Reading | BodyState::Complete => {
                progress.answered(Response::new(head, received))
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
        self.body = IncomingBody::Gone;
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
