//! Server-Sent Events, as the HTML standard's section on interpreting an event
//! stream has it.

use bytes::{Buf, Bytes, BytesMut};

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The type: `message` where the server named none.
    pub kind: String,
    /// The lines of data, joined by a line feed.
    pub data: String,
    /// The last event id so far; empty where there was none.
    pub id: String,
}

/// Takes a body in pieces, however it was split, and gives events.
#[derive(Debug, Default)]
pub struct EventParser {
    /// Bytes of lines that are not complete.
    buffer: BytesMut,
    /// How much of the buffer was looked at without finding a line's end.
    scanned: usize,
    started: bool,
    kind: String,
    data: String,
    has_data: bool,
    id: String,
}

/// The largest event, in bytes, that is kept while its end is not here.
const MOST: usize = 64 * 1024 * 1024;

/// An event that has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

impl EventParser {
    /// A parser at the beginning of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a piece of the body.
    ///
    /// # Errors
    ///
    /// When an event is larger than 64 MiB.
    pub fn push(&mut self, piece: &Bytes) -> Result<(), TooLarge> {
        if self.buffer.len() + self.data.len() + piece.len() > MOST {
            return Err(TooLarge);
        }
        self.buffer.extend_from_slice(piece);
        Ok(())
    }

    /// The next event that is complete. What stands unfinished at the end of the
    /// body is no event.
    pub fn next_event(&mut self) -> Option<Event> {
        while let Some(line) = self.next_line() {
            if line.is_empty() {
                if let Some(event) = self.dispatch() {
                    return Some(event);
                }
            } else {
                self.field(&line);
            }
        }
        None
    }

    /// The next complete line, without its end. Lines end in CR LF, LF or CR.
    fn next_line(&mut self) -> Option<String> {
        if !self.started {
            const MARK: &[u8] = b"\xef\xbb\xbf";
            if self.buffer.len() < MARK.len() && MARK.starts_with(&self.buffer) {
                // It may still become a byte order mark.
                return None;
            }
            if self.buffer.starts_with(MARK) {
                self.buffer.advance(MARK.len());
            }
            self.started = true;
        }
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let Some(found) = self.buffer[self.scanned..].iter().position(is_end) else {
            self.scanned = self.buffer.len();
            return None;
        };
        let end = self.scanned + found;
        let after = match (self.buffer[end], self.buffer.get(end + 1)) {
            (b'\r', Some(b'\n')) => 2,
            // A line feed may still follow: the line waits for the next piece,
            // which a server that speaks has to send anyway.
            (b'\r', None) => {
                self.scanned = end;
                return None;
            }
            _ => 1,
        };
        let line = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        self.buffer.advance(end + after);
        self.scanned = 0;
        Some(line)
    }

    fn field(&mut self, line: &str) {
        let (name, value) = match line.split_once(':') {
            Some((name, value)) => (name, value.strip_prefix(' ').unwrap_or(value)),
            None => (line, ""),
        };
        match name {
            "event" => value.clone_into(&mut self.kind),
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.data.push_str(value);
                self.has_data = true;
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            // A comment (no name), `retry`, which is for clients that connect
            // again, and what the standard does not know.
            _ => {}
        }
    }

    fn dispatch(&mut self) -> Option<Event> {
        let kind = std::mem::take(&mut self.kind);
        if !std::mem::take(&mut self.has_data) {
            return None;
        }
        Some(Event {
            kind: if kind.is_empty() { "message".to_owned() } else { kind },
            data: std::mem::take(&mut self.data),
            id: self.id.clone(),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<Event> {
        let mut parser = EventParser::new();
        let mut events = Vec::new();
        for piece in pieces {
            parser.push(&Bytes::copy_from_slice(piece)).unwrap();
            events.extend(std::iter::from_fn(|| parser.next_event()));
        }
        events
    }

    fn data(stream: &str) -> Vec<String> {
        events(&[stream.as_bytes()]).into_iter().map(|event| event.data).collect()
    }

    #[test]
    fn the_examples_of_the_standard_give_what_it_says() {
        assert_eq!(data("data: YHOO\ndata: +2\ndata: 10\n\n"), ["YHOO\n+2\n10"]);
        let three = ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n";
        let read = events(&[three.as_bytes()]);
        let texts: Vec<_> = read.iter().map(|e| (e.data.as_str(), e.id.as_str())).collect();
        assert_eq!(texts, [("first event", "1"), ("second event", "")]);
        assert_eq!(data("data\n\ndata\ndata\n\ndata:\n"), ["", "\n"]);
        assert_eq!(data("data:test\n\ndata: test\n\n"), ["test", "test"]);
    }

    #[test]
    fn every_line_ending_ends_a_line() {
        for end in ["\n", "\r\n", "\r"] {
            let stream = format!("event: a{end}data: 1{end}data: 2{end}{end}:{end}");
            let read = events(&[stream.as_bytes()]);
            assert_eq!(read.len(), 1, "{end:?}");
            assert_eq!((read[0].kind.as_str(), read[0].data.as_str()), ("a", "1\n2"), "{end:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_passed_over_and_an_id_with_nul_ignored() {
        assert_eq!(data("\u{feff}data: 1\n\n"), ["1"]);
        assert_eq!(events(&[b"id: 7\nid: a\0b\ndata: 1\n\n"])[0].id, "7");
    }

    #[test]
    fn an_event_without_its_blank_line_is_no_event() {
        assert_eq!(data("data: 1\n\ndata: cut"), ["1"]);
    }

    proptest! {
        #[test]
        fn any_split_of_the_bytes_gives_the_same_events(
            stream in "((data|event|id|:|retry|other)?(: ?)?[a-zé✓]{0,4}(\n|\r\n|\r|\n\n)){0,20}",
            mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let bytes = stream.as_bytes();
            let whole = events(&[bytes]);
            if bytes.is_empty() { return Ok(()); }
            let mut places: Vec<usize> = cuts.drain(..).map(|cut| cut.index(bytes.len())).collect();
            places.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for place in places {
                pieces.push(&bytes[from..place]);
                from = place;
            }
            pieces.push(&bytes[from..]);
            prop_assert_eq!(events(&pieces), whole);
        }

        #[test]
        fn no_bytes_panic_the_parser(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = events(&[&bytes]);
        }
    }
}
