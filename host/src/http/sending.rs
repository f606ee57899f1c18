//! Sending one request.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::response::Parts;
use tokio::time::timeout;

use super::body::{IncomingBody, ReceivedBody};
use super::carrier::Carrier;
use super::connection::Connection;
use super::engine::Engine;
use super::error::Error;
use super::exchange::Exchange;
use super::line::{Route, alone};
use super::observer::Observer;
use super::pool::Lease;
use super::progress::{Cut, Progress};
use super::request::Request;
use super::response::Response;
#[cfg(feature = "http3")]
use super::trying::over_http3;
use super::trying::{Tries, over_http1, over_http2};

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
    pub(super) carrier: Carrier,
}

/// Sends a request and receives the whole answer. Also returns the connection,
/// when it can serve another request.
pub(super) async fn send(
    engine: &Arc<Engine>,
    request: &Request,
    lease: Lease,
    mut flight: Flight<'_>,
) -> (Exchange, Option<Connection>) {
    let answer = answer(engine, request, lease, &mut flight.progress);
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
    lease: Lease,
    progress: &mut Progress,
) -> Result<(Response, Option<Connection>), Error> {
    let Answering {
        head,
        mut body,
        carrier,
    } = receive_head(engine, request, lease, progress).await?;
    let keep = BodyLimit::of(engine, request);
    let mut received = ReceivedBody::default();
    keep.admit(request.authority(), body.at_least())?;
    while let Some(piece) = body.next_piece(request.authority()).await? {
        keep.keep(request.authority(), &mut received, piece)?;
    }
    Ok((Response::new(head, received), carrier.once_ready().await))
}

/// Sends a request and receives the answer's head. A request that the server has
/// not taken is sent again where that is safe.
pub(super) async fn receive_head(
    engine: &Arc<Engine>,
    request: &Request,
    mut lease: Lease,
    progress: &mut Progress,
) -> Result<Answering, Error> {
    let mut tries = Tries::default();
    let mut message = request.message(engine);
    loop {
        let may_be_repeated = message.body().is_whole();
        let route = match (lease.idle.take(), &lease.line) {
            (Some(connection), _) => {
                progress.reuse(Arc::clone(&connection.meter));
                Route::Http1(connection)
            }
            (None, Some(line)) => line.join(engine, request.origin(), progress).await?,
            (None, None) => alone(engine, request.origin(), progress).await?,
        };
        let tried = match route {
            Route::Http1(connection) => over_http1(connection, message, request.authority()).await,
            Route::Http2(http2, meter) => {
                let uri = request.uri().clone();
                over_http2(&http2, uri, message, meter, request.authority()).await
            }
            #[cfg(feature = "http3")]
            Route::Http3(http3, meter) => {
                // Encrypted packets do not tell when a request leaves.
                progress.hide_sending();
                let uri = request.uri().clone();
                over_http3(&http3, uri, message, meter).await
            }
        };
        let failed = match tried {
            Ok(answering) => return Ok(answering),
            Err(failed) => failed,
        };
        if !tries.may_go_on(&failed, request, progress) {
            return Err(failed.error);
        }
        message = match failed.unsent {
            Some(unsent) => unsent,
            None if may_be_repeated => request.message(engine),
            None => return Err(failed.error),
        };
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
