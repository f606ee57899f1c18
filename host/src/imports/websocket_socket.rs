//! The resource `socket`.
//!
//! Sessions stay in the host, in [`Sockets`], and end with their iteration
//! whatever handles the guest still holds, as answers do.

use std::time::Duration;

use super::bindings::vuelo::load::websocket as wit;
use super::per_iteration::{PerIteration, Place};
use super::websocket_sample::{End, Sampler};
use crate::http::websocket::{Arrived, Error, Message, Socket as Session};

/// The resource `socket`.
#[derive(Debug)]
pub struct Socket(pub(super) Place<Held>);

/// The sessions of the iteration under way.
#[derive(Debug, Default)]
pub(super) struct Sockets(PerIteration<Held>);

impl Sockets {
    /// Keeps a session.
    pub(super) fn keep(&mut self, held: Held) -> Socket {
        Socket(self.0.keep(held))
    }

    /// The session, if its iteration is still under way.
    pub(super) fn get(&mut self, place: Place<Held>) -> Option<&mut Held> {
        self.0.get(place)
    }

    /// The guest dropped a session: it is left.
    pub(super) fn drop_socket(&mut self, place: Place<Held>) {
        if let Some(held) = self.0.release(place) {
            held.leave();
        }
    }

    /// Leaves all sessions.
    pub(super) fn end_iteration(&mut self) {
        self.0.end_iteration().for_each(Held::leave);
    }
}

/// A session, and what records its samples. Dropped before it was left, as when
/// its virtual user is stopped, it counts as cut off.
#[derive(Debug)]
pub(super) struct Held {
    /// Gone when it was left.
    session: Option<Session>,
    sampler: Sampler,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.end(End::CutOff);
    }
}

impl Held {
    /// A session that was opened just now.
    pub(super) fn new(session: Session, mut sampler: Sampler) -> Self {
        sampler.opened(&session);
        Self {
            session: Some(session),
            sampler,
        }
    }

    pub(super) fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    pub(super) async fn send_text(&mut self, text: String) -> Result<(), wit::Error> {
        let session = self.session.as_mut().ok_or(wit::Error::Closed)?;
        let sent = session.send_text(text).await;
        self.record(sent)
    }

    pub(super) async fn send_binary(&mut self, bytes: Vec<u8>) -> Result<(), wit::Error> {
        let session = self.session.as_mut().ok_or(wit::Error::Closed)?;
        let sent = session.send_binary(bytes).await;
        self.record(sent)
    }

    pub(super) async fn ping(&mut self) -> Result<(), wit::Error> {
        let session = self.session.as_mut().ok_or(wit::Error::Closed)?;
        let sent = session.ping().await;
        self.record(sent)
    }

    pub(super) async fn close(&mut self, code: u16, reason: String) -> Result<(), wit::Error> {
        let session = self.session.as_mut().ok_or(wit::Error::Closed)?;
        let closed = session.close(code, reason).await;
        self.record(closed)
    }

    pub(super) async fn next(
        &mut self,
        within: Option<Duration>,
    ) -> Result<Option<wit::Message>, wit::Error> {
        let session = self.session.as_mut().ok_or(wit::Error::Closed)?;
        let next = session.next(within).await;
        let next = self.record(next)?;
        Ok(next.map(|arrived| self.lift(arrived)))
    }

    fn lift(&self, arrived: Arrived) -> wit::Message {
        match arrived.message {
            Message::Text(text) => wit::Message::Text(text),
            Message::Binary(bytes) => wit::Message::Binary(bytes),
            Message::Pong(round_trip) => {
                self.sampler.ponged(round_trip);
                wit::Message::Pong(super::http_response::nanos(round_trip))
            }
            Message::Closed(code, reason) => wit::Message::Closed(wit::Closing { code, reason }),
        }
    }

    /// Records what has gone by, and the end of the session where it has come.
    fn record<T>(&mut self, result: Result<T, Error>) -> Result<T, wit::Error> {
        if let Some(session) = &self.session {
            self.sampler.go_on(session.counts(), session.traffic());
            if let Some(ending) = session.ending() {
                let end = match &ending.outcome {
                    Ok(_) => End::Clean,
                    Err(error) => End::Failed(error),
                };
                let after = ending.at.duration_since(session.started());
                self.sampler.ended(end, after);
            }
        }
        result.map_err(|error| wit::Error::from(&error))
    }

    /// The guest wants it no more.
    fn leave(mut self) {
        self.end(End::Clean);
    }

    fn end(&mut self, end: End<'_>) {
        // An end that nobody has asked about yet was one before this.
        let _ = self.record(Ok(()));
        let Some(mut session) = self.session.take() else {
            return;
        };
        while let Some(arrived) = session.unread() {
            if let Message::Pong(round_trip) = arrived.message {
                self.sampler.ponged(round_trip);
            }
        }
        self.sampler.ended(end, session.started().elapsed());
        let counts = session.counts();
        self.sampler.go_on(counts, session.leave());
    }
}
