//! The connection to an origin that many requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::time::timeout;

use super::connecting::{Made, connect, not_in_time};
use super::connection::Connection;
use super::engine::Engine;
use super::error::{ConnectProblem, Error};
use super::http2::Http2;
#[cfg(feature = "http3")]
use super::http3::Http3;
use super::meter::Meter;
use super::origin::Origin;
use super::progress::Progress;

/// The connection to an origin that many requests share, if it turns out that
/// the server can have it so.
///
/// Requests that come while it is made wait for it: nobody knows before the
/// handshake which protocol it will be.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) origin: Arc<Origin>,
    /// Whoever makes the connection has it, the others queue. Once made, it is
    /// had for a moment, and never by two: all run on one thread.
    state: Mutex<State>,
    /// Known since the first connection was made.
    speaks_http1: AtomicBool,
}

#[derive(Debug)]
enum State {
    /// There is no connection.
    None,
    /// It is there, unless it has ended since.
    Http2(Http2),
    /// The same, over QUIC.
    #[cfg(feature = "http3")]
    Http3(Http3),
    /// It could not be made, for all who waited then.
    Failed { error: Error, at: Instant },
}

/// What a request goes over.
#[derive(Debug)]
pub(super) enum Route {
    /// A connection for it alone.
    Http1(Connection),
    /// One that it shares.
    Http2(Http2, Arc<Meter>),
    /// One that it shares, over QUIC.
    #[cfg(feature = "http3")]
    Http3(Http3, Arc<Meter>),
}

impl Route {
    /// What notes how the request goes.
    pub(super) fn meter(&self) -> &Arc<Meter> {
        match self {
            Self::Http1(connection) => &connection.meter,
            Self::Http2(_, meter) => meter,
            #[cfg(feature = "http3")]
            Self::Http3(_, meter) => meter,
        }
    }
}

impl Line {
    pub(super) fn new(origin: &Arc<Origin>) -> Self {
        Self {
            origin: Arc::clone(origin),
            state: Mutex::new(State::None),
            speaks_http1: AtomicBool::new(false),
        }
    }

    /// Whether the server has chosen HTTP/1.1.
    pub(super) fn speaks_http1(&self) -> bool {
        self.speaks_http1.load(Relaxed)
    }

    /// The server has chosen HTTP/1.1.
    pub(super) fn note_http1(&self) {
        self.speaks_http1.store(true, Relaxed);
    }

    /// Whether anything would be lost with it.
    pub(super) fn is_of_use(&self) -> bool {
        self.speaks_http1() || self.has_connection()
    }

    /// Whether there is a connection, or one is being made.
    pub(super) fn has_connection(&self) -> bool {
        match self.state.try_lock().as_deref() {
            Ok(State::Http2(http2)) => http2.is_usable(),
            #[cfg(feature = "http3")]
            Ok(State::Http3(http3)) => http3.is_usable(),
            Ok(State::None | State::Failed { .. }) => false,
            Err(_) => true,
        }
    }

    /// The shared connection, made within a time where there is none; or one of
    /// HTTP/1.1 for this request alone.
    pub(super) async fn join(
        &self,
        engine: &Arc<Engine>,
        origin: &Arc<Origin>,
        within: Duration,
        progress: &mut Progress,
    ) -> Result<Route, Error> {
        if self.speaks_http1() {
            let route = alone(engine, origin, within, progress).await;
            // The server may have learnt.
            let still = !matches!(route, Ok(Route::Http2(..)));
            self.speaks_http1.store(still, Relaxed);
            return route;
        }
        let mut left = within;
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(_) => {
                let since = Instant::now();
                // Whoever makes it may have more time for it than this request.
                let state = timeout(within, self.state.lock())
                    .await
                    .map_err(|_| not_in_time(origin, within))?;
                if let State::Failed { error, at } = &*state
                    && *at >= since
                    && !had_less_time(error, within)
                {
                    return Err(error.clone());
                }
                left = within.saturating_sub(since.elapsed());
                state
            }
        };
        if let State::Http2(http2) = &*state
            && http2.is_usable()
        {
            let meter = Arc::new(Meter::new());
            progress.reuse(Arc::clone(&meter));
            return Ok(Route::Http2(http2.clone(), meter));
        }
        #[cfg(feature = "http3")]
        if let State::Http3(http3) = &*state
            && http3.is_usable()
        {
            let meter = Arc::new(Meter::new());
            progress.reuse(Arc::clone(&meter));
            return Ok(Route::Http3(http3.clone(), meter));
        }
        if self.speaks_http1() {
            drop(state);
            let route = alone(engine, origin, left, progress).await;
            return route.map_err(|error| in_all(error, within));
        }
        *state = State::None;
        match alone(engine, origin, left, progress).await {
            Ok(Route::Http2(http2, meter)) => {
                *state = State::Http2(http2.clone());
                Ok(Route::Http2(http2, meter))
            }
            #[cfg(feature = "http3")]
            Ok(Route::Http3(http3, meter)) => {
                *state = State::Http3(http3.clone());
                Ok(Route::Http3(http3, meter))
            }
            Ok(route @ Route::Http1(_)) => {
                self.note_http1();
                Ok(route)
            }
            Err(error) => {
                *state = State::Failed {
                    error: error.clone(),
                    at: Instant::now(),
                };
                Err(in_all(error, within))
            }
        }
    }
}

/// Tells of all the time that there was, and not of what was left of it.
fn in_all(error: Error, within: Duration) -> Error {
    match error {
        Error::Connect {
            authority,
            problem: ConnectProblem::TimedOut { .. },
        } => Error::Connect {
            authority,
            problem: ConnectProblem::TimedOut { after: within },
        },
        error => error,
    }
}

/// Whether a connection was not made since whoever made it had less time.
fn had_less_time(error: &Error, within: Duration) -> bool {
    matches!(
        error,
        Error::Connect { problem: ConnectProblem::TimedOut { after }, .. } if *after < within
    )
}

/// A new connection, made within a time, which nobody else knows of.
pub(super) async fn alone(
    engine: &Arc<Engine>,
    origin: &Arc<Origin>,
    within: Duration,
    progress: &mut Progress,
) -> Result<Route, Error> {
    let meter = Arc::new(Meter::new());
    progress.connect(Arc::clone(&meter));
    let made = connect(engine, origin, within, Arc::clone(&meter)).await?;
    Ok(match made {
        Made::Http1(connection) => Route::Http1(connection),
        Made::Http2(http2) => Route::Http2(http2, meter),
        #[cfg(feature = "http3")]
        Made::Http3(http3) => Route::Http3(http3, meter),
    })
}
