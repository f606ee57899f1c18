//! How sessions end.

use std::time::Instant;

use tokio::time::sleep;

use super::*;
use crate::http::websocket::Waiting;

#[tokio::test]
async fn the_servers_code_and_reason_arrive_and_are_answered() {
    for (sent, code, reason) in [
        (close_frame(4001, "bye, grün"), 4001, "bye, grün"),
        (close_frame(1000, ""), 1000, ""),
        (frame(CLOSE, b""), 1005, ""),
    ] {
        let answered = Told::default();
        let told_by_server = answered.clone();
        let payload = sent[2..].to_vec();
        let server = raw(move |mut peer| {
            let (sent, payload) = (sent.clone(), payload.clone());
            let answered = told_by_server.clone();
            async move {
                peer.write(&[frame(TEXT, b"last"), sent].concat()).await;
                let answer = client_frame(&mut peer).await;
                assert_eq!(answer, Some((CLOSE, payload)));
                answered.tell(1);
            }
        })
        .await;
        let mut socket = open(&mut client(), &handshake(&server)).await;
        answered.heard().await;
        assert_eq!(next(&mut socket).await, text("last"));
        let closed = Message::Closed(code, reason.to_owned());
        assert_eq!(next(&mut socket).await, closed);
        let ending = socket.ending().unwrap();
        assert_eq!(ending.outcome, Ok((code, reason.to_owned())));
        for _ in 0..2 {
            let error = socket.next(None).await.unwrap_err();
            assert!(matches!(error, Error::Closed { .. }), "{error}");
            let error = socket.send_text("hello".to_owned()).await.unwrap_err();
            assert!(matches!(error, Error::Closed { .. }), "{error}");
            let error = socket.close(1000, String::new()).await.unwrap_err();
            assert!(matches!(error, Error::Closed { .. }), "{error}");
        }
    }
}

#[tokio::test]
async fn a_closing_waits_for_its_answer_and_what_came_before_can_be_read() {
    let server = raw(|mut peer| async move {
        let asked = client_frame(&mut peer).await;
        assert_eq!(asked, Some((CLOSE, close_payload(3000, "enough"))));
        peer.write(&frame(TEXT, b"one more")).await;
        sleep(Duration::from_millis(40)).await;
        peer.write(&close_frame(3001, "so long")).await;
        peer.closed().await;
    })
    .await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    let started = Instant::now();
    socket.close(3000, "enough".to_owned()).await.unwrap();
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(39), "{took:?}");
    assert_eq!(next(&mut socket).await, text("one more"));
    let closed = Message::Closed(3001, "so long".to_owned());
    assert_eq!(next(&mut socket).await, closed);
}

#[tokio::test]
async fn tungstenite_closes_with_us_and_we_with_it() {
    let server = echo().await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    socket.send_text("hello".to_owned()).await.unwrap();
    socket.close(1000, String::new()).await.unwrap();
    assert_eq!(next(&mut socket).await, text("hello"));
    assert_eq!(
        next(&mut socket).await,
        Message::Closed(1000, String::new())
    );
}

#[tokio::test]
async fn a_closing_that_nobody_answers_ends_in_time_and_the_connection_with_it() {
    let gone = Told::default();
    let told_by_server = gone.clone();
    let server = raw(move |mut peer| {
        let gone = told_by_server.clone();
        async move {
            client_frame(&mut peer).await.unwrap();
            peer.closed().await;
            gone.tell(1);
        }
    })
    .await;
    let mut handshake = handshake(&server);
    handshake.set_timeout(Duration::from_secs(1));
    let mut socket = open(&mut client(), &handshake).await;
    let error = socket.close(1000, String::new()).await.unwrap_err();
    let waiting = Waiting::ForClosing;
    assert!(
        matches!(&error, Error::Timeout { waiting: what, .. } if *what == waiting),
        "{error}"
    );
    assert_eq!(socket.ending().unwrap().outcome, Err(error));
    gone.heard().await;
}

#[tokio::test]
async fn a_server_that_closes_and_stays_is_hung_up_on() {
    let gone = Told::default();
    let told_by_server = gone.clone();
    let server = raw(move |mut peer| {
        let gone = told_by_server.clone();
        async move {
            peer.write(&close_frame(1000, "")).await;
            peer.closed().await;
            gone.tell(1);
        }
    })
    .await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    assert_eq!(
        next(&mut socket).await,
        Message::Closed(1000, String::new())
    );
    gone.heard().await;
}

#[tokio::test]
async fn a_server_that_hangs_up_in_place_of_an_answer_is_lost() {
    let server = raw(|mut peer| async move {
        client_frame(&mut peer).await.unwrap();
    })
    .await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    let error = socket.close(1000, String::new()).await.unwrap_err();
    assert_eq!(error.code().0, 1200, "{error}");
}

#[tokio::test]
async fn a_flood_while_closing_is_read_past() {
    let server = raw(|mut peer| async move {
        client_frame(&mut peer).await.unwrap();
        for _ in 0..50 {
            peer.write(&frame(BINARY, &[0; 100_000])).await;
        }
        peer.write(&close_frame(1000, "")).await;
        peer.closed().await;
    })
    .await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    socket.close(1000, String::new()).await.unwrap();
    assert_eq!(socket.counts().received, 50);
    let mut read = 0;
    while let Message::Binary(_) = next(&mut socket).await {
        read += 1;
    }
    assert!((10..=12).contains(&read), "{read} messages were kept");
}

#[tokio::test]
async fn codes_and_reasons_that_may_not_be_sent_are_refused_and_the_session_goes_on() {
    let server = echo().await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000] {
        let error = socket.close(code, String::new()).await.unwrap_err();
        assert_eq!(error, Error::CloseCode { code });
    }
    let error = socket.close(1000, "x".repeat(124)).await.unwrap_err();
    assert_eq!(error, Error::CloseReason { length: 124 });
    socket.send_text("hello".to_owned()).await.unwrap();
    assert_eq!(next(&mut socket).await, text("hello"));
    socket.close(4999, "x".repeat(123)).await.unwrap();
    assert_eq!(
        next(&mut socket).await,
        Message::Closed(4999, "x".repeat(123))
    );
}

#[tokio::test]
async fn a_socket_that_is_dropped_says_that_it_goes_away_and_every_byte_is_counted() {
    let told = Told::default();
    let told_by_server = told.clone();
    let server = serve(move |mut peer| {
        let told = told_by_server.clone();
        async move {
            let request = upgrade(&mut peer).await.unwrap();
            let mut bytes = request.len() as u64;
            let mut frames = Vec::new();
            while let Some((first, payload)) = client_frame(&mut peer).await {
                bytes += 6 + payload.len() as u64;
                frames.push((first, payload));
            }
            let expected = [
                (TEXT, b"hello".to_vec()),
                (CLOSE, 1001_u16.to_be_bytes().to_vec()),
            ];
            assert_eq!(frames, expected);
            told.tell(bytes);
        }
    })
    .await;
    let mut socket = open(&mut client(), &handshake(&server)).await;
    socket.send_text("hello".to_owned()).await.unwrap();
    let sent = socket.leave().sent;
    assert_eq!(told.heard().await, sent);
}
