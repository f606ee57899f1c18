//! An answer.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version, response::Parts};
use url::Url;

use super::body::ReceivedBody;
use super::error_code::ErrorCode;

/// An answer.
#[derive(Debug)]
pub struct Response {
    status: StatusCode,
    version: Version,
    headers: HeaderMap,
    body: ReceivedBody,
    url: Arc<Url>,
}

impl Response {
    pub(super) fn new(url: Arc<Url>, head: Parts, body: ReceivedBody) -> Self {
        Self {
            status: head.status,
            version: head.version,
            headers: head.headers,
            body,
            url,
        }
    }

    /// The URL that answered, without user, password and fragment.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The version of HTTP.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The protocol as k6 names it: `HTTP/1.0`, `HTTP/1.1`, `HTTP/2.0`.
    #[must_use]
    pub fn protocol(&self) -> &'static str {
        protocol(self.version)
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The number of bytes of the body that were kept: 0 where it was discarded
    /// or read in another way.
    #[must_use]
    pub fn body_len(&self) -> u64 {
        self.body.len()
    }

    /// The body as it was kept. The first call puts the pieces together in which
    /// it arrived, the others cost nothing.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.body.whole().clone()
    }

    /// The number of this answer as an error: for status 400 to 599, as in k6.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        ErrorCode::of_status(self.status.as_u16())
    }
}

/// A version of HTTP as k6 names it.
pub(super) fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "HTTP/0.9",
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2.0",
        Version::HTTP_3 => "HTTP/3.0",
        _ => "HTTP/1.1",
    }
}
