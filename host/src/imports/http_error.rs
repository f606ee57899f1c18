//! The engine's errors in the contract's words.

use super::bindings::vuelo::load::http::Error;
use crate::http;

impl From<&http::Error> for Error {
    fn from(error: &http::Error) -> Self {
        let text = error.to_string();
        match error {
            http::Error::InvalidRequest { .. } => Self::InvalidRequest(text),
            http::Error::NotAllowed { .. } => Self::NotAllowed(text),
            http::Error::NameLookup { .. } => Self::NameLookup(text),
            http::Error::ConnectionRefused { .. } => Self::ConnectionRefused(text),
            http::Error::Connect { .. } => Self::Connect(text),
            http::Error::Tls { .. } => Self::Tls(text),
            http::Error::Timeout { .. } => Self::Timeout(text),
            http::Error::ConnectionLost { .. } => Self::ConnectionLost(text),
            http::Error::MalformedResponse { .. } | http::Error::BadRedirect { .. } => {
                Self::MalformedResponse(text)
            }
            http::Error::Protocol { .. } => Self::Protocol(text),
            http::Error::BadEncoding { .. } => Self::BadEncoding(text),
            http::Error::BodyTooLarge { .. } => Self::BodyTooLarge(text),
            http::Error::WrongContent { .. } => Self::WrongContent(text),
            http::Error::Other { .. } => Self::Other(text),
        }
    }
}
