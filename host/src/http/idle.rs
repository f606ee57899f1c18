//! The connections of HTTP/1.1 that wait for the next request.

use std::time::Duration;

use tokio::time::Instant;

use super::connection::{Connection, Parked};
use super::origin::Origin;

/// How many connections wait, and how long. There is no timer: who takes or puts
/// one looks for those whose time is up.
#[derive(Debug, Clone, Copy)]
pub(super) struct IdleLimits {
    pub(super) per_origin: usize,
    /// Beyond it the one that has waited longest is closed.
    pub(super) in_all: usize,
    pub(super) age: Duration,
}

impl IdleLimits {
    /// As in Go, hence in k6.
    pub(super) const MOST: usize = 100;
    const AGE: Duration = Duration::from_secs(90);

    /// Those of one client, which keeps so many connections to one origin.
    pub(super) fn of_client(per_origin: usize) -> Self {
        Self {
            per_origin,
            in_all: Self::MOST,
            age: Self::AGE,
        }
    }

    /// Those of a worker, whose clients are as many as there are requests at a
    /// time.
    pub(super) fn of_worker() -> Self {
        Self {
            per_origin: Self::MOST,
            in_all: usize::MAX,
            age: Self::AGE,
        }
    }
}

/// The connections of HTTP/1.1 that wait for the next request. A client knows a
/// handful of origins: a list is searched faster than a table.
#[derive(Debug)]
pub(super) struct Idle {
    /// In the order in which they began to wait.
    waiting: Vec<Waiting>,
    limits: IdleLimits,
}

#[derive(Debug)]
struct Waiting {
    connection: Kept,
    since: Instant,
}

/// A connection that waits.
#[derive(Debug)]
enum Kept {
    Ready(Connection),
    Parked(Parked),
}

impl Kept {
    fn origin(&self) -> &Origin {
        match self {
            Self::Ready(connection) => &connection.origin,
            Self::Parked(parked) => &parked.origin,
        }
    }

    /// Whether nothing speaks against it, as far as is known.
    fn may_serve(&self) -> bool {
        match self {
            Self::Ready(connection) => connection.is_ready(),
            Self::Parked(parked) => parked.is_there(),
        }
    }

    /// The connection, when it can serve the next request.
    fn wake(self) -> Option<Connection> {
        match self {
            Self::Ready(connection) => connection.is_ready().then_some(connection),
            Self::Parked(parked) => parked.wake(),
        }
    }

    fn park(self) -> Option<Self> {
        match self {
            Self::Ready(connection) if connection.can_be_parked() => {
                Some(Self::Parked(connection.park()))
            }
            ready @ Self::Ready(_) if ready.may_serve() => Some(ready),
            // The server has closed it.
            Self::Ready(_) => None,
            parked @ Self::Parked(_) => Some(parked),
        }
    }

    fn close(self) {
        match self {
            Self::Ready(connection) => connection.close(),
            Self::Parked(parked) => parked.close(),
        }
    }
}

impl Idle {
    pub(super) fn new(limits: IdleLimits) -> Self {
        Self {
            waiting: Vec::new(),
            limits,
        }
    }

    /// The connection to an origin that was used last, if there is one that the
    /// server has not closed.
    pub(super) fn take(&mut self, origin: &Origin) -> Option<Connection> {
        self.close_old(Instant::now());
        while let Some(at) = self
            .waiting
            .iter()
            .rposition(|waiting| waiting.connection.origin().is(origin))
        {
            let Waiting { connection, .. } = self.waiting.remove(at);
            if let Some(connection) = connection.wake() {
                return Some(connection);
            }
        }
        None
    }

    pub(super) fn put(&mut self, connection: Connection) {
        let since = Instant::now();
        self.close_old(since);
        if self.is_full(&connection.origin) {
            self.waiting
                .retain(|waiting| waiting.connection.may_serve());
            if self.is_full(&connection.origin) {
                connection.close();
                return;
            }
        }
        if self.waiting.len() >= self.limits.in_all {
            self.close_first(1);
        }
        let connection = Kept::Ready(connection);
        self.waiting.push(Waiting { connection, since });
    }

    /// Nobody will want one for a while: what can be made again is put away.
    pub(super) fn park(&mut self) {
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        let parked = waiting.filter_map(|Waiting { connection, since }| {
            let connection = connection.park()?;
            Some(Waiting { connection, since })
        });
        self.waiting = parked.collect();
    }

    fn is_full(&self, origin: &Origin) -> bool {
        let same = |other: &&Waiting| other.connection.origin().is(origin);
        // Counted only where there are as many at all.
        self.waiting.len() >= self.limits.per_origin
            && self.waiting.iter().filter(same).count() >= self.limits.per_origin
    }

    /// Closes those that have waited too long: a server, or what stands before
    /// it, may have forgotten them without a word.
    fn close_old(&mut self, now: Instant) {
        let is_old = |waiting: &&Waiting| now - waiting.since >= self.limits.age;
        let old = self.waiting.iter().take_while(is_old).count();
        self.close_first(old);
    }

    fn close_first(&mut self, count: usize) {
        let first = self.waiting.drain(..count);
        first.for_each(|waiting| waiting.connection.close());
    }

    pub(super) fn close(&mut self) {
        self.close_first(self.waiting.len());
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use hyper::client::conn::http1;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, DuplexStream, duplex};
    use tokio::time::{advance, timeout};
    use url::Url;

    use super::*;
    use crate::http::connection::{ConnectionTask, Parking};
    use crate::http::meter::Meter;

    fn origin(host: &str) -> Origin {
        Origin::of(&Url::parse(&format!("http://{host}/")).unwrap()).unwrap()
    }

    /// A connection that waits, and the server's side of it.
    async fn connection(host: &str) -> (Connection, DuplexStream) {
        let (near, far) = duplex(64);
        let (sender, driver) = http1::handshake(TokioIo::new(near)).await.unwrap();
        let task = tokio::spawn(async move { drop(driver.await) });
        let connection = Connection {
            origin: Arc::new(origin(host)),
            sender,
            meter: Arc::new(Meter::new()),
            version: http::Version::HTTP_11,
            parking: Parking::default(),
            task: ConnectionTask(Some(task)),
        };
        while !connection.is_ready() {
            tokio::task::yield_now().await;
        }
        (connection, far)
    }

    /// Whether the client has closed a connection.
    async fn is_closed(far: &mut DuplexStream) -> bool {
        let read = timeout(Duration::from_millis(1), far.read(&mut [0])).await;
        matches!(read, Ok(Ok(0)))
    }

    #[tokio::test(start_paused = true)]
    async fn beyond_the_limit_in_all_the_one_that_has_waited_longest_is_closed() {
        let mut idle = Idle::new(IdleLimits::of_client(6));
        let mut ends = Vec::new();
        for number in 0..IdleLimits::MOST + 2 {
            let (connection, end) = connection(&format!("host{number}.test")).await;
            idle.put(connection);
            ends.push(end);
        }
        for (number, end) in ends.iter_mut().enumerate() {
            assert_eq!(is_closed(end).await, number < 2, "{number}");
        }
        assert!(idle.take(&origin("host1.test")).is_none());
        assert!(idle.take(&origin("host2.test")).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn to_one_origin_as_many_wait_as_the_client_or_the_worker_may_have() {
        for (limits, most) in [
            (IdleLimits::of_client(6), 6),
            (IdleLimits::of_client(usize::MAX), IdleLimits::MOST),
            (IdleLimits::of_worker(), IdleLimits::MOST),
        ] {
            let mut idle = Idle::new(limits);
            let mut ends = Vec::new();
            for _ in 0..IdleLimits::MOST + 5 {
                let (connection, end) = connection("a.test").await;
                idle.put(connection);
                ends.push(end);
            }
            let (other, _end) = connection("b.test").await;
            idle.put(other);
            assert!(idle.take(&origin("b.test")).is_some());
            let taken = std::iter::from_fn(|| idle.take(&origin("a.test"))).count();
            // The other origin's may have taken the place of one.
            assert!([most - 1, most].contains(&taken), "{taken} of {most}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_waited_too_long_serves_nobody() {
        let mut idle = Idle::new(IdleLimits::of_client(6));
        let (old, mut end_of_old) = connection("a.test").await;
        idle.put(old);
        advance(Duration::from_secs(60)).await;
        let (younger, mut end_of_younger) = connection("b.test").await;
        idle.put(younger);
        advance(Duration::from_secs(29)).await;
        let reused = idle.take(&origin("a.test")).unwrap();
        // Its time begins anew.
        idle.put(reused);
        advance(Duration::from_secs(61)).await;
        assert!(idle.take(&origin("b.test")).is_none());
        assert!(is_closed(&mut end_of_younger).await);
        assert!(!is_closed(&mut end_of_old).await);
        advance(Duration::from_secs(30)).await;
        let (other, _end) = connection("c.test").await;
        idle.put(other);
        assert!(is_closed(&mut end_of_old).await);
    }
}
