//! The connections of a client, or of all clients of a worker.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::connection::Connection;
use super::engine::{Engine, EngineId};
use super::idle::Idle;
use super::line::Line;
use super::origin::{Origin, Scheme};
use super::settings::{ConnectionLife, Protocol, limit};

/// Whose connections a client uses.
#[derive(Debug)]
pub(super) enum Connections {
    /// Nobody's: each request has one of its own.
    None,
    /// The client's own.
    Own(Pool),
    /// The client's and its siblings' own, which run on one thread like those of a
    /// worker.
    Siblings(Arc<Mutex<Pool>>),
    /// Those of all clients of the engine on this thread.
    ///
    /// All of them run on one thread, so that nobody ever waits here; the lock
    /// is there since clients must be `Send`.
    Worker(Arc<Mutex<Pool>>),
}

impl Connections {
    pub(super) fn of(engine: &Engine) -> Self {
        match engine.settings().connections {
            ConnectionLife::Request => Self::None,
            ConnectionLife::Iteration | ConnectionLife::Vu => {
                Self::Own(Pool::new(limit(engine.settings().per_host)))
            }
            ConnectionLife::Worker => Self::Worker(of_thread(engine.id())),
        }
    }

    /// The same connections for a sibling of the client. Only from then on do the
    /// client's own have a lock.
    pub(super) fn share(&mut self) -> Self {
        *self = match std::mem::replace(self, Self::None) {
            Self::Own(pool) => Self::Siblings(Arc::new(Mutex::new(pool))),
            other => other,
        };
        match self {
            Self::Siblings(pool) => Self::Siblings(Arc::clone(pool)),
            Self::Worker(pool) => Self::Worker(Arc::clone(pool)),
            Self::None | Self::Own(_) => Self::None,
        }
    }

    /// What there is for a request to an origin.
    pub(super) fn lease(&mut self, engine: &Engine, origin: &Arc<Origin>) -> Lease {
        let protocol = engine.settings().protocol;
        match self {
            Self::None => Lease::default(),
            Self::Own(pool) => pool.lease(protocol, origin),
            Self::Siblings(pool) | Self::Worker(pool) => lock(pool).lease(protocol, origin),
        }
    }

    /// Keeps a connection for the next request, or closes it.
    pub(super) fn keep(&mut self, connection: Connection) {
        match self {
            Self::None => connection.close(),
            Self::Own(pool) => pool.idle.put(connection),
            Self::Siblings(pool) | Self::Worker(pool) => lock(pool).idle.put(connection),
        }
    }

    /// Closes the client's own connections, but for those that serve somebody.
    pub(super) fn close_idle(&mut self) {
        match self {
            Self::Own(pool) => pool.close(),
            Self::Siblings(pool) => lock(pool).close(),
            Self::None | Self::Worker(_) => {}
        }
    }
}

fn lock(pool: &Mutex<Pool>) -> MutexGuard<'_, Pool> {
    pool.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The pool of an engine on this thread: the one that its clients have, if there
/// are any.
fn of_thread(engine: EngineId) -> Arc<Mutex<Pool>> {
    thread_local! {
        static POOLS: RefCell<Vec<(EngineId, Weak<Mutex<Pool>>)>> = const { RefCell::new(Vec::new()) };
    }
    POOLS.with_borrow_mut(|pools| {
        pools.retain(|(_, pool)| pool.strong_count() > 0);
        let known = pools.iter().find(|(owner, _)| *owner == engine);
        if let Some(pool) = known.and_then(|(_, pool)| pool.upgrade()) {
            return pool;
        }
        // As many as there are requests at a time: each was needed once.
        let pool = Arc::new(Mutex::new(Pool::new(usize::MAX)));
        pools.push((engine, Arc::downgrade(&pool)));
        pool
    })
}

/// Connections that are there.
#[derive(Debug)]
pub(super) struct Pool {
    /// Those of HTTP/1.1, one for each request under way.
    idle: Idle,
    /// Those that requests share, one to an origin.
    lines: Vec<Arc<Line>>,
}

/// What a request may go over, before a connection is made for it alone.
#[derive(Debug, Default)]
pub(super) struct Lease {
    pub(super) idle: Option<Connection>,
    pub(super) line: Option<Arc<Line>>,
}

impl Pool {
    fn new(per_origin: usize) -> Self {
        Self {
            idle: Idle::new(per_origin),
            lines: Vec::new(),
        }
    }

    fn lease(&mut self, protocol: Protocol, origin: &Arc<Origin>) -> Lease {
        let line = may_share(protocol, origin.scheme).then(|| self.line(origin));
        let idle = match &line {
            Some(line) if !line.speaks_http1() => None,
            _ => self.idle.take(origin),
        };
        Lease { idle, line }
    }

    fn close(&mut self) {
        self.idle.close();
        self.lines.clear();
    }

    fn line(&mut self, origin: &Arc<Origin>) -> Arc<Line> {
        match self.lines.iter().find(|line| line.origin.is(origin)) {
            Some(line) => Arc::clone(line),
            None => {
                // Servers that are not there any more.
                self.lines.retain(|line| line.is_of_use());
                let line = Arc::new(Line::new(origin));
                self.lines.push(Arc::clone(&line));
                line
            }
        }
    }
}

/// Whether requests may share a connection, as far as is known before there is
/// one.
fn may_share(protocol: Protocol, scheme: Scheme) -> bool {
    match protocol {
        Protocol::Http1 => false,
        Protocol::Http2 => true,
        #[cfg(feature = "http3")]
        Protocol::Http3 => true,
        // Without TLS nothing is negotiated.
        Protocol::Negotiated => scheme == Scheme::Https,
    }
}
