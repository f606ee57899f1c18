//! What goes wrong about TLS.

use crate::certificates::Identity;
use crate::fault::{Fault, Scheme, Took, fault};

/// The first half of a record that says that it is a server's hello.
const HALF_A_HELLO: &[u8] = b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03";

/// A record of TLS that says: handshake failure.
const ALERT: &[u8] = b"\x15\x03\x03\x00\x02\x02\x28";

/// A record of application data that nobody has encrypted.
const GARBAGE: &[u8] = b"\x17\x03\x03\x00\x20gggggggggggggggggggggggggggggggg";

pub fn faults() -> Vec<Fault> {
    vec![
        shaking("stalls before its hello", |caller| async move {
            caller.stall().await;
        })
        .fails(1211)
        .phases(|phases| phases.tls_handshaking = Took::Patience),
        shaking("stalls in its hello", |mut caller| async move {
            caller.first_bytes().await;
            caller.write_raw(HALF_A_HELLO).await;
            caller.stall().await;
        })
        .fails(1211)
        .phases(|phases| phases.tls_handshaking = Took::Patience),
        shaking(
            "speaks plain text on a port of TLS",
            |mut caller| async move {
                caller.first_bytes().await;
                caller
                    .write_raw(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
                    .await;
                caller.stall().await;
            },
        )
        .fails(1300),
        shaking("says no in words of TLS", |mut caller| async move {
            caller.first_bytes().await;
            caller.write_raw(ALERT).await;
            caller.stall().await;
        })
        .fails(1300),
        shaking("closes instead of its hello", |mut caller| async move {
            caller.first_bytes().await;
        })
        .fails(1200),
        shaking("resets instead of its hello", |mut caller| async move {
            caller.first_bytes().await;
            caller.reset();
        })
        .fails(1220),
        identified("has an expired certificate", Identity::Expired).fails(1300),
        identified(
            "has a certificate that is not valid yet",
            Identity::NotYetValid,
        )
        .fails(1300),
        identified("has a certificate for another name", Identity::OtherName).fails(1311),
        identified(
            "has a certificate that nobody vouches for",
            Identity::Unknown,
        )
        .fails(1310),
        identified(
            "has a certificate of another authority of the same name",
            Identity::SameName,
        )
        .fails(1310),
        encrypted("stalls after the handshake", b"", |caller| async move {
            caller.stall().await;
        })
        .fails(1050)
        .before_the_answer()
        .phases(|phases| phases.waiting = Took::Patience),
        encrypted(
            "resets in a body over TLS",
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi",
            |caller| async move {
                caller.a_moment().await;
                caller.reset();
            },
        )
        .fails(1220),
        encrypted(
            "breaks the encryption in a body",
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi",
            |mut caller| async move {
                caller.a_moment().await;
                caller.write_raw(GARBAGE).await;
                caller.stall().await;
            },
        )
        .fails(1300),
        encrypted(
            "cuts a body off, and TLS says no goodbye",
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi",
            |caller| async move { drop(caller) },
        )
        .fails(1200),
        // Which many do whose bodies are whole.
        encrypted(
            "ends a body without a length, and TLS says no goodbye",
            b"HTTP/1.1 200 OK\r\n\r\nhi",
            |caller| async move { drop(caller) },
        )
        .gives("hi"),
        encrypted(
            "ends a body without a length by a goodbye of TLS",
            b"HTTP/1.1 200 OK\r\n\r\nhi",
            |caller| async move { caller.say_goodbye().await },
        )
        .gives("hi"),
    ]
}

/// No hands are shaken.
fn shaking<Doing>(
    name: &'static str,
    act: impl Fn(crate::server::Caller) -> Doing + Send + Sync + 'static,
) -> Fault
where
    Doing: Future<Output = ()> + Send + 'static,
{
    let mut fault = fault(name, act).over_tls().before_the_request();
    fault.scheme = Scheme::Https;
    fault
}

/// The client does not like who the server is.
fn identified(name: &'static str, identity: Identity) -> Fault {
    shaking(name, move |mut caller| async move {
        let shaken = caller.shake_hands(identity).await;
        if shaken.is_ok() {
            // With TLS 1.3 the server is through before the client has looked.
            caller.stall().await;
        }
    })
}

/// Hands are shaken, the request comes, and this is answered before the rest.
fn encrypted<Doing>(
    name: &'static str,
    answer: &'static [u8],
    act: impl Fn(crate::server::Caller) -> Doing + Send + Sync + Clone + 'static,
) -> Fault
where
    Doing: Future<Output = ()> + Send + 'static,
{
    fault(name, move |mut caller| {
        let act = act.clone();
        async move {
            // A client that was cut off may go in the middle of it.
            if caller.shake_hands(Identity::Good).await.is_ok() {
                caller.request().await;
                caller.write(answer).await;
                act(caller).await;
            }
        }
    })
    .over_tls()
}
