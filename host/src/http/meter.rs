//! What a connection notes about a request that it serves.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// What a connection notes about its making and a request that it serves. One of
/// HTTP/1.1 has a single meter, which is cleared for each request; where requests
/// share a connection, each has one of its own.
///
/// The connection's task writes, whoever sent the request reads. Both run on one
/// thread, so nothing is lost by relaxed atomics; they are there since futures
/// must be `Send`.
#[derive(Debug)]
pub(super) struct Meter {
    base: Instant,
    pub(super) remote: OnceLock<SocketAddr>,
    pub(super) looking_up: Span,
    /// Somebody else looks the name up, and how long that takes is not known here.
    looked_up_elsewhere: AtomicBool,
    /// TCP.
    pub(super) connecting: Span,
    pub(super) tls_handshaking: Span,
    /// From the start of the first write to the end of the last that wrote.
    pub(super) writing: Span,
    /// From the first read that brought bytes to the last.
    pub(super) reading: Span,
    /// The first read after the last write.
    read_after_write: Mark,
    /// Bytes of the request, above TLS.
    pub(super) written: Count,
    /// Bytes of the answer, above TLS.
    pub(super) read: Count,
    /// Bytes that the socket took, below TLS.
    pub(super) socket_written: Count,
    /// The request will be written, whatever becomes of who sent it.
    committed: AtomicBool,
    /// The last write was not taken yet: there is more of the request.
    held_up: AtomicBool,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self {
            base: Instant::now(),
            remote: OnceLock::new(),
            looking_up: Span::default(),
            looked_up_elsewhere: AtomicBool::new(false),
            connecting: Span::default(),
            tls_handshaking: Span::default(),
            writing: Span::default(),
            reading: Span::default(),
            read_after_write: Mark::default(),
            written: Count::default(),
            read: Count::default(),
            socket_written: Count::default(),
            committed: AtomicBool::new(false),
            held_up: AtomicBool::new(false),
        }
    }

    /// Forgets the last request.
    pub(super) fn begin_request(&self) {
        self.writing.clear();
        self.reading.clear();
        self.read_after_write.clear();
        self.written.clear();
        self.read.clear();
        self.socket_written.clear();
        self.committed.store(false, Relaxed);
        self.held_up.store(false, Relaxed);
    }

    /// A proxy looks the name up.
    pub(super) fn note_looked_up_elsewhere(&self) {
        self.looked_up_elsewhere.store(true, Relaxed);
    }

    pub(super) fn is_looked_up_elsewhere(&self) -> bool {
        self.looked_up_elsewhere.load(Relaxed)
    }

    /// Bytes of the answer have come.
    pub(super) fn note_read(&self, now: Moment) {
        self.reading.note_begin(now);
        self.reading.note_end(now);
        self.read_after_write.note(now);
    }

    /// Bytes of the request were written.
    pub(super) fn note_write_end(&self, now: Moment) {
        self.writing.note_end(now);
        self.read_after_write.clear();
    }

    /// When the first bytes came after the last write.
    pub(super) fn read_after_write(&self) -> Option<Moment> {
        self.read_after_write.get()
    }

    /// Whether what was to be written last is still to be written.
    pub(super) fn note_held_up(&self, held_up: bool) {
        self.held_up.store(held_up, Relaxed);
    }

    /// There is more of the request, which the other side does not take.
    pub(super) fn is_held_up(&self) -> bool {
        self.held_up.load(Relaxed)
    }

    /// From here on nothing can keep the request from being written but the loss
    /// of the connection.
    pub(super) fn commit(&self) {
        self.committed.store(true, Relaxed);
    }

    /// Bytes of the request that have left or will leave, 0 as long as nobody
    /// can have seen it.
    pub(super) fn sent(&self) -> u64 {
        if self.committed.load(Relaxed) {
            // What waits in a buffer has a byte at least.
            self.written.get().max(1)
        } else if self.socket_written.get() > 0 {
            self.written.get()
        } else {
            // What TLS has encrypted and not written yet was not sent.
            0
        }
    }

    pub(super) fn now(&self) -> Moment {
        self.moment(Instant::now())
    }

    pub(super) fn moment(&self, instant: Instant) -> Moment {
        let nanos = instant.saturating_duration_since(self.base).as_nanos();
        // One more, since 0 stands for never.
        let nanos = u64::try_from(nanos).unwrap_or(u64::MAX - 1);
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

/// A moment, which may be noted or not.
#[derive(Debug, Default)]
struct Mark(AtomicU64);

impl Mark {
    fn get(&self) -> Option<Moment> {
        moment(&self.0)
    }

    /// Notes the moment; later ones do not count.
    fn note(&self, now: Moment) {
        if self.get().is_none() {
            self.0.store(now.0, Relaxed);
        }
    }

    fn clear(&self) {
        self.0.store(0, Relaxed);
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
    pub(super) fn add(&self, bytes: u64) {
        self.0.store(self.get() + bytes, Relaxed);
    }

    fn clear(&self) {
        self.0.store(0, Relaxed);
    }
}
