//! The task of a connection of HTTP/2.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use atomic_waker::AtomicWaker;
use bytes::Bytes;
use http::Uri;
use hyper::body::Body;
use tokio::sync::mpsc;
use tokio::time::{Sleep, sleep};

use super::wire::{Notes, Wire};
use super::{Given, LastWords, NotSent, Order, Stream, message, upload};
use crate::http::body::OutgoingBody;
use crate::http::connection::ConnectionTask;
use crate::http::error::Fault;

/// How long a connection that nobody wants any more may take to write what is
/// left, when the other side does not read.
const GOODBYE: Duration = Duration::from_secs(1);

/// How long nothing has come when a request is given up that tells of a server
/// which may be gone. Requests are given up for other reasons, too.
const SILENCE: Duration = Duration::from_millis(100);

/// How long a server that has answered a ping is not sent another, unless something
/// else has come from it.
const BETWEEN_PINGS: Duration = Duration::from_secs(10);

/// How long the answer to a ping may take: more than any way to a server, less
/// than would be missed.
const PONG: Duration = Duration::from_secs(1);

/// The work of a connection's task: takes requests, reads and writes.
pub(in crate::http) struct Driver {
    connection: h2::client::Connection<Wire, Bytes>,
    /// Gone when nobody can send any more: HTTP/2 then ends after the last
    /// answer.
    sender: Option<h2::client::SendRequest<Bytes>>,
    orders: mpsc::UnboundedReceiver<Box<Order>>,
    /// The next one, for which there is no place yet.
    held_back: Option<Box<Order>>,
    places: Arc<Places>,
    notes: Arc<Notes>,
    last_words: LastWords,
    /// Nobody can send any more.
    is_unwanted: bool,
    heartbeat: Heartbeat,
    /// How long saying goodbye may take.
    goodbye: Option<Pin<Box<Sleep>>>,
}

impl Driver {
    pub(super) fn new(
        sender: h2::client::SendRequest<Bytes>,
        mut connection: h2::client::Connection<Wire, Bytes>,
        orders: mpsc::UnboundedReceiver<Box<Order>>,
        notes: Arc<Notes>,
        last_words: LastWords,
    ) -> Self {
        Self {
            heartbeat: Heartbeat::of(connection.ping_pong()),
            connection,
            sender: Some(sender),
            orders,
            held_back: None,
            places: Arc::new(Places::new(Arc::clone(&notes))),
            notes,
            last_words,
            is_unwanted: false,
            goodbye: None,
        }
    }

    /// Whether the server takes no more requests; what is under way goes on.
    fn is_ending(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(sender) = &mut self.sender else {
            return true;
        };
        // Never pending: that is for senders that have a request waiting.
        let Poll::Ready(Err(error)) = sender.poll_ready(cx) else {
            return false;
        };
        if let Some(reason) = error.reason() {
            let fault = if error.is_remote() {
                Fault::GoAway
            } else {
                Fault::Connection
            };
            let _ = self.last_words.set((fault, reason));
        }
        true
    }

    /// Asks whether the server is still there when a request was given up and
    /// nothing had come for a while, neither for it nor for another. Until the
    /// server has answered nothing is given to it; when it does not, what waits
    /// goes over another connection, as after a request of HTTP/1.1 that was given
    /// up.
    ///
    /// Whether HTTP/2 wants another turn, to write the question.
    fn listen(&mut self, cx: &mut Context<'_>) -> bool {
        if self.sender.is_none() {
            return false;
        }
        let asked = self.places.take_silence()
            && self.heartbeat.is_due(self.notes.heard())
            && self.heartbeat.ask();
        match self.heartbeat.poll(cx) {
            Pulse::Beating | Pulse::Awaited => {}
            Pulse::Gone => self.end(),
        }
        asked
    }

    /// Lets HTTP/2 end the connection after the last answer; whether it wants
    /// another turn for that.
    ///
    /// Servers forget requests that they have read and not begun when they read
    /// the end of the connection behind them. Such a request was counted here: so
    /// the server has time to begin it, which its answer to a ping shows.
    fn leave(&mut self) -> bool {
        if self.sender.is_none() || self.heartbeat.is_awaited() {
            return false;
        }
        if !(self.places.take_unanswered() && self.heartbeat.ask()) {
            self.sender = None;
        }
        true
    }

    /// Sends back what was not sent, and takes no more.
    fn end(&mut self) {
        self.sender = None;
        self.orders.close();
        let held_back = self.held_back.take().into_iter();
        let orders = std::iter::from_fn(|| self.orders.try_recv().ok());
        for order in held_back.chain(orders) {
            // Whoever is gone does not want it.
            let unsent = NotSent::ConnectionEnds(Some(order.message));
            let _ = order.reply.send(Err(unsent));
        }
    }

    /// Gives to HTTP/2 what can be written; whether there was anything.
    fn give(&mut self, cx: &mut Context<'_>) -> bool {
        let mut any = false;
        // What is not written at once might never be, and nobody would know.
        while !self.notes.is_blocked()
            && !self.is_unwanted
            && !self.heartbeat.is_awaited()
            && let Some(sender) = &mut self.sender
        {
            let next = match self.held_back.take() {
                Some(order) => Some(order),
                None => match self.orders.poll_recv(cx) {
                    Poll::Ready(next) => next,
                    Poll::Pending => break,
                },
            };
            let Some(order) = next else {
                self.is_unwanted = true;
                break;
            };
            if order.reply.is_closed() {
                continue;
            }
            let limit = self.connection.max_concurrent_send_streams();
            let Some(place) = self.places.take(limit, cx) else {
                self.held_back = Some(order);
                break;
            };
            let given = give(order.uri, order.message, sender, place, cx, |stream| {
                order.meter.commit();
                self.notes.watch(stream, Arc::clone(&order.meter));
            });
            // Where nobody waits any more, dropping it resets the stream.
            let _ = order.reply.send(given.map_err(NotSent::Refused));
            any = true;
        }
        any
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        loop {
            // What came of it was told to whoever waits for an answer.
            let has_ended = Pin::new(&mut this.connection).poll(cx).is_ready();
            if this.sender.is_some() && (this.is_ending(cx) || has_ended) {
                this.end();
            }
            if has_ended {
                return Poll::Ready(());
            }
            let wants_turn = this.listen(cx) || this.give(cx) || (this.is_unwanted && this.leave());
            if !wants_turn {
                break;
            }
        }
        if this.sender.is_none() && this.places.are_free(cx) {
            return goodbye(&mut this.goodbye).poll(cx);
        }
        Poll::Pending
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether the server is still there.
struct Heartbeat {
    ping_pong: Option<h2::PingPong>,
    /// How long the answer to the question may take that was asked.
    awaited: Option<Pin<Box<Sleep>>>,
    /// When it has answered last.
    answered: Option<Instant>,
}

/// What is known of the server.
enum Pulse {
    Beating,
    Awaited,
    Gone,
}

impl Heartbeat {
    fn of(ping_pong: Option<h2::PingPong>) -> Self {
        Self {
            ping_pong,
            awaited: None,
            answered: None,
        }
    }

    fn is_awaited(&self) -> bool {
        self.awaited.is_some()
    }

    /// Whether the server may be asked whether it is there. Servers that count pings
    /// end a connection that brings many and nothing else (gRPC's take two).
    fn is_due(&self, heard: Instant) -> bool {
        let Some(answered) = self.answered else {
            return true;
        };
        heard > answered || answered.elapsed() >= BETWEEN_PINGS
    }

    /// Asks the server, unless its answer is awaited; whether there is something
    /// to be written.
    fn ask(&mut self) -> bool {
        let Some(ping_pong) = &mut self.ping_pong else {
            return false;
        };
        // It fails on a connection that has ended, which shows elsewhere.
        let asked = self.awaited.is_none() && ping_pong.send_ping(h2::Ping::opaque()).is_ok();
        if asked {
            self.awaited = Some(Box::pin(sleep(PONG)));
        }
        asked
    }

    /// What is known now. A server that does not even take the question is gone as
    /// well.
    fn poll(&mut self, cx: &mut Context<'_>) -> Pulse {
        let (Some(ping_pong), Some(awaited)) = (&mut self.ping_pong, &mut self.awaited) else {
            return Pulse::Beating;
        };
        if ping_pong.poll_pong(cx).is_ready() {
            self.awaited = None;
            self.answered = Some(Instant::now());
            return Pulse::Beating;
        }
        match awaited.as_mut().poll(cx) {
            Poll::Ready(()) => Pulse::Gone,
            Poll::Pending => Pulse::Awaited,
        }
    }
}

/// The time for saying goodbye, which begins now if it has not.
fn goodbye(time: &mut Option<Pin<Box<Sleep>>>) -> Pin<&mut Sleep> {
    time.get_or_insert_with(|| Box::pin(sleep(GOODBYE)))
        .as_mut()
}

/// Gives a request to HTTP/2 and tells its number.
fn give(
    uri: Uri,
    message: http::Request<OutgoingBody>,
    sender: &mut h2::client::SendRequest<Bytes>,
    place: Place,
    cx: &mut Context<'_>,
    tell: impl FnOnce(u32),
) -> Result<Given, h2::Error> {
    let (head, mut body) = message::of_http2(uri, message);
    let is_all = body.is_end_stream();
    let (answer, mut sending) = sender.send_request(head, is_all)?;
    tell(sending.stream_id().as_u32());
    let upload = match &mut body {
        _ if is_all => None,
        // HTTP/2 keeps it until the server takes it, and copies nothing.
        OutgoingBody::Whole(whole) => {
            let data = match Pin::new(whole).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
                Poll::Ready(None) | Poll::Pending => Bytes::new(),
            };
            sending.send_data(data, true)?;
            None
        }
        OutgoingBody::Streamed(_) => Some(tokio::spawn(upload::send(body, sending))),
    };
    Ok(Given {
        answer,
        stream: Stream {
            _upload: upload.map(|task| ConnectionTask(Some(task))),
            place,
        },
    })
}

/// The requests that a connection has under way.
#[derive(Debug)]
struct Places {
    taken: AtomicUsize,
    /// The connection's task, when it waits for a place.
    waiting: AtomicWaker,
    /// A request was given up before anything of an answer came.
    is_one_unanswered: AtomicBool,
    /// A request was given up, and nothing had come for a while.
    is_silent: AtomicBool,
    notes: Arc<Notes>,
}

/// One request under way.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    is_answered: bool,
    /// When it was given to the connection.
    given: Instant,
}

impl Place {
    /// Something of the answer has come, or there will be none.
    pub(super) fn note_answer(&mut self) {
        self.is_answered = true;
    }
}

impl Places {
    fn new(notes: Arc<Notes>) -> Self {
        Self {
            taken: AtomicUsize::new(0),
            waiting: AtomicWaker::new(),
            is_one_unanswered: AtomicBool::new(false),
            is_silent: AtomicBool::new(false),
            notes,
        }
    }

    /// A place, or else the task is woken when there is one.
    fn take(self: &Arc<Self>, limit: usize, cx: &Context<'_>) -> Option<Place> {
        if self.taken.load(Relaxed) >= limit {
            self.waiting.register(cx.waker());
            if self.taken.load(Relaxed) >= limit {
                return None;
            }
        }
        self.taken.fetch_add(1, Relaxed);
        Some(Place {
            places: Arc::clone(self),
            is_answered: false,
            given: Instant::now(),
        })
    }

    /// Whether a request was given up since this was asked the last time, before
    /// anything of its answer came.
    fn take_unanswered(&self) -> bool {
        self.is_one_unanswered.swap(false, Relaxed)
    }

    /// Whether a request was given up since this was asked the last time, and
    /// nothing had come for a while.
    fn take_silence(&self) -> bool {
        self.is_silent.swap(false, Relaxed)
    }

    /// Whether all are free, or else the task is woken when one is.
    fn are_free(&self, cx: &Context<'_>) -> bool {
        self.waiting.register(cx.waker());
        self.taken.load(Relaxed) == 0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.is_answered {
            self.places.is_one_unanswered.store(true, Relaxed);
        }
        // What is complete has just been heard.
        let heard = self.places.notes.heard().max(self.given);
        if heard.elapsed() >= SILENCE {
            self.places.is_silent.store(true, Relaxed);
        }
        self.places.taken.fetch_sub(1, Relaxed);
        self.places.waiting.wake();
    }
}
