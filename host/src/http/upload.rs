//! A request whose body is made while it is sent.

use std::fmt;
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::body::{BodyError, OutgoingBody};
use super::client::Client;
use super::error::{Error, Mistake, Phase};
use super::exchange::Exchange;
use super::following::{Call, Landed, Sent};
use super::observer::Observer;
use super::open::OpenExchange;
use super::request::Request;
use super::sending::{Flight, open_with};

/// A request whose body is written piece by piece while it is sent.
///
/// It goes on by itself, as far as its connection does. Dropping it closes the
/// connection and tells the observer, if anything was written; one that may be over
/// already wants [`abandon`](Self::abandon).
#[derive(Debug)]
pub struct Upload {
    // Before the way to its body, whose closing would be taken for its end.
    answer: UploadAnswer,
    body: UploadBody,
}

/// The answer to an [`Upload`] whose body is written elsewhere.
///
/// Dropping it closes the connection and tells the observer, if anything was
/// written.
pub struct UploadAnswer {
    state: State,
    call: Call<'static>,
    observer: Arc<dyn Observer>,
}

/// The way to the body of an [`Upload`]. Dropped before its end, it breaks the
/// request off.
#[derive(Debug)]
pub struct UploadBody {
    pieces: mpsc::Sender<Piece>,
    ended: oneshot::Sender<()>,
    length: Length,
    authority: Arc<str>,
    /// How long the server may take with a piece.
    patience: Option<Duration>,
    /// Ends the request that takes longer.
    fail: Option<oneshot::Sender<Error>>,
}

/// How far it has come.
enum State {
    Sending(Sending),
    /// There is an answer, or there will be none.
    Over(Box<Result<OpenExchange, Landed>>),
}

type Sending = Pin<Box<dyn Future<Output = Result<OpenExchange, Landed>> + Send>>;

/// What is written of a body.
#[derive(Debug)]
enum Piece {
    Some(Bytes),
    /// The body is complete.
    End,
    /// The body is shorter than was announced.
    TooShort(Mistake),
}

/// How long a body is to be, and is.
#[derive(Debug, Clone, Copy)]
struct Length {
    announced: Option<u64>,
    written: u64,
}

impl Length {
    /// What is wrong when so much is all.
    fn mistake(self, written: u64) -> Mistake {
        Mistake::BodyLength {
            announced: self.announced.unwrap_or_default(),
            written,
        }
    }

    /// How much is written with this piece.
    fn with(self, piece: &Bytes) -> Result<u64, Error> {
        let written = self.written + piece.len() as u64;
        if self.announced.is_some_and(|length| written > length) {
            let mistake = self.mistake(written);
            return Err(Error::InvalidRequest { mistake });
        }
        Ok(written)
    }

    /// What stands at the end of the body.
    fn end(self) -> Piece {
        match self.announced {
            Some(announced) if self.written < announced => {
                Piece::TooShort(self.mistake(self.written))
            }
            _ => Piece::End,
        }
    }
}

impl Client {
    /// Begins to send a request whose body is yet to be written, in place of one
    /// that was set: waits until its head is on its way. With a length, that is
    /// announced and must be kept to; without, it goes in chunks.
    pub async fn upload(
        &mut self,
        request: Request,
        length: Option<u64>,
        observer: Arc<dyn Observer>,
    ) -> Upload {
        let engine = Arc::clone(self.engine());
        engine.turn().await;
        let mut request = request;
        request.set_body(Bytes::new());
        let call = Call::new(&engine, Sent::Derived(Arc::new(request))).with_streamed_body();
        let leg = call.leg(&self.cookies);
        let mut lease = self.lease(&leg.request);
        // One that is sent while the next is made: the server's pace is the
        // scenario's.
        let (pieces, written) = mpsc::channel(1);
        let (body_end, ended) = oneshot::channel();
        let (ask, asked) = oneshot::channel();
        let (fail, failed) = oneshot::channel();
        let authority = Arc::clone(leg.request.authority());
        let body = StreamedBody {
            pieces: written,
            left: length,
            ask: Some(ask),
        };
        let told = Arc::clone(&observer);
        let mut sending: Sending = Box::pin(async move {
            let mut flight = Flight::new(&leg, Instant::now(), &*told, 0);
            let body = OutgoingBody::Streamed(Box::pin(body));
            let mut outgoing = leg.outgoing_with(&engine, body);
            outgoing.body_end = Some(ended);
            let opened = tokio::select! {
                biased;
                opened = open_with(
                    &engine,
                    &leg,
                    &mut outgoing,
                    &mut lease,
                    &mut flight.progress,
                ) => Ok(opened),
                Ok(error) = failed => Err(error),
            };
            match opened {
                Ok(opening) => opening.land(&engine, &leg, &mut flight),
                Err(error) => Err(Landed {
                    exchange: flight.land().failed(error),
                    connection: None,
                    deadline: leg.deadline(),
                    onward: None,
                }),
            }
        });
        // Whoever asks for the body has taken the head, and goes on by himself.
        let outcome = tokio::select! {
            biased;
            outcome = &mut sending => Some(outcome),
            Ok(()) = asked => None,
        };
        Upload {
            answer: UploadAnswer {
                state: match outcome {
                    Some(outcome) => State::Over(Box::new(outcome)),
                    None => State::Sending(sending),
                },
                call,
                observer,
            },
            body: UploadBody {
                pieces,
                ended: body_end,
                authority,
                patience: None,
                fail: Some(fail),
                length: Length {
                    announced: length,
                    written: 0,
                },
            },
        }
    }
}

impl Upload {
    /// Writes a piece of the body, as soon as the one before is on its way. Where
    /// the server has answered already, nothing more is sent.
    ///
    /// # Errors
    ///
    /// When the request has failed, or more is written than was announced. What is
    /// counted comes with [`open`](Self::open) in either case.
    pub async fn write(&mut self, piece: Bytes) -> Result<(), Error> {
        let written = self.body.length.with(&piece)?;
        if !piece.is_empty() {
            self.put(Piece::Some(piece)).await;
        }
        self.body.length.written = written;
        if let State::Over(outcome) = &self.answer.state
            && let Err(landed) = &**outcome
            && let Err(error) = &landed.exchange.outcome
        {
            return Err(error.clone());
        }
        Ok(())
    }

    /// Ends the body and waits for the answer's head. Redirects are followed that
    /// do not want the body again.
    ///
    /// # Errors
    ///
    /// The exchange, when no head came.
    // Both are large, and moved once a request.
    #[allow(clippy::result_large_err)]
    pub async fn open(mut self, client: &mut Client) -> Result<OpenExchange, Exchange> {
        self.put(self.body.length.end()).await;
        let Self { answer, body } = self;
        // Nobody listens where the answer came first.
        let _ = body.ended.send(());
        let _pieces = body.pieces;
        answer.open(client).await
    }

    /// Takes the answer and the body apart, for whoever wants the answer before
    /// the body has ended, and goes on writing then.
    #[must_use]
    pub fn split(self) -> (UploadAnswer, UploadBody) {
        (self.answer, self.body)
    }

    /// Gives it up, and closes the connection. What it comes to where it was over
    /// already, of which nobody was told.
    #[must_use]
    pub fn abandon(self) -> Option<Exchange> {
        match self.answer.state {
            State::Sending(_) => None,
            State::Over(outcome) => Some(match *outcome {
                Ok(exchange) => exchange.abandon(),
                Err(landed) => landed.exchange,
            }),
        }
    }

    /// Puts a piece on its way, as far as the request is still under way.
    async fn put(&mut self, piece: Piece) {
        let State::Sending(sending) = &mut self.answer.state else {
            return;
        };
        let outcome = tokio::select! {
            // First: after an answer nothing more is wanted.
            biased;
            outcome = &mut *sending => outcome,
            place = self.body.pieces.reserve() => match place {
                Ok(place) => {
                    place.send(piece);
                    return;
                }
                // The body is not wanted any more: there is an answer soon.
                Err(_) => sending.await,
            },
        };
        self.answer.state = State::Over(Box::new(outcome));
    }
}

impl UploadAnswer {
    /// Waits for the answer's head, whether the body has ended or not. Redirects
    /// are followed that do not want the body again.
    ///
    /// # Errors
    ///
    /// The exchange, when no head came.
    // Both are large, and moved once a request.
    #[allow(clippy::result_large_err)]
    pub async fn open(self, client: &mut Client) -> Result<OpenExchange, Exchange> {
        let Self {
            state,
            mut call,
            observer,
        } = self;
        let outcome = match state {
            State::Sending(sending) => sending.await,
            State::Over(outcome) => *outcome,
        };
        match outcome {
            Ok(exchange) => {
                client.opened(&call, &exchange, &*observer);
                Ok(exchange)
            }
            Err(landed) => match client.advance(&mut call, landed, 0, &*observer) {
                ControlFlow::Break(exchange) => Err(exchange),
                ControlFlow::Continue(()) => client.open_on(&mut call, &*observer).await,
            },
        }
    }
}

impl fmt::Debug for UploadAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UploadAnswer")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}

impl UploadBody {
    /// How long the server may take with a piece of the body before its answer
    /// begins; a request whose server takes longer fails. No limit unless set.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = Some(patience);
    }

    /// Writes a piece of the body, as soon as the one before is on its way; false
    /// where nobody wants it any more, since the request is over.
    ///
    /// # Errors
    ///
    /// When more is written than was announced.
    pub async fn write(&mut self, piece: Bytes) -> Result<bool, Error> {
        let written = self.length.with(&piece)?;
        self.length.written = written;
        if piece.is_empty() {
            return Ok(true);
        }
        Ok(self.put(Piece::Some(piece)).await)
    }

    /// Ends the body.
    pub async fn end(mut self) {
        // Nobody takes it where the request is over.
        if self.put(self.length.end()).await {
            let _ = self.ended.send(());
        }
    }

    /// Puts a piece on its way; false where nobody takes it.
    async fn put(&mut self, piece: Piece) -> bool {
        let mut put = pin!(self.pieces.send(piece));
        let Some(patience) = self.patience else {
            return put.await.is_ok();
        };
        if let Ok(put) = timeout(patience, &mut put).await {
            return put.is_ok();
        }
        // Nobody is there to be failed once the answer has begun: it is the answer
        // that ends the request then.
        let Some(fail) = self.fail.take_if(|fail| !fail.is_closed()) else {
            return put.await.is_ok();
        };
        // The server has taken nothing more.
        let _ = fail.send(Error::Timeout {
            authority: Arc::clone(&self.authority),
            after: patience,
            phase: Phase::Sending,
        });
        false
    }
}

/// A body that is written elsewhere.
struct StreamedBody {
    pieces: mpsc::Receiver<Piece>,
    /// How much is still to come, where that was announced.
    left: Option<u64>,
    /// Resolves when the body is asked for.
    ask: Option<oneshot::Sender<()>>,
}

impl Body for StreamedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if let Some(ask) = this.ask.take() {
            // Nobody listens where the request was given up.
            let _ = ask.send(());
        }
        Poll::Ready(match ready!(this.pieces.poll_recv(cx)) {
            Some(Piece::Some(piece)) => {
                if let Some(left) = &mut this.left {
                    *left = left.saturating_sub(piece.len() as u64);
                }
                Some(Ok(Frame::data(piece)))
            }
            Some(Piece::End) => None,
            Some(Piece::TooShort(mistake)) => Some(Err(mistake.into())),
            None => Some(Err("the body was given up before its end".into())),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
