//! What goes wrong, and how it is told.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::sleep;

use super::server::{answering, serve, serve_sockets};
use super::*;
use crate::http::{ConnectProblem, Error, Phase};

#[tokio::test]
async fn a_refused_connection_names_the_address_and_was_not_sent() {
    let mut server = answering(b"").await;
    server.stop().await;
    let exchange = client().send(&get(&server.url("/")), &()).await;
    assert_eq!(code(&exchange), 1212);
    assert_eq!(exchange.bytes_sent, 0);
    assert_eq!(exchange.timings.duration(), None);
    assert!(exchange.timings.connecting.is_some());
    let text = exchange.outcome.unwrap_err().to_string();
    assert!(
        text.contains(&format!("127.0.0.1:{}", server.port)),
        "{text}"
    );
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_told_as_such() {
    let exchange = client()
        .send(&get("http://no-such-host.invalid/"), &())
        .await;
    let error = exchange.outcome.unwrap_err();
    assert!(matches!(error, Error::NameLookup { .. }), "{error}");
    assert!([1100, 1101].contains(&error.code().0), "{error}");
    assert!(
        error.to_string().contains("no-such-host.invalid"),
        "{error}"
    );
}

#[tokio::test]
async fn a_name_is_looked_up_and_all_its_addresses_are_tried() {
    let server = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    // Mostly ::1 first, where nobody listens.
    let request = get(&format!("http://localhost:{}/", server.port));
    let exchange = client().send(&request, &()).await;
    assert!(exchange.outcome.is_ok(), "{exchange:?}");
}

#[tokio::test]
async fn a_connection_closed_in_the_middle_of_a_body_is_lost() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi"[..],
        &b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n"[..],
        &b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhi"[..],
        &b"HTTP/1.1 200 OK\r\ncontent-le"[..],
        &b""[..],
    ] {
        let server = serve(move |mut peer| async move {
            peer.request().await;
            peer.write(answer).await;
        })
        .await;
        let exchange = client().send(&get(&server.url("/")), &()).await;
        assert_eq!(code(&exchange), 1200, "{exchange:?}");
        assert!(matches!(
            exchange.outcome,
            Err(Error::ConnectionLost { .. })
        ));
        assert!(exchange.bytes_sent > 0);
        assert_eq!(exchange.bytes_received, answer.len() as u64);
        assert_eq!(server.requests(), 1, "no second try of what was sent");
    }
}

#[tokio::test]
async fn a_reset_is_told_apart_from_a_close() {
    let server = serve_sockets(|tcp, _, _| async move {
        // What was sent is looked at and not read: closing then resets.
        tcp.peek(&mut [0]).await.unwrap();
        drop(tcp);
    })
    .await;
    let exchange = client().send(&get(&server.url("/")), &()).await;
    assert_eq!(code(&exchange), 1220, "{exchange:?}");
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_malformed() {
    for answer in [
        &b"SSH-2.0-OpenSSH_9.6\r\n\r\n"[..],
        &b"HTTP/1.1 two hundred\r\n\r\n"[..],
        &b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhi\r\n"[..],
        &b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\nhi"[..],
    ] {
        let server = answering(answer).await;
        let exchange = client().send(&get(&server.url("/")), &()).await;
        assert_eq!(code(&exchange), 1703, "{exchange:?}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let big = b"HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n";
    let growing =
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\n123456\r\n6\r\n123456\r\n";
    for answer in [&big[..], &growing[..]] {
        let server = answering(answer).await;
        let mut client = client_with(|settings| settings.body_limit = 10);
        let exchange = client.send(&get(&server.url("/")), &()).await;
        assert_eq!(code(&exchange), 1702, "{exchange:?}");
        assert!(
            exchange
                .outcome
                .unwrap_err()
                .to_string()
                .contains("10 bytes")
        );
    }
}

#[tokio::test]
async fn time_is_up_wherever_the_request_has_come() {
    let timeout = Duration::from_millis(80);
    for (answer, phase) in [
        (&b""[..], Phase::Waiting),
        (
            &b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi"[..],
            Phase::Receiving,
        ),
    ] {
        let server = serve(move |mut peer| async move {
            peer.request().await;
            peer.write(answer).await;
            peer.closed().await;
        })
        .await;
        let mut client = client();
        let mut request = get(&server.url("/"));
        request.set_timeout(timeout);
        let exchange = client.send(&request, &()).await;
        assert_eq!(code(&exchange), 1050, "{exchange:?}");
        assert!(exchange.bytes_sent > 0);
        let duration = exchange.timings.duration().unwrap();
        assert!(duration > timeout / 2 && duration < SOON, "{duration:?}");
        match exchange.outcome.unwrap_err() {
            Error::Timeout {
                phase: found,
                after,
                ..
            } => {
                assert_eq!((found, after), (phase, timeout));
            }
            error => panic!("{error}"),
        }
        // The connection is of no use any more.
        client.send(&request, &()).await;
        assert_eq!(server.connections(), 2);
    }
}

#[tokio::test]
async fn a_connection_that_is_not_made_in_time_was_not_sent() {
    // It listens, and never shakes hands.
    let server = serve(|mut peer| async move { peer.closed().await }).await;
    let url = format!("https://127.0.0.1:{}/", server.port);
    let mut client = client_with(|settings| {
        settings.connect_timeout = Duration::from_millis(80);
        settings.tls.insecure_skip_verify = true;
    });
    let exchange = client.send(&get(&url), &()).await;
    assert_eq!(code(&exchange), 1211, "{exchange:?}");
    assert_eq!((exchange.bytes_sent, exchange.timings.sending), (0, None));
    assert!(exchange.timings.tls_handshaking.unwrap() > Duration::from_millis(40));
    let error = exchange.outcome.unwrap_err();
    assert!(matches!(
        error,
        Error::Connect {
            problem: ConnectProblem::TimedOut { .. },
            ..
        }
    ));

    let mut request = get(&url);
    request.set_timeout(Duration::from_millis(40));
    let exchange = client.send(&request, &()).await;
    assert_eq!(
        (code(&exchange), exchange.bytes_sent),
        (1050, 0),
        "{exchange:?}"
    );
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_request_ends_its_connection() {
    let server = serve(|mut peer| async move {
        let mut some = [0; 1000];
        tokio::io::AsyncReadExt::read_exact(&mut peer.stream, &mut some)
            .await
            .unwrap();
        peer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
            .await;
        sleep(SOON).await;
    })
    .await;
    let mut client = client();
    let mut request = Request::new("POST", &server.url("/")).unwrap();
    request.set_timeout(SOON / 2);
    request.set_body(Bytes::from(vec![0; 32 << 20]));
    for turn in 1..3 {
        let exchange = client.send(&request, &()).await;
        assert_eq!(exchange.code().unwrap().0, 1413, "{exchange:?}");
        assert_eq!(server.connections(), turn);
    }
}

#[tokio::test]
async fn a_request_unanswered_on_a_kept_connection_is_sent_again_once_where_that_is_safe() {
    for (method, expected) in [
        ("GET", None),
        ("PUT", None),
        ("DELETE", None),
        ("POST", Some(1200)),
        ("PATCH", Some(1200)),
    ] {
        // The first connection reads its second request and closes, as a server
        // does whose time for idle ones is up in that moment.
        let server = serve(|mut peer| async move {
            for turn in 0.. {
                if peer.request().await.is_none() || (peer.index == 0 && turn == 1) {
                    break;
                }
                peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
                    .await;
            }
        })
        .await;
        let mut client = client();
        let mut request = Request::new(method, &server.url("/")).unwrap();
        request.set_body(Bytes::from_static(b"all of it, both times"));
        client.send(&request, &()).await;
        let exchange = client.send(&request, &()).await;
        if let Some(expected) = expected {
            assert_eq!(code(&exchange), expected, "{method}: {exchange:?}");
            assert_eq!((server.connections(), server.requests()), (1, 2));
            continue;
        }
        assert_eq!(text(&exchange), "hi", "{method}");
        assert_eq!((server.connections(), server.requests()), (2, 3));
        // Both tries are in the bytes, and the second connection in the times.
        assert!(exchange.bytes_sent > 2 * 80, "{exchange:?}");
        assert!(!exchange.timings.connecting.unwrap().is_zero());
    }
}

#[tokio::test]
async fn an_unanswered_request_is_not_sent_a_third_time_nor_after_a_part_of_an_answer() {
    for (answer, requests) in [(&b""[..], 3), (&b"HTTP/1.1 2"[..], 2)] {
        // Each connection serves one request; only the first one has another.
        let server = serve(move |mut peer| async move {
            if peer.request().await.is_some() && peer.index == 0 {
                peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
                    .await;
                peer.request().await;
                peer.write(answer).await;
            }
        })
        .await;
        let mut client = client();
        let request = get(&server.url("/"));
        client.send(&request, &()).await;
        let exchange = client.send(&request, &()).await;
        assert_eq!(code(&exchange), 1200, "{exchange:?}");
        assert_eq!(server.requests(), requests);
    }
}

#[tokio::test]
async fn a_request_that_the_server_may_know_counts_though_it_cannot_be_sent_again() {
    let mut server = serve(|mut peer| async move {
        peer.request().await;
        peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
            .await;
        // It reads the next one, and goes.
        peer.request().await;
    })
    .await;
    let mut client = client();
    let request = get(&server.url("/"));
    assert_eq!(text(&client.send(&request, &()).await), "hi");
    server.stop().await;
    let exchange = client.send(&request, &()).await;
    assert_eq!(code(&exchange), 1212, "{exchange:?}");
    assert!(exchange.bytes_sent > 0);
    assert_eq!(server.requests(), 2);
}
