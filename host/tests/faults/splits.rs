//! Answers that come in pieces: wherever they are cut, they are the same.

use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tokio::runtime::{self, Runtime};
use vuelo::http::{Client, Engine, Event, Settings};

use crate::fault::{BODY_LIMIT, Fault, fault};
use crate::server::FaultServer;

/// A stream of events, with everything in it that can be cut badly.
const STREAM: &str = "\u{feff}: begin\r\ndata: caf\u{e9}\r\ndata: \u{1f680}\r\rid: 1\nevent: \u{4f60}\u{597d}\n\
                      data: a\r\n\r\ndata: no end of an event";

/// An answer of one chunk for each of these pieces.
fn in_chunks(pieces: &[&[u8]]) -> Vec<u8> {
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                       transfer-encoding: chunked\r\n\r\n"
        .to_vec();
    for piece in pieces {
        answer.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        answer.extend(*piece);
        answer.extend(b"\r\n");
    }
    answer.extend(b"0\r\nx-trailer: 1\r\n\r\n");
    answer
}

/// Cuts bytes at these places.
fn cut<'a>(bytes: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
    ends.extend([0, bytes.len()]);
    ends.sort_unstable();
    ends.dedup();
    ends.windows(2)
        .map(|ends| &bytes[ends[0]..ends[1]])
        .collect()
}

/// A server that writes these pieces one by one.
fn writing(pieces: Vec<Bytes>) -> Fault {
    let pieces = Arc::new(pieces);
    fault("writes piece by piece", move |mut caller| {
        let pieces = Arc::clone(&pieces);
        async move {
            caller.request().await;
            for piece in pieces.iter() {
                caller.write(piece).await;
                // The client's thread reads what it finds, mostly this piece.
                tokio::task::yield_now().await;
            }
            caller.go_on().await;
        }
    })
}

/// The events that a client finds, and whether its next request is answered.
fn received(worker: &Runtime, pieces: Vec<Bytes>) -> (Vec<Event>, bool) {
    let fault = writing(pieces);
    let server = FaultServer::first(&fault);
    worker.block_on(async {
        let mut client = Client::new(Engine::new(Settings::default()).unwrap());
        let request = fault.request(&server.url("/"));
        let open = client.open(&request, &()).await.unwrap();
        let mut stream = open.into_events(BODY_LIMIT).unwrap();
        let mut events = Vec::new();
        while let Some(arrived) = stream.next().await.unwrap() {
            events.push(arrived.event);
        }
        assert!(stream.finish(&mut client).outcome.is_ok());
        let next = client.send(&fault.next_request(&server), &()).await;
        (events, next.outcome.is_ok() && server.connections() == 1)
    })
}

#[test]
fn any_split_into_chunks_and_packets_gives_the_same_events() {
    let _process = crate::beside_others();
    let worker = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let event = |kind: &str, data: &str, id: &str| Event {
        kind: kind.to_owned(),
        data: data.to_owned(),
        id: id.into(),
    };
    let expected = vec![
        event("message", "caf\u{e9}\n\u{1f680}", ""),
        event("\u{4f60}\u{597d}", "a", "1"),
    ];
    let cuts = || prop::collection::vec(any::<prop::sample::Index>(), 0..30);
    let config = ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    TestRunner::new(config)
        .run(&(cuts(), cuts()), |(chunks, packets)| {
            let answer = in_chunks(&cut(STREAM.as_bytes(), &chunks));
            let packets = cut(&answer, &packets);
            let packets = packets.into_iter().map(Bytes::copy_from_slice).collect();
            let (events, goes_on) = received(&worker, packets);
            prop_assert_eq!(&events, &expected);
            prop_assert!(goes_on, "the connection was not kept");
            Ok(())
        })
        .unwrap();
}
