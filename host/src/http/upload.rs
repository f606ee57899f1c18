//! A request whose body is made while it is sent.

use std::fmt;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::{mpsc, oneshot};

use super::body::{BodyError, OutgoingBody};
use super::client::Client;
use super::error::{Error, Mistake};
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
pub struct Upload {
    // Before the way to its body, whose closing would be taken for its end.
    state: State,
    pieces: mpsc::Sender<Piece>,
    body_end: oneshot::Sender<()>,
    call: Call<'static>,
    observer: Arc<dyn Observer>,
    length: Length,
}

/// How far it has come.
enum State {
    Sending(Sending),
    /// There is an answer, or there will be none.
    Over(Box<Result<OpenExchange, Landed>>),
}

type Sending = Pin<Box<dyn Future<Output = Result<OpenExchange, Landed>> + Send>>;

/// What is written of a body.
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
            open_with(
                &engine,
                &leg,
                &mut outgoing,
                &mut lease,
                &mut flight.progress,
            )
            .await
            .land(&engine, &leg, flight)
        });
        // Whoever asks for the body has taken the head, and goes on by himself.
        let outcome = tokio::select! {
            biased;
            outcome = &mut sending => Some(outcome),
            Ok(()) = asked => None,
        };
        Upload {
            state: match outcome {
                Some(outcome) => State::Over(Box::new(outcome)),
                None => State::Sending(sending),
            },
            pieces,
            body_end,
            call,
            observer,
            length: Length {
                announced: length,
                written: 0,
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
        let written = self.length.written + piece.len() as u64;
        if self.length.announced.is_some_and(|length| written > length) {
            let mistake = self.length.mistake(written);
            return Err(Error::InvalidRequest { mistake });
        }
        if !piece.is_empty() {
            self.put(Piece::Some(piece)).await;
        }
        self.length.written = written;
        if let State::Over(outcome) = &self.state
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
        let Length { announced, written } = self.length;
        self.put(match announced {
            Some(announced) if written < announced => Piece::TooShort(self.length.mistake(written)),
            _ => Piece::End,
        })
        .await;
        let Self {
            state,
            pieces: _pieces,
            body_end,
            mut call,
            observer,
            ..
        } = self;
        // Nobody listens where the answer came first.
        let _ = body_end.send(());
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

    /// Gives it up, and closes the connection. What it comes to where it was over
    /// already, of which nobody was told.
    #[must_use]
    pub fn abandon(self) -> Option<Exchange> {
        match self.state {
            State::Sending(_) => None,
            State::Over(outcome) => Some(match *outcome {
                Ok(exchange) => exchange.abandon(),
                Err(landed) => landed.exchange,
            }),
        }
    }

    /// Puts a piece on its way, as far as the request is still under way.
    async fn put(&mut self, piece: Piece) {
        let State::Sending(sending) = &mut self.state else {
            return;
        };
        let outcome = tokio::select! {
            // First: after an answer nothing more is wanted.
            biased;
            outcome = &mut *sending => outcome,
            place = self.pieces.reserve() => match place {
                Ok(place) => {
                    place.send(piece);
                    return;
                }
                // The body is not wanted any more: there is an answer soon.
                Err(_) => sending.await,
            },
        };
        self.state = State::Over(Box::new(outcome));
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Upload")
            .field("call", &self.call)
            .field("length", &self.length)
            .finish_non_exhaustive()
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
