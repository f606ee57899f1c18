//! Server-Sent Events: nothing panics, and the events are the same wherever the
//! bytes are cut. The first byte is the limit of an event's size, the second the
//! length of the pieces.

#![no_main]

use std::collections::VecDeque;

use libfuzzer_sys::fuzz_target;
use vuelo_fuzz::http::{Event, EventParser, EventTooLarge};

fn parse<'a>(
    pieces: impl Iterator<Item = &'a [u8]>,
    limit: u64,
) -> (VecDeque<Event>, Result<(), EventTooLarge>) {
    let mut parser = EventParser::new(limit);
    let mut events = VecDeque::new();
    for piece in pieces {
        if let Err(error) = parser.feed(piece, &mut events) {
            return (events, Err(error));
        }
    }
    (events, Ok(()))
}

fuzz_target!(|bytes: &[u8]| {
    let [limit, length, stream @ ..] = bytes else {
        return;
    };
    let limit = u64::from(*limit) * 4;
    let whole = parse(std::iter::once(stream), limit);
    assert_eq!(
        parse(stream.chunks(usize::from(*length).max(1)), limit),
        whole
    );
    assert_eq!(parse(stream.chunks(1), limit), whole);
    for event in &whole.0 {
        assert!(!event.kind.is_empty());
        // What is no UTF-8 becomes a character of three bytes.
        assert!(event.data.len() + event.kind.len() <= 3 * limit as usize + "message".len());
    }
});
