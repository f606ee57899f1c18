//! The frames of HTTP/2, byte for byte.

use tokio::time::timeout;

use crate::server::{A_MOMENT, Caller};

/// Types of frames (RFC 9113, 6).
pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const CONTINUATION: u8 = 9;

/// Flags of frames.
pub const END_STREAM: u8 = 1;
pub const ACK: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// Reasons (RFC 9113, 7).
pub const NO_ERROR: u32 = 0;
pub const INTERNAL_ERROR: u32 = 2;
pub const REFUSED_STREAM: u32 = 7;
pub const ENHANCE_YOUR_CALM: u32 = 0xb;

/// `:status: 200`, as the static table has it.
pub const STATUS_200: &[u8] = b"\x88";

/// One frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// The end of a connection: the last stream that was looked at, and why.
pub fn go_away(last: u32, reason: u32) -> Vec<u8> {
    let payload = [last.to_be_bytes(), reason.to_be_bytes()].concat();
    frame(GOAWAY, 0, 0, &payload)
}

/// The end of a stream before its end.
pub fn reset_stream(stream: u32, reason: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &reason.to_be_bytes())
}

/// A connection that speaks HTTP/2, seen from the server.
pub struct Session {
    pub caller: Caller,
}

impl Session {
    /// Takes the client's first words, and says its own.
    pub async fn begin(mut caller: Caller) -> Self {
        caller.take(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len()).await;
        let mut session = Self { caller };
        session.write(&frame(SETTINGS, 0, 0, &[])).await;
        session
    }

    /// The stream of the next request whose head has come; `None` when the client
    /// has gone.
    pub async fn request(&mut self) -> Option<u32> {
        loop {
            let head = self.caller.take(9).await;
            let [high, middle, low, kind, flags, rest @ ..] = &head[..] else {
                return None;
            };
            let length = u32::from_be_bytes([0, *high, *middle, *low]);
            let stream = u32::from_be_bytes(rest.try_into().ok()?);
            self.caller.take(length as usize).await;
            match *kind {
                HEADERS => return Some(stream),
                SETTINGS if flags & ACK == 0 => self.write(&frame(SETTINGS, ACK, 0, &[])).await,
                _ => {}
            }
        }
    }

    pub async fn write(&mut self, bytes: &[u8]) {
        self.caller.write(bytes).await;
    }

    /// The head of an answer.
    pub async fn answer(&mut self, stream: u32) {
        self.write(&frame(HEADERS, END_HEADERS, stream, STATUS_200))
            .await;
    }

    /// Reads what the client has to say, so that closing is no reset.
    pub async fn hear_out(&mut self) {
        let _ = timeout(A_MOMENT, self.caller.take(usize::MAX)).await;
    }

    /// Is a server in good health from here on.
    pub async fn go_on(mut self) {
        while let Some(stream) = self.request().await {
            self.answer(stream).await;
            self.write(&frame(DATA, END_STREAM, stream, b"good")).await;
        }
    }
}
