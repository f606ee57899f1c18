//! The bytes of a connection of HTTP/2, looked at as they pass: which frames of
//! which request they are.
//!
//! Only the heads of frames are read, nine bytes each. They tell when a request
//! was written, from its first byte to its last, and when its answer came, as
//! exactly as HTTP/1.1 does.

use std::io::{IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use crossbeam_queue::SegQueue;
use hashbrown::HashMap;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::http::meter::Meter;
use crate::http::metered::{BYTES_A_TURN, Transport, take_turns};

/// What a client says first.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How many frames are one turn: the smallest have nine bytes, and cost as much as
/// large ones.
const FRAMES_A_TURN: usize = 8;

/// What HTTP/2 is spoken over, with a note of which frames pass and when.
#[derive(Debug)]
pub(super) struct Wire {
    transport: Transport,
    notes: Arc<Notes>,
    watched: Watched,
    outgoing: Frames,
    incoming: Frames,
}

/// What a connection's task and its wire tell each other. Both run in that task,
/// but HTTP/2 stands between them.
#[derive(Debug)]
pub(super) struct Notes {
    /// Requests that were given to HTTP/2, by the number of their stream.
    given: SegQueue<(u32, Arc<Meter>)>,
    /// The socket takes nothing more for now.
    blocked: AtomicBool,
    base: Instant,
    /// When something of an answer came last, in nanoseconds after the base.
    heard: AtomicU64,
}

impl Notes {
    pub(super) fn new() -> Self {
        Self {
            given: SegQueue::new(),
            blocked: AtomicBool::new(false),
            base: Instant::now(),
            heard: AtomicU64::new(0),
        }
    }

    /// The frames of this stream are those of the request that has the meter.
    pub(super) fn watch(&self, stream: u32, meter: Arc<Meter>) {
        self.given.push((stream, meter));
    }

    /// When something of an answer came last, to whichever request.
    pub(super) fn heard(&self) -> Instant {
        self.base + Duration::from_nanos(self.heard.load(Relaxed))
    }

    fn hear(&self, now: Instant) {
        let nanos = now.saturating_duration_since(self.base).as_nanos();
        let nanos = u64::try_from(nanos).unwrap_or(u64::MAX);
        self.heard.store(nanos, Relaxed);
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.blocked.load(Relaxed)
    }
}

impl Wire {
    pub(super) fn new(transport: Transport, notes: Arc<Notes>) -> Self {
        Self {
            transport,
            notes,
            watched: Watched::default(),
            outgoing: Frames::after(PREFACE.len()),
            incoming: Frames::after(0),
        }
    }

    fn learn(&mut self) {
        while let Some((stream, meter)) = self.notes.given.pop() {
            // There is more of it until the frame that ends it.
            meter.note_held_up(true);
            self.watched.0.insert(stream, Stream::new(meter));
        }
    }

    fn note_written<'a>(
        &mut self,
        begun: Instant,
        written: Poll<Result<usize>>,
        buffers: impl Iterator<Item = &'a [u8]>,
    ) -> Poll<Result<usize>> {
        self.notes.blocked.store(written.is_pending(), Relaxed);
        if let Poll::Ready(Ok(mut left)) = written
            && left > 0
        {
            self.learn();
            let ended = Instant::now();
            let note = |meter: &Meter, kind: Kind, bytes| {
                meter.written.add(bytes);
                if kind.is_message() {
                    meter.writing.note_begin(meter.moment(begun));
                    meter.note_write_end(meter.moment(ended));
                }
            };
            for buffer in buffers {
                let taken = left.min(buffer.len());
                self.outgoing
                    .pass(&buffer[..taken], Way::Out, &mut self.watched, note);
                left -= taken;
            }
        }
        written
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.transport).poll_read(cx, buf))?;
        let bytes = &buf.filled()[before..];
        if !bytes.is_empty() {
            let now = Instant::now();
            let this = &mut *self;
            this.learn();
            let note = |meter: &Meter, kind: Kind, bytes| {
                meter.read.add(bytes);
                if kind.is_message() {
                    this.notes.hear(now);
                    meter.note_read(meter.moment(now));
                }
            };
            let frames = this.incoming.pass(bytes, Way::In, &mut this.watched, note);
            take_turns(cx, bytes.len() / BYTES_A_TURN + frames / FRAMES_A_TURN);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<Result<usize>> {
        let begun = Instant::now();
        let written = Pin::new(&mut self.transport).poll_write(cx, buf);
        self.note_written(begun, written, [buf].into_iter())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let begun = Instant::now();
        let written = Pin::new(&mut self.transport).poll_write_vectored(cx, bufs);
        self.note_written(begun, written, bufs.iter().map(|buf| &**buf))
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let flushed = Pin::new(&mut self.transport).poll_flush(cx);
        // TLS takes bytes that the socket does not.
        self.notes.blocked.store(flushed.is_pending(), Relaxed);
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(cx)
    }
}

/// The requests whose streams are open, by number.
#[derive(Debug, Default)]
struct Watched(HashMap<u32, Stream, foldhash::fast::FixedState>);

/// A stream, as its frames tell of it.
#[derive(Debug)]
struct Stream {
    meter: Arc<Meter>,
    /// Whether the request is complete, and the answer.
    complete: [bool; 2],
}

impl Stream {
    fn new(meter: Arc<Meter>) -> Self {
        Self {
            meter,
            complete: [false, false],
        }
    }
}

/// The way that bytes go.
#[derive(Debug, Clone, Copy)]
enum Way {
    Out,
    In,
}

/// What a frame is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// DATA, HEADERS or CONTINUATION: a part of the message.
    Message,
    /// RST_STREAM.
    Reset,
    /// Anything else.
    Other,
}

impl Kind {
    fn is_message(self) -> bool {
        self == Self::Message
    }
}

/// The frames that go one way. Their bytes come in pieces of any size.
#[derive(Debug)]
struct Frames {
    /// Bytes before the first frame.
    before: usize,
    /// The head of the frame that passes, as far as it has passed.
    head: [u8; 9],
    head_passed: usize,
    payload_left: usize,
    /// Bytes of frames that are no request's: of the connection itself, and of
    /// streams that nobody waits for any more. The next request counts them
    /// with its own, so that all requests together have all bytes.
    unclaimed: u64,
}

impl Frames {
    fn after(before: usize) -> Self {
        Self {
            before,
            head: [0; 9],
            head_passed: 0,
            payload_left: 0,
            unclaimed: before as u64,
        }
    }

    /// How many frames end in these bytes.
    fn pass(
        &mut self,
        mut bytes: &[u8],
        way: Way,
        watched: &mut Watched,
        note: impl Fn(&Meter, Kind, u64),
    ) -> usize {
        let mut ended = 0;
        let before = self.before.min(bytes.len());
        self.before -= before;
        bytes = &bytes[before..];
        while !bytes.is_empty() {
            let passed = if self.head_passed < self.head.len() {
                let piece = bytes.len().min(self.head.len() - self.head_passed);
                self.head[self.head_passed..][..piece].copy_from_slice(&bytes[..piece]);
                self.head_passed += piece;
                if self.head_passed < self.head.len() {
                    break;
                }
                let [high, middle, low, ..] = self.head;
                self.payload_left = u32::from_be_bytes([0, high, middle, low]) as usize;
                // A head is counted when it is whole: before, nobody knows whose
                // it is.
                self.count(self.head.len() as u64, watched, &note);
                piece
            } else {
                let piece = bytes.len().min(self.payload_left);
                self.payload_left -= piece;
                self.count(piece as u64, watched, &note);
                piece
            };
            bytes = &bytes[passed..];
            if self.payload_left == 0 {
                self.end_frame(way, watched);
                self.head_passed = 0;
                ended += 1;
            }
        }
        ended
    }

    fn stream(&self) -> u32 {
        let [.., a, b, c, d] = self.head;
        // The first bit means nothing.
        u32::from_be_bytes([a, b, c, d]) & (u32::MAX >> 1)
    }

    fn kind(&self) -> Kind {
        match self.head[3] {
            0x0 | 0x1 | 0x9 => Kind::Message,
            0x3 => Kind::Reset,
            _ => Kind::Other,
        }
    }

    fn count(&mut self, bytes: u64, watched: &Watched, note: impl Fn(&Meter, Kind, u64)) {
        match watched.0.get(&self.stream()) {
            Some(stream) if Arc::strong_count(&stream.meter) > 1 => {
                let bytes = bytes + std::mem::take(&mut self.unclaimed);
                note(&stream.meter, self.kind(), bytes);
            }
            _ => self.unclaimed += bytes,
        }
    }

    fn end_frame(&self, way: Way, watched: &mut Watched) {
        const END_STREAM: u8 = 0x1;
        let (kind, flags) = (self.head[3], self.head[4]);
        let ends = matches!(kind, 0x0 | 0x1) && flags & END_STREAM != 0;
        let resets = self.kind() == Kind::Reset;
        if !(ends || resets) {
            return;
        }
        let id = self.stream();
        if let Some(stream) = watched.0.get_mut(&id) {
            stream.complete[way as usize] = true;
            if let Way::Out = way {
                stream.meter.note_held_up(false);
            }
            if resets || stream.complete == [true, true] {
                watched.0.remove(&id);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, stream: u8, payload: usize) -> Vec<u8> {
        let length = u32::try_from(payload).unwrap().to_be_bytes();
        let mut frame = length[1..].to_vec();
        frame.extend([kind, flags, 0x80, 0, 0, stream]);
        frame.resize(9 + payload, 0xff);
        frame
    }

    #[test]
    fn bytes_are_counted_for_their_streams_however_they_are_cut() {
        let all = [
            PREFACE.to_vec(),
            frame(4, 0, 0, 12),
            frame(1, 4, 1, 30),
            frame(1, 5, 3, 20),
            frame(8, 0, 0, 4),
            frame(0, 0, 1, 1000),
            frame(0, 1, 1, 0),
        ]
        .concat();
        for step in [1, 2, 7, 9, 100, all.len()] {
            let meters = [Arc::new(Meter::new()), Arc::new(Meter::new())];
            let mut watched = Watched::default();
            watched.0.insert(1, Stream::new(Arc::clone(&meters[0])));
            watched.0.insert(3, Stream::new(Arc::clone(&meters[1])));
            let mut frames = Frames::after(PREFACE.len());
            for piece in all.chunks(step) {
                frames.pass(piece, Way::Out, &mut watched, |meter, _, bytes| {
                    meter.written.add(bytes);
                });
            }
            let counts = meters.map(|meter| meter.written.get());
            // The first one pays for the preface and the settings, and the next
            // one that has a frame for the window.
            let first = PREFACE.len() as u64 + 21 + 39 + 13 + 1009 + 9;
            assert_eq!(counts, [first, 29], "in steps of {step}");
            assert_eq!(counts.iter().sum::<u64>(), all.len() as u64);
            assert!(watched.0.values().all(|stream| stream.complete[0]));
        }
    }

    #[test]
    fn a_stream_is_forgotten_when_both_sides_have_ended_it_or_one_has_reset_it() {
        let note = |_: &Meter, _: Kind, _: u64| {};
        let mut watched = Watched::default();
        let mut outgoing = Frames::after(0);
        let mut incoming = Frames::after(0);
        for stream in [1, 3, 5] {
            watched
                .0
                .insert(stream, Stream::new(Arc::new(Meter::new())));
        }
        outgoing.pass(&frame(1, 5, 1, 3), Way::Out, &mut watched, note);
        assert_eq!(watched.0.len(), 3);
        incoming.pass(&frame(1, 4, 1, 3), Way::In, &mut watched, note);
        assert_eq!(watched.0.len(), 3);
        incoming.pass(&frame(0, 1, 1, 3), Way::In, &mut watched, note);
        assert_eq!(watched.0.len(), 2);
        outgoing.pass(&frame(3, 0, 3, 4), Way::Out, &mut watched, note);
        incoming.pass(&frame(3, 0, 5, 4), Way::In, &mut watched, note);
        assert_eq!(watched.0.len(), 0);
    }
}
