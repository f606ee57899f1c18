//! What a session's task and whoever holds its socket both know.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use atomic_waker::AtomicWaker;

use super::error::Error;

/// How many bytes of messages may be unread before the task stops reading. A
/// slow reader is then a slow reader to the server, too, and not a heap that
/// grows.
const READ_AHEAD: usize = 1024 * 1024;

/// What a message counts in the read-ahead beside its bytes: many empty ones
/// take memory, too.
const MESSAGE_OVERHEAD: usize = 64;

/// What a session's task and whoever holds its socket both know.
///
/// The task writes and whoever holds the socket reads, but for `unread`. Both
/// run on one thread, so nothing is lost by relaxed atomics; they are there since
/// futures must be `Send`.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    sent: AtomicU64,
    received: AtomicU64,
    unread: AtomicUsize,
    room: AtomicWaker,
    ending: OnceLock<Ending>,
}

/// How many messages of a session went by, each text or bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that were written.
    pub sent: u64,
    /// Those that arrived, asked for or not.
    pub received: u64,
}

/// How a session ended, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Code and reason of the other side's closing frame, or why there is none.
    pub outcome: Result<(u16, String), Error>,
    /// When that was known.
    pub at: Instant,
}

impl Ledger {
    pub(super) fn counts(&self) -> Counts {
        Counts {
            sent: self.sent.load(Relaxed),
            received: self.received.load(Relaxed),
        }
    }

    pub(super) fn note_sent(&self) {
        self.sent.fetch_add(1, Relaxed);
    }

    pub(super) fn note_received(&self) {
        self.received.fetch_add(1, Relaxed);
    }

    /// A message of this many bytes waits to be read.
    pub(super) fn lay_down(&self, bytes: usize) {
        self.unread.fetch_add(bytes + MESSAGE_OVERHEAD, Relaxed);
    }

    /// A message of this many bytes was read.
    pub(super) fn pick_up(&self, bytes: usize) {
        let before = self.unread.fetch_sub(bytes + MESSAGE_OVERHEAD, Relaxed);
        if before >= READ_AHEAD && self.has_room() {
            self.room.wake();
        }
    }

    /// Whether more messages may be read from the connection.
    pub(super) fn has_room(&self) -> bool {
        self.unread.load(Relaxed) < READ_AHEAD
    }

    /// Whoever is woken when there is room again.
    pub(super) fn wants_room(&self, waker: &std::task::Waker) {
        self.room.register(waker);
    }

    pub(super) fn ending(&self) -> Option<&Ending> {
        self.ending.get()
    }

    /// The session is over; the first ending is the one that counts.
    pub(super) fn end(&self, outcome: Result<(u16, String), Error>) {
        let at = Instant::now();
        let _ = self.ending.set(Ending { outcome, at });
    }
}
