//! A session, as whoever opened it sees it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderMap;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::timeout;

use super::error::{Error, Waiting};
use super::ledger::{Counts, Ending, Ledger};
use super::opening::Traffic;
use super::session::{Command, Content, Ends};
use crate::http::error::Error as HttpError;
use crate::http::meter::Meter;

/// How long the other side may take to answer that the session is closed.
const CLOSING: Duration = Duration::from_secs(5);

/// The bytes of the frame that says that this side goes away: two of a header,
/// four of a mask, two of a code.
const GOODBYE: u64 = 8;

/// The longest reason that a closing frame has room for (RFC 6455, 5.5).
const LONGEST_REASON: usize = 123;

/// A session. Its messages are read while nobody asks for them, up to a limit.
///
/// Dropping it closes the connection at once: the other side is told that this
/// one goes away, and its answer is not waited for.
#[derive(Debug)]
pub struct Socket {
    /// `None` once it is clear that nothing can be sent any more.
    commands: Option<UnboundedSender<Command>>,
    inbox: UnboundedReceiver<Arrived>,
    ledger: Arc<Ledger>,
    headers: HeaderMap,
    subprotocol: String,
    authority: Arc<str>,
    meter: Arc<Meter>,
    timeout: Duration,
    started: Instant,
    opened_after: Duration,
    /// A message is handed to the task, which has not said that it is written.
    is_sending: bool,
    /// When the last text or bytes were written.
    sent_at: Option<Instant>,
    /// When the last text or bytes arrived that were handed over.
    arrived_at: Option<Instant>,
    /// How it ended was told.
    end_was_told: bool,
}

/// What comes from the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
    /// The answer to a ping of this side, and how long it took.
    Pong(Duration),
    /// The session was closed, with a code (1005 stands for none) and a reason.
    Closed(u16, String),
}

/// A message, and when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// The message.
    pub message: Message,
    /// When its last byte was read.
    pub at: Instant,
}

/// What a session is held by, and what the answer that opened it said.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) ends: Ends,
    pub(super) headers: HeaderMap,
    pub(super) subprotocol: String,
}

/// A session that was opened.
pub(super) struct Opened {
    pub(super) link: Link,
    pub(super) authority: Arc<str>,
    pub(super) meter: Arc<Meter>,
    pub(super) timeout: Duration,
    pub(super) started: Instant,
    pub(super) elapsed: Duration,
}

impl Message {
    /// Its bytes, where it has any of its own.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
            Self::Pong(_) | Self::Closed(..) => 0,
        }
    }
}

impl Socket {
    pub(super) fn new(opened: Opened) -> Self {
        let Link {
            ends,
            headers,
            subprotocol,
        } = opened.link;
        Self {
            commands: Some(ends.commands),
            inbox: ends.inbox,
            ledger: ends.ledger,
            headers,
            subprotocol,
            authority: opened.authority,
            meter: opened.meter,
            timeout: opened.timeout,
            started: opened.started,
            opened_after: opened.elapsed,
            is_sending: false,
            sent_at: None,
            arrived_at: None,
            end_was_told: false,
        }
    }

    /// The subprotocol that the server took; empty where it took none.
    #[must_use]
    pub fn subprotocol(&self) -> &str {
        &self.subprotocol
    }

    /// The headers of the answer that opened it.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// When it was called for.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.started
    }

    /// From the call to the answer that opened it.
    #[must_use]
    pub fn opened_after(&self) -> Duration {
        self.opened_after
    }

    /// The messages that went by so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.ledger.counts()
    }

    /// The bytes that went by so far, those of the handshake included.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        Traffic::of(&self.meter)
    }

    /// How it ended, if it has.
    #[must_use]
    pub fn ending(&self) -> Option<&Ending> {
        self.ledger.ending()
    }

    /// From the writing of the last text or bytes to the arrival of those handed
    /// over last; `None` where one of them is missing, or they came before.
    #[must_use]
    pub fn answered_after(&self) -> Option<Duration> {
        self.arrived_at?.checked_duration_since(self.sent_at?)
    }

    /// Sends a text, and returns when it is written.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] after a clean end, the error that ended the session, or
    /// [`Error::Timeout`], which ends it: half a message may have been written.
    pub async fn send_text(&mut self, text: String) -> Result<(), Error> {
        self.sent_at = Some(self.write(Content::Text(text)).await?);
        Ok(())
    }

    /// Sends bytes, and returns when they are written.
    ///
    /// # Errors
    ///
    /// Those of [`send_text`](Self::send_text).
    pub async fn send_binary(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        self.sent_at = Some(self.write(Content::Binary(bytes)).await?);
        Ok(())
    }

    /// Sends a ping, and returns when it is written.
    ///
    /// # Errors
    ///
    /// Those of [`send_text`](Self::send_text).
    pub async fn ping(&mut self) -> Result<(), Error> {
        self.write(Content::Ping).await.map(|_| ())
    }

    /// Waits for the next message; `None` where none came within the time.
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// Without a time, [`Error::Timeout`] where none came within that of the
    /// handshake; the session goes on. Else the error that ended the session,
    /// and [`Error::Closed`] after the end was told.
    pub async fn next(&mut self, within: Option<Duration>) -> Result<Option<Arrived>, Error> {
        if within == Some(Duration::ZERO) && self.inbox.is_empty() {
            // Who asks again and again without waiting would keep the task from
            // reading.
            yield_now().await;
        }
        let limit = within.unwrap_or(self.timeout);
        match timeout(limit, self.inbox.recv()).await {
            Ok(Some(arrived)) => Ok(Some(self.hand_over(arrived))),
            Ok(None) => self.end().map(Some),
            Err(_) if within.is_some() => Ok(None),
            Err(_) => Err(self.timed_out(limit, Waiting::ForMessage)),
        }
    }

    /// The next message that is there already, for whoever counts what nobody
    /// asked for.
    pub fn unread(&mut self) -> Option<Arrived> {
        match self.inbox.try_recv() {
            Ok(arrived) => Some(self.hand_over(arrived)),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => None,
        }
    }

    /// Closes the session, and waits until the other side has answered. What it
    /// sent before can still be read.
    ///
    /// # Errors
    ///
    /// [`Error::CloseCode`] and [`Error::CloseReason`], after which the session
    /// goes on; [`Error::Timeout`] where no answer comes; and those of
    /// [`send_text`](Self::send_text).
    pub async fn close(&mut self, code: u16, reason: String) -> Result<(), Error> {
        if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
            return Err(Error::CloseCode { code });
        }
        if reason.len() > LONGEST_REASON {
            let length = reason.len();
            return Err(Error::CloseReason { length });
        }
        let (closed, closing) = oneshot::channel();
        self.command(Command::Close {
            code,
            reason,
            within: self.timeout.min(CLOSING),
            closed,
        })?;
        // It is only ever dropped, when the session has ended.
        let _ = closing.await;
        match self.ledger.ending().map(|ending| &ending.outcome) {
            Some(Ok(_)) => Ok(()),
            Some(Err(_)) | None => Err(self.why()),
        }
    }

    /// Drops it, and says what has gone by in all: also the frame with which it
    /// leaves.
    #[must_use]
    pub fn leave(self) -> Traffic {
        let mut traffic = self.traffic();
        if self.commands.is_some() && self.ledger.ending().is_none() && !self.is_sending {
            traffic.sent += GOODBYE;
        }
        traffic
    }

    async fn write(&mut self, content: Content) -> Result<Instant, Error> {
        let (done, written) = oneshot::channel();
        self.command(Command::Send(content, done))?;
        self.is_sending = true;
        let written = timeout(self.timeout, written).await;
        self.is_sending = false;
        match written {
            Ok(Ok(at)) => Ok(at),
            Ok(Err(_)) => Err(self.why()),
            Err(_) => {
                let error = self.timed_out(self.timeout, Waiting::ToWrite);
                self.ledger.end(Err(error));
                self.commands = None;
                Err(self.why())
            }
        }
    }

    fn command(&mut self, command: Command) -> Result<(), Error> {
        let told = match &self.commands {
            Some(commands) if self.ledger.ending().is_none() => commands.send(command).is_ok(),
            Some(_) | None => false,
        };
        if told { Ok(()) } else { Err(self.why()) }
    }

    fn hand_over(&mut self, arrived: Arrived) -> Arrived {
        self.ledger.pick_up(arrived.message.len());
        if matches!(arrived.message, Message::Text(_) | Message::Binary(_)) {
            self.arrived_at = Some(arrived.at);
        }
        arrived
    }

    /// What comes after the last message: first how the session ended, then that
    /// it has.
    fn end(&mut self) -> Result<Arrived, Error> {
        if !self.end_was_told
            && let Some(Ending {
                outcome: Ok((code, reason)),
                at,
            }) = self.ledger.ending()
        {
            self.end_was_told = true;
            let message = Message::Closed(*code, reason.clone());
            return Ok(Arrived { message, at: *at });
        }
        Err(self.why())
    }

    /// Why nothing can be sent or received any more.
    fn why(&mut self) -> Error {
        let authority = Arc::clone(&self.authority);
        match self.ledger.ending().map(|ending| &ending.outcome) {
            Some(Err(error)) if !self.end_was_told => {
                self.end_was_told = true;
                error.clone()
            }
            Some(_) => Error::Closed { authority },
            None => Error::Http(HttpError::Other {
                subject: authority,
                cause: "the task that serves the session ended before it was closed".to_owned(),
            }),
        }
    }

    fn timed_out(&self, after: Duration, waiting: Waiting) -> Error {
        Error::Timeout {
            authority: Arc::clone(&self.authority),
            after,
            waiting,
        }
    }
}
