//! The engine's errors of WebSockets in the contract's words.

use super::bindings::vuelo::load::websocket::{Error, Refusal};
use crate::http::{self, websocket};

impl From<&websocket::Error> for Error {
    fn from(error: &websocket::Error) -> Self {
        let text = error.to_string();
        match error {
            websocket::Error::Http(error) => of_http(error, text),
            websocket::Error::Refused { refusal, .. } => Self::Refused(Refusal {
                status: refusal.status.as_u16(),
                headers: texts(&refusal.headers),
                body: refusal.body.to_vec(),
                text,
            }),
            websocket::Error::Protocol { .. } | websocket::Error::NotUtf8 { .. } => {
                Self::Protocol(text)
            }
            websocket::Error::MessageTooLarge { .. } => Self::MessageTooLarge(text),
            websocket::Error::Timeout { .. } => Self::Timeout(text),
            websocket::Error::Closed { .. } => Self::Closed,
            websocket::Error::CloseCode { .. } | websocket::Error::CloseReason { .. } => {
                Self::Invalid(text)
            }
        }
    }
}

/// A handshake meets the same errors as a request, but for those of its body.
fn of_http(error: &http::Error, text: String) -> Error {
    match error {
        http::Error::InvalidRequest { .. } => Error::Invalid(text),
        http::Error::NotAllowed { .. } => Error::NotAllowed(text),
        http::Error::NameLookup { .. } => Error::NameLookup(text),
        http::Error::ConnectionRefused { .. } => Error::ConnectionRefused(text),
        http::Error::Connect { .. } => Error::Connect(text),
        http::Error::Tls { .. } => Error::Tls(text),
        http::Error::Timeout { .. } => Error::Timeout(text),
        http::Error::ConnectionLost { .. } => Error::ConnectionLost(text),
        http::Error::MalformedResponse { .. } => Error::MalformedResponse(text),
        _ => Error::Other(text),
    }
}

/// The headers that are text.
fn texts(headers: &::http::HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&::http::HeaderName, &::http::HeaderValue)| {
        Some((name.to_string(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}
