//! What goes wrong in the body of an answer.

use std::time::Duration;

use tokio::time::sleep;

use crate::fault::{Ask, Fault, PATIENCE, Took, answering, fault, stalling};

/// The head of a body in chunks.
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

pub fn faults() -> Vec<Fault> {
    let mut faults = cut_off();
    faults.extend(slow());
    faults.extend(malformed());
    faults.extend(endless());
    faults
}

fn cut_off() -> Vec<Fault> {
    vec![
        answering(
            "closes before the length that it promised",
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi",
        )
        .fails(1200),
        answering("closes between two chunks", format!("{CHUNKED}2\r\nhi\r\n")).fails(1200),
        answering("closes in a chunk", format!("{CHUNKED}5\r\nhi")).fails(1200),
        answering("closes in the size of a chunk", format!("{CHUNKED}5")).fails(1200),
        answering(
            "closes before the end of the last chunk",
            format!("{CHUNKED}2\r\nhi\r\n0\r\n"),
        )
        .fails(1200),
        fault("resets in the body", |mut caller| async move {
            caller.request().await;
            caller
                .write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi")
                .await;
            caller.a_moment().await;
            caller.reset();
        })
        .fails(1220),
        fault(
            "resets in a body without a length",
            |mut caller| async move {
                caller.request().await;
                caller.write(b"HTTP/1.1 200 OK\r\n\r\nhi").await;
                caller.a_moment().await;
                caller.reset();
            },
        )
        .fails(1220),
        // Nobody can know.
        answering(
            "closes in a body without a length",
            "HTTP/1.1 200 OK\r\n\r\nhi",
        )
        .gives("hi"),
        fault(
            "answers in the middle of the request and resets",
            |mut caller| async move {
                caller.first_bytes().await;
                caller
                    .write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
                    .await;
                caller.a_moment().await;
                caller.reset();
            },
        )
        .asked(Ask::Upload)
        .fails(1413)
        .gives("no"),
    ]
}

fn slow() -> Vec<Fault> {
    vec![
        stalling(
            "stalls in the body",
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi",
        )
        .fails(1050)
        .phases(|phases| phases.receiving = Took::Patience),
        stalling("stalls in a chunk", format!("{CHUNKED}5\r\nhi"))
            .fails(1050)
            .phases(|phases| phases.receiving = Took::Patience),
        stalling(
            "stalls before the last chunk",
            format!("{CHUNKED}2\r\nhi\r\n"),
        )
        .fails(1050)
        .phases(|phases| phases.receiving = Took::Patience),
        fault("sends one byte a second", |mut caller| async move {
            caller.request().await;
            caller
                .write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
                .await;
            while caller.try_write(b"x").await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        })
        .fails(1050)
        .phases(|phases| phases.receiving = Took::Patience),
        fault("sends a body byte by byte", |mut caller| async move {
            caller.request().await;
            for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nslow" {
                caller.write(&[*byte]).await;
                sleep(PATIENCE / 300).await;
            }
            caller.go_on().await;
        })
        .gives("slow"),
    ]
}

fn malformed() -> Vec<Fault> {
    [
        ("has a chunk's size that is none", "zz\r\nhi\r\n"),
        ("has a chunk without a size", "\r\nhi\r\n"),
        ("has a chunk's size below zero", "-2\r\nhi\r\n"),
        (
            "has a chunk's size beyond all numbers",
            "ffffffffffffffffff\r\nhi\r\n",
        ),
        ("has a chunk longer than its size", "2\r\nhi!\r\n"),
        (
            "has a chunk's size that ends in LF alone",
            "2\nhi\r\n0\r\n\r\n",
        ),
    ]
    .into_iter()
    .map(|(name, chunks)| stalling(name, format!("{CHUNKED}{chunks}")).fails(1703))
    .collect()
}

fn endless() -> Vec<Fault> {
    let endless = |name| {
        fault(name, |mut caller| async move {
            caller.request().await;
            caller.write(CHUNKED.as_bytes()).await;
            let chunk = [&b"1000\r\n"[..], &[b'x'; 0x1000], b"\r\n"].concat();
            while caller.try_write(&chunk).await.is_ok() {}
        })
    };
    vec![
        answering(
            "promises more than the client will keep",
            "HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\nhi",
        )
        .fails(1702),
        endless("has a body without end").fails(1702),
        endless("has a body without end, which is dropped as it comes")
            .asked(Ask::Discard)
            .fails(1050)
            .phases(|phases| phases.receiving = Took::Patience),
        fault(
            "has an extension of a chunk without end",
            |mut caller| async move {
                caller.request().await;
                caller.write(CHUNKED.as_bytes()).await;
                caller.write(b"2;").await;
                while caller.try_write(&[b'x'; 4096]).await.is_ok() {}
            },
        )
        .fails(1703),
        fault("has trailers without end", |mut caller| async move {
            caller.request().await;
            caller.write(CHUNKED.as_bytes()).await;
            caller.write(b"2\r\nhi\r\n0\r\n").await;
            while caller.try_write(&b"x-a: 1\r\n".repeat(512)).await.is_ok() {}
        })
        .fails(1703),
    ]
}
