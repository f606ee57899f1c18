//! The body of an answer on its way to whoever reads it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use tokio::time::timeout;

use super::body::IncomingBody;
use super::decoding::{DecodedBody, Encodings};
use super::engine::Engine;
use super::error::{Error, Phase};
use super::request::Request;

/// A body as it comes over the wire, of which a piece must come now and then.
#[derive(Debug)]
pub(super) struct WireBody {
    authority: Arc<str>,
    body: IncomingBody,
    idle_timeout: Option<Duration>,
}

impl WireBody {
    pub(super) fn authority(&self) -> &Arc<str> {
        &self.authority
    }

    /// The next piece, never an empty one; `None` at the end. Dropping the future
    /// loses nothing.
    pub(super) async fn next_piece(&mut self) -> Result<Option<Bytes>, Error> {
        let Some(within) = self.idle_timeout else {
            return self.body.next_piece(&self.authority).await;
        };
        // Boxed: a timer is several times as large as what most bodies need.
        let piece = Box::pin(timeout(within, self.body.next_piece(&self.authority)));
        piece.await.unwrap_or_else(|_| {
            Err(Error::Timeout {
                authority: Arc::clone(&self.authority),
                after: within,
                phase: Phase::Idle,
            })
        })
    }
}

/// The body of an answer: as it comes, or decoded on the way.
#[derive(Debug)]
pub(super) enum ArrivingBody {
    AsItComes(WireBody),
    Decoded(DecodedBody),
}

impl ArrivingBody {
    /// The body of an answer to this request, as it comes.
    pub(super) fn of(engine: &Engine, request: &Request, body: IncomingBody) -> Self {
        Self::AsItComes(WireBody {
            authority: Arc::clone(request.authority()),
            body,
            idle_timeout: request.idle_timeout.or(engine.settings().idle_timeout),
        })
    }

    /// Decodes what the head says is encoded, in a task of its own. To be called
    /// before anything was read.
    pub(super) fn decoded(self, headers: &HeaderMap) -> Self {
        match (self, Encodings::of(headers)) {
            (Self::AsItComes(body), Some(encodings)) => {
                Self::Decoded(DecodedBody::of(body, encodings))
            }
            (body, _) => body,
        }
    }

    /// How many bytes are still to come, at least, where that is known.
    pub(super) fn at_least(&self) -> u64 {
        match self {
            Self::AsItComes(body) => body.body.at_least(),
            Self::Decoded(_) => 0,
        }
    }

    /// The next piece, never an empty one; `None` at the end. Dropping the future
    /// loses nothing.
    pub(super) async fn next_piece(&mut self) -> Result<Option<Bytes>, Error> {
        match self {
            Self::AsItComes(body) => body.next_piece().await,
            Self::Decoded(body) => body.next_piece().await,
        }
    }
}
