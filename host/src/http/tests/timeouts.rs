//! Times of their own: for the head of an answer, and between pieces of its body.

use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::time::sleep;

use super::server::serve;
use super::*;
use crate::http::{Error, Phase};

const SHORT: Duration = Duration::from_millis(80);

#[track_caller]
fn timed_out(exchange: &Exchange, expected: Phase, within: Duration, words: &str) {
    assert_eq!(code(exchange), 1050, "{exchange:?}");
    let error = exchange.outcome.as_ref().unwrap_err();
    let Error::Timeout { after, phase, .. } = error else {
        panic!("{error}");
    };
    assert_eq!((*after, *phase), (within, expected));
    assert!(error.to_string().contains(words), "{error}");
}

#[tokio::test]
async fn a_head_that_does_not_come_has_a_time_of_its_own() {
    let server = serve(|mut peer| async move {
        peer.request().await;
        peer.closed().await;
    })
    .await;
    let words = "while waiting for the head of the answer";
    let mut client = client_with(|settings| settings.head_timeout = Some(SHORT));
    let mut request = get(&server.url("/"));
    let exchange = client.send(&request, &()).await;
    timed_out(&exchange, Phase::Head, SHORT, words);
    assert!(exchange.bytes_sent > 0);
    // The request's own counts, also for an answer that is opened.
    request.set_head_timeout(SHORT / 2);
    let exchange = client.open(&request, &()).await.unwrap_err();
    timed_out(&exchange, Phase::Head, SHORT / 2, words);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn the_time_for_the_head_begins_when_the_request_is_written() {
    let size = 16 << 20;
    let server = serve(move |mut peer| async move {
        // Full socket buffers hold the sending up, a little at a time.
        let mut read = 0;
        let mut piece = vec![0; 1 << 20];
        // The head is read with the body.
        while read <= size {
            sleep(SHORT / 4).await;
            read += peer.stream.read(&mut piece).await.unwrap();
        }
        peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
            .await;
    })
    .await;
    let mut request = Request::new("POST", &server.url("/")).unwrap();
    request.set_head_timeout(SHORT * 3);
    request.set_body(Bytes::from(vec![0; size]));
    let start = std::time::Instant::now();
    let exchange = client().send(&request, &()).await;
    assert!(exchange.outcome.is_ok(), "{exchange:?}");
    assert!(start.elapsed() > SHORT * 3);
}

#[tokio::test]
async fn a_body_that_goes_quiet_has_a_time_of_its_own() {
    let server = serve(|mut peer| async move {
        peer.request().await;
        peer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            .await;
        // Slower than the limit in all, faster in each piece.
        for _ in 0..6 {
            sleep(SHORT / 4).await;
            peer.write(b"2\r\nhi\r\n").await;
        }
        peer.closed().await;
    })
    .await;
    let words = "in which nothing more came of the body";
    let mut client = client_with(|settings| settings.idle_timeout = Some(SHORT));
    let mut request = get(&server.url("/"));
    let exchange = client.send(&request, &()).await;
    timed_out(&exchange, Phase::Idle, SHORT, words);
    assert!(exchange.timings.receiving.unwrap() > SHORT);

    request.set_idle_timeout(SHORT * 2);
    let mut open = client.open(&request, &()).await.unwrap();
    for _ in 0..6 {
        assert_eq!(open.next_chunk().await.unwrap().unwrap(), "hi");
    }
    for _ in 0..2 {
        assert_eq!(open.next_chunk().await.unwrap_err().code().0, 1050);
    }
    timed_out(&open.finish(&mut client), Phase::Idle, SHORT * 2, words);
}

#[tokio::test]
async fn a_reader_that_takes_its_time_is_no_server_that_goes_quiet() {
    let server = serve(|mut peer| async move {
        while peer.request().await.is_some() {
            peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
                .await;
        }
    })
    .await;
    let mut client = client_with(|settings| settings.idle_timeout = Some(SHORT));
    let mut open = client.open(&get(&server.url("/")), &()).await.unwrap();
    sleep(SHORT * 2).await;
    open.read_to_end().await.unwrap();
    assert_eq!(text(&open.finish(&mut client)), "hi");
}

#[tokio::test]
async fn a_connection_that_is_not_made_has_a_time_of_its_own() {
    // Nobody there answers what TLS asks.
    let server = serve(|mut peer| async move { peer.closed().await }).await;
    let url = format!("https://127.0.0.1:{}/", server.port);
    let mut client = client_with(|settings| settings.connect_timeout = SHORT * 3);
    let asking = [Some(SHORT * 2), Some(SHORT), None].map(|within| {
        let (mut sibling, mut request) = (client.sibling(), get(&url));
        if let Some(within) = within {
            request.set_connect_timeout(within);
        }
        tokio::spawn(async move {
            let exchange = sibling.send(&request, &()).await;
            assert_eq!((code(&exchange), exchange.bytes_sent), (1211, 0));
            exchange.outcome.unwrap_err().to_string()
        })
    });
    // Each its own, whoever makes the connection that all wait for.
    for (asked, within) in asking.into_iter().zip(["160ms", "80ms", "240ms"]) {
        let error = asked.await.unwrap();
        assert!(error.ends_with(&format!("not within {within}")), "{error}");
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_request_can_be_without_a_limit() {
    let server = serve(|mut peer| async move {
        peer.request().await;
        sleep(SHORT).await;
        peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
            .await;
    })
    .await;
    let mut request = get(&server.url("/"));
    request.set_timeout(Duration::MAX);
    request.set_head_timeout(Duration::MAX);
    request.set_idle_timeout(Duration::MAX);
    assert_eq!(text(&client().send(&request, &()).await), "hi");
}
