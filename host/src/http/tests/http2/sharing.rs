//! Requests that share a connection, and how both sides come to have one.

use super::*;

#[tokio::test]
async fn requests_share_a_connection_and_are_timed_each() {
    let server = serve(|_| async {
        sleep(Duration::from_millis(30)).await;
        answer("hi")
    })
    .await;
    let mut client = prior_knowledge();
    let request = get(&server.url("/a?b"));
    for turn in 0..4 {
        let exchange = client.send(&request, &()).await;
        assert_eq!(text(&exchange), "hi");
        let response = exchange.outcome.as_ref().unwrap();
        assert_eq!(
            (response.protocol(), response.status().as_u16()),
            ("HTTP/2.0", 200)
        );
        assert_eq!(exchange.remote.unwrap().port(), server.port);
        assert!(exchange.bytes_sent > 9 && exchange.bytes_received > 20);
        let timings = exchange.timings;
        assert_eq!(
            timings.connecting.unwrap().is_zero(),
            turn > 0,
            "{timings:?}"
        );
        assert_eq!(timings.tls_handshaking, Some(Duration::ZERO));
        assert!(
            timings.waiting.unwrap() >= Duration::from_millis(25),
            "{timings:?}"
        );
        assert!(
            timings.sending.unwrap() < Duration::from_millis(20),
            "{timings:?}"
        );
        assert!(timings.duration().unwrap() < Duration::from_millis(500));
    }
    assert_eq!((server.connections(), server.requests()), (1, 4));
}

#[tokio::test]
async fn a_batch_goes_over_one_connection_at_once_and_in_order() {
    let now = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let noted = Arc::clone(&most);
    let server = serve(move |request| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&noted));
        async move {
            most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
            sleep(Duration::from_millis(40)).await;
            now.fetch_sub(1, SeqCst);
            answer(request.uri().path().to_owned())
        }
    })
    .await;
    let requests: Vec<Request> = (0..20)
        .map(|number| get(&server.url(&format!("/{number}"))))
        .collect();
    let requests: Vec<&Request> = requests.iter().collect();
    let mut client = prior_knowledge();
    for round in 0..2 {
        let exchanges = client.send_all(&requests, &()).await;
        for (number, exchange) in exchanges.iter().enumerate() {
            assert_eq!(text(exchange), format!("/{number}"));
            // Those that waited for the first one's connection did not make it.
            let connecting = exchange.timings.connecting.unwrap();
            assert_eq!(connecting.is_zero(), (round, number) != (0, 0));
        }
    }
    assert_eq!(
        (server.connections(), server.requests(), most.load(SeqCst)),
        (1, 40, 20)
    );

    // k6's limit per host holds here too.
    most.store(0, SeqCst);
    let mut client = client_with(|settings| settings.protocol = Protocol::Http2);
    client.send_all(&requests, &()).await;
    assert_eq!((server.connections(), most.load(SeqCst)), (2, 6));
}

#[tokio::test]
async fn the_protocol_is_what_both_sides_agree_on() {
    const BOTH: &[&[u8]] = &[b"h2", b"http/1.1"];
    for (server, client, expected) in [
        (BOTH, Protocol::Negotiated, Some("HTTP/2.0")),
        (BOTH, Protocol::Http1, Some("HTTP/1.1")),
        (BOTH, Protocol::Http2, Some("HTTP/2.0")),
        (&BOTH[1..], Protocol::Negotiated, Some("HTTP/1.1")),
        (&[], Protocol::Negotiated, Some("HTTP/1.1")),
        (&BOTH[1..], Protocol::Http2, None),
        (&[], Protocol::Http2, None),
    ] {
        let server = serve_tls(server).await;
        let mut client = client_with(|settings| {
            settings.protocol = client;
            settings.tls.extra_roots = vec![server.root.clone()];
        });
        let request = get(&server.url("localhost"));
        for turn in 0..2 {
            let exchange = client.send(&request, &()).await;
            let Some(expected) = expected else {
                assert_eq!((code(&exchange), exchange.bytes_sent), (1300, 0));
                continue;
            };
            assert_eq!(text(&exchange), "hi");
            assert_eq!(exchange.outcome.as_ref().unwrap().protocol(), expected);
            assert_eq!(
                exchange.timings.tls_handshaking.unwrap().is_zero(),
                turn > 0
            );
        }
        if expected.is_some() {
            assert_eq!(
                (server.server.connections(), server.server.requests()),
                (1, 2)
            );
        }
    }
}

#[tokio::test]
async fn a_first_batch_makes_one_connection_of_http2_and_as_many_of_http1_as_it_needs() {
    const HTTP2: &[&[u8]] = &[b"h2"];
    const HTTP1: &[&[u8]] = &[b"http/1.1"];
    for (alpn, connections) in [(HTTP2, 1), (HTTP1, 4)] {
        let server = serve_tls(alpn).await;
        let mut client = client_with(|settings| {
            settings.tls.extra_roots = vec![server.root.clone()];
        });
        let request = get(&server.url("localhost"));
        for exchange in client.send_all(&[&request; 4], &()).await {
            assert_eq!(text(&exchange), "hi");
        }
        assert_eq!(server.server.connections(), connections);
    }
}

#[tokio::test]
async fn a_connection_that_cannot_be_made_fails_all_who_wait_for_it_together() {
    let server = server::serve(|mut peer| async move { peer.closed().await }).await;
    let url = format!("https://127.0.0.1:{}/", server.port);
    let mut client = client_with(|settings| {
        settings.connect_timeout = Duration::from_millis(150);
        settings.tls.insecure_skip_verify = true;
    });
    let started = std::time::Instant::now();
    let exchanges = client.send_all(&[&get(&url); 5], &()).await;
    assert!(exchanges.iter().all(|exchange| code(exchange) == 1211));
    assert!(started.elapsed() < Duration::from_millis(300));
    assert_eq!(server.connections(), 1);
}
