//! Bodies that wait for the server's word.

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::server::{Peer, serve};
use super::*;

fn put(url: &str) -> Request {
    let mut request = Request::new("PUT", url).unwrap();
    request.set_timeout(SOON);
    request.set_expect_continue();
    request.set_body(Bytes::from_static(b"the body"));
    request
}

/// What comes until nothing comes for this long, or the connection is closed.
async fn until_quiet(peer: &mut Peer, quiet: Duration) -> String {
    let mut all = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(Ok(length @ 1..)) = timeout(quiet, peer.stream.read(&mut piece)).await {
        all.extend_from_slice(&piece[..length]);
    }
    String::from_utf8(all).unwrap()
}

#[tokio::test]
async fn the_body_is_sent_when_the_server_says_so() {
    let server = serve(|mut peer| async move {
        for _ in 0..2 {
            let head = until_quiet(&mut peer, Duration::from_millis(100)).await;
            assert!(head.contains("expect: 100-continue\r\n"), "{head}");
            assert!(head.contains("content-length: 8\r\n") && head.ends_with("\r\n\r\n"));
            // Another word is not the one.
            peer.write(b"HTTP/1.1 102 Processing\r\n\r\n").await;
            assert_eq!(until_quiet(&mut peer, Duration::from_millis(50)).await, "");
            peer.write(b"HTTP/1.1 100 Continue\r\n\r\n").await;
            let mut body = [0; 8];
            peer.stream.read_exact(&mut body).await.unwrap();
            assert_eq!(&body, b"the body");
            peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
                .await;
        }
    })
    .await;
    let mut client = client();
    for _ in 0..2 {
        let start = Instant::now();
        let exchange = client.send(&put(&server.url("/")), &()).await;
        assert_eq!(text(&exchange), "hi");
        assert!(start.elapsed() < Duration::from_millis(900));
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn an_answer_in_place_of_the_word_means_that_the_body_is_not_sent() {
    let (told, mut rest) = mpsc::unbounded_channel();
    let server = serve(move |mut peer| {
        let told = told.clone();
        async move {
            until_quiet(&mut peer, Duration::from_millis(50)).await;
            peer.write(b"HTTP/1.1 417 No\r\ncontent-length: 2\r\n\r\nn")
                .await;
            // Longer than anybody waits for the word.
            tokio::time::sleep(Duration::from_millis(1200)).await;
            peer.write(b"o").await;
            told.send(until_quiet(&mut peer, SOON).await).unwrap();
        }
    })
    .await;
    let mut client = client();
    let exchange = client.send(&put(&server.url("/")), &()).await;
    assert_eq!(exchange.code().unwrap().0, 1417);
    assert_eq!(text(&exchange), "no");
    assert_eq!(timeout(SOON, rest.recv()).await.unwrap().unwrap(), "");
    // The connection, on which half a request was sent, is of no use.
    client.send(&put(&server.url("/")), &()).await;
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_server_that_says_nothing_gets_the_body_after_a_second() {
    let server = serve(|mut peer| async move {
        let request = peer.request().await.unwrap();
        assert!(request.ends_with("\r\n\r\nthe body"));
        peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
            .await;
    })
    .await;
    let start = Instant::now();
    let exchange = client().send(&put(&server.url("/")), &()).await;
    assert_eq!(text(&exchange), "hi");
    let waited = start.elapsed();
    assert!(waited > Duration::from_millis(950) && waited < Duration::from_secs(5));
}

#[tokio::test]
async fn without_a_body_there_is_nothing_to_wait_for() {
    let server = serve(|mut peer| async move {
        peer.request().await.unwrap();
        peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
            .await;
    })
    .await;
    let mut request = put(&server.url("/"));
    request.set_body(Bytes::new());
    let start = Instant::now();
    assert_eq!(text(&client().send(&request, &()).await), "hi");
    assert!(start.elapsed() < Duration::from_millis(900));
}

#[tokio::test]
async fn the_servers_word_is_heard_in_http2() {
    let server = http2::serve_h2(|mut connection, _| async move {
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(50)).await;
                let word = http::Response::builder().status(100).body(()).unwrap();
                respond.send_informational(word).unwrap();
                let mut body = request.into_body();
                let mut all = Vec::new();
                while let Some(piece) = body.data().await {
                    all.extend_from_slice(&piece.unwrap());
                }
                assert_eq!(all, b"the body");
                http2::reply(&mut respond, b"hi");
            });
        }
    })
    .await;
    let mut client = http2::prior_knowledge();
    let start = Instant::now();
    let exchange = client.send(&put(&server.url("/")), &()).await;
    assert_eq!(text(&exchange), "hi");
    assert!(start.elapsed() < Duration::from_millis(900));
}

#[tokio::test]
async fn the_time_up_to_the_word_is_no_part_of_the_answers() {
    const WORD: Duration = Duration::from_millis(60);
    const ANSWER: Duration = Duration::from_millis(120);
    let server = serve(|mut peer| async move {
        until_quiet(&mut peer, WORD).await;
        peer.write(b"HTTP/1.1 100 Continue\r\n\r\n").await;
        peer.stream.read_exact(&mut [0; 8]).await.unwrap();
        tokio::time::sleep(ANSWER).await;
        peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
            .await;
    })
    .await;
    let exchange = client().send(&put(&server.url("/")), &()).await;
    assert_eq!(text(&exchange), "hi");
    let timings = exchange.timings;
    assert!(timings.sending.unwrap() >= WORD, "{timings:?}");
    assert!(timings.waiting.unwrap() >= ANSWER, "{timings:?}");
    assert!(timings.receiving.unwrap() < ANSWER, "{timings:?}");
}
