//! Sending one request.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::response::Parts;
use tokio::time::timeout;

use super::body::{IncomingBody, ReceivedBody};
use super::connecting::connect;
use super::connection::Connection;
use super::engine::Engine;
use super::error::Error;
use super::exchange::Exchange;
use super::failure;
use super::meter::Meter;
use super::observer::Observer;
use super::progress::{Cut, Progress};
use super::request::Request;
use super::response::Response;

/// A request under way: when this is dropped before the request is over, the
/// observer is told.
pub(super) struct Flight<'a> {
    observer: &'a dyn Observer,
    index: usize,
    pub(super) progress: Progress,
    over: bool,
}

impl<'a> Flight<'a> {
    pub(super) fn new(
        request: &Request,
        started: Instant,
        observer: &'a dyn Observer,
        index: usize,
    ) -> Self {
        Self {
            observer,
            index,
            progress: Progress::new(started, request),
            over: false,
        }
    }

    /// The request is over: whoever waits for it gets what came of it.
    pub(super) fn land(mut self) -> Progress {
        self.over = true;
        self.progress.clone()
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if !self.over && self.progress.bytes_sent() > 0 {
            self.observer
                .interrupted(self.index, &self.progress.measured(Cut::Now));
        }
    }
}

/// The head of an answer, and what its body comes from.
pub(super) struct Answering {
    pub(super) head: Parts,
    pub(super) body: IncomingBody,
    pub(super) connection: Connection,
}

/// Sends a request and receives the whole answer. Also returns the connection,
/// when it can serve another request.
pub(super) async fn send(
    engine: &Arc<Engine>,
    request: &Request,
    idle: Option<Connection>,
    mut flight: Flight<'_>,
) -> (Exchange, Option<Connection>) {
    let answer = answer(engine, request, idle, &mut flight.progress);
    // The connection of an answer that did not come in time goes with its future.
    let answer = timeout(request.timeout(), answer).await;
    let progress = flight.land();
    match answer {
        Ok(Ok((response, connection))) => (progress.answered(response), connection),
        Ok(Err(error)) => (progress.failed(error), None),
        Err(_) => {
            let error = progress.timed_out(request.authority(), request.timeout());
            (progress.failed(error), None)
        }
    }
}

async fn answer(
    engine: &Arc<Engine>,
    request: &Request,
    idle: Option<Connection>,
    progress: &mut Progress,
) -> Result<(Response, Option<Connection>), Error> {
    let Answering {
        head,
        mut body,
        connection,
    } = receive_head(engine, request, idle, progress).await?;
    let keep = BodyLimit::of(engine, request);
    let mut received = ReceivedBody::default();
    keep.admit(request.authority(), body.at_least())?;
    while let Some(piece) = body.next_piece(request.authority()).await? {
        keep.keep(request.authority(), &mut received, piece)?;
    }
    Ok((Response::new(head, received), connection.once_ready().await))
}

/// Sends a request and receives the answer's head.
pub(super) async fn receive_head(
    engine: &Arc<Engine>,
    request: &Request,
    mut idle: Option<Connection>,
    progress: &mut Progress,
) -> Result<Answering, Error> {
    let mut message = request.message(engine);
    loop {
        let (mut connection, reused) = match idle.take() {
            Some(connection) => {
                progress.reuse(Arc::clone(&connection.meter));
                (connection, true)
            }
            None => {
                let meter = Arc::new(Meter::new());
                progress.connect(Arc::clone(&meter));
                (connect(engine, request.origin(), meter).await?, false)
            }
        };
        let mut failed = match connection.sender.try_send_request(message).await {
            Ok(answer) => {
                let (head, body) = answer.into_parts();
                return Ok(Answering {
                    head,
                    body: IncomingBody::Hyper(body),
                    connection,
                });
            }
            Err(failed) => failed,
        };
        match failed.take_message() {
            // The server had closed the connection while it was idle. Nothing of
            // the message was written, so that this is no second request.
            Some(unsent) if reused => message = unsent,
            _ => return Err(failure::of_exchange(request.authority(), failed.error())),
        }
    }
}

/// What is kept of a body.
#[derive(Debug, Clone, Copy)]
pub(super) enum BodyLimit {
    /// Nothing, so that it may be of any size.
    Discard,
    /// All of it, up to this many bytes.
    Bytes(u64),
}

impl BodyLimit {
    pub(super) fn of(engine: &Engine, request: &Request) -> Self {
        if request.discards_body() || engine.settings().discard_bodies {
            Self::Discard
        } else {
            Self::Bytes(engine.settings().body_limit)
        }
    }

    /// Whether a body of this length may be kept.
    pub(super) fn admit(self, authority: &Arc<str>, length: u64) -> Result<(), Error> {
        match self {
            Self::Bytes(limit) if length > limit => Err(Error::BodyTooLarge {
                authority: Arc::clone(authority),
                limit,
            }),
            Self::Discard | Self::Bytes(_) => Ok(()),
        }
    }

    pub(super) fn keep(
        self,
        authority: &Arc<str>,
        received: &mut ReceivedBody,
        piece: Bytes,
    ) -> Result<(), Error> {
        self.admit(authority, received.len() + piece.len() as u64)?;
        if let Self::Bytes(_) = self {
            received.push(piece);
        }
        Ok(())
    }
}
