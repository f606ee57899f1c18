//! Whose connections are used, and how long.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::server::{Server, answering, serve};
use super::*;
use crate::http::Protocol;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

/// A server of either protocol.
async fn server_of(protocol: Protocol) -> Server {
    match protocol {
        Protocol::Http2 => http2::serve(|_| async { http2::answer("hi") }).await,
        _ => answering(OK).await,
    }
}

fn engine(connections: ConnectionLife, protocol: Protocol) -> Arc<Engine> {
    let settings = Settings {
        connections,
        protocol,
        ..Settings::default()
    };
    Engine::new(settings).unwrap()
}

#[tokio::test]
async fn a_connection_lives_as_long_as_the_settings_say() {
    use ConnectionLife::{Iteration, Request, Vu, Worker};
    for protocol in [Protocol::Http1, Protocol::Http2] {
        // Two clients, each with two iterations of two requests.
        for (life, connections) in [(Request, 8), (Iteration, 4), (Vu, 2), (Worker, 1)] {
            let server = server_of(protocol).await;
            let engine = engine(life, protocol);
            let mut clients = [(); 2].map(|()| Client::new(Arc::clone(&engine)));
            for _iteration in 0..2 {
                for client in &mut clients {
                    for _ in 0..2 {
                        let exchange = client.send(&get(&server.url("/")), &()).await;
                        assert_eq!(text(&exchange), "hi");
                    }
                    client.end_iteration();
                }
            }
            assert_eq!(
                (server.connections(), server.requests()),
                (connections, 8),
                "{life:?} {protocol:?}"
            );
        }
    }
}

#[tokio::test]
async fn clients_of_different_engines_share_nothing() {
    let server = answering(OK).await;
    for _ in 0..3 {
        let engine = engine(ConnectionLife::Worker, Protocol::Http1);
        let mut clients = [(); 2].map(|()| Client::new(Arc::clone(&engine)));
        for client in &mut clients {
            assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
        }
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn what_a_worker_shares_serves_as_many_at_a_time_as_are_there() {
    let server = serve(|mut peer| async move {
        while peer.request().await.is_some() {
            sleep(Duration::from_millis(30)).await;
            peer.write(OK).await;
        }
    })
    .await;
    let engine = engine(ConnectionLife::Worker, Protocol::Http1);
    // What is shared lasts as long as anybody has it.
    let mut resting = Client::new(Arc::clone(&engine));
    for _ in 0..3 {
        let vus = (0..20).map(|_| {
            let mut client = Client::new(Arc::clone(&engine));
            let request = get(&server.url("/"));
            tokio::spawn(async move {
                let exchange = client.send(&request, &()).await;
                assert_eq!(text(&exchange), "hi");
            })
        });
        for vu in vus.collect::<Vec<_>>() {
            vu.await.unwrap();
        }
        // A virtual user that rests takes nothing from the others.
        resting.close_idle();
    }
    assert_eq!((server.connections(), server.requests()), (20, 60));
}

#[tokio::test]
async fn connections_are_closed_with_their_last_owner() {
    use ConnectionLife::{Iteration, Request, Vu, Worker};
    for life in [Request, Iteration, Vu, Worker] {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let (closed, mut seen) = mpsc::unbounded_channel();
            let server = server::serve_sockets(move |tcp, requests, index| {
                let closed = closed.clone();
                async move {
                    if protocol == Protocol::Http2 {
                        http2::speak_to(tcp, requests).await;
                    } else {
                        let mut peer = server::Peer::over(tcp, requests, index);
                        while peer.request().await.is_some() {
                            peer.write(OK).await;
                        }
                    }
                    closed.send(()).unwrap();
                }
            })
            .await;
            let engine = engine(life, protocol);
            let mut clients = [(); 2].map(|()| Client::new(Arc::clone(&engine)));
            for client in &mut clients {
                assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
            }
            drop(clients);
            for _ in 0..server.connections() {
                let closed = timeout(SOON, seen.recv()).await;
                closed.expect("the connection is closed").unwrap();
            }
        }
    }
}

#[tokio::test]
async fn siblings_have_connections_in_common_and_nobody_else_does() {
    use ConnectionLife::{Iteration, Request, Vu, Worker};
    for protocol in [Protocol::Http1, Protocol::Http2] {
        for (life, connections) in [(Request, 6), (Iteration, 2), (Vu, 2), (Worker, 1)] {
            let server = server_of(protocol).await;
            let engine = engine(life, protocol);
            let mut clients = [(); 2].map(|()| Client::new(Arc::clone(&engine)));
            for client in &mut clients {
                assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
                let mut sibling = client.sibling();
                for client in [&mut sibling.sibling(), &mut sibling] {
                    assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
                }
            }
            assert_eq!(
                (server.connections(), server.requests()),
                (connections, 6),
                "{life:?} {protocol:?}"
            );
        }
    }
}

#[tokio::test]
async fn siblings_that_ask_at_once_wait_for_the_connection_that_one_of_them_makes() {
    let server = http2::serve(|_| async {
        sleep(Duration::from_millis(20)).await;
        http2::answer("hi")
    })
    .await;
    let mut client = Client::new(engine(ConnectionLife::Vu, Protocol::Http2));
    let asking = (0..20).map(|_| {
        let (mut sibling, request) = (client.sibling(), get(&server.url("/")));
        tokio::spawn(async move { text(&sibling.send(&request, &()).await) })
    });
    for asked in asking.collect::<Vec<_>>() {
        assert_eq!(asked.await.unwrap(), "hi");
    }
    // A virtual user that rests takes them from its siblings as well.
    client.close_idle();
    let again = client.sibling().send(&get(&server.url("/")), &()).await;
    assert_eq!(text(&again), "hi");
    assert_eq!((server.connections(), server.requests()), (2, 21));
}
