//! What goes wrong between two requests on one connection. What the server sends
//! too much must never be taken for the answer to the next request.

use crate::fault::{Ask, Fault, Took, fault};

/// What nobody has asked for.
const EVIL: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil";

pub fn faults() -> Vec<Fault> {
    vec![
        fault(
            "sends more than the length it said",
            |mut caller| async move {
                caller.request().await;
                let answer = [&b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"[..], EVIL];
                caller.write(&answer.concat()).await;
                caller.stall().await;
            },
        )
        .gives("hi"),
        fault("sends more after the last chunk", |mut caller| async move {
            caller.request().await;
            let answer = [
                &b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"[..],
                EVIL,
            ];
            caller.write(&answer.concat()).await;
            caller.stall().await;
        })
        .gives("hi"),
        fault(
            "sends a body though there is none to 204",
            |mut caller| async move {
                caller.request().await;
                let answer = [&b"HTTP/1.1 204 No Content\r\n\r\n"[..], EVIL];
                caller.write(&answer.concat()).await;
                caller.stall().await;
            },
        ),
        fault("sends a body to HEAD", |mut caller| async move {
            caller.request().await;
            let answer = [&b"HTTP/1.1 200 OK\r\ncontent-length: 41\r\n\r\n"[..], EVIL];
            caller.write(&answer.concat()).await;
            caller.stall().await;
        })
        .asked(Ask::Head),
        fault(
            "sends a second answer a moment later",
            |mut caller| async move {
                caller.request().await;
                caller
                    .write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
                    .await;
                caller.a_moment().await;
                caller.write(EVIL).await;
                caller.stall().await;
            },
        )
        .gives("hi")
        .rests(),
        fault(
            "says that it closes and does not",
            |mut caller| async move {
                caller.request().await;
                caller
                    .write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi")
                    .await;
                while caller.request().await.is_some() {
                    caller.write(EVIL).await;
                }
            },
        )
        .gives("hi"),
        fault("closes what it kept", |mut caller| async move {
            keep(&mut caller).await;
        })
        .asked(Ask::Again)
        .rests()
        .gives("good"),
        fault("resets what it kept", |mut caller| async move {
            keep(&mut caller).await;
            caller.reset();
        })
        .asked(Ask::Again)
        .rests()
        .gives("good"),
        fault("closes when it is asked again", |mut caller| async move {
            keep(&mut caller).await;
            caller.first_bytes().await;
        })
        .asked(Ask::Again)
        .gives("good"),
        fault("resets when it is asked again", |mut caller| async move {
            keep(&mut caller).await;
            caller.first_bytes().await;
            caller.reset();
        })
        .asked(Ask::Again)
        .gives("good"),
        fault(
            "closes when it is asked again for what must not happen twice",
            |mut caller| async move {
                keep(&mut caller).await;
                caller.first_bytes().await;
            },
        )
        .asked(Ask::PostAgain)
        .fails(1200)
        .before_the_answer()
        .phases(|phases| phases.connecting = Took::Zero),
        fault("stalls at the second request", |mut caller| async move {
            keep(&mut caller).await;
            caller.request().await;
            caller.stall().await;
        })
        .asked(Ask::Again)
        .fails(1050)
        .before_the_answer()
        .phases(|phases| {
            phases.connecting = Took::Zero;
            phases.waiting = Took::Patience;
        }),
        fault("closes in the second answer", |mut caller| async move {
            keep(&mut caller).await;
            caller.request().await;
            caller
                .write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi")
                .await;
            caller.a_moment().await;
        })
        .asked(Ask::Again)
        .fails(1200)
        .phases(|phases| phases.connecting = Took::Zero),
    ]
}

/// Answers once and keeps the connection.
async fn keep(caller: &mut crate::server::Caller) {
    caller.request().await;
    caller
        .write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfirst")
        .await;
}
