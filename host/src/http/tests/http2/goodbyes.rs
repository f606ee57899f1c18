//! Requests that the server has not processed, and connections that it ends.

use super::*;

#[tokio::test]
async fn refused_requests_are_sent_again_and_counted_once() {
    // The first batch comes before the server has said how many it takes.
    let server = serve_with(
        |builder| {
            builder.max_concurrent_streams(3);
        },
        |_| async {
            sleep(Duration::from_millis(5)).await;
            answer("hi")
        },
    )
    .await;
    let mut client = prior_knowledge();
    let mut post = Request::new("POST", &server.url("/")).unwrap();
    post.set_body(Bytes::from_static(b"once"));
    for exchange in client.send_all(&[&post; 20], &()).await {
        assert_eq!(text(&exchange), "hi");
    }
    assert_eq!((server.connections(), server.requests()), (1, 20));
}

#[tokio::test]
async fn a_goodbye_between_requests_costs_a_connection_and_no_request() {
    let server = serve_h2(|mut connection, _| async move {
        for turn in 0.. {
            let Some(Ok((_, mut respond))) = connection.accept().await else {
                break;
            };
            reply(&mut respond, b"hi");
            if turn == 2 {
                connection.graceful_shutdown();
            }
        }
    })
    .await;
    let mut client = prior_knowledge();
    let request = Request::new("POST", &server.url("/")).unwrap();
    for _ in 0..9 {
        assert_eq!(text(&client.send(&request, &()).await), "hi");
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn requests_that_a_goodbye_leaves_out_are_sent_again_and_the_others_are_answered() {
    let answered = Arc::new(AtomicUsize::new(0));
    let noted = Arc::clone(&answered);
    let server = serve_sockets(move |tcp, _, index| {
        let answered = Arc::clone(&noted);
        async move {
            let mut peer = RawPeer::greet(tcp).await;
            if index == 0 {
                for stream in [1, 3, 5, 7, 9] {
                    assert_eq!(peer.request().await, Some(stream));
                }
                // Those up to 3 will be answered.
                peer.write(0x7, 0, 0, &[0, 0, 0, 3, 0, 0, 0, 0]).await;
                sleep(Duration::from_millis(50)).await;
                for stream in [3, 1] {
                    peer.answer(stream).await;
                    answered.fetch_add(1, SeqCst);
                }
                sleep(SOON).await;
            }
            while let Some(stream) = peer.request().await {
                peer.answer(stream).await;
                answered.fetch_add(1, SeqCst);
            }
        }
    })
    .await;
    let mut client = prior_knowledge();
    let post = Request::new("POST", &server.url("/")).unwrap();
    for exchange in client.send_all(&[&post; 5], &()).await {
        assert_eq!(exchange.outcome.unwrap().status(), 200);
    }
    assert_eq!((server.connections(), answered.load(SeqCst)), (2, 5));
}

#[tokio::test]
async fn a_server_that_refuses_everything_is_not_asked_for_ever() {
    let server = serve_sockets(|tcp, requests, _| async move {
        let mut peer = RawPeer::greet(tcp).await;
        while let Some(stream) = peer.request().await {
            requests.fetch_add(1, SeqCst);
            peer.write(0x3, 0, stream, &[0, 0, 0, 7]).await;
        }
    })
    .await;
    let exchange = prior_knowledge().send(&get(&server.url("/")), &()).await;
    assert_eq!(code(&exchange), 1638, "{exchange:?}");
    assert_eq!((server.connections(), server.requests()), (1, 4));
    let server = serve_sockets(|tcp, _, _| async move {
        let mut peer = RawPeer::greet(tcp).await;
        peer.request().await;
        peer.write(0x7, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 0]).await;
        sleep(SOON).await;
    })
    .await;
    let exchange = prior_knowledge().send(&get(&server.url("/")), &()).await;
    assert_eq!(code(&exchange), 1611, "{exchange:?}");
    assert_eq!(server.connections(), 4);
}

#[tokio::test]
async fn a_connection_that_the_server_closes_in_the_middle_is_lost_and_replaced() {
    let server = serve_sockets(|tcp, requests, _| async move {
        let mut peer = RawPeer::greet(tcp).await;
        for turn in 0..2 {
            let stream = peer.request().await.unwrap();
            requests.fetch_add(1, SeqCst);
            if turn == 0 {
                peer.answer(stream).await;
            }
        }
    })
    .await;
    let mut client = prior_knowledge();
    let post = Request::new("POST", &server.url("/")).unwrap();
    assert!(client.send(&post, &()).await.outcome.is_ok());
    // Nobody knows whether the server has processed it.
    let exchange = client.send(&post, &()).await;
    assert_eq!(code(&exchange), 1200, "{exchange:?}");
    assert_eq!((server.connections(), server.requests()), (1, 2));
    // Which does not matter here.
    assert!(
        client
            .send(&get(&server.url("/")), &())
            .await
            .outcome
            .is_ok()
    );
    assert!(
        client
            .send(&get(&server.url("/")), &())
            .await
            .outcome
            .is_ok()
    );
    assert_eq!((server.connections(), server.requests()), (3, 5));
}
