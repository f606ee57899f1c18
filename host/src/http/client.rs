//! What one virtual user has: its connections, and a way to send on them.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use super::connect::connect;
use super::connection::{Connection, Unanswered};
use super::exchange::{Exchange, Limits, OpenExchange, Response, with_making};
use super::meter::Meter;
use super::request::Origin;
use super::{Engine, Error, Request, Timings};

/// Who is told of a request that was cut off: its future was dropped after the
/// first byte was written. A request that was dropped before that was never
/// sent, will not be, and nobody is told.
pub trait OnInterrupt: Sync {
    /// The request at this place of the batch (0 for a single one) was cut off
    /// after so many bytes were written and read.
    fn interrupted(&self, index: usize, timings: Timings, bytes_sent: u64, bytes_received: u64);
}

/// A virtual user's client. It owns its connections, as a browser does.
#[derive(Debug)]
pub struct Client {
    engine: Arc<Engine>,
    idle: Vec<Connection>,
}

impl Client {
    /// A client without connections.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine, idle: Vec::new() }
    }

    /// Closes the connections that are not in use.
    pub fn close_idle(&mut self) {
        self.idle = Vec::new();
    }

    /// Sends a request and receives the whole answer.
    pub async fn send(&mut self, request: &Request, cut: &dyn OnInterrupt) -> Exchange {
        let idle = self.take_idle(request.origin());
        let (exchange, connection) =
            whole(&self.engine, idle, request, Duration::ZERO, cut, 0).await;
        self.put_back(connection);
        exchange
    }

    /// Sends a request and receives the answer's head. The connection belongs to
    /// the answer until [`Client::close`].
    ///
    /// # Errors
    ///
    /// When there is no answer: the exchange as far as it went.
    pub async fn open(
        &mut self,
        request: &Request,
        cut: &dyn OnInterrupt,
    ) -> Result<OpenExchange, Exchange> {
        let idle = self.take_idle(request.origin());
        head(&self.engine, idle, request, Duration::ZERO, cut, 0).await
    }

    /// Takes back the connection of an answer that was opened, when its body was
    /// read to the end.
    pub fn close(&mut self, exchange: OpenExchange) {
        let (_, connection) = exchange.into_connection();
        self.put_back(connection);
    }

    /// Sends several requests at once, as many at a time as the settings allow.
    /// The exchanges come in the order of the requests.
    pub async fn send_all(
        &mut self,
        requests: &[&Request],
        cut: &dyn OnInterrupt,
    ) -> Vec<Exchange> {
        let (most, most_per_host) =
            (self.engine.settings().batch.max(1), self.engine.settings().per_host.max(1));
        let engine = Arc::clone(&self.engine);
        let asked = Instant::now();
        let mut exchanges: Vec<Option<Exchange>> = requests.iter().map(|_| None).collect();
        let mut waiting: Vec<usize> = (0..requests.len()).collect();
        let mut busy: Vec<&Origin> = Vec::new();
        let mut running = FuturesUnordered::new();
        loop {
            // The next ones that may start, in order.
            waiting.retain(|&index| {
                let request = requests[index];
                let origin = request.origin();
                let to_host = busy.iter().filter(|busy| **busy == origin).count();
                if running.len() >= most || to_host >= most_per_host {
                    return true;
                }
                busy.push(origin);
                let (engine, idle) = (&engine, self.take_idle(origin));
                let blocked = asked.elapsed();
                running.push(async move {
                    (index, whole(engine, idle, request, blocked, cut, index).await)
                });
                false
            });
            let Some((index, (exchange, connection))) = running.next().await else { break };
            let origin = requests[index].origin();
            if let Some(at) = busy.iter().position(|busy| *busy == origin) {
                busy.swap_remove(at);
            }
            self.put_back(connection);
            exchanges[index] = Some(exchange);
        }
        exchanges.into_iter().flatten().collect()
    }

    fn take_idle(&mut self, origin: &Origin) -> Option<Connection> {
        let at = self.idle.iter().rposition(|connection| connection.origin() == origin)?;
        Some(self.idle.swap_remove(at))
    }

    fn put_back(&mut self, connection: Option<Connection>) {
        if let Some(connection) = connection
            && self.engine.settings().connection_reuse
        {
            let origin = connection.origin();
            let kept = self.idle.iter().filter(|idle| idle.origin() == origin).count();
            if kept < self.engine.settings().per_host {
                self.idle.push(connection);
            }
        }
    }
}

/// One request with its whole answer, and the connection, when it can serve
/// another one.
async fn whole(
    engine: &Arc<Engine>,
    idle: Option<Connection>,
    request: &Request,
    blocked: Duration,
    cut: &dyn OnInterrupt,
    index: usize,
) -> (Exchange, Option<Connection>) {
    let mut open = match head(engine, idle, request, blocked, cut, index).await {
        Ok(open) => open,
        Err(exchange) => return (exchange, None),
    };
    let meter = Arc::clone(open.meter());
    let guard = Guard { meter: &meter, made: open.timings(), cut, index, armed: true };
    let received = open.rest().await;
    guard.disarm();
    let (timings, bytes_sent, bytes_received) =
        (open.timings(), open.bytes_sent(), open.bytes_received());
    let (outcome, connection) = match received {
        Ok(pieces) => {
            let (head, connection) = open.into_connection();
            (Ok(Response::new(head, pieces)), connection)
        }
        Err(error) => (Err(error), None),
    };
    (Exchange { outcome, timings, bytes_sent, bytes_received }, connection)
}

/// One request up to the head of its answer.
async fn head(
    engine: &Arc<Engine>,
    mut idle: Option<Connection>,
    request: &Request,
    blocked: Duration,
    cut: &dyn OnInterrupt,
    index: usize,
) -> Result<OpenExchange, Exchange> {
    let started = Instant::now();
    let deadline = started + request.timeout();
    loop {
        let mut made = Timings { blocked: Some(blocked), ..Timings::default() };
        let kept = idle.is_some();
        let mut connection = match idle.take() {
            Some(mut connection) => {
                if !connection.is_usable().await {
                    continue;
                }
                made.connecting = Some(Duration::ZERO);
                made.tls_handshaking = Some(Duration::ZERO);
                connection
            }
            None => {
                let left = deadline.saturating_duration_since(Instant::now());
                match connect(engine, request.origin(), left).await {
                    Ok(connected) => {
                        made.connecting = Some(connected.connecting);
                        made.tls_handshaking = Some(connected.tls_handshaking);
                        connected.connection
                    }
                    Err(error) => return Err(Exchange::failed(error, made)),
                }
            }
        };
        let meter = Arc::clone(connection.meter());
        let guard = Guard { meter: &meter, made, cut, index, armed: true };
        let sending = connection.send(request.to_hyper(engine));
        let answered = tokio::time::timeout_at(deadline, sending).await;
        guard.disarm();
        let error = match answered {
            Ok(Ok(response)) => {
                let limits = Limits {
                    bytes: engine.settings().body_limit,
                    deadline,
                    timeout: request.timeout(),
                    discard: request.discards_body() || engine.settings().discard_bodies,
                };
                return Ok(OpenExchange::new(response, connection, limits, made));
            }
            // The server closed a kept connection in the very moment. Nothing
            // was written, so the request can go out on a new one.
            Ok(Err(Unanswered::NeverSent)) if kept => continue,
            Ok(Err(Unanswered::NeverSent)) => Error::ConnectionLost {
                target: connection.target().to_string(),
                reason: "at once".to_owned(),
                reset: false,
            },
            Ok(Err(Unanswered::Failed(error))) => error,
            Err(_) => Error::Timeout {
                target: connection.target().to_string(),
                limit: request.timeout(),
            },
        };
        return Err(Exchange {
            outcome: Err(error),
            timings: with_making(&meter, made),
            bytes_sent: meter.bytes_sent(),
            bytes_received: meter.bytes_received(),
        });
    }
}

/// Tells of a request whose future is dropped while this is armed.
struct Guard<'a> {
    meter: &'a Meter,
    made: Timings,
    cut: &'a dyn OnInterrupt,
    index: usize,
    armed: bool,
}

impl Guard<'_> {
    fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if self.armed && self.meter.bytes_sent() > 0 {
            let timings = with_making(self.meter, self.made);
            let (sent, received) = (self.meter.bytes_sent(), self.meter.bytes_received());
            self.cut.interrupted(self.index, timings, sent, received);
        }
    }
}
