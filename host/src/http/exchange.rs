//! One request and what came of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use super::error::Error;
use super::error_code::ErrorCode;
use super::request::Request;
use super::response::Response;
use super::timings::Timings;

/// One request on the wire and what came of it.
#[derive(Debug)]
pub struct Exchange {
    /// The answer, or why there is none.
    pub outcome: Result<Response, Error>,
    /// Where the time went, up to the failure where there was one.
    pub timings: Timings,
    /// Bytes of the request written, TLS not included. 0 exactly when nothing of
    /// it has reached the socket: then nobody has seen it, and nobody will.
    ///
    /// In HTTP/2 these are the request's frames, and those of the connection
    /// itself since the last request: all requests together have all bytes.
    pub bytes_sent: u64,
    /// Bytes of the answer read, TLS not included.
    pub bytes_received: u64,
    /// Whom it was sent to, where a connection was made.
    pub remote: Option<SocketAddr>,
    /// When it was called for.
    pub started: Instant,
    /// What was sent in place of the request as it was built, after redirects.
    pub redirected: Option<Arc<Request>>,
}

impl Exchange {
    /// The number of the error, or of a status that is one; the tag
    /// `error_code`.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match &self.outcome {
            Ok(response) => response.code(),
            Err(error) => Some(error.code()),
        }
    }
}
