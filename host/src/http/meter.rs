//! What a connection notes about the request it serves.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// What a connection notes about its making and the request it serves.
///
/// The connection's task writes, whoever sent the request reads. Both run on one
/// thread, so nothing is lost by relaxed atomics; they are there since futures
/// must be `Send`.
#[derive(Debug)]
pub(super) struct Meter {
    base: Instant,
    pub(super) remote: OnceLock<SocketAddr>,
    pub(super) looking_up: Span,
    /// TCP.
    pub(super) connecting: Span,
    pub(super) tls_handshaking: Span,
    /// From the start of the first write to the end of the last that wrote.
    pub(super) writing: Span,
    /// From the first read that brought bytes to the last.
    pub(super) reading: Span,
    /// Bytes of the request, above TLS.
    pub(super) written: Count,
    /// Bytes of the answer, above TLS.
    pub(super) read: Count,
    /// Bytes that the socket took, below TLS.
    pub(super) socket_written: Count,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self {
            base: Instant::now(),
            remote: OnceLock::new(),
            looking_up: Span::default(),
            connecting: Span::default(),
            tls_handshaking: Span::default(),
            writing: Span::default(),
            reading: Span::default(),
            written: Count::default(),
            read: Count::default(),
            socket_written: Count::default(),
        }
    }

    /// Forgets the last request.
    pub(super) fn begin_request(&self) {
        self.writing.clear();
        self.reading.clear();
        self.written.clear();
        self.read.clear();
        self.socket_written.clear();
    }

    pub(super) fn now(&self) -> Moment {
        // One more than elapsed, since 0 stands for never.
        let nanos = u64::try_from(self.base.elapsed().as_nanos()).unwrap_or(u64::MAX - 1);
        Moment(nanos.saturating_add(1))
    }

    pub(super) fn instant(&self, moment: Moment) -> Instant {
        self.base + Duration::from_nanos(moment.0 - 1)
    }
}

/// Nanoseconds since a meter's base, and one; never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(u64);

impl Moment {
    /// How long after an earlier moment this is.
    pub(super) fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// A beginning and an end, each of which may be noted or not.
#[derive(Debug, Default)]
pub(super) struct Span {
    begin: AtomicU64,
    end: AtomicU64,
}

impl Span {
    pub(super) fn begin(&self) -> Option<Moment> {
        moment(&self.begin)
    }

    pub(super) fn end(&self) -> Option<Moment> {
        moment(&self.end)
    }

    pub(super) fn has_begun(&self) -> bool {
        self.begin().is_some()
    }

    /// Notes the beginning; later ones do not count.
    pub(super) fn note_begin(&self, now: Moment) {
        if !self.has_begun() {
            self.begin.store(now.0, Relaxed);
        }
    }

    /// Notes the end; the last one counts.
    pub(super) fn note_end(&self, now: Moment) {
        self.end.store(now.0, Relaxed);
    }

    /// How long it took: up to the end, or up to the cut where it has none.
    pub(super) fn length(&self, cut: Option<Moment>) -> Option<Duration> {
        Some(self.end().or(cut)?.since(self.begin()?))
    }

    fn clear(&self) {
        self.begin.store(0, Relaxed);
        self.end.store(0, Relaxed);
    }
}

fn moment(nanos: &AtomicU64) -> Option<Moment> {
    Some(nanos.load(Relaxed))
        .filter(|nanos| *nanos != 0)
        .map(Moment)
}

/// A number of bytes.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// One writer alone: no read-modify-write, which would lock the bus.
    pub(super) fn add(&self, bytes: usize) {
        self.0.store(self.get() + bytes as u64, Relaxed);
    }

    fn clear(&self) {
        self.0.store(0, Relaxed);
    }
}
