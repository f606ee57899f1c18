//! Sessions that open, and those that do not.

use std::sync::Mutex;

use super::super::server::{answer, answering_each};
use super::super::tls;
use super::*;
use crate::http::error::{Error as HttpError, Phase};
use crate::http::websocket::Traffic;
use crate::http::{ConnectionLife, ErrorCode};

#[tokio::test]
async fn the_handshake_says_who_asks_and_what_it_offers() {
    let asked = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&asked);
    let server = serve(move |mut peer| {
        let seen = Arc::clone(&seen);
        async move {
            let request = upgrade(&mut peer).await.unwrap();
            *seen.lock().unwrap() = request;
            peer.closed().await;
        }
    })
    .await;
    let mut handshake = Handshake::new(&format!(
        "ws://ann:geheim@127.0.0.1:{}/chat?room=1",
        server.port
    ))
    .unwrap();
    handshake.set_header("x-one", "1").unwrap();
    handshake.append_header("x-one", "2").unwrap();
    handshake.set_sensitive_header("x-token", "secret").unwrap();
    handshake.offer_subprotocol("v1.chat").unwrap();
    handshake.offer_subprotocol("v2.chat").unwrap();
    let mut client = client_with(|settings| settings.connections = ConnectionLife::Request);
    let socket = open(&mut client, &handshake).await;
    assert_eq!(socket.subprotocol(), "");
    assert_eq!(socket.headers()["x-server"], "raw");
    let asked = asked.lock().unwrap().clone();
    assert!(
        asked.starts_with("GET /chat?room=1 HTTP/1.1\r\n"),
        "{asked}"
    );
    for (name, value) in [
        ("host", format!("127.0.0.1:{}", server.port)),
        ("connection", "Upgrade".to_owned()),
        ("upgrade", "websocket".to_owned()),
        ("sec-websocket-version", "13".to_owned()),
        ("sec-websocket-protocol", "v1.chat, v2.chat".to_owned()),
        ("x-one", "1".to_owned()),
        ("x-token", "secret".to_owned()),
        ("authorization", "Basic YW5uOmdlaGVpbQ==".to_owned()),
    ] {
        assert_eq!(header(&asked, name), Some(&*value), "{asked}");
    }
    assert!(asked.contains("x-one: 2\r\n"), "{asked}");
    let agent = header(&asked, "user-agent").unwrap();
    assert!(agent.starts_with("vuelo/"), "{agent}");
}

#[tokio::test]
async fn the_handshake_sends_the_clients_cookies_and_keeps_what_its_answer_sets() {
    let (server, asked) = answering_each(|_| answer(403, "set-cookie: b=2\r\n", "")).await;
    let mut client = client();
    client.set_cookie(&server.url("/"), "a=1").unwrap();
    for _ in 0..2 {
        refused(&mut client, &handshake(&server)).await;
    }
    let asked = asked.lock().unwrap().clone();
    let sent: Vec<_> = asked.iter().map(|asked| header(asked, "cookie")).collect();
    assert_eq!(sent, [Some("a=1"), Some("a=1; b=2")]);
}

#[tokio::test]
async fn the_server_takes_one_of_the_subprotocols() {
    let server = echo().await;
    let mut handshake = handshake(&server);
    handshake.offer_subprotocol("v1.chat").unwrap();
    handshake.offer_subprotocol("v2.chat").unwrap();
    let mut socket = open(&mut client(), &handshake).await;
    assert_eq!(socket.subprotocol(), "v2.chat");
    socket.send_text("hello".to_owned()).await.unwrap();
    assert_eq!(next(&mut socket).await, text("hello"));
}

#[tokio::test]
async fn a_session_over_tls_speaks_http_1_1() {
    let server = tls::serve_by(&["localhost"], |mut peer| async move {
        upgrade(&mut peer).await;
        while let Some((first, payload)) = client_frame(&mut peer).await {
            peer.write(&frame(first, &payload)).await;
        }
    })
    .await;
    let url = server.url("localhost").replacen("https", "wss", 1);
    let handshake = Handshake::new(&url).unwrap();
    let mut trusting = client_with(|settings| settings.tls.insecure_skip_verify = true);
    let mut socket = open(&mut trusting, &handshake).await;
    socket.send_binary(vec![7; 100_000]).await.unwrap();
    assert_eq!(next(&mut socket).await, Message::Binary(vec![7; 100_000]));
    let error = refused(&mut client(), &handshake).await;
    assert_eq!(error.code(), ErrorCode::UNKNOWN_AUTHORITY, "{error}");
}

#[tokio::test]
async fn an_answer_that_opens_no_session_is_handed_over() {
    for (answer, status, code) in [
        (
            "HTTP/1.1 403 Forbidden\r\nretry-after: 7\r\ncontent-length: 9\r\n\r\nnot today",
            403,
            1403,
        ),
        (
            "HTTP/1.1 200 OK\r\nretry-after: 7\r\ntransfer-encoding: chunked\r\n\r\n\
             9\r\nnot today\r\n0\r\n\r\n",
            200,
            1750,
        ),
        (
            "HTTP/1.1 302 Found\r\nretry-after: 7\r\ncontent-length: 100\r\n\r\nnot today",
            302,
            1750,
        ),
    ] {
        let server = super::super::server::answering(answer.as_bytes()).await;
        let opened = client().open_socket(&handshake(&server), &|_| {}).await;
        let failed = opened.unwrap_err();
        let Error::Refused { refusal, .. } = &failed.error else {
            panic!("{:?}", failed.error);
        };
        assert_eq!(refusal.status.as_u16(), status);
        assert_eq!(refusal.headers["retry-after"], "7");
        assert_eq!(refusal.body, "not today");
        assert_eq!(failed.error.code().0, code);
        assert!(failed.traffic.sent > 100, "{:?}", failed.traffic);
        assert_eq!(failed.traffic.received, answer.len() as u64);
        let said = failed.error.to_string();
        assert!(said.contains(&status.to_string()), "{said}");
    }
}

#[tokio::test]
async fn an_upgrade_to_something_else_is_no_session() {
    let server = super::super::server::answering(
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
          sec-websocket-accept: bm90IHRoZSBrZXkncw==\r\n\r\n",
    )
    .await;
    let error = refused(&mut client(), &handshake(&server)).await;
    assert!(matches!(error, Error::Protocol { .. }), "{error}");
    assert_eq!(error.code().0, 1751);
}

#[tokio::test]
async fn servers_that_answer_badly_or_not_at_all_are_told_apart() {
    let garbage = super::super::server::answering(b"SSH-2.0-OpenSSH_9.9\r\n").await;
    let error = refused(&mut client(), &handshake(&garbage)).await;
    assert_eq!(error.code(), ErrorCode::MALFORMED_RESPONSE, "{error}");

    let hasty = serve(|mut peer| async move {
        peer.request().await;
    })
    .await;
    let error = refused(&mut client(), &handshake(&hasty)).await;
    assert_eq!(error.code(), ErrorCode::TCP, "{error}");

    let mut gone = serve(|_| async {}).await;
    gone.stop().await;
    let error = refused(&mut client(), &handshake(&gone)).await;
    assert_eq!(error.code(), ErrorCode::DIAL_REFUSED, "{error}");

    let silent = serve(|mut peer| async move { peer.closed().await }).await;
    let mut handshake = handshake(&silent);
    handshake.set_timeout(Duration::from_millis(500));
    let failed = client().open_socket(&handshake, &|_| {}).await.unwrap_err();
    let Error::Http(HttpError::Timeout { phase, after, .. }) = failed.error else {
        panic!("{:?}", failed.error);
    };
    assert_eq!((phase, after), (Phase::Waiting, Duration::from_millis(500)));
    assert!(failed.elapsed >= after && failed.traffic.sent > 0);
}

#[tokio::test]
async fn a_handshake_that_is_cut_off_is_told_exactly_when_it_had_left() {
    let closed = Told::default();
    let told_by_server = closed.clone();
    let server = serve(move |mut peer| {
        let closed = told_by_server.clone();
        async move {
            peer.request().await;
            peer.closed().await;
            closed.tell(1);
        }
    })
    .await;
    let mut client = client();
    let handshake = handshake(&server);
    let told: Mutex<Vec<Traffic>> = Mutex::default();
    let cut_off = |traffic: Traffic| told.lock().unwrap().push(traffic);
    drop(client.open_socket(&handshake, &cut_off));
    assert!(told.lock().unwrap().is_empty());
    let opening = client.open_socket(&handshake, &cut_off);
    let opened = tokio::time::timeout(Duration::from_millis(500), opening).await;
    assert!(opened.is_err());
    closed.heard().await;
    let told = told.lock().unwrap();
    assert_eq!((told.len(), server.requests()), (1, 1));
    assert!(told[0].sent > 100 && told[0].received == 0, "{told:?}");
}

#[tokio::test]
async fn a_handshake_takes_its_turn_as_a_request_and_messages_take_none() {
    let server = echo().await;
    let period = Duration::from_millis(60);
    let mut client = client_with(|settings| settings.request_period = Some(period));
    let handshake = handshake(&server);
    let started = std::time::Instant::now();
    let mut first = open(&mut client, &handshake).await;
    drop(open(&mut client, &handshake).await);
    assert!(started.elapsed() >= period, "{:?}", started.elapsed());
    let started = std::time::Instant::now();
    for _ in 0..100 {
        first.send_text("hello".to_owned()).await.unwrap();
    }
    assert!(started.elapsed() < period * 50, "{:?}", started.elapsed());
}
