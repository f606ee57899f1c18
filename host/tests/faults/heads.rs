//! What goes wrong before the body of an answer.

use crate::fault::{Ask, Fault, Took, answering, fault, stalling};

pub fn faults() -> Vec<Fault> {
    let mut faults = cut_off();
    faults.extend(slow());
    faults.extend(malformed());
    faults.extend(oversized());
    faults
}

fn cut_off() -> Vec<Fault> {
    vec![
        fault("resets with the request unread", |mut caller| async move {
            caller.first_bytes().await;
            caller.reset();
        })
        .fails(1220)
        .before_the_answer(),
        answering("closes instead of an answer", "")
            .fails(1200)
            .before_the_answer(),
        answering("closes after half a status line", "HTTP/1.1 2").fails(1200),
        answering(
            "closes in the headers",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a",
        )
        .fails(1200),
        fault("resets in the headers", |mut caller| async move {
            caller.request().await;
            caller.write(b"HTTP/1.1 200 OK\r\nx-a: ").await;
            caller.a_moment().await;
            caller.reset();
        })
        .fails(1220),
        fault("resets after the head", |mut caller| async move {
            caller.request().await;
            caller
                .write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n")
                .await;
            caller.a_moment().await;
            caller.reset();
        })
        .fails(1220),
        answering(
            "closes after an interim answer",
            "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n",
        )
        .fails(1200),
    ]
}

fn slow() -> Vec<Fault> {
    vec![
        stalling("stalls instead of an answer", "")
            .fails(1050)
            .before_the_answer()
            .phases(|phases| phases.waiting = Took::Patience),
        fault("does not read the request", |caller| async move {
            caller.freeze().await;
        })
        .asked(Ask::Upload)
        .fails(1050)
        .before_the_answer()
        .phases(|phases| {
            phases.sending = Took::Patience;
            phases.waiting = Took::Nothing;
        }),
        stalling("stalls in the status line", "HTTP/1.1 2")
            .fails(1050)
            .phases(|phases| phases.receiving = Took::Patience),
        stalling(
            "stalls in the headers",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a",
        )
        .fails(1050)
        .phases(|phases| phases.receiving = Took::Patience),
        fault(
            "sends the head byte by byte and never all of it",
            |mut caller| async move {
                caller.request().await;
                for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a: 1\r\n" {
                    caller.write(&[*byte]).await;
                    caller.a_moment().await;
                }
                caller.stall().await;
            },
        )
        .fails(1050)
        .phases(|phases| phases.receiving = Took::Patience),
        fault(
            "sends interim answers without end",
            |mut caller| async move {
                caller.request().await;
                let link = "a".repeat(2000);
                let hint = format!("HTTP/1.1 103 Early Hints\r\nlink: <{link}>\r\n\r\n");
                while caller.try_write(hint.repeat(20).as_bytes()).await.is_ok() {}
            },
        )
        .fails(1050)
        .phases(|phases| phases.receiving = Took::Patience),
    ]
}

fn malformed() -> Vec<Fault> {
    [
        ("speaks SSH", &b"SSH-2.0-OpenSSH_9.6\r\n\r\n"[..]),
        ("speaks HTTP/0.9", b"<html>hello</html>\r\n\r\n"),
        (
            "speaks HTTP/2 without being asked",
            b"\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00",
        ),
        ("says its status in words", b"HTTP/1.1 two hundred\r\n\r\n"),
        ("has a status of two digits", b"HTTP/1.1 20 OK\r\n\r\n"),
        ("has a version that is none", b"HTTP/9.9 200 OK\r\n\r\n"),
        (
            "has a header without a colon",
            b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
        ),
        (
            "has a NUL in a header",
            b"HTTP/1.1 200 OK\r\nx-a: \x00\r\n\r\n",
        ),
        (
            "has a space in a header's name",
            b"HTTP/1.1 200 OK\r\nx a: 1\r\n\r\n",
        ),
        (
            "has two lengths that differ",
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nhi!",
        ),
        (
            "has a length in words",
            b"HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\nhi",
        ),
        (
            "has a length below zero",
            b"HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nhi",
        ),
        (
            "has a length beyond all numbers",
            b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\nhi",
        ),
    ]
    .into_iter()
    .map(|(name, answer)| stalling(name, answer).fails(1703))
    .collect()
}

fn oversized() -> Vec<Fault> {
    let one_large = format!("HTTP/1.1 200 OK\r\nx-a: {}\r\n\r\n", "a".repeat(1 << 20));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x-a: 1\r\n".repeat(1 << 17));
    vec![
        stalling("has a header of 1 MiB", one_large).fails(1703),
        stalling("has headers of 1 MiB", many).fails(1703),
        fault("has headers without end", |mut caller| async move {
            caller.request().await;
            caller.write(b"HTTP/1.1 200 OK\r\n").await;
            while caller.try_write(&b"x-a: 1\r\n".repeat(512)).await.is_ok() {}
        })
        .fails(1703),
        fault("has a status line without end", |mut caller| async move {
            caller.request().await;
            caller.write(b"HTTP/1.1 200 ").await;
            while caller.try_write(&[b'o'; 4096]).await.is_ok() {}
        })
        .fails(1703),
    ]
}
