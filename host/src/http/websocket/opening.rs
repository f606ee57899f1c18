//! Opening a session: a connection, and the handshake on it.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{timeout, timeout_at};

use super::error::{Error, Refusal};
use super::frames::Frames;
use super::handshake::{Expected, Handshake};
use super::session::{Session, session};
use super::socket::{Link, Opened, Socket};
use crate::http::body::OutgoingBody;
use crate::http::client::Client;
use crate::http::connecting::transport_of_websocket;
use crate::http::engine::Engine;
use crate::http::error::{Error as HttpError, Phase};
use crate::http::failure;
use crate::http::meter::Meter;
use crate::http::metered::Metered;
use crate::http::origin::Origin;

/// How much of the body of an answer is kept that opens no session. It says why,
/// if anything.
const REFUSAL_BODY: usize = 64 * 1024;

/// How long that body is waited for once its head is there.
const REFUSAL_BODY_TIME: Duration = Duration::from_secs(1);

/// Bytes of a session, its handshake included and TLS not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes written. Of a handshake, 0 exactly when nothing of it has reached
    /// the socket.
    pub sent: u64,
    /// Bytes read.
    pub received: u64,
}

impl Traffic {
    pub(super) fn of(meter: &Meter) -> Self {
        // What TLS has encrypted and not written yet was not sent.
        let has_left = meter.socket_written.get() > 0;
        Self {
            sent: if has_left { meter.written.get() } else { 0 },
            received: meter.read.get(),
        }
    }
}

/// A handshake that opened no session.
#[derive(Debug)]
pub struct FailedOpening {
    /// Why not.
    pub error: Error,
    /// From the call to the failure.
    pub elapsed: Duration,
    /// What was written and read.
    pub traffic: Traffic,
}

impl Client {
    /// Opens a session. It takes its turn as a request does; what is sent in it
    /// does not. The client's cookies go with the handshake, and what its answer
    /// sets is kept, as in k6.
    ///
    /// When the future is dropped before, the connection is closed at once, what
    /// was not written yet will never be, and `cut_off` is told if anything was.
    ///
    /// # Errors
    ///
    /// What came of it instead.
    // Moved once a session.
    #[allow(clippy::result_large_err)]
    pub async fn open_socket(
        &mut self,
        handshake: &Handshake,
        cut_off: &(dyn Fn(Traffic) + Send + Sync),
    ) -> Result<Socket, FailedOpening> {
        let engine = Arc::clone(self.engine());
        engine.turn().await;
        let started = Instant::now();
        let meter = Arc::new(Meter::new());
        let attempt = Attempt {
            meter: &meter,
            cut_off: Some(cut_off),
        };
        let within = handshake.timeout();
        let cookie = handshake.cookie(&self.cookies);
        let opened = timeout(within, open(engine, handshake, cookie, &meter)).await;
        attempt.over();
        let elapsed = started.elapsed();
        if let Ok(answer) = &opened
            && let Some(headers) = headers_of(answer)
        {
            handshake.keep_cookies(headers, &mut self.cookies);
        }
        match opened.unwrap_or_else(|_| Err(timed_out(handshake, &meter).into())) {
            Ok(link) => Ok(Socket::new(Opened {
                link,
                authority: Arc::clone(handshake.authority()),
                meter,
                timeout: within,
                started,
                elapsed,
            })),
            Err(error) => Err(FailedOpening {
                error,
                elapsed,
                traffic: Traffic::of(&meter),
            }),
        }
    }
}

/// The headers of the answer, where one came.
fn headers_of(opened: &Result<Link, Error>) -> Option<&HeaderMap> {
    match opened {
        Ok(link) => Some(&link.headers),
        Err(Error::Refused { refusal, .. }) => Some(&refusal.headers),
        Err(_) => None,
    }
}

/// A handshake under way: when this is dropped before it is over, somebody is
/// told.
struct Attempt<'a> {
    meter: &'a Meter,
    cut_off: Option<&'a (dyn Fn(Traffic) + Send + Sync)>,
}

impl Attempt<'_> {
    fn over(mut self) {
        self.cut_off = None;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let traffic = Traffic::of(self.meter);
        if let Some(cut_off) = self.cut_off
            && traffic.sent > 0
        {
            cut_off(traffic);
        }
    }
}

/// A task that opens a session, and ends when this is dropped before it has.
struct OpeningTask(Option<JoinHandle<()>>);

impl Drop for OpeningTask {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

fn timed_out(handshake: &Handshake, meter: &Meter) -> HttpError {
    HttpError::Timeout {
        authority: Arc::clone(handshake.authority()),
        after: handshake.timeout(),
        phase: match () {
            () if meter.reading.has_begun() => Phase::Receiving,
            () if meter.writing.has_begun() => Phase::Waiting,
            () => Phase::Connecting,
        },
    }
}

/// Opens a session in a task of its own, which then serves it.
async fn open(
    engine: Arc<Engine>,
    handshake: &Handshake,
    cookie: Option<HeaderValue>,
    meter: &Arc<Meter>,
) -> Result<Link, Error> {
    let (message, expected) = handshake.message(&engine, cookie)?;
    let opening = Opening {
        limit: engine.settings().body_limit,
        engine,
        origin: Arc::clone(handshake.origin()),
        meter: Arc::clone(meter),
        expected,
    };
    let authority = Arc::clone(handshake.authority());
    let (made, making) = oneshot::channel();
    let mut task = OpeningTask(Some(tokio::spawn(opening.serve(message, made))));
    let made = making.await.unwrap_or_else(|_| {
        Err(HttpError::Other {
            subject: authority,
            cause: "the task that opens the session ended before it was open".to_owned(),
        }
        .into())
    });
    // It ends when nobody holds the socket any more.
    task.0 = None;
    made
}

/// A session that is being opened.
struct Opening {
    engine: Arc<Engine>,
    origin: Arc<Origin>,
    meter: Arc<Meter>,
    expected: Expected,
    /// The most bytes of a message.
    limit: u64,
}

/// A connection that is a session now.
struct Upgraded {
    stream: Metered,
    /// What came with the answer and belongs to the session.
    read: Bytes,
    headers: HeaderMap,
    subprotocol: String,
}

impl Opening {
    async fn serve(
        self,
        message: http::Request<OutgoingBody>,
        made: oneshot::Sender<Result<Link, Error>>,
    ) {
        match self.upgrade(message).await {
            Ok(upgraded) => {
                let authority = Arc::clone(&self.origin.authority);
                let frames = Frames::new(
                    Arc::clone(&authority),
                    upgraded.stream,
                    upgraded.read.into(),
                    self.limit,
                );
                let (session, ends): (Session, _) = session(authority, frames);
                let link = Link {
                    ends,
                    headers: upgraded.headers,
                    subprotocol: upgraded.subprotocol,
                };
                // Nobody waits any more: the session is not wanted.
                if made.send(Ok(link)).is_ok() {
                    session.run().await;
                }
            }
            Err(error) => drop(made.send(Err(error))),
        }
    }

    async fn upgrade(&self, message: http::Request<OutgoingBody>) -> Result<Upgraded, Error> {
        let authority = &self.origin.authority;
        let failed = |error: hyper::Error| Error::from(failure::of_exchange(authority, &error));
        let transport = transport_of_websocket(&self.engine, &self.origin, &self.meter).await?;
        let (mut sender, connection) = http1::handshake::<_, OutgoingBody>(TokioIo::new(transport))
            .await
            .map_err(failed)?;
        let mut served = Served {
            connection: pin!(connection.with_upgrades()),
            over: false,
        };
        let asking = sender.send_request(message);
        let mut answer = served.during(asking).await.map_err(failed)?;
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            let (head, body) = answer.into_parts();
            let refusal = Refusal {
                status: head.status,
                headers: head.headers,
                body: served.during(beginning(body)).await,
            };
            return Err(Error::Refused {
                authority: Arc::clone(authority),
                refusal: Box::new(refusal),
            });
        }
        let subprotocol = self
            .expected
            .subprotocol(answer.headers())
            .map_err(|cause| Error::Protocol {
                authority: Arc::clone(authority),
                cause: cause.to_owned(),
            })?;
        let upgrade = hyper::upgrade::on(&mut answer);
        let upgraded = served.during(upgrade).await.map_err(failed)?;
        let parts = upgraded
            .downcast::<TokioIo<Metered>>()
            .map_err(|_| HttpError::Other {
                subject: Arc::clone(authority),
                cause: "the connection was handed over as another".to_owned(),
            })?;
        Ok(Upgraded {
            stream: parts.io.into_inner(),
            read: parts.read_buf,
            headers: std::mem::take(answer.headers_mut()),
            subprotocol,
        })
    }
}

/// A connection that must be polled for anything to go on.
struct Served<C> {
    connection: C,
    over: bool,
}

impl<C: Future> Served<Pin<&mut C>> {
    /// What comes of the work that the connection is to do.
    async fn during<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        std::future::poll_fn(|cx| {
            // An error of its own is told to whoever waits for the work.
            self.over = self.over || self.connection.as_mut().poll(cx).is_ready();
            work.as_mut().poll(cx)
        })
        .await
    }
}

/// The beginning of a body, as far as it comes soon.
async fn beginning(mut body: Incoming) -> Bytes {
    let deadline = tokio::time::Instant::now() + REFUSAL_BODY_TIME;
    let mut beginning = BytesMut::new();
    while beginning.len() < REFUSAL_BODY
        && let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await
    {
        if let Ok(piece) = frame.into_data() {
            let room = REFUSAL_BODY - beginning.len();
            beginning.extend_from_slice(&piece[..piece.len().min(room)]);
        }
    }
    beginning.freeze()
}
