use std::time::Duration;

use serde::Serialize;

use super::{Error, ErrorKind, Message};
use crate::flow::nanoseconds;
use crate::host::websocket as contract;

/// A session.
///
/// The host reads and writes it, also while the scenario thinks: it answers
/// pings and keeps messages until they are asked for, up to 1 MiB.
///
/// It ends with its iteration, even when it is kept. One that is dropped, or
/// ends with its iteration, is left: the host tells the other side that this one
/// goes away (1001), and waits for no answer.
pub struct Socket(contract::Socket);

impl Socket {
    pub(super) fn new(handle: contract::Socket) -> Self {
        Self(handle)
    }

    /// The subprotocol that the server took; empty where it took none.
    #[must_use]
    pub fn subprotocol(&self) -> String {
        self.0.subprotocol()
    }

    /// The first header of this name, in any case, of the answer that opened the
    /// session.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.0.header(name)
    }

    /// Sends a text, and returns when it is written to the connection.
    ///
    /// # Errors
    ///
    /// Where the session is over, or the time is up.
    pub fn send_text(&self, text: &str) -> Result<(), Error> {
        Ok(self.0.send_text(text)?)
    }

    /// Sends a value as JSON, in a text.
    ///
    /// # Errors
    ///
    /// As [`send_text`](Self::send_text), and where the value cannot be said in
    /// JSON.
    pub fn send_json<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), Error> {
        let text = serde_json::to_string(value).map_err(|error| {
            let text = ["the message cannot be said in JSON: ", &error.to_string()];
            Error::new(ErrorKind::Invalid, text.concat())
        })?;
        self.send_text(&text)
    }

    /// Sends bytes, and returns when they are written to the connection.
    ///
    /// # Errors
    ///
    /// As [`send_text`](Self::send_text).
    pub fn send_binary(&self, bytes: impl AsRef<[u8]>) -> Result<(), Error> {
        Ok(self.0.send_binary(bytes.as_ref())?)
    }

    /// Sends a ping, whose answer comes as [`Message::Pong`] and is recorded in
    /// `ws_ping`.
    ///
    /// # Errors
    ///
    /// As [`send_text`](Self::send_text).
    pub fn ping(&self) -> Result<(), Error> {
        Ok(self.0.ping()?)
    }

    /// Waits for the next message, as long as the handshake's timeout says.
    ///
    /// # Errors
    ///
    /// Where the time is up, which leaves the session open; where the session is
    /// over without having been closed; and after [`Message::Closed`].
    // No iterator: its end would be an error or a message, never `None`.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&self) -> Result<Message, Error> {
        let next = self.0.next(None)?;
        next.map(Message::from).ok_or_else(|| {
            let text = "no message came in time".to_owned();
            Error::new(ErrorKind::Timeout, text)
        })
    }

    /// Waits for the next message; `None` where none came within the time.
    ///
    /// # Errors
    ///
    /// Where the session is over without having been closed, and after
    /// [`Message::Closed`].
    pub fn next_within(&self, time: Duration) -> Result<Option<Message>, Error> {
        Ok(self.0.next(Some(nanoseconds(time)))?.map(Message::from))
    }

    /// From the writing of the last text or bytes that were sent to the arrival
    /// of the last text or bytes that were handed over, whatever the scenario did
    /// between. `None` where one of them is missing, or the message came before.
    ///
    /// ```
    /// use vuelo_sdk::prelude::*;
    ///
    /// static ANSWER_DURATION: Trend = Trend::milliseconds("answer_duration");
    ///
    /// let host = fake::Host::new().on_socket("/echo", fake::session().echoes());
    /// let report = host.play(|| {
    ///     let socket = websocket::connect("ws://localhost/echo").open().unwrap();
    ///     socket.send_text("hello").unwrap();
    ///     socket.next().unwrap();
    ///     ANSWER_DURATION.add(socket.answered_after().unwrap());
    /// });
    /// assert_eq!(report.values("answer_duration"), [5.0]);
    /// ```
    #[must_use]
    pub fn answered_after(&self) -> Option<Duration> {
        self.0.answered_after().map(Duration::from_nanos)
    }

    /// Closes the session with the code 1000, and waits until the other side has
    /// answered. Messages that came before can still be read.
    ///
    /// # Errors
    ///
    /// Where no answer came, which ends the session too, or it was over before.
    pub fn close(&self) -> Result<(), Error> {
        self.close_with(1000, "")
    }

    /// Closes the session with a code (1000 to 1003, 1007 to 1014, 3000 to 4999)
    /// and a reason of at most 123 bytes.
    ///
    /// # Errors
    ///
    /// As [`close`](Self::close), and where the code or the reason may not be
    /// sent, which leaves the session open.
    pub fn close_with(&self, code: u16, reason: &str) -> Result<(), Error> {
        Ok(self.0.close(code, reason)?)
    }
}
