//! The heads of HTTP/2's frames: whatever passes, nothing panics, what is counted
//! is the same wherever the bytes are cut, and no byte is lost. The first four
//! bytes are the lengths of pieces, one after another; the fifth is how many
//! parts in 255 of the rest leave. Those that are left come.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vuelo_fuzz::http::fuzzing::http2::{Noted, PREFACE_LENGTH, pass};

/// The streams of requests that somebody waits for.
const WATCHED: [u32; 3] = [1, 3, 5];

fn pieces<'a>(mut bytes: &'a [u8], lengths: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut lengths = lengths.iter().cycle();
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let length = usize::from(*lengths.next()?).clamp(1, bytes.len());
        let (piece, rest) = bytes.split_at(length);
        bytes = rest;
        Some(piece)
    })
}

fn total(noted: &Noted, way: usize) -> u64 {
    let counted: u64 = noted.bytes.iter().map(|bytes| bytes[way]).sum();
    counted + noted.unclaimed[way] + noted.begun[way] as u64
}

fuzz_target!(|bytes: &[u8]| {
    let Some((lengths, [share, rest @ ..])) = bytes.split_first_chunk::<4>() else {
        return;
    };
    let (leaving, coming) = rest.split_at(rest.len() * usize::from(*share) / 255);
    let whole = pass([leaving].into_iter(), [coming].into_iter(), &WATCHED);
    for lengths in [&lengths[..], &[1]] {
        let cut = pass(pieces(leaving, lengths), pieces(coming, lengths), &WATCHED);
        assert_eq!(cut, whole, "in pieces of {lengths:?}");
    }
    // What the client says first is counted from the beginning.
    assert_eq!(
        total(&whole, 0),
        leaving.len().max(PREFACE_LENGTH) as u64,
        "{whole:?}"
    );
    assert_eq!(total(&whole, 1), coming.len() as u64, "{whole:?}");
    for (way, bytes) in [leaving, coming].into_iter().enumerate() {
        // A head alone has nine bytes.
        assert!(whole.frames[way] <= bytes.len() / 9);
    }
});
