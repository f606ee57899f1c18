//! What is sent, and what is made of answers.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::server::{answering, serve};
use super::*;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a: 1\r\n\r\nhi";

#[tokio::test]
async fn requests_after_one_another_share_a_connection() {
    let server = answering(OK).await;
    let mut client = client();
    let request = get(&server.url("/a"));
    for turn in 0..5 {
        let exchange = client.send(&request, &()).await;
        assert_eq!(text(&exchange), "hi");
        let response = exchange.outcome.as_ref().unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["x-a"], "1");
        assert_eq!(response.protocol(), "HTTP/1.1");
        assert_eq!(exchange.bytes_received, OK.len() as u64);
        assert_eq!(exchange.remote.unwrap().port(), server.port);
        let connecting = exchange.timings.connecting.unwrap();
        assert_eq!(connecting.is_zero(), turn > 0, "{connecting:?}");
    }
    assert_eq!((server.connections(), server.requests()), (1, 5));
}

#[tokio::test]
async fn every_client_has_connections_of_its_own() {
    let server = answering(OK).await;
    let engine = Engine::new(Settings::default()).unwrap();
    for _ in 0..3 {
        let mut client = Client::new(Arc::clone(&engine));
        assert!(
            client
                .send(&get(&server.url("/")), &())
                .await
                .outcome
                .is_ok()
        );
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn the_request_is_sent_as_it_was_built() {
    let (seen, mut requests) = mpsc::unbounded_channel();
    let server = serve(move |mut peer| {
        let seen = seen.clone();
        async move {
            while let Some(request) = peer.request().await {
                seen.send(request).unwrap();
                peer.write(OK).await;
            }
        }
    })
    .await;
    let mut client = client_with(|settings| settings.user_agent = "vuelo/test".to_owned());
    let authority = format!("127.0.0.1:{}", server.port);

    let mut request = get(&format!("http://u:p@{authority}/a/b?c=d%20e#f"));
    request.set_header("X-One", "1").unwrap();
    request.append_header("x-one", "ü").unwrap();
    let exchange = client.send(&request, &()).await;
    let sent = requests.recv().await.unwrap();
    assert_eq!(
        sent,
        format!(
            "GET /a/b?c=d%20e HTTP/1.1\r\nhost: {authority}\r\nauthorization: Basic dTpw\r\n\
             x-one: 1\r\nx-one: ü\r\nuser-agent: vuelo/test\r\n\r\n"
        )
    );
    assert_eq!(exchange.bytes_sent, sent.len() as u64);

    // A change after the first sending counts.
    request.set_header("user-agent", "mine").unwrap();
    client.send(&request, &()).await;
    assert!(
        requests
            .recv()
            .await
            .unwrap()
            .contains("user-agent: mine\r\n")
    );

    let mut request = Request::new("POST", &server.url("/")).unwrap();
    client.send(&request, &()).await;
    assert!(
        requests
            .recv()
            .await
            .unwrap()
            .contains("content-length: 0\r\n")
    );
    request.set_body(Bytes::from_static(b"{}"));
    client.send(&request, &()).await;
    let sent = requests.recv().await.unwrap();
    assert!(
        sent.contains("content-length: 2\r\n") && sent.ends_with("\r\n\r\n{}"),
        "{sent}"
    );
}

#[tokio::test]
async fn a_chunked_body_is_put_together_and_its_connection_is_used_again() {
    let server = serve(|mut peer| async move {
        while peer.request().await.is_some() {
            peer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
                .await;
            sleep(Duration::from_millis(20)).await;
            peer.write(b"2\r\nde\r\n0\r\nx-trailer: 1\r\n\r\n").await;
        }
    })
    .await;
    let mut client = client();
    for _ in 0..3 {
        let exchange = client.send(&get(&server.url("/")), &()).await;
        assert_eq!(text(&exchange), "abcde");
        assert_eq!(exchange.outcome.unwrap().body_len(), 5);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn connection_close_and_http_1_0_end_the_connection_and_not_the_answer() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi"[..],
        &b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi"[..],
        &b"HTTP/1.0 200 OK\r\n\r\nhi"[..],
    ] {
        let server = serve(move |mut peer| async move {
            peer.request().await;
            peer.write(answer).await;
        })
        .await;
        let mut client = client();
        for _ in 0..3 {
            assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
        }
        assert_eq!((server.connections(), server.requests()), (3, 3));
    }
}

#[tokio::test]
async fn a_head_request_and_statuses_without_a_body_have_none() {
    let server = serve(|mut peer| async move {
        while let Some(request) = peer.request().await {
            let head: &[u8] = if request.starts_with("HEAD") {
                b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n"
            } else {
                b"HTTP/1.1 304 Not Modified\r\n\r\n"
            };
            peer.write(head).await;
        }
    })
    .await;
    let mut client = client();
    for method in ["HEAD", "GET", "HEAD"] {
        let request = Request::new(method, &server.url("/")).unwrap();
        assert_eq!(text(&client.send(&request, &()).await), "");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn statuses_that_are_errors_have_numbers_as_in_k6() {
    let server = answering(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n").await;
    let exchange = client().send(&get(&server.url("/")), &()).await;
    assert_eq!(exchange.code().unwrap().0, 1503);
    let server = answering(b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(
        client().send(&get(&server.url("/")), &()).await.code(),
        None
    );
}

#[tokio::test]
async fn a_discarded_body_is_counted_and_not_kept() {
    let server = answering(OK).await;
    let mut client = client_with(|settings| settings.body_limit = 1);
    let mut request = get(&server.url("/"));
    request.set_discard_body(true);
    for _ in 0..2 {
        let exchange = client.send(&request, &()).await;
        assert_eq!(text(&exchange), "");
        assert_eq!(exchange.bytes_received, OK.len() as u64);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn without_reuse_every_request_has_a_connection_and_says_so() {
    let server = serve(|mut peer| async move {
        let request = peer.request().await.unwrap();
        assert!(request.contains("connection: close\r\n"), "{request}");
        peer.write(OK).await;
        peer.closed().await;
    })
    .await;
    let mut client = client_with(|settings| settings.connections = ConnectionLife::Request);
    for _ in 0..3 {
        assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_is_replaced() {
    // Each connection serves two requests, then closes without a word.
    let server = serve(|mut peer| async move {
        for _ in 0..2 {
            peer.request().await;
            peer.write(OK).await;
        }
    })
    .await;
    let mut client = client();
    for _ in 0..6 {
        assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!((server.connections(), server.requests()), (3, 6));
}

#[tokio::test]
async fn closing_idle_connections_reaches_the_server() {
    let (closed, mut seen) = mpsc::unbounded_channel();
    let server = serve(move |mut peer| {
        let closed = closed.clone();
        async move {
            peer.request().await;
            peer.write(OK).await;
            peer.closed().await;
            closed.send(peer.index).unwrap();
        }
    })
    .await;
    let mut client = client();
    client.send(&get(&server.url("/")), &()).await;
    client.close_idle();
    assert_eq!(timeout(SOON, seen.recv()).await.unwrap(), Some(0));
    client.send(&get(&server.url("/")), &()).await;
    drop(client);
    assert_eq!(timeout(SOON, seen.recv()).await.unwrap(), Some(1));
}
