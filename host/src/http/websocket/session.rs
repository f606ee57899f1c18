//! A session's task: it reads and writes.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::time::Sleep;

use super::error::{Error, Waiting};
use super::frames::{self, Frame, Frames};
use super::ledger::Ledger;
use super::socket::{Arrived, Message};

/// How long the other side may take to close the connection once both sides
/// have closed the session. It is the server's to close first (RFC 6455, 7.1.1).
const LINGERING: Duration = Duration::from_secs(1);

/// Pings that nobody answers are forgotten beyond so many.
const MOST_PINGS: usize = 1024;

/// The code of somebody who leaves: k6's, and that of a browser's tab.
const GOING_AWAY: u16 = 1001;

/// What whoever holds the socket wants of its task.
#[derive(Debug)]
pub(super) enum Command {
    /// To be written; told when it was, and when that is.
    Send(Content, oneshot::Sender<Instant>),
    /// To be closed, within a time; told, by dropping, when it is.
    Close {
        code: u16,
        reason: String,
        within: Duration,
        closed: oneshot::Sender<()>,
    },
}

/// What can be sent.
#[derive(Debug)]
pub(super) enum Content {
    Text(String),
    Binary(Vec<u8>),
    Ping,
}

/// The ends that are held by whoever holds the socket.
#[derive(Debug)]
pub(super) struct Ends {
    pub(super) commands: mpsc::UnboundedSender<Command>,
    pub(super) inbox: mpsc::UnboundedReceiver<Arrived>,
    pub(super) ledger: Arc<Ledger>,
}

/// A session's task. It ends when the session has, or nobody holds its socket
/// any more.
pub(super) struct Session {
    authority: Arc<str>,
    frames: Frames,
    commands: mpsc::UnboundedReceiver<Command>,
    /// Gone when nothing more will come.
    inbox: Option<mpsc::UnboundedSender<Arrived>>,
    ledger: Arc<Ledger>,
    writing: Option<Writing>,
    /// Closed by the other side, whose frame waits for its answer.
    answering: Option<(u16, String)>,
    /// Whoever waits for the session to be closed.
    closing: Option<Closing>,
    deadline: Option<Pin<Box<Sleep>>>,
    pings: VecDeque<(u64, Instant)>,
    next_ping: u64,
}

/// What is being written.
struct Writing {
    /// Its number, where it is a ping.
    ping: Option<u64>,
    written: oneshot::Sender<Instant>,
}

/// A closing that this side began.
struct Closing {
    within: Duration,
    _closed: oneshot::Sender<()>,
}

/// A session over these frames.
pub(super) fn session(authority: Arc<str>, frames: Frames) -> (Session, Ends) {
    // Neither grows: one command waits at a time, and messages are read only
    // while there is room.
    let (commands, wanted) = mpsc::unbounded_channel();
    let (arrived, inbox) = mpsc::unbounded_channel();
    let ledger = Arc::new(Ledger::default());
    let session = Session {
        authority,
        frames,
        commands: wanted,
        inbox: Some(arrived),
        ledger: Arc::clone(&ledger),
        writing: None,
        answering: None,
        closing: None,
        deadline: None,
        pings: VecDeque::new(),
        next_ping: 0,
    };
    let ends = Ends {
        commands,
        inbox,
        ledger,
    };
    (session, ends)
}

impl Session {
    pub(super) async fn run(mut self) {
        std::future::poll_fn(|cx| {
            let outcome = ready!(self.poll(cx));
            match (self.answering.take(), outcome) {
                // What became of the answer is nothing to the session.
                (Some(closing), _) => self.end(Ok(closing)),
                (None, Ok(())) => {}
                (None, Err(error)) => {
                    if let Some(code) = error.close_code() {
                        self.say_goodbye(cx, code);
                    }
                    self.end(Err(error));
                }
            }
            self.frames.hang_up(cx);
            Poll::Ready(())
        })
        .await;
    }

    /// Ready when the connection is to be closed.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            if let Some(deadline) = &mut self.deadline
                && deadline.as_mut().poll(cx).is_ready()
            {
                return Poll::Ready(Err(self.closing_timed_out()));
            }
            match self.commands.poll_recv(cx) {
                Poll::Ready(Some(command)) => {
                    self.begin(cx, command)?;
                    continue;
                }
                Poll::Ready(None) => {
                    if !self.is_over() && self.closing.is_none() && self.writing.is_none() {
                        self.say_goodbye(cx, GOING_AWAY);
                    }
                    return Poll::Ready(Ok(()));
                }
                Poll::Pending => {}
            }
            if (self.writing.is_some() || self.answering.is_some())
                && let Poll::Ready(flushed) = self.frames.flush(cx)
            {
                flushed?;
                self.flushed();
            }
            if !self.may_read(cx) {
                return Poll::Pending;
            }
            match ready!(self.frames.read(cx))? {
                Frame::Message(message) => self.arrived(message),
                Frame::Close { code, reason } => {
                    self.answering = Some((code, reason));
                    self.wait_at_most(LINGERING);
                }
                Frame::End => return Poll::Ready(Ok(())),
            }
        }
    }

    /// Whoever holds the socket wants something. It waits until one thing is
    /// done before it wants the next.
    fn begin(&mut self, cx: &mut Context<'_>, command: Command) -> Result<(), Error> {
        if self.is_over() || self.closing.is_some() {
            return Ok(());
        }
        match command {
            Command::Send(content, written) => {
                let mut ping = None;
                let message = match content {
                    Content::Text(text) => frames::Message::text(text),
                    Content::Binary(bytes) => frames::Message::binary(bytes),
                    Content::Ping => {
                        ping = Some(self.next_ping);
                        self.next_ping += 1;
                        frames::Message::Ping((self.next_ping - 1).to_string().into())
                    }
                };
                self.writing = Some(Writing { ping, written });
                self.frames.write(cx, message)
            }
            Command::Close {
                code,
                reason,
                within,
                closed,
            } => {
                self.closing = Some(Closing {
                    within,
                    _closed: closed,
                });
                self.wait_at_most(within);
                self.frames.close(cx, code, &reason)
            }
        }
    }

    /// All that was to be written is.
    fn flushed(&mut self) {
        if let Some(Writing { ping, written }) = self.writing.take() {
            let now = Instant::now();
            match ping {
                None => self.ledger.note_sent(),
                Some(ping) => {
                    if self.pings.len() >= MOST_PINGS {
                        self.pings.pop_front();
                    }
                    self.pings.push_back((ping, now));
                }
            }
            let _ = written.send(now);
        }
        if let Some(closing) = self.answering.take() {
            self.end(Ok(closing));
        }
    }

    /// Whether anything may be read now. While this side closes, or has closed,
    /// nobody can make room; what has none then is counted and dropped.
    fn may_read(&self, cx: &mut Context<'_>) -> bool {
        if self.is_over() || self.closing.is_some() || self.ledger.has_room() {
            return true;
        }
        self.ledger.wants_room(cx.waker());
        self.ledger.has_room()
    }

    fn arrived(&mut self, message: frames::Message) {
        let at = Instant::now();
        let message = match message {
            frames::Message::Text(text) => Message::Text(text.as_str().to_owned()),
            frames::Message::Binary(bytes) => Message::Binary(bytes.into()),
            frames::Message::Pong(payload) => match self.round_trip(&payload, at) {
                Some(round_trip) => Message::Pong(round_trip),
                None => return,
            },
            // A ping is answered with the next read or write; the others are no
            // messages.
            _ => return,
        };
        if !matches!(message, Message::Pong(_)) {
            self.ledger.note_received();
        }
        if let Some(inbox) = &self.inbox
            && self.ledger.has_room()
        {
            self.ledger.lay_down(message.len());
            // Nobody holds the socket any more: that ends the task.
            let _ = inbox.send(Arrived { message, at });
        }
    }

    /// How long the ping of this payload was under way. Pings before it will not
    /// be answered any more (RFC 6455, 5.5.3); what answers none is nothing.
    fn round_trip(&mut self, payload: &[u8], now: Instant) -> Option<Duration> {
        let number: u64 = std::str::from_utf8(payload).ok()?.parse().ok()?;
        let place = self.pings.iter().position(|(ping, _)| *ping == number)?;
        let (_, since) = self.pings.drain(..=place).next_back()?;
        Some(now.duration_since(since))
    }

    fn wait_at_most(&mut self, time: Duration) {
        self.deadline = Some(Box::pin(tokio::time::sleep(time)));
    }

    fn closing_timed_out(&self) -> Error {
        let within = self.closing.as_ref().map(|closing| closing.within);
        Error::Timeout {
            authority: Arc::clone(&self.authority),
            after: within.unwrap_or(LINGERING),
            waiting: Waiting::ForClosing,
        }
    }

    /// Closes without waiting for an answer, as far as that can be done at once.
    fn say_goodbye(&mut self, cx: &mut Context<'_>, code: u16) {
        // Nothing more can be said where the other side has closed; then the
        // answer to that is what is still to be written.
        let _ = self.frames.close(cx, code, "");
        let _ = self.frames.flush(cx);
    }

    fn is_over(&self) -> bool {
        self.inbox.is_none()
    }

    fn end(&mut self, outcome: Result<(u16, String), Error>) {
        self.ledger.end(outcome);
        self.inbox = None;
        self.closing = None;
    }
}
