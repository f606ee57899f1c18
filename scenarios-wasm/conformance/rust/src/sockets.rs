//! WebSocket sessions.

use vuelo_sdk::prelude::*;
use vuelo_sdk::websocket::Message;

use crate::{error_of, or_none, say};

/// The server's address for sessions.
fn address(base: &str, path: &str) -> String {
    base.replacen("http", "ws", 1) + path
}

pub(crate) fn exchange(base: &str) -> Result<(), Failure> {
    let socket = websocket::connect(&address(base, "/socket"))
        .header("x-one", "1")
        .open()?;
    socket.send_text("Grüße, 世界 🦉")?;
    say("text", or_none(socket.next()?.text()));

    socket.send_binary([0, 1, 2, 255])?;
    let Message::Binary(bytes) = socket.next()? else {
        return Err("bytes were expected".into());
    };
    let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
    say("binary", numbers.join(","));

    socket.ping()?;
    let Message::Pong(round_trip) = socket.next()? else {
        return Err("a pong was expected".into());
    };
    say("pong", !round_trip.is_zero());

    socket.close_with(1000, "done")?;
    loop {
        if let Message::Closed(closing) = socket.next()? {
            say("closing", closing.code);
            return Ok(());
        }
    }
}

pub(crate) fn refused(base: &str) -> Result<(), Failure> {
    let handshake = websocket::connect(&address(base, "/status/403"));
    let error = error_of(handshake.open())?;
    let refusal = error.refusal();
    say("refused", or_none(refusal.map(|refusal| refusal.status)));
    say("words", !error.text().is_empty());
    say(
        "body",
        or_none(refusal.map(|refusal| String::from_utf8_lossy(&refusal.body))),
    );
    Ok(())
}
