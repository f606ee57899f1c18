//! Answers that are read as they arrive.

use std::time::Duration;

use tokio::time::sleep;

use super::server::{Server, answering, serve};
use super::*;
use crate::http::Error;

async fn event_server() -> Server {
    serve(|mut peer| async move {
        while peer.request().await.is_some() {
            peer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: Text/Event-Stream; charset=utf-8\r\n\
                  transfer-encoding: chunked\r\n\r\n",
            )
            .await;
            for piece in ["retry: 1500\r\ndata: a\r\n\r\ndata:", " é\r\n\r\n"] {
                sleep(Duration::from_millis(40)).await;
                peer.write(format!("{:x}\r\n{piece}\r\n", piece.len()).as_bytes())
                    .await;
            }
            peer.write(b"0\r\n\r\n").await;
        }
    })
    .await
}

#[tokio::test]
async fn events_come_one_by_one_with_their_times() {
    let server = event_server().await;
    let mut client = client();
    for _ in 0..2 {
        let open = client.open(&get(&server.url("/")), &()).await.unwrap();
        assert_eq!((open.status().as_u16(), open.protocol()), (200, "HTTP/1.1"));
        let mut events = open.into_events(1000).map_err(|(_, error)| error).unwrap();
        let first = events.next().await.unwrap().unwrap();
        assert_eq!(first.event.data, "a");
        assert!(
            first.elapsed >= Duration::from_millis(30),
            "{:?}",
            first.elapsed
        );
        let second = events.next().await.unwrap().unwrap();
        assert!(second.elapsed >= first.elapsed + Duration::from_millis(20));
        assert_eq!(events.next().await.unwrap(), None);
        assert_eq!(events.next().await.unwrap(), None);
        assert_eq!(events.retry(), Some(Duration::from_millis(1500)));
        let exchange = events.finish(&mut client);
        assert!(exchange.outcome.is_ok());
        assert!(exchange.timings.receiving.unwrap() > Duration::from_millis(20));
    }
    // A stream read to its end gives its connection back.
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn content_of_another_type_can_still_be_read_as_a_body() {
    let server =
        answering(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nhi")
            .await;
    let mut client = client();
    for _ in 0..2 {
        let open = client.open(&get(&server.url("/")), &()).await.unwrap();
        let (mut open, error) = open.into_events(1000).unwrap_err();
        assert!(matches!(error, Error::WrongContent { .. }));
        assert!(error.to_string().contains("text/plain"), "{error}");
        open.read_to_end().await.unwrap();
        assert_eq!(text(&open.finish(&mut client)), "hi");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_stream_that_is_left_closes_its_connection_and_is_no_failure() {
    let server = event_server().await;
    let mut client = client();
    for turn in 1..3 {
        let mut open = client.open(&get(&server.url("/")), &()).await.unwrap();
        open.next_chunk().await.unwrap().unwrap();
        let exchange = open.finish(&mut client);
        assert!(exchange.outcome.is_ok() && exchange.bytes_sent > 0);
        assert_eq!(server.connections(), turn);
    }
}

#[tokio::test]
async fn an_event_over_the_limit_and_a_lost_stream_are_errors_that_stay() {
    let server = event_server().await;
    let mut client = client();
    let open = client.open(&get(&server.url("/")), &()).await.unwrap();
    let mut events = open.into_events(6).map_err(|(_, error)| error).unwrap();
    for _ in 0..2 {
        let error = events.next().await.unwrap_err();
        assert!(
            matches!(error, Error::BodyTooLarge { limit: 6, .. }),
            "{error}"
        );
    }
    assert_eq!(code(&events.finish(&mut client)), 1702);

    let server = serve(|mut peer| async move {
        peer.request().await;
        peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi")
            .await;
    })
    .await;
    let mut open = client.open(&get(&server.url("/")), &()).await.unwrap();
    assert_eq!(open.next_chunk().await.unwrap().unwrap(), "hi");
    for _ in 0..2 {
        assert_eq!(open.next_chunk().await.unwrap_err().code().0, 1200);
    }
    assert_eq!(code(&open.finish(&mut client)), 1200);
}

#[tokio::test]
async fn the_timeout_holds_for_the_body_of_an_open_answer() {
    let server = serve(|mut peer| async move {
        peer.request().await;
        peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n")
            .await;
        peer.closed().await;
    })
    .await;
    let mut request = get(&server.url("/"));
    request.set_timeout(Duration::from_millis(60));
    let mut client = client();
    let mut open = client.open(&request, &()).await.unwrap();
    assert_eq!(open.next_chunk().await.unwrap_err().code().0, 1050);
    assert_eq!(code(&open.finish(&mut client)), 1050);
}
