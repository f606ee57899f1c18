//! A request and what came back.

use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, Version};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::Instant as TokioInstant;

use super::connection::Connection;
use super::meter::Meter;
use super::{Error, Timings};

/// A request and what came back.
#[derive(Debug)]
pub struct Exchange {
    /// The answer, or why there is none.
    pub outcome: Result<Response, Error>,
    /// Where the time went.
    pub timings: Timings,
    /// Bytes written, on the plain side of TLS.
    pub bytes_sent: u64,
    /// Bytes read, on the plain side of TLS.
    pub bytes_received: u64,
}

impl Exchange {
    /// An exchange that came to nothing before a byte was written.
    pub(super) fn failed(error: Error, timings: Timings) -> Self {
        Self { outcome: Err(error), timings, bytes_sent: 0, bytes_received: 0 }
    }
}

/// The head of an answer.
#[derive(Debug, Clone)]
pub struct Head {
    /// The status code.
    pub status: StatusCode,
    /// The version that the server answered in.
    pub version: Version,
    /// The headers.
    pub headers: HeaderMap,
}

impl Head {
    /// The version as k6 names it.
    #[must_use]
    pub fn protocol(&self) -> &'static str {
        match self.version {
            Version::HTTP_10 => "HTTP/1.0",
            Version::HTTP_2 => "HTTP/2.0",
            Version::HTTP_3 => "HTTP/3",
            _ => "HTTP/1.1",
        }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Response {
    /// Its head.
    pub head: Head,
    /// The body as it arrived, or in one piece after somebody asked for it.
    pieces: Vec<Bytes>,
}

impl Response {
    /// An answer whose body came in these pieces.
    #[must_use]
    pub fn new(head: Head, pieces: Vec<Bytes>) -> Self {
        Self { head, pieces }
    }

    /// The whole body. The first call puts the pieces together; before that
    /// nothing was copied.
    pub fn body(&mut self) -> Bytes {
        if self.pieces.len() > 1 {
            let mut whole = BytesMut::with_capacity(self.pieces.iter().map(Bytes::len).sum());
            self.pieces.drain(..).for_each(|piece| whole.extend_from_slice(&piece));
            self.pieces.push(whole.freeze());
        }
        self.pieces.first().cloned().unwrap_or_default()
    }
}

/// An answer of which the head is here and the body is still to come.
#[derive(Debug)]
pub struct OpenExchange {
    /// The head.
    pub head: Head,
    body: Incoming,
    connection: Connection,
    limits: Limits,
    received: u64,
    complete: bool,
    /// The phases that came before the exchange itself.
    made: Timings,
}

/// What a body must keep to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The most bytes.
    pub(super) bytes: u64,
    /// When it must be complete.
    pub(super) deadline: TokioInstant,
    /// How long that was from the start.
    pub(super) timeout: std::time::Duration,
    /// Whether it is dropped as it arrives.
    pub(super) discard: bool,
}

impl OpenExchange {
    pub(super) fn new(
        response: http::Response<Incoming>,
        connection: Connection,
        limits: Limits,
        made: Timings,
    ) -> Self {
        let (parts, body) = response.into_parts();
        let head = Head { status: parts.status, version: parts.version, headers: parts.headers };
        Self { head, body, connection, limits, received: 0, complete: false, made }
    }

    /// Waits for the next piece of the body; `None` at its clean end.
    ///
    /// # Errors
    ///
    /// When the connection ends first, the time is up, or the body is larger
    /// than the settings allow.
    pub async fn next_chunk(&mut self) -> Result<Option<Bytes>, Error> {
        if self.complete {
            return Ok(None);
        }
        loop {
            let frame = tokio::time::timeout_at(self.limits.deadline, self.body.frame()).await;
            let target = || self.connection.target().to_string();
            match frame {
                Err(_) => {
                    return Err(Error::Timeout { target: target(), limit: self.limits.timeout });
                }
                Ok(None) => {
                    self.complete = true;
                    return Ok(None);
                }
                Ok(Some(Err(error))) => {
                    return Err(Error::of_hyper(self.connection.target(), &error));
                }
                Ok(Some(Ok(frame))) => {
                    // Trailers are no part of the body.
                    let Ok(data) = frame.into_data() else { continue };
                    self.received += data.len() as u64;
                    if self.received > self.limits.bytes {
                        let limit = self.limits.bytes;
                        return Err(Error::BodyTooLarge { target: target(), limit });
                    }
                    if !data.is_empty() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// Receives the rest of the body.
    ///
    /// # Errors
    ///
    /// As for [`OpenExchange::next_chunk`].
    pub async fn rest(&mut self) -> Result<Vec<Bytes>, Error> {
        let mut pieces = Vec::new();
        while let Some(piece) = self.next_chunk().await? {
            if !self.limits.discard {
                pieces.push(piece);
            }
        }
        Ok(pieces)
    }

    /// When sending began.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.connection.meter().started()
    }

    /// The authority of the URL, as errors name it.
    #[must_use]
    pub fn target(&self) -> &Arc<str> {
        self.connection.target()
    }

    /// Where the time went so far.
    #[must_use]
    pub fn timings(&self) -> Timings {
        with_making(self.connection.meter(), self.made)
    }

    /// Bytes written so far.
    #[must_use]
    pub fn bytes_sent(&self) -> u64 {
        self.connection.meter().bytes_sent()
    }

    /// Bytes read so far.
    #[must_use]
    pub fn bytes_received(&self) -> u64 {
        self.connection.meter().bytes_received()
    }

    pub(super) fn meter(&self) -> &Arc<Meter> {
        self.connection.meter()
    }

    /// The connection, when it can serve another request.
    pub(super) fn into_connection(self) -> (Head, Option<Connection>) {
        let reusable = self.complete;
        (self.head, reusable.then_some(self.connection))
    }
}

/// The phases of an exchange and those before it.
pub(super) fn with_making(meter: &Meter, made: Timings) -> Timings {
    Timings {
        blocked: made.blocked,
        connecting: made.connecting,
        tls_handshaking: made.tls_handshaking,
        ..meter.timings()
    }
}
