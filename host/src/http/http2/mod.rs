//! HTTP/2: many requests at a time over one connection.
//!
//! - [`Http2`]: the way to a connection, which many can have
//! - [`driver`]: the connection's task
//! - [`wire`]: which bytes are whose
//! - [`message`]: what HTTP/2 wants of a request; [`upload`]: a body that is
//!   made while it is sent

mod driver;
mod message;
mod upload;
mod wire;

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use h2::{Reason, RecvStream};
use http::Uri;
use tokio::sync::{mpsc, oneshot};

use super::body::OutgoingBody;
use super::connection::ConnectionTask;
use super::error::{Error, Fault};
use super::expecting::{self, Gate};
use super::failure;
use super::meter::Meter;
use super::metered::Transport;
pub(super) use driver::Driver;
use driver::Place;
#[cfg(feature = "http3")]
pub(super) use message::of_http2;
#[cfg(fuzzing)]
pub use wire::fuzzing;
use wire::{Notes, Wire};

/// The way to a connection that speaks HTTP/2. When the last one is dropped, the
/// connection says goodbye after the last answer.
#[derive(Debug, Clone)]
pub(super) struct Http2 {
    /// Boxed: the channel has room for many at once.
    orders: mpsc::UnboundedSender<Box<Order>>,
    remote: Option<SocketAddr>,
    last_words: LastWords,
}

/// Why the connection takes nothing more, where either side said so.
type LastWords = Arc<OnceLock<(Fault, Reason)>>;

/// A request on its way to the connection's task.
struct Order {
    /// The request's, with scheme and authority.
    uri: Uri,
    message: http::Request<OutgoingBody>,
    meter: Arc<Meter>,
    /// Whoever waits; gone when the request is not wanted any more.
    reply: oneshot::Sender<Result<Given, NotSent>>,
}

/// A request that was given to HTTP/2.
#[derive(Debug)]
struct Given {
    answer: h2::client::ResponseFuture,
    stream: Stream,
}

/// A request of which nothing was written, and nothing will be.
// Moved once a request.
#[allow(clippy::large_enum_variant)]
pub(super) enum NotSent {
    /// The connection takes no more; the message, if it is still there.
    ConnectionEnds(Option<http::Request<OutgoingBody>>),
    /// No connection would take it.
    Refused(h2::Error),
}

/// Why a request has no answer.
// Moved once a request.
#[allow(clippy::large_enum_variant)]
pub(super) enum Failure {
    /// Nothing was written.
    NotSent(NotSent),
    /// The stream or the connection broke.
    Broken {
        error: h2::Error,
        /// Why the connection takes nothing more, where either side said so.
        last_words: Option<(Fault, Reason)>,
    },
}

/// What one request has of a connection, as long as it has not got its whole
/// answer: a place among those that the server takes at a time, and a body that
/// is still on its way.
#[derive(Debug)]
pub(super) struct Stream {
    /// Ends the sending of the body when it is dropped.
    _upload: Option<ConnectionTask>,
    place: Place,
}

/// The body of an answer.
#[derive(Debug)]
pub(super) struct Incoming {
    body: RecvStream,
    last_words: LastWords,
}

impl Incoming {
    pub(super) fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    /// The next piece, never an empty one; `None` at the end.
    pub(super) async fn next_piece(
        &mut self,
        authority: &Arc<str>,
    ) -> Result<Option<Bytes>, Error> {
        while let Some(piece) = self.body.data().await {
            let piece = piece.map_err(|error| {
                failure::of_http2(authority, &error, self.last_words.get().copied())
            })?;
            // The server may send as much again. It fails only for a stream that
            // has failed, which the next piece says.
            let _ = self.body.flow_control().release_capacity(piece.len());
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }
}

/// Begins to speak HTTP/2: the way to the connection, and its task's work.
///
/// Nothing waits here for the server, as the protocol allows.
pub(super) async fn begin(
    transport: Transport,
    remote: Option<SocketAddr>,
) -> Result<(Http2, Driver), h2::Error> {
    /// As in Go, hence in k6: a slow reader of one answer does not hold up the
    /// others, and a fast one is not slowed down by the distance.
    const STREAM_WINDOW: u32 = 4 << 20;
    const CONNECTION_WINDOW: u32 = 1 << 30;
    /// Until the server says how many it takes; what it cannot, it refuses.
    const STREAMS_AT_FIRST: usize = 100;
    /// More than any server sends, less than would be missed.
    const HEADERS_AT_MOST: u32 = 1 << 20;
    /// What is still on its way for streams that were reset here is no fault of
    /// the server's: whole stages of users end at once.
    const RESETS_REMEMBERED: usize = 4096;
    const RESET_REMEMBERED: Duration = Duration::from_secs(10);

    let notes = Arc::new(Notes::new());
    let (sender, connection) = h2::client::Builder::new()
        .enable_push(false)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .initial_max_send_streams(STREAMS_AT_FIRST)
        .max_header_list_size(HEADERS_AT_MOST)
        .max_concurrent_reset_streams(RESETS_REMEMBERED)
        .reset_stream_duration(RESET_REMEMBERED)
        // The connection is everybody's: what is late for a reset stream must not
        // end it, however often. That a flood holds up nobody is the wire's work.
        .max_local_error_reset_streams(None)
        .handshake::<_, Bytes>(Wire::new(transport, Arc::clone(&notes)))
        .await?;
    let (orders, ordered) = mpsc::unbounded_channel();
    let last_words = LastWords::default();
    let http2 = Http2 {
        orders,
        remote,
        last_words: Arc::clone(&last_words),
    };
    let driver = Driver::new(sender, connection, ordered, notes, last_words);
    Ok((http2, driver))
}

/// Waits for an answer, and tells a body that waits for the server's word when it
/// comes.
async fn answer_behind(
    gate: &Gate,
    mut answer: h2::client::ResponseFuture,
) -> Result<http::Response<RecvStream>, h2::Error> {
    poll_fn(|cx| {
        while let Poll::Ready(Some(Ok(interim))) = answer.poll_informational(cx) {
            gate.hear(interim.status());
        }
        Pin::new(&mut answer).poll(cx)
    })
    .await
}

impl Http2 {
    /// Whether the connection takes requests, as far as is known.
    pub(super) fn is_usable(&self) -> bool {
        !self.orders.is_closed()
    }

    /// Sends a request and waits for the answer's head.
    ///
    /// A request counts as sent when the connection's task has given it to
    /// HTTP/2, which from then on writes it, whatever becomes of who sent it,
    /// unless the connection is lost. The task does so only when the socket takes
    /// bytes and the server takes requests: what waits for either was not sent,
    /// and when the future is dropped it never will be. When it is dropped later,
    /// the stream is reset and the connection goes on.
    pub(super) async fn send(
        &self,
        uri: Uri,
        message: http::Request<OutgoingBody>,
        meter: Arc<Meter>,
    ) -> Result<(http::Response<Incoming>, Stream), Failure> {
        let gate = expecting::gate_of(&message);
        if let Some(remote) = self.remote {
            let _ = meter.remote.set(remote);
        }
        let (reply, given) = oneshot::channel();
        let order = Box::new(Order {
            uri,
            message,
            meter,
            reply,
        });
        if let Err(unsent) = self.orders.send(order) {
            let message = Some(unsent.0.message);
            return Err(Failure::NotSent(NotSent::ConnectionEnds(message)));
        }
        let Given { answer, mut stream } = given
            .await
            .unwrap_or(Err(NotSent::ConnectionEnds(None)))
            .map_err(Failure::NotSent)?;
        let answer = match gate {
            Some(gate) => answer_behind(&gate, answer).await,
            None => answer.await,
        };
        stream.place.note_answer();
        match answer {
            Ok(answer) => {
                let last_words = Arc::clone(&self.last_words);
                let incoming = |body| Incoming { body, last_words };
                Ok((answer.map(incoming), stream))
            }
            Err(error) => Err(Failure::Broken {
                error,
                last_words: self.last_words(),
            }),
        }
    }

    /// The error of a request that came too late.
    pub(super) fn ended(&self, authority: &Arc<str>) -> Error {
        failure::of_end(authority, self.last_words())
    }

    /// Why the connection takes nothing more, where either side said so.
    fn last_words(&self) -> Option<(Fault, Reason)> {
        self.last_words.get().copied()
    }
}
