//! One try of sending a request, and whether there is to be another.

use std::sync::Arc;

use h2::Reason;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Uri};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;

use super::body::{IncomingBody, OutgoingBody};
use super::carrier::Carrier;
use super::connection::Connection;
use super::error::{Error, LossKind};
use super::failure;
use super::http2::{self, Http2, NotSent};
#[cfg(feature = "http3")]
use super::http3::{self, Http3};
use super::meter::Meter;
use super::progress::Progress;
use super::request::Request;
use super::sending::Answering;

/// Why a try brought no answer.
pub(super) struct Failed {
    pub(super) error: Error,
    /// The message, where nothing of it was written and it was given back.
    pub(super) unsent: Option<Box<http::Request<OutgoingBody>>>,
    fate: Fate,
}

/// What the server knows of a request that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Nothing: it was not written, or the server said that it has not looked at
    /// it.
    NotProcessed,
    /// Nobody can tell: the connection was lost.
    Unknown,
    /// It does not matter, since another try would fail as well.
    Final,
}

impl Failed {
    /// Whether the server may know the request, though it has not answered.
    pub(super) fn may_have_been_processed(&self) -> bool {
        self.fate == Fate::Unknown
    }
}

/// How often a request was tried.
#[derive(Debug, Default)]
pub(super) struct Tries {
    not_processed: u32,
    unknown: u32,
}

impl Tries {
    /// Whether a request that failed may be sent again.
    ///
    /// What the server has not processed may, whatever it is; a server that never
    /// processes anything is not asked for ever. Where nobody can tell, a request
    /// may once, if it may be processed twice (RFC 9110, 9.2.2) and the
    /// connection was there before it: then the server has most likely closed it
    /// while it was idle. What came over a new connection is the server's answer.
    pub(super) fn may_go_on(
        &mut self,
        failed: &Failed,
        request: &Request,
        progress: &Progress,
    ) -> bool {
        const NOT_PROCESSED: u32 = 3;
        const UNKNOWN: u32 = 1;
        match failed.fate {
            Fate::NotProcessed => {
                self.not_processed += 1;
                self.not_processed <= NOT_PROCESSED
            }
            Fate::Unknown => {
                self.unknown += 1;
                self.unknown <= UNKNOWN
                    && request.method().is_idempotent()
                    && progress.is_unanswered_on_a_reused_connection()
            }
            Fate::Final => false,
        }
    }
}

/// What came of a request that was sent over a connection of its own.
pub(super) fn after_http1(
    answer: Result<http::Response<Incoming>, TrySendError<http::Request<OutgoingBody>>>,
    mut connection: Connection,
    authority: &Arc<str>,
) -> Result<Answering, Failed> {
    let mut failed = match answer {
        Ok(answer) => {
            let (head, body) = answer.into_parts();
            connection.version = head.version;
            return Ok(Answering {
                head,
                body: IncomingBody::Hyper(body),
                carrier: Carrier::Connection(connection),
            });
        }
        Err(failed) => failed,
    };
    let unsent = failed.take_message().map(Box::new);
    let error = failure::of_exchange(authority, failed.error());
    let fate = match (&unsent, &error) {
        (Some(_), _) => Fate::NotProcessed,
        (None, error) if is_closed(error) => Fate::Unknown,
        (None, _) => Fate::Final,
    };
    Err(Failed {
        error,
        unsent,
        fate,
    })
}

/// Sends a request over a connection that others use as well.
pub(super) async fn over_http2(
    http2: &Http2,
    uri: Uri,
    message: http::Request<OutgoingBody>,
    meter: Arc<Meter>,
    authority: &Arc<str>,
) -> Result<Answering, Failed> {
    let failure = match http2.send(uri, message, meter).await {
        Ok((answer, stream)) => {
            let (head, body) = answer.into_parts();
            let announced = if body.is_end_stream() {
                0
            } else {
                announced_length(&head.headers)
            };
            return Ok(Answering {
                head,
                body: IncomingBody::Http2(body, announced),
                carrier: Carrier::Stream { _stream: stream },
            });
        }
        Err(failure) => failure,
    };
    let (error, unsent, fate) = match failure {
        http2::Failure::NotSent(NotSent::ConnectionEnds(message)) => {
            let unsent = message.map(Box::new);
            (http2.ended(authority), unsent, Fate::NotProcessed)
        }
        http2::Failure::NotSent(NotSent::Refused(error)) => (
            failure::of_http2(authority, &error, None),
            None,
            Fate::Final,
        ),
        http2::Failure::Broken { error, last_words } => {
            let is_unprocessed = is_unprocessed(&error);
            let error = failure::of_http2(authority, &error, last_words);
            let fate = match &error {
                _ if is_unprocessed => Fate::NotProcessed,
                error if is_closed(error) => Fate::Unknown,
                _ => Fate::Final,
            };
            (error, None, fate)
        }
    };
    Err(Failed {
        error,
        unsent,
        fate,
    })
}

/// Sends a request over a connection of QUIC that others use as well.
#[cfg(feature = "http3")]
pub(super) async fn over_http3(
    http3: &Http3,
    uri: Uri,
    message: http::Request<OutgoingBody>,
    meter: Arc<Meter>,
) -> Result<Answering, Failed> {
    let is_head = message.method() == http::Method::HEAD;
    let (error, fate) = match http3.send(uri, message, meter).await {
        Ok((answer, pieces, task)) => {
            let (head, ()) = answer.into_parts();
            let announced = if is_head {
                0
            } else {
                announced_length(&head.headers)
            };
            return Ok(Answering {
                head,
                body: IncomingBody::Http3(pieces, announced),
                carrier: Carrier::Task { _task: task },
            });
        }
        Err(http3::Failed::NotProcessed(error)) => (error, Fate::NotProcessed),
        Err(http3::Failed::Broken(error)) if is_closed(&error) => (error, Fate::Unknown),
        Err(http3::Failed::Broken(error)) => (error, Fate::Final),
    };
    Err(Failed {
        error,
        unsent: None,
        fate,
    })
}

/// Whether the other side has closed the connection in good order, as it does
/// with one that was idle for long. One that it resets was not: that is what it
/// has to say of the request, and whoever counts there has counted it.
fn is_closed(error: &Error) -> bool {
    matches!(
        error,
        Error::ConnectionLost {
            kind: LossKind::Closed | LossKind::BrokenPipe,
            ..
        }
    )
}

/// What `content-length` says, 0 where it says nothing.
fn announced_length(headers: &HeaderMap) -> u64 {
    let length = headers.get(CONTENT_LENGTH);
    length
        .and_then(|length| length.to_str().ok()?.parse().ok())
        .unwrap_or(0)
}

/// Whether the server said that it has not looked at a request (RFC 9113, 8.7).
fn is_unprocessed(error: &h2::Error) -> bool {
    // A goodbye is an error only of the requests that came after it.
    let said_goodbye = error.is_go_away();
    let refused = error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM);
    error.is_remote() && (said_goodbye || refused)
}
