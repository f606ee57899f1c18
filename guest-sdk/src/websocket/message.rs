use std::time::Duration;

use serde::de::DeserializeOwned;

use super::{Error, ErrorKind};
use crate::host::websocket as contract;

/// What comes from the other side of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
    /// The answer to a [`ping`](super::Socket::ping), and how long it took.
    Pong(Duration),
    /// The other side closed the session, or answered that it was closed. It is
    /// the last message.
    Closed(Closing),
}

/// How a session was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Why, as a number of RFC 6455: 1000 is the normal one, 1005 stands for
    /// none.
    pub code: u16,
    /// Why, in words; mostly empty.
    pub reason: String,
}

impl Message {
    /// The text, where it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text or the bytes, read as JSON.
    ///
    /// # Errors
    ///
    /// Where it is neither, or not JSON of that shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let bytes = match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
            Self::Pong(_) | Self::Closed(_) => {
                let text = "a message was expected, and there came a pong or the end".to_owned();
                return Err(Error::new(ErrorKind::WrongContent, text));
            }
        };
        serde_json::from_slice(bytes).map_err(|error| {
            let text = [
                "the message is not the JSON that was expected: ",
                &error.to_string(),
            ];
            Error::new(ErrorKind::WrongContent, text.concat())
        })
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<contract::Message> for Message {
    fn from(message: contract::Message) -> Self {
        match message {
            contract::Message::Text(text) => Self::Text(text),
            contract::Message::Binary(bytes) => Self::Binary(bytes),
            contract::Message::Pong(round_trip) => Self::Pong(Duration::from_nanos(round_trip)),
            contract::Message::Closed(closing) => Self::Closed(Closing {
                code: closing.code,
                reason: closing.reason,
            }),
        }
    }
}
