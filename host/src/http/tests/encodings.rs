//! Bodies that are encoded.

use std::time::Duration;

use async_compression::tokio::write::{
    BrotliEncoder, DeflateEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder,
};
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use super::server::{answer, answering_each, serve};
use super::*;
use crate::http::Error;

/// Encodes text by one of the encoders.
macro_rules! encoded {
    ($encoder:ident, $text:expr) => {{
        let mut encoder = $encoder::new(Vec::new());
        encoder.write_all($text.as_ref()).await.unwrap();
        encoder.shutdown().await.unwrap();
        encoder.into_inner()
    }};
}

/// What a client makes of an answer with this `content-encoding`.
async fn received(encoding: &str, body: Vec<u8>) -> Exchange {
    let headers = format!("content-encoding: {encoding}\r\n");
    let (server, _) = answering_each(move |_| answer(200, &headers, &body)).await;
    let mut client = client();
    let exchange = client.send(&get(&server.url("/")), &()).await;
    if exchange.outcome.is_ok() {
        client.send(&get(&server.url("/")), &()).await;
        assert_eq!(server.connections(), 1, "the connection is used again");
    }
    exchange
}

#[tokio::test]
async fn every_encoding_is_taken_off() {
    let long = "Hello, load! ".repeat(20_000);
    for (encoding, body) in [
        ("gzip", encoded!(GzipEncoder, &long)),
        ("deflate", encoded!(ZlibEncoder, &long)),
        ("deflate", encoded!(DeflateEncoder, &long)),
        ("br", encoded!(BrotliEncoder, &long)),
        ("zstd", encoded!(ZstdEncoder, &long)),
        (
            "gzip, br",
            encoded!(BrotliEncoder, encoded!(GzipEncoder, &long)),
        ),
        (
            "zstd, deflate, gzip",
            encoded!(
                GzipEncoder,
                encoded!(DeflateEncoder, encoded!(ZstdEncoder, &long))
            ),
        ),
        ("identity", long.clone().into_bytes()),
        ("aes128gcm", long.clone().into_bytes()),
    ] {
        let size = body.len() as u64;
        let exchange = received(encoding, body).await;
        assert!(text(&exchange) == long, "{encoding}");
        let response = exchange.outcome.unwrap();
        assert_eq!(response.body_len(), long.len() as u64);
        // The head stays as it came, and bytes are those of the wire.
        assert_eq!(response.headers()["content-encoding"], encoding);
        assert!(exchange.bytes_received >= size && exchange.bytes_received < size + 500);
    }
}

#[tokio::test]
async fn several_members_are_one_body_and_none_is_an_empty_one() {
    let two = [encoded!(GzipEncoder, "one "), encoded!(GzipEncoder, "two")].concat();
    assert_eq!(text(&received("gzip", two).await), "one two");
    for encoding in ["gzip", "br", "zstd", "deflate"] {
        assert_eq!(
            text(&received(encoding, Vec::new()).await),
            "",
            "{encoding}"
        );
    }
}

#[tokio::test]
async fn what_is_not_in_its_encoding_has_a_number_of_its_own() {
    let long = "Hello, load! ".repeat(20_000);
    for encoding in ["gzip", "br", "zstd", "deflate"] {
        let good = match encoding {
            "gzip" => encoded!(GzipEncoder, &long),
            "br" => encoded!(BrotliEncoder, &long),
            "zstd" => encoded!(ZstdEncoder, &long),
            _ => encoded!(ZlibEncoder, &long),
        };
        let cut = good[..good.len() - 6].to_vec();
        for bad in [b"this is no such thing at all".to_vec(), cut] {
            let exchange = received(encoding, bad).await;
            assert_eq!(code(&exchange), 1701, "{encoding}: {exchange:?}");
            let error = exchange.outcome.unwrap_err();
            assert!(matches!(error, Error::BadEncoding { .. }), "{error}");
            assert!(error.to_string().starts_with("127.0.0.1:"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_connection_lost_in_an_encoded_body_is_lost_and_not_badly_encoded() {
    let body = encoded!(GzipEncoder, "Hello, load! ".repeat(20_000));
    let server = serve(move |mut peer| {
        let whole = answer(200, "content-encoding: gzip\r\n", &body);
        async move {
            peer.request().await;
            peer.write(&whole[..whole.len() - 6]).await;
        }
    })
    .await;
    let exchange = client().send(&get(&server.url("/")), &()).await;
    assert_eq!(code(&exchange), 1200);
}

#[tokio::test]
async fn the_limit_is_on_what_comes_out() {
    // A bomb: 100 MB of nothing in some hundred bytes.
    let bomb = encoded!(BrotliEncoder, vec![0; 100 << 20]);
    assert!(bomb.len() < 10_000);
    let headers = "content-encoding: br\r\n";
    let (server, _) = answering_each(move |_| answer(200, headers, &bomb)).await;
    let mut client = client_with(|settings| settings.body_limit = 1 << 20);
    let exchange = client.send(&get(&server.url("/")), &()).await;
    assert_eq!(code(&exchange), 1702);
    let mut open = client.open(&get(&server.url("/")), &()).await.unwrap();
    assert_eq!(open.read_to_end().await.unwrap_err().code().0, 1702);

    // More bytes on the wire than come out are no reason to refuse.
    let incompressible = encoded!(GzipEncoder, "x");
    assert!(incompressible.len() > 10);
    let headers = "content-encoding: gzip\r\n";
    let (server, _) = answering_each(move |_| answer(200, headers, &incompressible)).await;
    let mut client = client_with(|settings| settings.body_limit = 2);
    assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "x");
    let mut open = client.open(&get(&server.url("/")), &()).await.unwrap();
    open.read_to_end().await.unwrap();
    assert_eq!(text(&open.finish(&mut client)), "x");
}

#[tokio::test]
async fn a_discarded_body_is_not_decoded() {
    let headers = "content-encoding: gzip\r\n";
    let (server, _) = answering_each(move |_| answer(200, headers, "no gzip at all")).await;
    let mut client = client();
    let mut request = get(&server.url("/"));
    request.set_discard_body(true);
    assert_eq!(text(&client.send(&request, &()).await), "");
    let mut open = client.open(&request, &()).await.unwrap();
    open.read_to_end().await.unwrap();
    assert_eq!(text(&open.finish(&mut client)), "");
    // What is read from a stream is not dropped, hence decoded.
    let mut open = client.open(&request, &()).await.unwrap();
    assert_eq!(open.next_chunk().await.unwrap_err().code().0, 1701);
    assert_eq!(code(&open.finish(&mut client)), 1701);
}

#[tokio::test]
async fn streams_are_decoded_as_they_arrive() {
    let server = serve(|mut peer| async move {
        peer.request().await;
        peer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
              content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n",
        )
        .await;
        let mut encoder = GzipEncoder::new(Vec::new());
        for event in ["data: one\n\n", "data: two\n\n"] {
            encoder.write_all(event.as_bytes()).await.unwrap();
            encoder.flush().await.unwrap();
            let piece = std::mem::take(encoder.get_mut());
            peer.write(format!("{:x}\r\n", piece.len()).as_bytes())
                .await;
            peer.write(&piece).await;
            peer.write(b"\r\n").await;
            // The second one comes only when the first one was read.
            sleep(Duration::from_millis(150)).await;
        }
        encoder.shutdown().await.unwrap();
        let piece = encoder.into_inner();
        peer.write(format!("{:x}\r\n", piece.len()).as_bytes())
            .await;
        peer.write(&piece).await;
        peer.write(b"\r\n0\r\n\r\n").await;
        peer.closed().await;
    })
    .await;
    let mut client = client();
    let open = client.open(&get(&server.url("/")), &()).await.unwrap();
    let mut events = open.into_events(1000).map_err(|(_, error)| error).unwrap();
    let before = std::time::Instant::now();
    let first = events.next().await.unwrap().unwrap();
    assert_eq!(first.event.data, "one");
    assert!(before.elapsed() < Duration::from_millis(120));
    assert_eq!(events.next().await.unwrap().unwrap().event.data, "two");
    assert!(events.next().await.unwrap().is_none());
    assert!(events.finish(&mut client).outcome.is_ok());
    client.send(&get(&server.url("/")), &()).await;
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn the_connection_serves_again_though_the_end_comes_after_the_encoded_data() {
    for (encoding, body) in [
        ("gzip", encoded!(GzipEncoder, "hi")),
        ("deflate", encoded!(ZlibEncoder, "hi")),
        ("deflate", encoded!(DeflateEncoder, "hi")),
        ("br", encoded!(BrotliEncoder, "hi")),
        ("zstd", encoded!(ZstdEncoder, "hi")),
    ] {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ntransfer-encoding: chunked\r\n\r\n\
             {:x}\r\n",
            body.len()
        );
        let first = [head.as_bytes(), &body, b"\r\n"].concat();
        let server = serve(move |mut peer| {
            let first = first.clone();
            async move {
                while peer.request().await.is_some() {
                    peer.write(&first).await;
                    sleep(Duration::from_millis(30)).await;
                    peer.write(b"0\r\n\r\n").await;
                }
            }
        })
        .await;
        let mut client = client();
        for _ in 0..2 {
            let exchange = client.send(&get(&server.url("/")), &()).await;
            assert_eq!(text(&exchange), "hi", "{encoding}");
        }
        assert_eq!(server.connections(), 1, "{encoding}");
    }
}
