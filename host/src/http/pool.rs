//! The connections of a client, or of all clients of a worker.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::connection::Connection;
use super::engine::{Engine, EngineId};
use super::idle::{Idle, IdleLimits};
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
                let per_origin = limit(engine.settings().per_host);
                Self::Own(Pool::new(IdleLimits::of_client(per_origin)))
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

    /// Puts away what the client's own connections can do without while it has no
    /// request to send. HTTP/2 has pings to answer, and others' connections requests.
    pub(super) fn park(&mut self) {
        match self {
            Self::Own(pool) => pool.idle.park(),
            Self::Siblings(pool) => lock(pool).idle.park(),
            Self::None | Self::Worker(_) => {}
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
        let pool = Arc::new(Mutex::new(Pool::new(IdleLimits::of_worker())));
        pools.push((engine, Arc::downgrade(&pool)));
        pool
    })
}

/// Connections that are there.
#[derive(Debug)]
pub(super) struct Pool {
    /// Those of HTTP/1.1, one for each request under way.
    idle: Idle,
    /// Those that requests share, one to an origin, in the order in which they
    /// were leased last.
    lines: Vec<Arc<Line>>,
    /// How many of these with a connection there may be.
    most_lines: usize,
}

/// How many lines without a connection are remembered, which know that their
/// server speaks HTTP/1.1: a run that makes up its hosts would fill the memory
/// with them.
const LINES_WITHOUT: usize = 100;

/// What a request may go over, before a connection is made for it alone.
#[derive(Debug, Default)]
pub(super) struct Lease {
    pub(super) idle: Option<Connection>,
    pub(super) line: Option<Arc<Line>>,
}

impl Pool {
    fn new(limits: IdleLimits) -> Self {
        Self {
            idle: Idle::new(limits),
            lines: Vec::new(),
            most_lines: limits.in_all,
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
        let known = self.lines.iter().position(|line| line.origin.is(origin));
        let line = match known {
            Some(at) => self.lines.remove(at),
            None => {
                self.forget_lines();
                Arc::new(Line::new(origin))
            }
        };
        self.lines.push(Arc::clone(&line));
        line
    }

    /// Makes room for another line. A connection whose line is forgotten ends
    /// with the last of its requests.
    fn forget_lines(&mut self) {
        // Servers that are not there any more.
        self.lines.retain(|line| line.is_of_use());
        for (has_connection, most) in [(false, LINES_WITHOUT), (true, self.most_lines)] {
            let is_meant = |line: &Arc<Line>| line.has_connection() == has_connection;
            let count = self.lines.iter().filter(|line| is_meant(line)).count();
            let mut beyond = (count + 1).saturating_sub(most);
            self.lines.retain(|line| {
                let is_forgotten = beyond > 0 && is_meant(line);
                beyond -= usize::from(is_forgotten);
                !is_forgotten
            });
        }
    }
}

/// Whether requests may share a connection, as far as is known before there is
/// one.
fn may_share(protocol: Protocol, scheme: Scheme) -> bool {
    match protocol {
        Protocol::Http1 => false,
        Protocol::Http2 | Protocol::Http3 => true,
        // Without TLS nothing is negotiated.
        Protocol::Negotiated => scheme == Scheme::Https,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use url::Url;

    use super::*;

    fn origin(number: usize) -> Arc<Origin> {
        let url = Url::parse(&format!("https://host{number}.test/")).unwrap();
        Arc::new(Origin::of(&url).unwrap())
    }

    #[test]
    fn a_run_that_makes_up_hosts_does_not_fill_the_memory_with_their_lines() {
        let mut pool = Pool::new(IdleLimits::of_worker());
        for number in 0..3 * LINES_WITHOUT {
            let line = pool.line(&origin(number));
            line.note_http1();
            // One that is leased again and again is not forgotten.
            let first = pool.line(&origin(0));
            assert!(first.speaks_http1(), "{number}");
        }
        assert_eq!(pool.lines.len(), LINES_WITHOUT);
    }
}
