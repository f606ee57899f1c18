//! Servers that break the rules, byte for byte.

use super::*;
use crate::http::ErrorCode;

/// What a session comes to when the server sends these bytes, and the code that
/// the server is told.
async fn after(bytes: Vec<u8>) -> (Error, Option<u16>) {
    let told = Told::default();
    let told_by_server = told.clone();
    let server = raw(move |mut peer| {
        let (bytes, told) = (bytes.clone(), told_by_server.clone());
        async move {
            peer.write(&bytes).await;
            let code = match client_frame(&mut peer).await {
                Some((CLOSE, payload)) => u16::from_be_bytes([payload[0], payload[1]]),
                Some(other) => panic!("{other:?}"),
                None => 1,
            };
            told.tell(code.into());
            assert_eq!(client_frame(&mut peer).await, None);
        }
    })
    .await;
    let mut client = client_with(|settings| settings.body_limit = 1000);
    let mut socket = open(&mut client, &handshake(&server)).await;
    let error = loop {
        match socket.next(Some(SOON)).await {
            Ok(Some(arrived)) => assert_eq!(arrived.message, text("before")),
            Ok(None) => panic!("no message in time"),
            Err(error) => break error,
        }
    };
    let closed = socket.next(None).await.unwrap_err();
    assert!(matches!(closed, Error::Closed { .. }), "{closed}");
    let ending = socket.ending().unwrap();
    assert_eq!(ending.outcome.as_ref(), Err(&error));
    let code = told.heard().await as u16;
    (error, (code != 1).then_some(code))
}

#[tokio::test]
async fn frames_that_break_a_rule_end_the_session_and_the_server_is_told() {
    let masked = [&[TEXT, 0x82, 1, 2, 3, 4][..], b"hi"].concat();
    let before = frame(TEXT, b"before");
    for (what, bytes) in [
        ("a masked frame", masked),
        ("a reserved bit", frame(TEXT | 0x40, b"hi")),
        ("an unknown kind of data", frame(0x83, b"hi")),
        ("an unknown kind of control", frame(0x8b, b"hi")),
        ("a ping in pieces", frame(0x09, b"hi")),
        ("a ping of 126 bytes", frame(PING, &[b'x'; 126])),
        ("a piece of nothing", frame(0x80, b"hi")),
        (
            "a message in a message",
            [frame(0x01, b"a"), frame(TEXT, b"b")].concat(),
        ),
        ("a closing of one byte", frame(CLOSE, &[3])),
        ("a closing with code 999", close_frame(999, "")),
        ("a closing with code 1005", close_frame(1005, "")),
        ("a closing with code 2999", close_frame(2999, "why not")),
        ("a closing with code 5000", close_frame(5000, "")),
    ] {
        let (error, code) = after([before.clone(), bytes].concat()).await;
        assert!(matches!(error, Error::Protocol { .. }), "{what}: {error}");
        assert_eq!(error.code().0, 1751, "{what}");
        assert_eq!(code, Some(1002), "{what}");
    }
}

#[tokio::test]
async fn a_text_that_is_not_utf_8_ends_the_session_and_the_server_is_told() {
    for bytes in [
        frame(TEXT, b"gr\xfcn"),
        [frame(0x01, b"a\xc3"), frame(0x80, b"b")].concat(),
        [frame(0x01, b"a"), frame(0x80, b"\xc3")].concat(),
        frame(CLOSE, b"\x03\xe8gr\xfcn"),
    ] {
        let (error, code) = after(bytes.clone()).await;
        assert!(matches!(error, Error::NotUtf8 { .. }), "{bytes:?}: {error}");
        assert_eq!((error.code().0, code), (1751, Some(1007)), "{bytes:?}");
    }
}

#[tokio::test]
async fn a_message_over_the_limit_ends_the_session_before_it_takes_memory() {
    let whole = frame(TEXT, &[b'x'; 1001]);
    // Nothing of these comes but the head.
    let announced = [&[BINARY, 127][..], &(1_u64 << 40).to_be_bytes()].concat();
    let more_than_there_is = [&[BINARY, 127][..], &u64::MAX.to_be_bytes()].concat();
    let in_pieces = [
        frame(0x02, &[0; 600]),
        frame(PING, b""),
        frame(0x80, &[0; 401]),
    ]
    .concat();
    for bytes in [whole, announced, more_than_there_is] {
        let (error, code) = after(bytes.clone()).await;
        assert!(
            matches!(error, Error::MessageTooLarge { limit: 1000, .. }),
            "{error}"
        );
        assert_eq!((error.code().0, code), (1752, Some(1009)));
    }
    let server = raw(move |mut peer| {
        let in_pieces = in_pieces.clone();
        async move {
            peer.write(&in_pieces).await;
            peer.closed().await;
        }
    })
    .await;
    let mut client = client_with(|settings| settings.body_limit = 1000);
    let mut socket = open(&mut client, &handshake(&server)).await;
    let error = socket.next(Some(SOON)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::MESSAGE_TOO_LARGE, "{error}");
}

#[tokio::test]
async fn a_message_of_the_limit_is_none_too_many() {
    let server = raw(|mut peer| async move {
        peer.write(&frame(TEXT, &[b'x'; 1000])).await;
        let pieces = [frame(0x01, &[b'y'; 600]), frame(0x80, &[b'y'; 400])];
        peer.write(&pieces.concat()).await;
        peer.closed().await;
    })
    .await;
    let mut client = client_with(|settings| settings.body_limit = 1000);
    let mut socket = open(&mut client, &handshake(&server)).await;
    assert_eq!(next(&mut socket).await, text(&"x".repeat(1000)));
    assert_eq!(next(&mut socket).await, text(&"y".repeat(1000)));
}

#[tokio::test]
async fn a_connection_that_ends_in_the_middle_is_lost_and_a_reset_is_one() {
    for bytes in [&b""[..], &[TEXT], &[TEXT, 10, b'h']] {
        let server = raw(move |mut peer| async move {
            peer.write(&frame(TEXT, b"before")).await;
            peer.write(bytes).await;
        })
        .await;
        let mut socket = open(&mut client(), &handshake(&server)).await;
        assert_eq!(next(&mut socket).await, text("before"));
        let error = socket.next(Some(SOON)).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::TCP, "{error}");
    }
    let server = serve_sockets(|tcp, requests, index| async move {
        // It goes without waiting for what is under way: a reset.
        tcp.set_zero_linger().unwrap();
        let mut peer = Peer::over(tcp, requests, index);
        upgrade(&mut peer).await;
        client_frame(&mut peer).await;
    })
    .await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    socket.send_text("hello".to_owned()).await.unwrap();
    let error = socket.next(Some(SOON)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::RESET_BY_PEER, "{error}");
}
