//! Sending one request.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::Either;
use http::response::Parts;
use tokio::sync::oneshot;
use tokio::time::timeout_at;

use super::alarm::Alarm;
use super::arriving::ArrivingBody;
use super::body::{IncomingBody, OutgoingBody, ReceivedBody};
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
use super::trying::{Failed, Tries, after_http1, over_http2};

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
    pub(super) fn land(&mut self) -> Progress {
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
    onward: Option<Box<Onward>>,
}

/// Sends a request and receives the whole answer; of one that leads on, no more
/// than keeps the connection of use.
///
/// What is large is handed down by reference from here on, and what a future is to
/// own is taken apart before it is made: futures are copied whole into those that
/// wait for them, and have each argument twice that is taken apart inside.
pub(super) async fn send(
    engine: &Arc<Engine>,
    leg: &Leg<'_>,
    lease: &mut Lease,
    flight: &mut Flight<'_>,
    alarm: &mut Alarm,
) -> Landed {
    let deadline = leg.deadline();
    let mut outgoing = leg.outgoing(engine);
    // The connection of an answer that did not come in time goes with its future.
    let answered = {
        let progress = &mut flight.progress;
        let answered = pin!(answer(engine, leg, &mut outgoing, lease, progress));
        alarm.limit(deadline.at(), answered).await
    };
    landed(leg, answered, deadline, flight)
}

/// Sends a message of a request and receives the whole answer.
async fn answer(
    engine: &Arc<Engine>,
    leg: &Leg<'_>,
    outgoing: &mut Outgoing,
    lease: &mut Lease,
    progress: &mut Progress,
) -> Result<Answered, Error> {
    let answering = receive_head(engine, leg, outgoing, lease, progress).await?;
    rest(engine, leg, answering).await
}

/// Receives what comes after the head.
fn rest(
    engine: &Engine,
    leg: &Leg<'_>,
    answering: Answering,
) -> impl Future<Output = Result<Answered, Error>> {
    match leg.onward(&answering.head) {
        Some(onward) => Either::Left(Box::pin(pass(engine, leg, answering, onward))),
        None => Either::Right(receive(engine, leg, answering)),
    }
}

/// Sends a request and waits for the answer's head.
// Both are large, and moved once a request.
#[allow(clippy::result_large_err)]
pub(super) async fn open(
    engine: &Arc<Engine>,
    leg: &Leg<'_>,
    lease: &mut Lease,
    flight: &mut Flight<'_>,
) -> Result<OpenExchange, Landed> {
    let mut outgoing = leg.outgoing(engine);
    open_with(engine, leg, &mut outgoing, lease, &mut flight.progress)
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
    outgoing: &mut Outgoing,
    lease: &mut Lease,
    progress: &mut Progress,
) -> Opening {
    let deadline = leg.deadline();
    let outcome = deadline
        .limit(async {
            let answering = receive_head(engine, leg, outgoing, lease, progress).await?;
            Ok(match leg.onward(&answering.head) {
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
        flight: &mut Flight<'_>,
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
    flight: &mut Flight<'_>,
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
fn receive(
    engine: &Engine,
    leg: &Leg<'_>,
    answering: Answering,
) -> impl Future<Output = Result<Answered, Error>> {
    let Answering {
        head,
        body,
        mut carrier,
    } = answering;
    let request = &*leg.request;
    let keep = BodyLimit::of(engine, request);
    let mut body = ArrivingBody::of(engine, request, body);
    if let BodyLimit::Bytes(_) = keep
        && !request.is_plain()
    {
        body = body.decoded(&head.headers);
    }
    async move {
        let mut received = ReceivedBody::default();
        keep.admit(request.authority(), body.at_least())?;
        while let Some(piece) = body.next_piece().await? {
            keep.keep(request.authority(), &mut received, piece)?;
        }
        carrier.tidy_up().await;
        Ok(Answered {
            response: Response::new(Arc::clone(&request.url), head, received),
            connection: carrier.into_ready(),
            onward: None,
        })
    }
}

/// Passes over the body of an answer that leads on.
async fn pass(
    engine: &Engine,
    leg: &Leg<'_>,
    answering: Answering,
    onward: Box<Onward>,
) -> Result<Answered, Error> {
    /// More costs longer to read than a new connection to make; Go gives up
    /// earlier.
    const PASSED_OVER: u64 = 64 * 1024;
    let Answering {
        head,
        body,
        mut carrier,
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
        carrier.tidy_up().await;
        carrier.into_ready()
    } else {
        None
    };
    Ok(Answered {
        response: Response::new(Arc::clone(&leg.request.url), head, ReceivedBody::default()),
        connection,
        onward: Some(onward),
    })
}

/// Sends a message of a request and receives the answer's head. A request that the
/// server has not taken is sent again where that is safe.
async fn receive_head(
    engine: &Arc<Engine>,
    leg: &Leg<'_>,
    outgoing: &mut Outgoing,
    lease: &mut Lease,
    progress: &mut Progress,
) -> Result<Answering, Error> {
    let request = &*leg.request;
    let authority = request.authority();
    let head_timeout = request.head_timeout.or(engine.settings().head_timeout);
    let mut tries = Tries::default();
    loop {
        let message = &outgoing.message;
        let Some(may_be_repeated) = message.as_ref().map(|one| one.body().is_whole()) else {
            *outgoing = leg.outgoing(engine);
            continue;
        };
        if let Some(gate) = &outgoing.gate {
            progress.await_word(Arc::clone(gate));
        }
        let within = request.connect_timeout(engine);
        let route = match (lease.idle.take(), &lease.line) {
            (Some(connection), _) => {
                progress.reuse(Arc::clone(&connection.meter));
                Route::Http1(connection)
            }
            // Boxed, as all that is not on the way of most requests: it would make
            // room for itself in the futures of all.
            (None, Some(line)) => {
                Box::pin(line.join(engine, request.origin(), within, progress)).await?
            }
            (None, None) => Box::pin(alone(engine, request.origin(), within, progress)).await?,
        };
        #[cfg(feature = "http3")]
        if let Route::Http3(..) = &route {
            // Encrypted packets do not tell when a request leaves.
            progress.hide_sending();
        }
        // Taken out only now: it is large, and would be kept while a connection is made.
        let Some(message) = outgoing.message.take() else {
            continue;
        };
        let tried = match (route, head_timeout) {
            (Route::Http1(mut connection), None) => {
                let answer = connection.sender.try_send_request(message).await;
                after_http1(answer, connection, authority)
            }
            (route, None) => Box::pin(over(route, request, message)).await,
            (route, Some(after)) => {
                let meter = Arc::clone(route.meter());
                let tried = over(route, request, message);
                let body_end = &mut outgoing.body_end;
                let tried = Box::pin(head_within(after, body_end, &meter, tried)).await;
                tried.ok_or_else(|| Error::Timeout {
                    authority: Arc::clone(authority),
                    after,
                    phase: if meter.is_held_up() {
                        Phase::Sending
                    } else {
                        Phase::Head
                    },
                })?
            }
        };
        let failed = match tried {
            Ok(answering) => {
                if let Some(gate) = &outgoing.gate {
                    gate.shut();
                }
                return Ok(answering);
            }
            Err(failed) => failed,
        };
        if failed.may_have_been_processed() {
            progress.note_seen();
        }
        if !tries.may_go_on(&failed, request, progress) {
            return Err(failed.error);
        }
        if failed.unsent.is_none() && !may_be_repeated {
            return Err(failed.error);
        }
        outgoing.message = failed.unsent.map(|message| *message);
    }
}

/// Sends a message over whatever there is.
async fn over(
    route: Route,
    request: &Request,
    message: http::Request<OutgoingBody>,
) -> Result<Answering, Failed> {
    let (authority, uri) = (request.authority(), request.uri());
    match route {
        Route::Http1(mut connection) => {
            let answer = connection.sender.try_send_request(message).await;
            after_http1(answer, connection, authority)
        }
        Route::Http2(http2, meter) => {
            over_http2(&http2, uri.clone(), message, meter, authority).await
        }
        #[cfg(feature = "http3")]
        Route::Http3(http3, meter) => over_http3(&http3, uri.clone(), message, meter).await,
    }
}

/// What comes of waiting for a head; `None` when its time, which begins anew with
/// every write, is up before.
async fn head_within<F: Future>(
    limit: Duration,
    body_end: &mut Option<oneshot::Receiver<()>>,
    meter: &Meter,
    head: F,
) -> Option<F::Output> {
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
