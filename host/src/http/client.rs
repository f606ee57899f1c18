//! The client of one virtual user.

use std::sync::Arc;
use std::time::Instant;

use tokio::time::timeout;

use super::batch::Batch;
use super::connection::Connection;
use super::engine::Engine;
use super::exchange::Exchange;
use super::idle::Idle;
use super::observer::Observer;
use super::open::OpenExchange;
use super::request::Request;
use super::sending::{BodyLimit, Flight, receive_head, send};

/// The client of one virtual user, which owns its connections. All futures must
/// run on a tokio runtime, and connections stay on the one they were made on.
#[derive(Debug)]
pub struct Client {
    engine: Arc<Engine>,
    idle: Idle,
}

impl Client {
    /// A client without connections.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        let idle = Idle::new(engine.settings().per_host);
        Self { engine, idle }
    }

    /// Closes the connections that have no request under way; dropping the
    /// client does so as well.
    pub fn close_idle(&mut self) {
        self.idle.close();
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// When the future is dropped before, the connection is closed at once, what
    /// was not written yet will never be, and the observer is told if anything
    /// was.
    pub async fn send(&mut self, request: &Request, observer: &dyn Observer) -> Exchange {
        self.engine.turn().await;
        let flight = Flight::new(request, Instant::now(), observer, 0);
        let idle = self.idle.take(request.origin());
        let (exchange, connection) = send(&self.engine, request, idle, flight).await;
        if let Some(connection) = connection {
            self.keep(connection);
        }
        exchange
    }

    /// Sends a request and waits for the answer's head. Dropping the future is
    /// as with [`send`](Self::send); an answer handed over is the caller's to
    /// count.
    ///
    /// # Errors
    ///
    /// The exchange, when no head came.
    // Both are large, and moved once a request.
    #[allow(clippy::result_large_err)]
    pub async fn open(
        &mut self,
        request: &Request,
        observer: &dyn Observer,
    ) -> Result<OpenExchange, Exchange> {
        self.engine.turn().await;
        let mut flight = Flight::new(request, Instant::now(), observer, 0);
        // A time beyond all clocks is no limit.
        let deadline = tokio::time::Instant::now().checked_add(request.timeout());
        let idle = self.idle.take(request.origin());
        let head = receive_head(&self.engine, request, idle, &mut flight.progress);
        let head = timeout(request.timeout(), head).await;
        let progress = flight.land();
        let authority = request.authority();
        let answering = head
            .unwrap_or_else(|_| Err(progress.timed_out(authority, request.timeout())))
            .map_err(|error| progress.failed(error))?;
        let limit = BodyLimit::of(&self.engine, request);
        Ok(OpenExchange::new(
            authority,
            answering,
            limit,
            progress,
            deadline,
            request.timeout(),
        ))
    }

    /// Sends several requests at once and waits for all answers, which come in
    /// the order of the requests. At most
    /// [`per_host`](super::Settings::per_host) of them are under way to one host
    /// at a time, [`batch`](super::Settings::batch) in all; each one's timeout
    /// starts when its turn has come.
    ///
    /// When the future is dropped before, all are interrupted, and the observer
    /// is told of each of which anything was written.
    pub async fn send_all(
        &mut self,
        requests: &[&Request],
        observer: &dyn Observer,
    ) -> Vec<Exchange> {
        let engine = Arc::clone(&self.engine);
        Batch::new(&engine, requests, observer).run(self).await
    }

    pub(super) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    pub(super) fn take(&mut self, request: &Request) -> Option<Connection> {
        self.idle.take(request.origin())
    }

    pub(super) fn keep(&mut self, connection: Connection) {
        if self.engine.settings().connection_reuse {
            self.idle.put(connection);
        } else {
            connection.close();
        }
    }
}
