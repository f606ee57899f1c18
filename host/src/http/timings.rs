//! Where a request's time went.

use std::time::Duration;

/// Where a request's time went. `None` was not measured, which is not zero.
///
/// A phase in which the request failed counts up to the failure. All of
/// `blocked`, `looking_up`, `connecting`, `tls_handshaking` and `duration`
/// together are the time from the call to the last byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Waiting for a slot and a connection to be free, for the connection's task
    /// to get to it, and for a proxy to connect in its turn; the rest of making
    /// the connection is not included.
    pub blocked: Option<Duration>,
    /// Looking up the name. Zero on a connection that was there already, and
    /// without a name; not known where a proxy looks it up.
    pub looking_up: Option<Duration>,
    /// TCP. Zero on a connection that was there already.
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
    /// `blocked` and `looking_up` together: k6 has no metric for looking up, and
    /// counts it as being blocked. `None` where the first was not measured.
    #[must_use]
    pub fn before_connecting(&self) -> Option<Duration> {
        Some(self.blocked? + self.looking_up.unwrap_or_default())
    }

    /// `sending`, `waiting` and `receiving` together: k6's `http_req_duration`.
    /// `None` where nothing was sent.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        let phases = [self.sending, self.waiting, self.receiving];
        let was_sent = phases.iter().any(Option::is_some);
        was_sent.then(|| phases.into_iter().flatten().sum())
    }
}
