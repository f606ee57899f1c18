//! What goes to and fro while a session is open.

use std::time::Instant;

use tokio::time::sleep;

use super::*;
use crate::http::websocket::{Counts, Waiting};

#[tokio::test]
async fn texts_and_bytes_go_to_and_fro_and_are_counted() {
    let server = echo().await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    let at_first = socket.traffic();
    assert!(
        at_first.sent > 100 && at_first.received > 100,
        "{at_first:?}"
    );
    let long = "ü".repeat(40_000);
    for message in ["", "hello", &long] {
        socket.send_text(message.to_owned()).await.unwrap();
        assert_eq!(next(&mut socket).await, text(message));
    }
    socket.send_binary(vec![0, 255, 128]).await.unwrap();
    assert_eq!(next(&mut socket).await, Message::Binary(vec![0, 255, 128]));
    let (sent, received) = (4, 4);
    assert_eq!(socket.counts(), Counts { sent, received });
    let traffic = socket.traffic();
    // Payloads, and of each frame 2 to 10 bytes of a header, 4 of a mask.
    assert_eq!(traffic.sent - at_first.sent, 80_008 + 2 + 2 + 10 + 2 + 16);
    assert_eq!(
        traffic.received - at_first.received,
        80_008 + 2 + 2 + 10 + 2
    );
    assert_eq!(socket.ending(), None);
}

#[tokio::test]
async fn pings_of_the_server_are_answered_while_nobody_asks() {
    let answered = Told::default();
    let told_by_server = answered.clone();
    let server = raw(move |mut peer| {
        let answered = told_by_server.clone();
        async move {
            peer.write(&frame(PING, b"are you there")).await;
            let (first, payload) = client_frame(&mut peer).await.unwrap();
            assert_eq!((first, &*payload), (PONG, &b"are you there"[..]));
            answered.tell(1);
            peer.write(&frame(TEXT, b"good")).await;
            peer.closed().await;
        }
    })
    .await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    answered.heard().await;
    // It is no message, either.
    assert_eq!(next(&mut socket).await, text("good"));
    assert_eq!(socket.counts().received, 1);
}

#[tokio::test]
async fn a_pong_says_how_long_its_ping_was_under_way() {
    let server = raw(|mut peer| async move {
        peer.write(&frame(PONG, b"nobody asked")).await;
        let (_, first) = client_frame(&mut peer).await.unwrap();
        let (_, second) = client_frame(&mut peer).await.unwrap();
        assert_ne!(first, second);
        sleep(Duration::from_millis(40)).await;
        // The second alone, as is allowed; and the first, too late.
        peer.write(&frame(PONG, &second)).await;
        peer.write(&frame(PONG, &first)).await;
        peer.write(&frame(TEXT, b"end")).await;
        peer.closed().await;
    })
    .await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    socket.ping().await.unwrap();
    socket.ping().await.unwrap();
    let Message::Pong(round_trip) = next(&mut socket).await else {
        panic!("a pong was to come");
    };
    assert!(round_trip >= Duration::from_millis(40), "{round_trip:?}");
    assert_eq!(next(&mut socket).await, text("end"));
    let (sent, received) = (0, 1);
    assert_eq!(socket.counts(), Counts { sent, received });
}

#[tokio::test]
async fn a_message_in_pieces_is_one_wherever_it_is_split() {
    let server = raw(|mut peer| async move {
        let umlaut = "ü".as_bytes();
        let pieces = [
            frame(0x01, b"gr"),
            frame(0x00, &umlaut[..1]),
            frame(PING, b""),
            frame(0x00, &umlaut[1..]),
            frame(0x80, b"n"),
            frame(BINARY, &[1; 70_000]),
        ]
        .concat();
        for byte in &pieces[..20] {
            peer.write(&[*byte]).await;
            sleep(Duration::from_millis(1)).await;
        }
        peer.write(&pieces[20..]).await;
        peer.closed().await;
    })
    .await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    assert_eq!(next(&mut socket).await, text("grün"));
    assert_eq!(next(&mut socket).await, Message::Binary(vec![1; 70_000]));
}

#[tokio::test]
async fn what_comes_with_the_answer_belongs_to_the_session() {
    let server = serve(|mut peer| async move {
        let request = peer.request().await.unwrap();
        let key = header(&request, "sec-websocket-key").unwrap();
        let mut all = format!(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
             sec-websocket-accept: {}\r\n\r\n",
            derive_accept_key(key.as_bytes())
        )
        .into_bytes();
        all.extend(frame(TEXT, b"welcome"));
        peer.write(&all).await;
        peer.closed().await;
    })
    .await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    assert_eq!(next(&mut socket).await, text("welcome"));
}

#[tokio::test]
async fn a_wait_ends_with_its_time_and_the_session_goes_on() {
    let server = raw(|mut peer| async move {
        client_frame(&mut peer).await.unwrap();
        peer.write(&frame(TEXT, b"late")).await;
        peer.closed().await;
    })
    .await;
    let mut handshake = handshake(&server);
    handshake.set_timeout(Duration::from_millis(400));
    let mut socket = open(&mut client(), &handshake).await;
    assert_eq!(socket.next(Some(Duration::ZERO)).await, Ok(None));
    assert_eq!(socket.next(Some(Duration::from_millis(10))).await, Ok(None));
    let error = socket.next(None).await.unwrap_err();
    let waiting = Waiting::ForMessage;
    assert!(
        matches!(&error, Error::Timeout { waiting: what, .. } if *what == waiting),
        "{error}"
    );
    socket.send_text("now".to_owned()).await.unwrap();
    assert_eq!(next(&mut socket).await, text("late"));
}

#[tokio::test]
async fn asking_again_and_again_without_waiting_keeps_nobody_from_reading() {
    let server = echo().await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    socket.send_text("hello".to_owned()).await.unwrap();
    let started = Instant::now();
    let arrived = loop {
        assert!(started.elapsed() < SOON);
        if let Some(arrived) = socket.next(Some(Duration::ZERO)).await.unwrap() {
            break arrived;
        }
    };
    assert_eq!(arrived.message, text("hello"));
}

#[tokio::test]
async fn what_passes_before_somebody_asks_is_no_part_of_the_answers_time() {
    let server = raw(|mut peer| async move {
        while let Some((first, payload)) = client_frame(&mut peer).await {
            sleep(Duration::from_millis(40)).await;
            peer.write(&frame(first, &payload)).await;
        }
    })
    .await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    assert_eq!(socket.answered_after(), None);
    socket.send_text("hello".to_owned()).await.unwrap();
    assert_eq!(socket.answered_after(), None);
    let sent = Instant::now();
    sleep(Duration::from_millis(800)).await;
    next(&mut socket).await;
    let (after, asked) = (socket.answered_after().unwrap(), sent.elapsed());
    assert!(after >= Duration::from_millis(39), "{after:?}");
    assert!(after + Duration::from_millis(200) < asked, "{after:?}");
    socket.send_text("again".to_owned()).await.unwrap();
    assert_eq!(socket.answered_after(), None, "that was the last answer");
}

#[tokio::test]
async fn a_flood_that_nobody_reads_stays_in_the_network_and_is_whole_when_read() {
    const MESSAGES: u64 = 600;
    let server = raw(|mut peer| async move {
        for number in 0..MESSAGES {
            let mut payload = vec![0; 100_000];
            payload[..8].copy_from_slice(&number.to_be_bytes());
            peer.write(&frame(BINARY, &payload)).await;
        }
        peer.closed().await;
    })
    .await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    let started = Instant::now();
    while socket.counts().received < 10 && started.elapsed() < SOON {
        sleep(Duration::from_millis(10)).await;
    }
    sleep(Duration::from_millis(200)).await;
    let kept = socket.counts().received;
    assert!((10..=12).contains(&kept), "{kept} messages were read ahead");
    for number in 0..MESSAGES {
        let Message::Binary(payload) = next(&mut socket).await else {
            panic!("bytes were to come");
        };
        assert_eq!(payload[..8], number.to_be_bytes());
    }
    assert_eq!(socket.counts().received, MESSAGES);
}

#[tokio::test]
async fn a_message_that_the_server_does_not_take_ends_the_session_in_time() {
    let server = raw(|peer| async move {
        sleep(SOON).await;
        drop(peer);
    })
    .await;
    let mut handshake = handshake(&server);
    handshake.set_timeout(Duration::from_secs(1));
    let mut socket = open(&mut client(), &handshake).await;
    let error = loop {
        if let Err(error) = socket.send_binary(vec![0; 1_000_000]).await {
            break error;
        }
    };
    let waiting = Waiting::ToWrite;
    assert!(
        matches!(&error, Error::Timeout { waiting: what, .. } if *what == waiting),
        "{error}"
    );
    assert_eq!(error.code().0, 1050);
    assert!(socket.ending().is_some());
    let authority = format!("127.0.0.1:{}", server.port).into();
    let closed = Error::Closed { authority };
    assert_eq!(
        socket.send_text("more".to_owned()).await,
        Err(closed.clone())
    );
    assert_eq!(socket.next(None).await, Err(closed));
}

#[tokio::test]
async fn messages_go_to_and_fro_while_one_is_being_written() {
    // An echo that reads on only when what it read is written: neither side
    // would get anywhere if this one did not read while it writes.
    let server = raw(|mut peer| async move {
        let mut piece = [0; 65536];
        while let Some((_, payload)) = client_frame(&mut peer).await {
            for _ in 0..8 {
                peer.write(&frame(BINARY, &payload[..100_000])).await;
            }
        }
        let _ = peer.stream.read(&mut piece).await;
    })
    .await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    for _ in 0..5 {
        socket.send_binary(vec![3; 8_000_000]).await.unwrap();
        for _ in 0..8 {
            assert_eq!(next(&mut socket).await, Message::Binary(vec![3; 100_000]));
        }
    }
}
