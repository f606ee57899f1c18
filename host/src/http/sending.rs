//! Sending one request.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::response::Parts;
use tokio::sync::oneshot;
use tokio::time::timeout_at;

use super::alarm::Alarm;
use super::arriving::ArrivingBody;
use super::body::{IncomingBody, ReceivedBody};
use super::carrier::Carrier;
use super::connection::Connection;
use super::engine::Engine;
use super::error::{Error, Phase};
use super::following::{Deadline, Landed, Leg, Onward, Outgoing};
use super::line::{Route, alone};
use super::meter::Meter;
use super::observer::Observer;
use super::open::OpenExchange;
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
        leg: &Leg<'_>,
        started: Instant,
        observer: &'a dyn Observer,
        index: usize,
    ) -> Self {
        Self {
            observer,
            index,
            progress: Progress::new(started, leg),
            over: false,
        }
    }

    /// The request is over: whoever waits for it gets what came of it.
    pub(super) fn land(mut self) -> Progress {
        self.over = true;
        self.progress.take()
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

/// An answer that is complete, or that led on.
struct Answered {
    response: Response,
    connection: Option<Connection>,
    onward: Option<Onward>,
}

/// Sends a request and receives the whole answer; of one that leads on, no more
/// than keeps the connection of use.
pub(super) async fn send(
    engine: &Arc<Engine>,
    leg: &Leg<'_>,
    lease: Lease,
    mut flight: Flight<'_>,
    alarm: &mut Alarm,
) -> Landed {
    let deadline = leg.deadline();
    let answered = async {
        let (answering, onward) = head(engine, leg, lease, &mut flight.progress).await?;
        match onward {
            Some(onward) => pass(engine, leg, answering, onward).await,
            None => receive(engine, leg, answering).await,
        }
    };
    // The connection of an answer that did not come in time goes with its future.
    let answered = alarm.limit(deadline.at(), answered).await;
    landed(leg, answered, deadline, flight)
}

/// Sends a request and waits for the answer's head.
// Both are large, and moved once a request.
#[allow(clippy::result_large_err)]
pub(super) async fn open(
    engine: &Arc<Engine>,
    leg: &Leg<'_>,
    lease: Lease,
    mut flight: Flight<'_>,
) -> Result<OpenExchange, Landed> {
    let outgoing = leg.outgoing(engine);
    open_with(engine, leg, outgoing, lease, &mut flight.progress)
        .await
        .land(engine, leg, flight)
}

/// How far an answer has come that is to be opened.
pub(super) struct Opening {
    outcome: Option<Result<Opened, Error>>,
    deadline: Deadline,
}

/// The answer that was asked for, or one that led on.
// Moved once a request.
#[allow(clippy::large_enum_variant)]
enum Opened {
    AskedFor(Answering),
    OnTheWay(Answered),
}

/// Sends a message of a request and waits for the answer's head.
pub(super) async fn open_with(
    engine: &Arc<Engine>,
    leg: &Leg<'_>,
    outgoing: Outgoing,
    lease: Lease,
    progress: &mut Progress,
) -> Opening {
    let deadline = leg.deadline();
    let outcome = deadline
        .limit(async {
            let (answering, onward) = head_of(engine, leg, outgoing, lease, progress).await?;
            Ok(match onward {
                Some(onward) => Opened::OnTheWay(pass(engine, leg, answering, onward).await?),
                None => Opened::AskedFor(answering),
            })
        })
        .await;
    Opening { outcome, deadline }
}

impl Opening {
    /// The request is over, or its answer is in the hands of whoever asked.
    #[allow(clippy::result_large_err)]
    pub(super) fn land(
        self,
        engine: &Engine,
        leg: &Leg<'_>,
        flight: Flight<'_>,
    ) -> Result<OpenExchange, Landed> {
        let Self { outcome, deadline } = self;
        let answered = match outcome {
            Some(Ok(Opened::AskedFor(answering))) => {
                let progress = flight.land();
                return Ok(OpenExchange::new(
                    engine, leg, answering, progress, deadline,
                ));
            }
            Some(Ok(Opened::OnTheWay(answered))) => Some(Ok(answered)),
            Some(Err(error)) => Some(Err(error)),
            None => None,
        };
        Err(landed(leg, answered, deadline, flight))
    }
}

fn landed(
    leg: &Leg<'_>,
    answered: Option<Result<Answered, Error>>,
    deadline: Deadline,
    flight: Flight<'_>,
) -> Landed {
    let progress = flight.land();
    let (exchange, connection, onward) = match answered {
        Some(Ok(Answered {
            response,
            connection,
            onward,
        })) => (progress.answered(response), connection, onward),
        Some(Err(error)) => (progress.failed(error), None, None),
        None => {
            let error = progress.timed_out(leg.request.authority(), deadline.after);
            (progress.failed(error), None, None)
        }
    };
    Landed {
        exchange,
        connection,
        deadline,
        onward,
    }
}

/// Receives the body of the answer that was asked for.
async fn receive(engine: &Engine, leg: &Leg<'_>, answering: Answering) -> Result<Answered, Error> {
    let Answering {
        head,
        body,
        carrier,
    } = answering;
    let request = &*leg.request;
    let keep = BodyLimit::of(engine, request);
    let mut body = ArrivingBody::of(engine, request, body);
    if let BodyLimit::Bytes(_) = keep
        && !request.is_plain()
    {
        body = body.decoded(&head.headers);
    }
    let mut received = ReceivedBody::default();
    keep.admit(request.authority(), body.at_least())?;
    while let Some(piece) = body.next_piece().await? {
        keep.keep(request.authority(), &mut received, piece)?;
    }
    Ok(Answered {
        response: Response::new(Arc::clone(&request.url), head, received),
        connection: carrier.once_ready().await,
        onward: None,
    })
}

/// Passes over the body of an answer that leads on.
async fn pass(
    engine: &Engine,
    leg: &Leg<'_>,
    answering: Answering,
    onward: Onward,
) -> Result<Answered, Error> {
    /// More costs longer to read than a new connection to make; Go gives up
    /// earlier.
    const PASSED_OVER: u64 = 64 * 1024;
    let Answering {
        head,
        body,
        carrier,
    } = answering;
    let mut body = ArrivingBody::of(engine, &leg.request, body);
    let mut passed = 0;
    let complete = loop {
        match body.next_piece().await {
            Ok(Some(piece)) => passed += piece.len() as u64,
            Ok(None) => break true,
            // The head has said all that there is to know, as in Go.
            Err(_) => break false,
        }
        if passed > PASSED_OVER {
            break false;
        }
    };
    let connection = if complete {
        carrier.once_ready().await
    } else {
        None
    };
    Ok(Answered {
        response: Response::new(Arc::clone(&leg.request.url), head, ReceivedBody::default()),
        connection,
        onward: Some(onward),
    })
}

/// Sends a request and receives the answer's head.
async fn head(
    engine: &Arc<Engine>,
    leg: &Leg<'_>,
    lease: Lease,
    progress: &mut Progress,
) -> Result<(Answering, Option<Onward>), Error> {
    let outgoing = leg.outgoing(engine);
    head_of(engine, leg, outgoing, lease, progress).await
}

async fn head_of(
    engine: &Arc<Engine>,
    leg: &Leg<'_>,
    outgoing: Outgoing,
    lease: Lease,
    progress: &mut Progress,
) -> Result<(Answering, Option<Onward>), Error> {
    let gate = outgoing.gate.clone();
    if let Some(gate) = &gate {
        progress.await_word(Arc::clone(gate));
    }
    let answering = receive_head(engine, leg, outgoing, lease, progress).await?;
    if let Some(gate) = gate {
        gate.shut();
    }
    let onward = leg.onward(&answering.head);
    Ok((answering, onward))
}

/// Sends a request and receives the answer's head. A request that the server has
/// not taken is sent again where that is safe.
async fn receive_head(
    engine: &Arc<Engine>,
    leg: &Leg<'_>,
    outgoing: Outgoing,
    mut lease: Lease,
    progress: &mut Progress,
) -> Result<Answering, Error> {
    let request = &*leg.request;
    let Outgoing {
        mut message,
        mut body_end,
        ..
    } = outgoing;
    let head_timeout = request.head_timeout.or(engine.settings().head_timeout);
    let mut tries = Tries::default();
    loop {
        let may_be_repeated = message.body().is_whole();
        let within = request.connect_timeout(engine);
        let route = match (lease.idle.take(), &lease.line) {
            (Some(connection), _) => {
                progress.reuse(Arc::clone(&connection.meter));
                Route::Http1(connection)
            }
            (None, Some(line)) => {
                line.join(engine, request.origin(), within, progress)
                    .await?
            }
            (None, None) => alone(engine, request.origin(), within, progress).await?,
        };
        #[cfg(feature = "http3")]
        if let Route::Http3(..) = &route {
            // Encrypted packets do not tell when a request leaves.
            progress.hide_sending();
        }
        let meter = Arc::clone(route.meter());
        let tried = async {
            let (authority, uri) = (request.authority(), request.uri());
            match route {
                Route::Http1(connection) => over_http1(connection, message, authority).await,
                Route::Http2(http2, meter) => {
                    over_http2(&http2, uri.clone(), message, meter, authority).await
                }
                #[cfg(feature = "http3")]
                Route::Http3(http3, meter) => over_http3(&http3, uri.clone(), message, meter).await,
            }
        };
        let tried = head_within(head_timeout, &mut body_end, &meter, tried)
            .await
            .ok_or_else(|| Error::Timeout {
                authority: Arc::clone(request.authority()),
                after: head_timeout.unwrap_or_default(),
                phase: Phase::Head,
            })?;
        let failed = match tried {
            Ok(answering) => return Ok(answering),
            Err(failed) => failed,
        };
        if failed.may_have_been_processed() {
            progress.note_seen();
        }
        if !tries.may_go_on(&failed, request, progress) {
            return Err(failed.error);
        }
        message = match failed.unsent {
            Some(unsent) => unsent,
            None if may_be_repeated => leg.outgoing(engine).message,
            None => return Err(failed.error),
        };
    }
}

/// What comes of waiting for a head; `None` when its time, which begins with the
/// last write, is up before.
async fn head_within<F: Future>(
    limit: Option<Duration>,
    body_end: &mut Option<oneshot::Receiver<()>>,
    meter: &Meter,
    head: F,
) -> Option<F::Output> {
    let Some(limit) = limit else {
        return Some(head.await);
    };
    let mut head = pin!(head);
    if let Some(ended) = body_end {
        tokio::select! {
            biased;
            head = &mut head => return Some(head),
            _ = ended => *body_end = None,
        }
    }
    let mut since = Instant::now();
    loop {
        let Some(until) = since.checked_add(limit) else {
            return Some(head.await);
        };
        if let Ok(head) = timeout_at(until.into(), &mut head).await {
            return Some(head);
        }
        match meter.writing.end().map(|end| meter.instant(end)) {
            // There is more of the request: no answer is late.
            _ if meter.is_held_up() => since = Instant::now(),
            Some(written) if written > since => since = written,
            _ => return None,
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
