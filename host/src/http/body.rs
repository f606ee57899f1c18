//! Bodies: what is sent, what comes in, and what is kept of it.

use std::error::Error as StdError;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::error::Error;
use super::failure;
use super::http2;
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
    Http2(http2::Incoming, u64),
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
            Self::Http2(body, _) => body.next_piece(authority).await,
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

/// What is smaller is put together as it comes.
const SMALL_PIECE: usize = 4096;

/// The body of an answer in the pieces in which it arrived, which are put
/// together when somebody asks.
#[derive(Debug, Default)]
pub(super) struct ReceivedBody {
    /// Apart, since most bodies are one piece, which then needs no list.
    first: Bytes,
    rest: Vec<Bytes>,
    /// The last of them, which were small: each would hold on to the buffer that
    /// it was read into, which is larger.
    small: BytesMut,
    whole: OnceLock<Bytes>,
    length: u64,
}

impl ReceivedBody {
    pub(super) fn push(&mut self, piece: Bytes) {
        self.length += piece.len() as u64;
        if self.first.is_empty() {
            self.first = piece;
        } else if piece.len() < SMALL_PIECE {
            self.small.extend_from_slice(&piece);
        } else {
            self.gather_small();
            self.rest.push(piece);
        }
    }

    fn gather_small(&mut self) {
        if !self.small.is_empty() {
            self.rest.push(self.small.split().freeze());
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.length
    }

    pub(super) fn whole(&self) -> &Bytes {
        if self.rest.is_empty() && self.small.is_empty() {
            return &self.first;
        }
        self.whole.get_or_init(|| {
            let pieces = self.rest.iter().map(|piece| &**piece);
            let pieces = std::iter::once(&*self.first).chain(pieces);
            let pieces: Vec<&[u8]> = pieces.chain([&*self.small]).collect();
            pieces.concat().into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pieces_are_put_together_and_large_ones_are_kept_as_they_are() {
        let mut received = ReceivedBody::default();
        let mut all = Vec::new();
        let sizes = [1, 1, 2, SMALL_PIECE, 3, 4, SMALL_PIECE + 1, 5];
        for (value, size) in (0..).zip(sizes) {
            let piece = vec![value; size];
            all.extend_from_slice(&piece);
            received.push(piece.into());
        }
        assert_eq!(received.whole(), &all);
        assert_eq!(received.len(), all.len() as u64);
        // What is between two large ones is one piece, and each of those is one.
        assert_eq!(received.rest.len(), 4);
    }

    #[test]
    fn a_body_in_one_piece_is_not_copied() {
        let piece = Bytes::from_static(b"hi");
        let mut received = ReceivedBody::default();
        received.push(piece.clone());
        assert_eq!(received.whole().as_ptr(), piece.as_ptr());
    }
}
