//! Server-Sent Events, to the letter of the HTML standard (section 9.2).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The type: `message` where the server named none.
    pub kind: String,
    /// The lines of data, joined by a line feed.
    pub data: String,
    /// The last event id: empty where the server named none so far. Shared by all
    /// events that have it.
    pub id: Arc<str>,
}

/// An event is larger than allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event is larger than {limit} bytes")]
pub struct EventTooLarge {
    /// The limit, in bytes.
    pub limit: u64,
}

/// Takes the bytes of an event stream in any pieces, and gives its events.
///
/// An event that is not followed by an empty line never was one: what is left at
/// the end of the stream is dropped.
#[derive(Debug)]
pub struct EventParser {
    limit: u64,
    /// The beginning of the line whose end has not come yet.
    line: Vec<u8>,
    /// The last byte was a CR: an LF now belongs to it.
    after_cr: bool,
    /// No line has ended yet: the first may begin with a byte order mark.
    first_line: bool,
    kind: String,
    data: String,
    id: Arc<str>,
    retry: Option<Duration>,
}

impl EventParser {
    /// A parser of events that take at most this many bytes each.
    #[must_use]
    pub fn new(limit: u64) -> Self {
        Self {
            limit,
            line: Vec::new(),
            after_cr: false,
            first_line: true,
            kind: String::new(),
            data: String::new(),
            id: Arc::from(""),
            retry: None,
        }
    }

    /// How long the server wants a client to wait before it connects anew, if it
    /// has said so.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Takes the next bytes, and appends the events that they complete.
    ///
    /// # Errors
    ///
    /// When an event is larger than the limit; the events before it were
    /// appended, and the parser is of no use any more.
    pub fn feed(
        &mut self,
        mut bytes: &[u8],
        events: &mut VecDeque<Event>,
    ) -> Result<(), EventTooLarge> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_cr) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (piece, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
            if self.size() + piece.len() as u64 > self.limit {
                return Err(EventTooLarge { limit: self.limit });
            }
            let Some(terminator) = rest.first() else {
                self.line.extend_from_slice(piece);
                return Ok(());
            };
            if self.line.is_empty() {
                self.end_line(piece, events);
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(piece);
                self.end_line(&line, events);
                // The room is kept for the next line.
                line.clear();
                self.line = line;
            }
            self.after_cr = *terminator == b'\r';
            bytes = &rest[1..];
        }
        Ok(())
    }

    /// What the event that is not complete yet takes.
    fn size(&self) -> u64 {
        (self.line.len() + self.data.len() + self.kind.len() + self.id.len()) as u64
    }

    fn end_line(&mut self, mut line: &[u8], events: &mut VecDeque<Event>) {
        if std::mem::take(&mut self.first_line) {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if line.is_empty() {
            self.dispatch(events);
            return;
        }
        let (field, value) = match line.iter().position(|byte| *byte == b':') {
            // A comment.
            Some(0) => return,
            Some(colon) => {
                let value = &line[colon + 1..];
                (&line[..colon], value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &b""[..]),
        };
        match field {
            b"event" => {
                self.kind.clear();
                self.kind.push_str(&String::from_utf8_lossy(value));
            }
            b"data" => {
                self.data.push_str(&String::from_utf8_lossy(value));
                self.data.push('\n');
            }
            b"id" if !value.contains(&0) => {
                self.id = String::from_utf8_lossy(value).into();
            }
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                let millis = std::str::from_utf8(value)
                    .ok()
                    .and_then(|text| text.parse().ok());
                self.retry = millis.map(Duration::from_millis).or(self.retry);
            }
            _ => {}
        }
    }

    fn dispatch(&mut self, events: &mut VecDeque<Event>) {
        let mut kind = std::mem::take(&mut self.kind);
        // Not even an empty line of data: no event.
        if self.data.is_empty() {
            return;
        }
        let mut data = std::mem::take(&mut self.data);
        data.pop();
        if kind.is_empty() {
            kind.push_str("message");
        }
        events.push_back(Event {
            kind,
            data,
            id: Arc::clone(&self.id),
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse_pieces<'a>(
        pieces: impl IntoIterator<Item = &'a [u8]>,
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

    /// The events as (type, data, id).
    fn parse(stream: &str) -> Vec<(String, String, String)> {
        let (events, result) = parse_pieces([stream.as_bytes()], 1000);
        result.unwrap();
        events
            .into_iter()
            .map(|event| (event.kind, event.data, event.id.to_string()))
            .collect()
    }

    fn event(kind: &str, data: &str, id: &str) -> (String, String, String) {
        (kind.to_owned(), data.to_owned(), id.to_owned())
    }

    #[test]
    fn an_id_counts_as_a_part_of_its_event_and_is_kept_once_for_all_that_have_it() {
        let long = format!("id: {}\ndata: {}\n\n", "x".repeat(600), "y".repeat(400));
        let (_, result) = parse_pieces([long.as_bytes()], 900);
        assert_eq!(result, Err(EventTooLarge { limit: 900 }));
        let (events, _) = parse_pieces([&b"id: 1\ndata: a\n\ndata: b\n\n"[..]], 900);
        assert!(Arc::ptr_eq(&events[0].id, &events[1].id));
    }

    #[test]
    fn the_examples_of_the_standard_give_the_events_that_it_says() {
        assert_eq!(
            parse("data: YHOO\ndata: +2\ndata: 10\n\n"),
            [event("message", "YHOO\n+2\n10", "")]
        );
        // The last event is not followed by an empty line.
        assert_eq!(
            parse(
                ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event"
            ),
            [
                event("message", "first event", "1"),
                event("message", "second event", "")
            ]
        );
        assert_eq!(
            parse("data\n\ndata\ndata\n\ndata:"),
            [event("message", "", ""), event("message", "\n", "")]
        );
        assert_eq!(
            parse("data:test\n\ndata: test\n\n"),
            [event("message", "test", ""), event("message", "test", "")]
        );
    }

    #[test]
    fn lines_end_in_lf_cr_or_crlf() {
        let expected = [event("a", "1\n2", ""), event("message", "3", "")];
        for end in ["\n", "\r", "\r\n"] {
            let stream = "event: a\ndata: 1\ndata: 2\n\ndata: 3\n\n".replace('\n', end);
            assert_eq!(parse(&stream), expected, "{end:?}");
        }
        assert_eq!(
            parse("event: a\r\ndata: 1\rdata: 2\n\r\ndata: 3\r\r"),
            expected
        );
    }

    #[test]
    fn one_byte_order_mark_at_the_beginning_does_not_count() {
        assert_eq!(parse("\u{feff}data: 1\n\n"), [event("message", "1", "")]);
        assert_eq!(parse("\u{feff}\ndata: 1\n\n"), [event("message", "1", "")]);
        assert_eq!(parse("\u{feff}\u{feff}data: 1\n\n"), []);
        assert_eq!(parse("\n\u{feff}data: 1\n\n"), []);
    }

    #[test]
    fn an_id_stays_until_the_next_and_one_with_a_nul_is_none() {
        assert_eq!(
            parse("id: 7\ndata: 1\n\ndata: 2\n\nid: 8\0\ndata: 3\n\nid:\ndata: 4\n\n"),
            [
                event("message", "1", "7"),
                event("message", "2", "7"),
                event("message", "3", "7"),
                event("message", "4", "")
            ]
        );
        // Without data there is no event, but the id counts.
        assert_eq!(
            parse("event: a\nid: 9\n\ndata: 1\n\n"),
            [event("message", "1", "9")]
        );
    }

    #[test]
    fn fields_of_other_names_are_none_and_the_last_type_holds() {
        assert_eq!(
            parse("event: a\nevent: b\nDATA: 0\n data: 0\nfoo\n:x\ndata: 1: 2 \n\n"),
            [event("b", "1: 2 ", "")]
        );
    }

    #[test]
    fn retry_counts_when_it_is_all_digits() {
        let mut parser = EventParser::new(100);
        let mut events = VecDeque::new();
        for (line, millis) in [
            ("retry: 1500\n", 1500),
            ("retry: 2s\n", 1500),
            ("retry:\n", 1500),
            ("retry:7\n", 7),
        ] {
            parser.feed(line.as_bytes(), &mut events).unwrap();
            assert_eq!(
                parser.retry(),
                Some(Duration::from_millis(millis)),
                "{line}"
            );
        }
    }

    #[test]
    fn what_is_no_utf_8_is_replaced() {
        let (events, _) = parse_pieces([&b"data: \xE2\x82\ndata: \xFF\n\n"[..]], 100);
        assert_eq!(events[0].data, "\u{fffd}\n\u{fffd}");
    }

    #[test]
    fn an_event_over_the_limit_is_an_error_and_those_before_it_are_kept() {
        let (events, result) = parse_pieces([&b"data: 1\n\ndata: 123\ndata: 456\n\n"[..]], 12);
        assert_eq!(events.len(), 1);
        assert_eq!(result, Err(EventTooLarge { limit: 12 }));
        // A line that never ends is one as well.
        assert!(
            parse_pieces(std::iter::repeat_n(&b"xxxx"[..], 4), 12)
                .1
                .is_err()
        );
        // Many small events are none.
        assert!(
            parse_pieces(std::iter::repeat_n(&b"data: 1\n\n"[..], 100), 12)
                .1
                .is_ok()
        );
    }

    /// Bytes that are likely to be an event stream.
    fn streams() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            4 => Just(b"data: ".to_vec()),
            2 => Just(b"event:".to_vec()),
            2 => Just(b"id: ".to_vec()),
            1 => Just(b"retry: 12".to_vec()),
            1 => Just(b": comment".to_vec()),
            4 => Just(b"\n".to_vec()),
            4 => Just(b"\r".to_vec()),
            4 => Just(b"\r\n".to_vec()),
            2 => Just("\u{feff}".as_bytes().to_vec()),
            3 => Just("é€𝄞".as_bytes().to_vec()),
            1 => Just(b"\0".to_vec()),
            2 => proptest::collection::vec(any::<u8>(), 0..6),
        ];
        proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_events(
            stream in streams(),
            mut cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
            limit in prop_oneof![Just(1000_u64), 0_u64..40],
        ) {
            let whole = parse_pieces([&stream[..]], limit);
            let bytes = parse_pieces(stream.chunks(1), limit);
            prop_assert_eq!(&bytes, &whole);
            let mut cuts: Vec<usize> =
                cuts.drain(..).map(|cut| cut.index(stream.len() + 1)).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|ends| &stream[ends[0]..ends[1]]);
            prop_assert_eq!(&parse_pieces(pieces, limit), &whole);
        }
    }
}
