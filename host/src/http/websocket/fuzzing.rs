//! What fuzzing asks of what servers answer to an opening handshake.

use http::header::{HeaderMap, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY};
use tungstenite::handshake::derive_accept_key;

use super::handshake::Handshake;
use crate::http::engine::Engine;

/// The subprotocol that is taken where an answer opens a session, else what is
/// wrong with it. What proves that the server has read the key is added, unless
/// the answer has its own: nobody could guess it.
///
/// # Errors
///
/// What is wrong with the answer.
///
/// # Panics
///
/// When the handshake is none that can be sent.
pub fn taken(
    handshake: &Handshake,
    engine: &Engine,
    mut answer: HeaderMap,
) -> Result<String, &'static str> {
    let (message, expected) = handshake
        .message(engine, None)
        .expect("a handshake that can be sent");
    let key = message.headers()[SEC_WEBSOCKET_KEY].as_bytes();
    let accept = HeaderValue::from_str(&derive_accept_key(key)).expect("letters");
    answer.entry(SEC_WEBSOCKET_ACCEPT).or_insert(accept);
    expected.subprotocol(&answer)
}
