//! Where a request's time went.

use std::time::Duration;

/// Where a request's time went. `None` was not measured, which is not zero.
///
/// A phase in which the request failed counts up to the failure. All of
/// `blocked`, `connecting`, `tls_handshaking` and `duration` together are the
/// time from the call to the last byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Waiting for a slot and a connection to be free, and for the connection's
    /// task to get to it; the making of the connection is not included.
    pub blocked: Option<Duration>,
    /// Name lookup and TCP. Zero on a connection that was there already.
    pub connecting: Option<Duration>,
    /// The TLS handshake. Zero on a connection that was there already, and
    /// without TLS; a part of `connecting` in HTTP/3, which does both in one.
    pub tls_handshaking: Option<Duration>,
    /// From the first byte written to the last. Not known in HTTP/3.
    pub sending: Option<Duration>,
    /// From the last byte written to the first byte read. In HTTP/3 from the
    /// handing over of the request.
    pub waiting: Option<Duration>,
    /// From the first byte read to the last.
    pub receiving: Option<Duration>,
}

impl Timings {
    /// `sending`, `waiting` and `receiving` together: k6's `http_req_duration`.
    /// `None` where nothing was sent.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        let phases = [self.sending, self.waiting, self.receiving];
        let was_sent = phases.iter().any(Option::is_some);
        was_sent.then(|| phases.into_iter().flatten().sum())
    }
}
