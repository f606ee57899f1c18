//! What fuzzing asks of the heads of frames.

use std::sync::Arc;

use super::{Frames, Meter, PREFACE, Stream, Watched, Way};

/// What was noted of the frames that passed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// Bytes of each stream that was watched: those that left, and those that
    /// came.
    pub bytes: Vec<[u64; 2]>,
    /// Whether each is still watched.
    pub open: Vec<bool>,
    /// Bytes of the head of a frame that is not whole, each way.
    pub begun: [usize; 2],
    /// Bytes that are nobody's yet, each way.
    pub unclaimed: [u64; 2],
    /// Frames that ended, each way.
    pub frames: [usize; 2],
}

/// How long what a client says first is.
pub const PREFACE_LENGTH: usize = PREFACE.len();

/// Lets bytes pass that leave, and then such that come, each cut into these
/// pieces, where these streams are watched.
#[must_use]
pub fn pass<'a>(
    leaving: impl Iterator<Item = &'a [u8]>,
    coming: impl Iterator<Item = &'a [u8]>,
    streams: &[u32],
) -> Noted {
    let mut watched = Watched::default();
    let meters: Vec<Arc<Meter>> = streams
        .iter()
        .map(|stream| {
            let meter = Arc::new(Meter::new());
            watched.0.insert(*stream, Stream::new(Arc::clone(&meter)));
            meter
        })
        .collect();
    let mut noted = Noted::default();
    let mut ways = [Frames::after(PREFACE.len()), Frames::after(0)];
    for piece in leaving {
        noted.frames[0] += ways[0].pass(piece, Way::Out, &mut watched, |meter, _, bytes| {
            meter.written.add(bytes);
        });
    }
    for piece in coming {
        noted.frames[1] += ways[1].pass(piece, Way::In, &mut watched, |meter, _, bytes| {
            meter.read.add(bytes);
        });
    }
    for (way, frames) in ways.iter().enumerate() {
        noted.begun[way] = match frames.head_passed {
            whole if whole == frames.head.len() => 0,
            begun => begun,
        };
        noted.unclaimed[way] = frames.unclaimed;
    }
    for (stream, meter) in streams.iter().zip(&meters) {
        noted.bytes.push([meter.written.get(), meter.read.get()]);
        noted.open.push(watched.0.contains_key(stream));
    }
    noted
}
