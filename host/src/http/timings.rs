//! Where a request's time went.

use std::time::Duration;

/// Where a request's time went. `None` is what was not measured, such as the
/// phases that a failed request never came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Waiting for a connection to be free, its making not included.
    pub blocked: Option<Duration>,
    /// Looking up the name and making the TCP connection; 0 for one that was
    /// kept.
    pub connecting: Option<Duration>,
    /// Shaking hands for TLS; 0 for a connection that was kept or needs none.
    pub tls_handshaking: Option<Duration>,
    /// Writing the request.
    pub sending: Option<Duration>,
    /// From the last byte written to the first byte read.
    pub waiting: Option<Duration>,
    /// From the first byte read to the last.
    pub receiving: Option<Duration>,
    /// Sending, waiting and receiving together: k6's `http_req_duration`.
    pub duration: Option<Duration>,
}
