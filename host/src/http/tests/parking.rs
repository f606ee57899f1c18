//! Connections of users who think for a while.

use tokio::io::AsyncWriteExt;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

use super::server::{answering, answering_each, serve};
use super::*;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

/// Sends a request, parks, and lets the connection's task end, as it does while the user
/// sleeps.
async fn send_and_park(client: &mut Client, url: &str) {
    assert_eq!(text(&client.send(&get(url), &()).await), "hi");
    client.park();
    tokio::time::sleep(Duration::from_millis(20)).await;
}

#[tokio::test]
async fn a_parked_connection_serves_the_next_request() {
    let server = answering(OK).await;
    let mut client = client();
    for _ in 0..3 {
        send_and_park(&mut client, &server.url("/")).await;
        // A second time changes nothing.
        client.park();
    }
    let exchange = client.send(&get(&server.url("/")), &()).await;
    assert_eq!(text(&exchange), "hi");
    assert_eq!(
        exchange.timings.connecting,
        Some(Duration::ZERO),
        "it was there"
    );
    assert_eq!((server.connections(), server.requests()), (1, 4));
}

#[tokio::test]
async fn who_wakes_at_once_has_an_answer_as_well() {
    let server = answering(OK).await;
    let mut client = client();
    for _ in 0..10 {
        assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
        client.park();
    }
    assert_eq!(server.requests(), 10);
}

#[tokio::test]
async fn a_connection_that_was_closed_while_it_was_parked_is_made_anew() {
    let closed = Arc::new(Notify::new());
    let close = Arc::clone(&closed);
    let (ended, mut ends) = mpsc::unbounded_channel();
    let server = serve(move |mut peer| {
        let (close, ended) = (Arc::clone(&close), ended.clone());
        async move {
            while peer.request().await.is_some() {
                peer.write(OK).await;
                if peer.index == 0 {
                    close.notified().await;
                    let _ = peer.stream.shutdown().await;
                    peer.closed().await;
                    let _ = ended.send(());
                    return;
                }
            }
        }
    })
    .await;
    let mut client = client();
    send_and_park(&mut client, &server.url("/")).await;
    closed.notify_one();
    // It is answered at once, and not when the next request is to be sent.
    assert!(timeout(SOON, ends.recv()).await.is_ok());
    assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
    assert_eq!((server.connections(), server.requests()), (2, 2));
}

#[tokio::test]
async fn what_a_server_says_unasked_is_no_answer_to_the_next_request() {
    let server = serve(|mut peer| async move {
        while peer.request().await.is_some() {
            peer.write(OK).await;
            if peer.index == 0 {
                tokio::time::sleep(Duration::from_millis(40)).await;
                peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfake")
                    .await;
            }
        }
    })
    .await;
    let mut client = client();
    send_and_park(&mut client, &server.url("/")).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_parked_connection_is_closed_with_its_client_and_at_rest() {
    for at_rest in [true, false] {
        let (ended, mut ends) = mpsc::unbounded_channel();
        let server = serve(move |mut peer| {
            let ended = ended.clone();
            async move {
                while peer.request().await.is_some() {
                    peer.write(OK).await;
                }
                let _ = ended.send(());
            }
        })
        .await;
        let mut client = client();
        send_and_park(&mut client, &server.url("/")).await;
        if at_rest {
            client.close_idle();
            assert!(timeout(SOON, ends.recv()).await.is_ok(), "at rest");
            assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
            assert_eq!(server.connections(), 2);
        } else {
            drop(client);
            assert!(timeout(SOON, ends.recv()).await.is_ok(), "with its client");
        }
    }
}

#[tokio::test]
async fn over_tls_a_parked_connection_serves_the_next_request_and_says_goodbye() {
    let (ended, mut ends) = mpsc::unbounded_channel();
    let server = tls::serve_by(&["localhost"], move |mut peer| {
        let ended = ended.clone();
        async move {
            while peer.request().await.is_some() {
                peer.write(OK).await;
            }
            // Without the client's goodbye this would be an error.
            let last = tokio::io::AsyncReadExt::read(&mut peer.stream, &mut [0]).await;
            let _ = ended.send(last.map_err(|error| error.kind()));
        }
    })
    .await;
    let root = server.root.clone();
    let mut client = client_with(|settings| settings.tls.extra_roots = vec![root]);
    for _ in 0..3 {
        send_and_park(&mut client, &server.url("localhost")).await;
    }
    drop(client);
    let last = timeout(SOON, ends.recv()).await.unwrap();
    assert_eq!(last, Some(Ok(0)));
    assert_eq!(
        (server.server.connections(), server.server.requests()),
        (1, 3)
    );
}

#[tokio::test]
async fn a_server_of_http_1_0_is_spoken_to_as_such_after_a_pause() {
    const ANSWER: &[u8] =
        b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nhi";
    let (server, requests) = answering_each(|_| ANSWER.to_vec()).await;
    let mut client = client();
    for _ in 0..3 {
        send_and_park(&mut client, &server.url("/")).await;
    }
    assert_eq!(server.connections(), 1, "it was kept");
    let requests = requests.lock().unwrap();
    let versions: Vec<&str> = requests
        .iter()
        .filter_map(|request| request.lines().next()?.rsplit(' ').next())
        .collect();
    // The first one is sent before anybody knows.
    assert_eq!(versions, ["HTTP/1.1", "HTTP/1.0", "HTTP/1.0"]);
}
