//! Bodies: what is sent, what comes in, and what is kept of it.

use std::error::Error as StdError;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use h2::RecvStream;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::error::Error;
use super::failure;
#[cfg(feature = "http3")]
use super::http3::Pieces;

/// Why a body that somebody else makes could not be sent on.
pub type BodyError = Box<dyn StdError + Send + Sync>;

/// The body of a request.
pub(super) enum OutgoingBody {
    /// All of it is there.
    Whole(Full<Bytes>),
    /// It is made while it is sent.
    Streamed(Pin<Box<dyn Body<Data = Bytes, Error = BodyError> + Send>>),
}

impl OutgoingBody {
    /// Whether another one like it can be made.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self, Self::Whole(_))
    }
}

impl Body for OutgoingBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Self::Whole(body) => Pin::new(body)
                .poll_frame(cx)
                .map_err(|never| match never {}),
            Self::Streamed(body) => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_end_stream(),
            Self::Streamed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Streamed(body) => body.size_hint(),
        }
    }
}

/// The body of an answer, as it comes in.
#[derive(Debug)]
pub(super) enum IncomingBody {
    /// From HTTP/1.1.
    Hyper(Incoming),
    /// From HTTP/2, with the length that was announced.
    Http2(RecvStream, u64),
    /// From HTTP/3, with the length that was announced.
    #[cfg(feature = "http3")]
    Http3(Pieces, u64),
}

impl IncomingBody {
    /// How many bytes are still to come, at least.
    pub(super) fn at_least(&self) -> u64 {
        match self {
            Self::Hyper(body) => body.size_hint().lower(),
            Self::Http2(_, announced) => *announced,
            #[cfg(feature = "http3")]
            Self::Http3(_, announced) => *announced,
        }
    }

    /// The next piece, never an empty one; `None` at the end.
    pub(super) async fn next_piece(
        &mut self,
        authority: &Arc<str>,
    ) -> Result<Option<Bytes>, Error> {
        match self {
            Self::Hyper(body) => next_of_http1(body, authority).await,
            Self::Http2(body, _) => next_of_http2(body, authority).await,
            #[cfg(feature = "http3")]
            Self::Http3(pieces, _) => pieces.recv().await.transpose(),
        }
    }
}

async fn next_of_http1(body: &mut Incoming, authority: &Arc<str>) -> Result<Option<Bytes>, Error> {
    while let Some(frame) = body.frame().await {
        match frame {
            // Trailers are no part of the body.
            Ok(frame) => {
                if let Ok(piece) = frame.into_data()
                    && !piece.is_empty()
                {
                    return Ok(Some(piece));
                }
            }
            Err(error) => return Err(failure::of_exchange(authority, &error)),
        }
    }
    Ok(None)
}

async fn next_of_http2(
    body: &mut RecvStream,
    authority: &Arc<str>,
) -> Result<Option<Bytes>, Error> {
    while let Some(piece) = body.data().await {
        let piece = piece.map_err(|error| failure::of_http2(authority, &error, None))?;
        // The server may send as much again. It fails only for a stream that has
        // failed, which the next piece says.
        let _ = body.flow_control().release_capacity(piece.len());
        if !piece.is_empty() {
            return Ok(Some(piece));
        }
    }
    Ok(None)
}

/// The body of an answer in the pieces in which it arrived, which are put
/// together when somebody asks.
#[derive(Debug, Default)]
pub(super) struct ReceivedBody {
    /// Apart, since most bodies are one piece, which then needs no list.
    first: Bytes,
    rest: Vec<Bytes>,
    whole: OnceLock<Bytes>,
    length: u64,
}

impl ReceivedBody {
    pub(super) fn push(&mut self, piece: Bytes) {
        self.length += piece.len() as u64;
        if self.first.is_empty() {
            self.first = piece;
        } else {
            self.rest.push(piece);
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.length
    }

    pub(super) fn whole(&self) -> &Bytes {
        if self.rest.is_empty() {
            return &self.first;
        }
        self.whole.get_or_init(|| {
            let length = self.first.len() + self.rest.iter().map(Bytes::len).sum::<usize>();
            let mut whole = BytesMut::with_capacity(length);
            whole.extend_from_slice(&self.first);
            for piece in &self.rest {
                whole.extend_from_slice(piece);
            }
            whole.freeze()
        })
    }
}
