//! Who is told of requests that were cut off.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use super::exchange::Exchange;
use super::following::Waypoint;
use super::request::Request;
use super::timings::Timings;

/// Who is told of requests that are not handed over: those whose future was
/// dropped while they were under way, as when a virtual user is stopped, and those
/// whose answer led on to another.
///
/// Together with the exchanges that are handed over, it sees every request of
/// which at least one byte was written, once.
pub trait Observer: Send + Sync {
    /// Request `index` (0 unless it is one of several) was under way: at least
    /// one byte of it was written to the socket, or will be. Its connection is
    /// closed, or its stream reset.
    fn interrupted(&self, index: usize, interrupted: &Interrupted);

    /// Request `index` was over, but the future that was to hand it over with
    /// the others was dropped. Counts as interrupted unless told otherwise.
    fn undelivered(&self, index: usize, exchange: Exchange) {
        if exchange.bytes_sent > 0 {
            self.interrupted(
                index,
                &Interrupted {
                    timings: exchange.timings,
                    bytes_sent: exchange.bytes_sent,
                    bytes_received: exchange.bytes_received,
                    remote: exchange.remote,
                    started: exchange.started,
                    redirected: exchange.redirected,
                },
            );
        }
    }

    /// Request `index` was answered, and the answer led on to another request,
    /// which is sent now. Of the answer's body nothing is kept. Whoever counts
    /// requests counts this one.
    fn on_the_way(&self, index: usize, exchange: Exchange, waypoint: Waypoint) {
        let _ = (index, exchange, waypoint);
    }

    /// Request `index` was redirected more often than
    /// [`Settings::max_redirects`](super::Settings::max_redirects) allows: the last
    /// of the redirects is handed over.
    fn redirects_stopped(&self, index: usize, followed: u32) {
        let _ = (index, followed);
    }
}

/// Nobody is told.
impl Observer for () {
    fn interrupted(&self, _index: usize, _interrupted: &Interrupted) {}
}

/// What was measured of a request until it was cut off.
#[derive(Debug, Clone)]
pub struct Interrupted {
    /// Where its time went; the phase that was cut counts up to the cut.
    pub timings: Timings,
    /// Bytes of the request written, TLS not included; at least one.
    pub bytes_sent: u64,
    /// Bytes of the answer read, TLS not included.
    pub bytes_received: u64,
    /// Whom it was sent to.
    pub remote: Option<SocketAddr>,
    /// When it was called for.
    pub started: Instant,
    /// What was sent in place of the request as it was built, after redirects.
    pub redirected: Option<Arc<Request>>,
}
