//! Bodies that are written while they are sent.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncReadExt;
use tokio::time::{sleep, timeout};

use super::server::{Peer, Server, serve, serve_sockets};
use super::*;
use crate::http::{Error, Protocol, Upload};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

fn put(url: &str) -> Request {
    let mut request = Request::new("PUT", url).unwrap();
    request.set_timeout(SOON);
    request
}

/// Reads a request whose body goes in chunks.
async fn chunked(peer: &mut Peer) -> Option<String> {
    let mut all = String::new();
    let mut piece = [0; 65536];
    while !all.ends_with("\r\n0\r\n\r\n") {
        match peer.stream.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(length) => all.push_str(std::str::from_utf8(&piece[..length]).unwrap()),
        }
    }
    Some(all)
}

/// Answers with the chunks that it got.
async fn echo() -> Server {
    serve(|mut peer| async move {
        while let Some(request) = chunked(&mut peer).await {
            let body = request.split_once("\r\n\r\n").unwrap().1;
            let length = body.len();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
            peer.write(answer.as_bytes()).await;
        }
    })
    .await
}

async fn finish(upload: Upload, client: &mut Client) -> Exchange {
    match upload.open(client).await {
        Ok(mut open) => {
            let _ = open.read_to_end().await;
            open.finish(client)
        }
        Err(exchange) => exchange,
    }
}

#[tokio::test]
async fn a_body_goes_in_chunks_as_it_is_written() {
    let server = echo().await;
    let mut client = client();
    for _ in 0..2 {
        let request = put(&server.url("/"));
        let mut upload = client.upload(request, None, Arc::new(())).await;
        for piece in ["one", "", "three"] {
            upload.write(Bytes::from(piece)).await.unwrap();
            sleep(Duration::from_millis(20)).await;
        }
        let exchange = finish(upload, &mut client).await;
        assert_eq!(text(&exchange), "3\r\none\r\n5\r\nthree\r\n0\r\n\r\n");
        assert!(exchange.timings.sending.unwrap() > Duration::from_millis(30));
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_body_of_known_length_is_announced_and_kept_to() {
    let server = serve(|mut peer| async move {
        while let Some(request) = peer.request().await {
            assert!(request.contains("content-length: 6\r\n"), "{request}");
            assert!(request.ends_with("\r\n\r\nabcdef"), "{request}");
            peer.write(OK).await;
        }
    })
    .await;
    let mut client = client();
    let witness = Arc::new(Witness::default());
    let request = || put(&server.url("/"));
    let mut upload = client.upload(request(), Some(6), witness.clone()).await;
    upload.write(Bytes::from("abc")).await.unwrap();
    let error = upload.write(Bytes::from("defg")).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("6 bytes of body were announced, and 7")
    );
    upload.write(Bytes::from("def")).await.unwrap();
    assert_eq!(text(&finish(upload, &mut client).await), "hi");

    let mut upload = client.upload(request(), Some(6), witness.clone()).await;
    upload.write(Bytes::from("abc")).await.unwrap();
    let exchange = finish(upload, &mut client).await;
    let error = exchange.outcome.unwrap_err().to_string();
    assert!(
        error.contains("6 bytes of body were announced, and 3"),
        "{error}"
    );
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn an_empty_body_is_one_too() {
    let server = serve(|mut peer| async move {
        while let Some(request) = peer.request().await {
            assert!(request.contains("content-length: 0\r\n"), "{request}");
            peer.write(OK).await;
        }
    })
    .await;
    let mut client = client();
    let upload = client
        .upload(put(&server.url("/")), Some(0), Arc::new(()))
        .await;
    assert_eq!(text(&finish(upload, &mut client).await), "hi");
}

#[tokio::test]
async fn a_server_that_does_not_read_holds_the_writer_up() {
    let taken = Arc::new(AtomicUsize::new(0));
    let server = serve(|mut peer| async move {
        sleep(Duration::from_millis(300)).await;
        chunked(&mut peer).await;
        peer.write(OK).await;
    })
    .await;
    let mut client = client();
    let mut upload = client
        .upload(put(&server.url("/")), None, Arc::new(()))
        .await;
    let piece = Bytes::from(vec![b'x'; 64 * 1024]);
    let mut writing = Box::pin(async {
        for _ in 0..1024 {
            upload.write(piece.clone()).await.unwrap();
            taken.fetch_add(1, SeqCst);
        }
    });
    assert!(
        timeout(Duration::from_millis(200), &mut writing)
            .await
            .is_err()
    );
    let before = taken.load(SeqCst);
    // What the sockets of this machine take, and no more.
    assert!((2..512).contains(&before), "{before} pieces");
    writing.await;
    assert_eq!(text(&finish(upload, &mut client).await), "hi");
}

#[tokio::test]
async fn an_answer_before_the_end_ends_the_writing() {
    let server = serve(|mut peer| async move {
        let mut some = [0; 100];
        peer.stream.read_exact(&mut some).await.unwrap();
        peer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
            .await;
        sleep(SOON).await;
    })
    .await;
    let mut client = client();
    let mut upload = client
        .upload(put(&server.url("/")), None, Arc::new(()))
        .await;
    let piece = Bytes::from(vec![b'x'; 1 << 20]);
    for _ in 0..64 {
        timeout(SOON, upload.write(piece.clone()))
            .await
            .unwrap()
            .unwrap();
    }
    let exchange = finish(upload, &mut client).await;
    assert_eq!(exchange.code().unwrap().0, 1413);
    assert_eq!(text(&exchange), "no");
}

#[tokio::test]
async fn a_lost_connection_fails_the_next_piece_and_is_counted_once() {
    let server = serve(|mut peer| async move {
        let mut some = [0; 100];
        peer.stream.read_exact(&mut some).await.unwrap();
    })
    .await;
    let mut client = client();
    let witness = Arc::new(Witness::default());
    let mut upload = client
        .upload(put(&server.url("/")), None, witness.clone())
        .await;
    let piece = Bytes::from(vec![b'x'; 1000]);
    let error = loop {
        match upload.write(piece.clone()).await {
            Ok(()) => sleep(Duration::from_millis(10)).await,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::ConnectionLost { .. }), "{error}");
    let exchange = finish(upload, &mut client).await;
    assert_eq!(exchange.outcome.unwrap_err(), error);
    assert!(exchange.bytes_sent > 0);
    assert!(witness.interruptions().is_empty());
}

#[tokio::test]
async fn an_upload_that_is_given_up_is_told_once_and_never_complete() {
    let (closed, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let server = serve(move |mut peer| {
        let closed = closed.clone();
        async move {
            let mut all = Vec::new();
            let _ = peer.stream.read_to_end(&mut all).await;
            closed.send(String::from_utf8(all).unwrap()).unwrap();
        }
    })
    .await;
    let mut client = client();
    let witness = Arc::new(Witness::default());
    let mut upload = client
        .upload(put(&server.url("/")), None, witness.clone())
        .await;
    upload.write(Bytes::from("half")).await.unwrap();
    upload.write(Bytes::from("of it")).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    assert!(upload.abandon().is_none());
    let sent = timeout(SOON, seen.recv()).await.unwrap().unwrap();
    assert!(
        sent.contains("half") && !sent.contains("\r\n0\r\n"),
        "{sent}"
    );
    assert_eq!(witness.interruptions().len(), 1);

    // One that never came to be was never sent.
    drop(client.upload(put(&server.url("/")), None, witness.clone()));
    assert_eq!(witness.interruptions().len(), 1);
}

#[tokio::test]
async fn a_redirect_is_followed_unless_it_wants_the_body_again() {
    let server = serve(|mut peer| async move {
        loop {
            let Some(request) = chunked(&mut peer).await else {
                return;
            };
            let status = if request.starts_with("PUT /303") {
                303
            } else {
                307
            };
            let answer = format!(
                "HTTP/1.1 {status} See\r\nlocation: /end\r\ncontent-length: 5\r\n\r\nmoved"
            );
            peer.write(answer.as_bytes()).await;
            if status == 303 {
                let next = peer.request().await.unwrap();
                assert!(
                    next.starts_with("GET /end ") && !next.contains("chunked"),
                    "{next}"
                );
                peer.write(OK).await;
            }
        }
    })
    .await;
    let mut client = client();
    for (path, answer, on_the_way) in [("/303", "hi", 1), ("/307", "moved", 0)] {
        let witness = Arc::new(Witness::default());
        let mut upload = client
            .upload(put(&server.url(path)), None, witness.clone())
            .await;
        upload.write(Bytes::from("body")).await.unwrap();
        assert_eq!(text(&finish(upload, &mut client).await), answer);
        assert_eq!(witness.on_the_way.lock().unwrap().len(), on_the_way);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn the_time_for_the_head_begins_with_the_end_of_the_body() {
    let server = serve(|mut peer| async move {
        chunked(&mut peer).await;
        peer.closed().await;
    })
    .await;
    let mut client = client();
    let mut request = put(&server.url("/"));
    request.set_head_timeout(Duration::from_millis(60));
    let mut upload = client.upload(request, None, Arc::new(())).await;
    for _ in 0..2 {
        upload.write(Bytes::from("body")).await.unwrap();
        sleep(Duration::from_millis(120)).await;
    }
    upload.write(Bytes::from("body")).await.unwrap();
    let exchange = finish(upload, &mut client).await;
    let error = exchange.outcome.unwrap_err().to_string();
    assert!(
        error.contains("after 60ms, while waiting for the head"),
        "{error}"
    );
}

#[tokio::test]
async fn whoever_takes_answer_and_body_apart_reads_while_he_writes() {
    let server = serve(|mut peer| async move {
        let mut all = String::new();
        while !all.ends_with("\r\n0\r\n\r\n") {
            let mut piece = [0; 4096];
            let length = peer.stream.read(&mut piece).await.unwrap();
            let is_first = all.is_empty();
            all.push_str(std::str::from_utf8(&piece[..length]).unwrap());
            if is_first {
                let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                peer.write(head).await;
            }
            // An answer to each piece that has come.
            peer.write(b"2\r\nhi\r\n").await;
        }
        peer.write(b"0\r\n\r\n").await;
    })
    .await;
    let mut client = client();
    let request = put(&server.url("/"));
    let (answer, mut body) = client.upload(request, None, Arc::new(())).await.split();
    let mut open = timeout(SOON, answer.open(&mut client))
        .await
        .unwrap()
        .unwrap();
    for _ in 0..3 {
        assert_eq!(
            timeout(SOON, open.next_chunk())
                .await
                .unwrap()
                .unwrap()
                .unwrap(),
            "hi"
        );
        assert!(body.write(Bytes::from("more")).await.unwrap());
    }
    body.end().await;
    while open.next_chunk().await.unwrap().is_some() {}
    let exchange = open.finish(&mut client);
    assert_eq!(exchange.outcome.unwrap().status(), 200);
}

#[tokio::test]
async fn over_http2_what_comes_back_of_a_body_is_read_while_it_is_written() {
    let server = serve_sockets(|tcp, _, _| async move {
        let echo = service_fn(|request: http::Request<Incoming>| async move {
            Ok::<_, hyper::Error>(http::Response::new(request.into_body()))
        });
        let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        let _ = builder.serve_connection(TokioIo::new(tcp), echo).await;
    })
    .await;
    let mut client = client_with(|settings| settings.protocol = Protocol::Http2);
    for _ in 0..2 {
        let request = put(&server.url("/"));
        let (answer, mut body) = client.upload(request, None, Arc::new(())).await.split();
        let mut open = timeout(SOON, answer.open(&mut client))
            .await
            .unwrap()
            .unwrap();
        for piece in ["one", "two"] {
            assert!(body.write(Bytes::from(piece)).await.unwrap());
            let back = timeout(SOON, open.next_chunk()).await.unwrap();
            assert_eq!(back.unwrap().unwrap(), piece);
        }
        body.end().await;
        assert_eq!(open.next_chunk().await.unwrap(), None);
        assert!(open.finish(&mut client).outcome.is_ok());
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_failure_is_seen_while_nothing_is_written() {
    let server = serve(|mut peer| async move {
        let mut some = [0; 100];
        peer.stream.read_exact(&mut some).await.unwrap();
    })
    .await;
    let mut client = client();
    let witness = Arc::new(Witness::default());
    let request = put(&server.url("/"));
    let (answer, mut body) = client
        .upload(request, Some(1000), witness.clone())
        .await
        .split();
    assert!(body.write(Bytes::from(vec![b'x'; 100])).await.unwrap());
    let exchange = timeout(SOON, answer.open(&mut client)).await.unwrap();
    let exchange = exchange.unwrap_err();
    assert!(exchange.bytes_sent > 0);
    let error = exchange.outcome.unwrap_err();
    assert!(matches!(error, Error::ConnectionLost { .. }), "{error}");
    assert!(!body.write(Bytes::from("more")).await.unwrap());
    let too_much = body.write(Bytes::from(vec![b'x'; 1000])).await.unwrap_err();
    assert!(matches!(too_much, Error::InvalidRequest { .. }));
    assert!(witness.interruptions().is_empty());
}

#[tokio::test]
async fn a_server_that_takes_no_more_of_a_body_can_be_late_with_it() {
    let server = serve(|mut peer| async move {
        let mut some = [0; 100];
        peer.stream.read_exact(&mut some).await.unwrap();
        sleep(SOON).await;
    })
    .await;
    let mut client = client();
    let witness = Arc::new(Witness::default());
    let request = put(&server.url("/"));
    let upload = client.upload(request, None, witness.clone()).await;
    let (answer, mut body) = upload.split();
    body.set_patience(Duration::from_millis(100));
    let writing = tokio::spawn(async move {
        let piece = Bytes::from(vec![b'x'; 1 << 20]);
        while body.write(piece.clone()).await.unwrap() {}
    });
    let exchange = answer.open(&mut client).await.unwrap_err();
    assert!(exchange.bytes_sent > 0);
    let error = exchange.outcome.unwrap_err().to_string();
    let words = "after 100ms, while the server did not take the rest";
    assert!(error.contains(words), "{error}");
    assert!(witness.interruptions().is_empty());
    timeout(SOON, writing).await.unwrap().unwrap();
}

#[tokio::test]
async fn once_the_answer_has_begun_it_is_no_matter_how_slowly_the_body_is_taken() {
    let server = http2::serve_h2(|mut connection, _| async move {
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            tokio::spawn(async move {
                let answer = http::Response::new(());
                let mut stream = respond.send_response(answer, false).unwrap();
                sleep(Duration::from_millis(300)).await;
                let (mut body, mut taken) = (request.into_body(), 0);
                while let Some(piece) = body.data().await {
                    let length = piece.unwrap().len();
                    taken += length;
                    body.flow_control().release_capacity(length).unwrap();
                }
                stream
                    .send_data(Bytes::from(taken.to_string()), true)
                    .unwrap();
            });
        }
    })
    .await;
    let mut client = http2::prior_knowledge();
    let upload = client
        .upload(put(&server.url("/")), None, Arc::new(()))
        .await;
    let (answer, mut body) = upload.split();
    body.set_patience(Duration::from_millis(100));
    let writing = tokio::spawn(async move {
        for _ in 0..8 {
            assert!(body.write(Bytes::from(vec![7; 100_000])).await.unwrap());
        }
        body.end().await;
    });
    let mut open = answer.open(&mut client).await.unwrap();
    open.read_to_end().await.unwrap();
    timeout(SOON, writing).await.unwrap().unwrap();
    assert_eq!(text(&open.finish(&mut client)), "800000");
}
