//! The body of an answer, as it arrived.

use std::sync::OnceLock;

use bytes::{Bytes, BytesMut};

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
