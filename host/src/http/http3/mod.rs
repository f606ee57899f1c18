//! HTTP/3: many requests at a time over one connection of QUIC.
//!
//! - [`Http3`]: the way to a connection, which many can have
//! - [`exchange`]: one request and its answer, in a task of its own
//!
//! The library puts what is written into packets when it sees fit, encrypted, so
//! that nobody sees when a request has left: `sending` is not known, and
//! `waiting` begins when the library has the request's head. Bytes are those of
//! all packets, headers of QUIC and encryption included.

mod exchange;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use h3::client::SendRequest;
use h3_quinn::OpenStreams;
use http::Uri;
use quinn::crypto::rustls::QuicClientConfig;
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;
use tokio::time::timeout;
use url::Host;

use super::body::OutgoingBody;
use super::connection::ConnectionTask;
use super::engine::Engine;
use super::error::{Error, Fault, LossKind};
use super::failure;
use super::meter::Meter;
use super::network::{ConnectDeadline, sockets_of_quic, udp_socket_to};
use super::origin::{Origin, Scheme};
pub(super) use exchange::Failed;

/// How long a connection that nobody wants any more may take to say so.
const GOODBYE: Duration = Duration::from_secs(1);

/// The way to a connection that speaks HTTP/3. When the last one is dropped, and
/// the last exchange is over, the connection is closed.
#[derive(Debug, Clone)]
pub(super) struct Http3(Arc<Shared>);

/// What all exchanges of a connection share.
struct Shared {
    sender: SendRequest<OpenStreams, Bytes>,
    quic: quinn::Connection,
    authority: Arc<str>,
    /// The server takes no more.
    ends: AtomicBool,
    /// Bytes sent and received that a request has counted.
    claimed: [AtomicU64; 2],
    /// Dropped with the last of them.
    _wanted: oneshot::Sender<()>,
}

/// The work of a connection's task.
pub(super) struct Driver {
    endpoint: quinn::Endpoint,
    connection: h3::client::Connection<h3_quinn::Connection, Bytes>,
    sender: SendRequest<OpenStreams, Bytes>,
    wanted: oneshot::Receiver<()>,
}

/// The body of an answer, from the exchange's task.
pub(super) type Pieces = mpsc::Receiver<Result<Bytes, Error>>;

/// Makes a connection: name lookup, QUIC and TLS in one, and the beginning of
/// HTTP/3.
pub(super) async fn connect(
    engine: &Engine,
    origin: &Origin,
    deadline: ConnectDeadline,
    meter: &Meter,
) -> Result<(Http3, Driver), Error> {
    let authority = &origin.authority;
    if origin.scheme == Scheme::Http {
        return Err(setup_failed(
            authority,
            "HTTP/3 is always encrypted: the URL must begin with https, or the plan take \
             another version of HTTP",
        ));
    }
    // Not a part of connecting, as for TLS.
    let tls = engine.tls().config(origin).await?;
    let config = QuicClientConfig::try_from(tls)
        .map_err(|error| setup_failed(authority, &error.to_string()))?;
    let config = quinn::ClientConfig::new(Arc::new(config));
    let addresses = sockets_of_quic(engine, origin, meter).await?;
    meter.connecting.note_begin(meter.now());
    let mut last_error = None;
    let mut connected = None;
    for (index, address) in addresses.iter().enumerate() {
        let to_be_tried = addresses.len() - index;
        let shaking = shake_hands(engine, &config, origin, *address);
        match deadline.limit_next(to_be_tried, shaking).await {
            Some(Ok(made)) => {
                connected = Some(made);
                break;
            }
            Some(Err(error)) => last_error = Some(error),
            // The last one is not given up here, and says more.
            None => {}
        }
    }
    let Some((endpoint, quic)) = connected else {
        let none = || setup_failed(authority, "the name has no address");
        return Err(last_error.unwrap_or_else(none));
    };
    meter.connecting.note_end(meter.now());
    let _ = meter.remote.set(quic.remote_address());
    let (connection, sender) = h3::client::builder()
        .max_field_section_size(HEADERS_AT_MOST)
        .send_grease(false)
        .build(h3_quinn::Connection::new(quic.clone()))
        .await
        .map_err(|error| lost(authority, LossKind::Failed, error.to_string()))?;
    let (still_wanted, wanted) = oneshot::channel();
    let shared = Shared {
        sender: sender.clone(),
        quic,
        authority: Arc::clone(authority),
        ends: AtomicBool::new(false),
        claimed: Default::default(),
        _wanted: still_wanted,
    };
    let driver = Driver {
        endpoint,
        connection,
        sender,
        wanted,
    };
    Ok((Http3(Arc::new(shared)), driver))
}

/// More than any server sends, less than would be missed.
const HEADERS_AT_MOST: u64 = 1 << 20;

/// A connection of QUIC from a socket of its own, as every user has one.
async fn shake_hands(
    engine: &Engine,
    config: &quinn::ClientConfig,
    origin: &Origin,
    address: SocketAddr,
) -> Result<(quinn::Endpoint, quinn::Connection), Error> {
    let authority = &origin.authority;
    let socket = udp_socket_to(engine, authority, address.ip())?;
    let endpoint = quinn::Endpoint::new(
        quinn::EndpointConfig::default(),
        None,
        socket,
        Arc::new(quinn::TokioRuntime),
    )
    .map_err(|error| failure::of_connecting(authority, &error))?;
    let name = match &origin.host {
        Host::Domain(name) => name.strip_suffix('.').unwrap_or(name).to_owned(),
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => ip.to_string(),
    };
    let quic = endpoint
        .connect_with(config.clone(), address, &name)
        .map_err(|error| setup_failed(authority, &error.to_string()))?
        .await
        .map_err(|error| of_quic(authority, &error))?;
    Ok((endpoint, quic))
}

impl Driver {
    /// Serves the connection for as long as it is there and somebody wants it.
    pub(super) async fn run(self) {
        let Self {
            endpoint,
            mut connection,
            sender,
            wanted,
        } = self;
        tokio::select! {
            _ = connection.wait_idle() => {}
            _ = wanted => {
                // What was given to QUIC is written in the next turn of its task.
                for _ in 0..2 {
                    yield_now().await;
                }
                // The last one: that closes it.
                drop(sender);
                let _ = timeout(GOODBYE, connection.wait_idle()).await;
            }
        }
        let _ = timeout(GOODBYE, endpoint.wait_idle()).await;
    }
}

impl Http3 {
    /// Whether the connection takes requests, as far as is known.
    pub(super) fn is_usable(&self) -> bool {
        !self.0.ends.load(Relaxed) && self.0.quic.close_reason().is_none()
    }

    /// Sends a request and waits for the answer's head.
    ///
    /// A request counts as sent when QUIC has its head. It is written from there
    /// in the next turn, whatever becomes of who sent it, unless the connection is
    /// lost or has no room; when the future is dropped before, it never will be.
    /// When it is dropped later, the stream is given up and the connection goes
    /// on.
    pub(super) async fn send(
        &self,
        uri: Uri,
        message: http::Request<OutgoingBody>,
        meter: Arc<Meter>,
    ) -> Result<(http::Response<()>, Pieces, ConnectionTask), Failed> {
        /// What a slow reader leaves in memory, beside what QUIC has.
        const PIECES_AHEAD: usize = 4;
        let _ = meter.remote.set(self.0.quic.remote_address());
        let (told, head) = oneshot::channel();
        let (made, pieces) = mpsc::channel(PIECES_AHEAD);
        let exchange = exchange::run(Self::clone(self), uri, message, meter, told, made);
        let task = ConnectionTask(Some(tokio::spawn(exchange)));
        let head = head.await.unwrap_or_else(|_| {
            let cause = "the task that served the request ended".to_owned();
            Err(Failed::Broken(lost(
                &self.0.authority,
                LossKind::Closed,
                cause,
            )))
        })?;
        Ok((head, pieces, task))
    }

    /// The server takes no more.
    fn end(&self) {
        self.0.ends.store(true, Relaxed);
    }

    /// Counts for a request what went by since the last one counted.
    fn claim(&self, meter: &Meter) {
        let stats = self.0.quic.stats();
        let [sent, received] = &self.0.claimed;
        for (claimed, now, count) in [
            (sent, stats.udp_tx.bytes, &meter.written),
            (received, stats.udp_rx.bytes, &meter.read),
        ] {
            count.add(now.saturating_sub(claimed.swap(now, Relaxed)));
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Http3")
            .field("quic", &self.quic)
            .finish_non_exhaustive()
    }
}

/// What an error of QUIC means.
fn of_quic(authority: &Arc<str>, error: &quinn::ConnectionError) -> Error {
    use quinn::ConnectionError as Quic;
    match error {
        Quic::TransportError(transport) => {
            /// RFC 9001, 4.8: an alert of TLS.
            const ALERTS: std::ops::Range<u64> = 0x100..0x200;
            let code = u64::from(transport.code);
            if ALERTS.contains(&code) {
                failure::of_tls_text(authority, transport.reason.clone())
            } else {
                protocol(authority, Fault::Connection, code, transport.to_string())
            }
        }
        Quic::ConnectionClosed(close) => {
            let code = u64::from(close.error_code);
            if (0x100..0x200).contains(&code) {
                failure::of_tls_text(authority, close.to_string())
            } else {
                protocol(authority, Fault::GoAway, code, close.to_string())
            }
        }
        Quic::ApplicationClosed(close) => {
            let code = close.error_code.into_inner();
            protocol(authority, Fault::GoAway, code, close.to_string())
        }
        Quic::Reset => lost(authority, LossKind::Reset, error.to_string()),
        Quic::TimedOut => lost(authority, LossKind::Failed, error.to_string()),
        Quic::LocallyClosed => lost(authority, LossKind::Closed, error.to_string()),
        Quic::VersionMismatch | Quic::CidsExhausted => setup_failed(authority, &error.to_string()),
    }
}

fn protocol(authority: &Arc<str>, fault: Fault, reason: u64, cause: String) -> Error {
    Error::Protocol {
        authority: Arc::clone(authority),
        fault,
        // Reasons of HTTP/3 are small; others have no number of their own.
        reason: u32::try_from(reason).unwrap_or(u32::MAX),
        cause,
    }
}

fn lost(authority: &Arc<str>, kind: LossKind, cause: String) -> Error {
    Error::ConnectionLost {
        authority: Arc::clone(authority),
        kind,
        cause,
    }
}

fn setup_failed(authority: &Arc<str>, cause: &str) -> Error {
    Error::Other {
        subject: Arc::clone(authority),
        cause: cause.to_owned(),
    }
}
