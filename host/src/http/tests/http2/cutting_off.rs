//! Requests that are given up, and what becomes of their connection.

use super::*;

#[tokio::test]
async fn a_dropped_future_resets_its_stream_and_leaves_the_connection_to_others() {
    /// Tells when it is dropped.
    struct Given(mpsc::UnboundedSender<()>);
    impl Drop for Given {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let (given_up, mut seen) = mpsc::unbounded_channel();
    let server = serve(move |request| {
        let given = Given(given_up.clone());
        async move {
            if request.uri().path() == "/slow" {
                pending::<()>().await;
            }
            std::mem::forget(given);
            answer("hi")
        }
    })
    .await;
    let (fast, slow) = (get(&server.url("/fast")), get(&server.url("/slow")));
    let mut client = prior_knowledge();
    let witness = Witness::default();
    for turn in 1..4 {
        assert_eq!(text(&client.send(&fast, &witness).await), "hi");
        let cut = timeout(Duration::from_millis(50), client.send(&slow, &witness));
        assert!(cut.await.is_err());
        timeout(SOON, seen.recv()).await.unwrap().unwrap();
        let told = witness.interruptions();
        assert_eq!(told.len(), turn);
        let (_, interrupted) = &told[turn - 1];
        assert!(interrupted.bytes_sent > 0);
        assert!(interrupted.timings.waiting.unwrap() > Duration::from_millis(20));
    }
    assert_eq!((server.connections(), server.requests()), (1, 6));
}

#[tokio::test]
async fn a_request_cut_off_before_it_was_given_to_the_connection_is_never_sent() {
    let server = serve(|_| async { answer("hi") }).await;
    let mut client = prior_knowledge();
    let witness = Witness::default();
    let request = get(&server.url("/"));
    drop(client.send(&request, &witness));
    client.send(&request, &witness).await;
    {
        let mut sending = pin!(client.send(&request, &witness));
        poll_fn(|cx| {
            assert!(sending.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    sleep(Duration::from_millis(50)).await;
    assert_eq!(server.requests(), 1);
    assert!(witness.interruptions().is_empty());
    client.send(&request, &witness).await;
    assert_eq!((server.connections(), server.requests()), (1, 2));
}

#[tokio::test]
async fn a_request_that_waits_for_a_place_was_not_sent() {
    let server = serve_with(
        |builder| {
            builder.max_concurrent_streams(1);
        },
        |request| async move {
            if request.uri().path() == "/slow" {
                sleep(Duration::from_millis(150)).await;
            }
            answer("hi")
        },
    )
    .await;
    let (fast, slow) = (get(&server.url("/")), get(&server.url("/slow")));
    let mut client = prior_knowledge();
    let witness = Witness::default();
    // From now on the client knows how many the server takes.
    client.send(&fast, &witness).await;
    let batch = [&slow, &fast, &fast];
    let cut = timeout(Duration::from_millis(50), client.send_all(&batch, &witness));
    assert!(cut.await.is_err());
    let told = witness.interruptions();
    assert_eq!(
        told.iter().map(|(index, _)| *index).collect::<Vec<_>>(),
        [0]
    );
    assert_eq!(server.requests(), 2);
    // Those that are not cut off have their turn.
    let exchanges = client.send_all(&batch, &witness).await;
    assert!(exchanges.iter().all(|exchange| exchange.outcome.is_ok()));
    assert!(exchanges[2].timings.blocked.unwrap() > Duration::from_millis(100));
    assert_eq!((server.connections(), server.requests()), (1, 5));
}

#[tokio::test]
async fn time_is_up_for_one_stream_alone() {
    let server = serve(|request| async move {
        if request.uri().path() == "/slow" {
            pending::<()>().await;
        }
        answer("hi")
    })
    .await;
    let mut client = prior_knowledge();
    let (fast, mut slow) = (get(&server.url("/")), get(&server.url("/slow")));
    slow.set_timeout(Duration::from_millis(80));
    for _ in 0..2 {
        let exchanges = client.send_all(&[&slow, &fast], &()).await;
        assert_eq!(code(&exchanges[0]), 1050, "{exchanges:?}");
        assert!(matches!(
            exchanges[0].outcome,
            Err(Error::Timeout {
                phase: Phase::Waiting,
                ..
            })
        ));
        assert!(exchanges[0].bytes_sent > 0);
        assert_eq!(text(&exchanges[1]), "hi");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn an_answer_over_the_limit_and_one_that_is_left_reset_their_streams_alone() {
    let server = serve(|request| async move {
        let length = request.uri().path()[1..].parse().unwrap();
        answer(vec![7; length])
    })
    .await;
    let mut client = client_with(|settings| {
        settings.protocol = Protocol::Http2;
        settings.body_limit = 1 << 20;
    });
    let (large, small) = (get(&server.url("/20000000")), get(&server.url("/2")));
    let exchange = client.send(&large, &()).await;
    assert_eq!(code(&exchange), 1702);
    // It was not even begun.
    assert!(exchange.bytes_received < 5 << 20, "{exchange:?}");
    let mut open = client.open(&large, &()).await.unwrap();
    assert_eq!(open.protocol(), "HTTP/2.0");
    assert!(!open.next_chunk().await.unwrap().unwrap().is_empty());
    assert!(client.send(&small, &()).await.outcome.is_ok());
    let exchange = open.finish(&mut client);
    assert!(exchange.outcome.is_ok() && exchange.bytes_sent > 0);
    let mut open = client.open(&small, &()).await.unwrap();
    open.read_to_end().await.unwrap();
    assert_eq!(open.finish(&mut client).outcome.unwrap().body_len(), 2);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_server_that_has_fallen_silent_is_asked_no_more() {
    let server = serve_sockets(|tcp, requests, index| async move {
        if index > 0 {
            return speak_to(tcp, requests).await;
        }
        let mut peer = RawPeer::greet(tcp).await;
        peer.request().await;
        pending::<()>().await;
    })
    .await;
    let mut client = prior_knowledge();
    let mut request = get(&server.url("/"));
    request.set_timeout(Duration::from_millis(200));
    let exchange = client.send(&request, &()).await;
    assert_eq!(code(&exchange), 1050, "{exchange:?}");
    // It does not answer a ping either, so what comes next goes elsewhere.
    let exchange = client.send(&get(&server.url("/")), &()).await;
    assert_eq!(text(&exchange), "hi");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_slow_server_that_answers_a_ping_keeps_its_connection_and_is_not_asked_again_soon() {
    let pings = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&pings);
    let server = serve_sockets(move |tcp, _, _| {
        let pings = Arc::clone(&counted);
        async move {
            let mut peer = RawPeer::greet(tcp).await;
            while let Some((_, _, payload)) = peer.next_of(&[0x6]).await {
                pings.fetch_add(1, SeqCst);
                peer.write(0x6, 0x1, 0, &payload).await;
            }
        }
    })
    .await;
    let mut client = prior_knowledge();
    let mut request = get(&server.url("/"));
    request.set_timeout(Duration::from_millis(150));
    for _ in 0..3 {
        let exchange = client.send(&request, &()).await;
        assert_eq!(code(&exchange), 1050, "{exchange:?}");
        assert!(exchange.bytes_sent > 0);
    }
    assert_eq!((server.connections(), pings.load(SeqCst)), (1, 1));
}

#[tokio::test]
async fn what_comes_late_for_answers_that_were_cut_off_ends_no_connection() {
    const CUT_OFF: usize = 200;
    const LATE: usize = 20;
    let server = serve_sockets(|tcp, _, _| async move {
        let mut peer = RawPeer::greet(tcp).await;
        let mut reset = Vec::new();
        while let Some((kind, stream, _)) = peer.next_of(&[0x1, 0x3]).await {
            if kind == 0x3 {
                reset.push(stream);
            } else {
                // A head, and the beginning of a body.
                peer.write(0x1, 0x4, stream, &[0x88]).await;
                peer.write(0x0, 0, stream, b"event").await;
            }
            if reset.len() == CUT_OFF {
                for _ in 0..LATE {
                    for stream in &reset {
                        peer.write(0x0, 0, *stream, b"late").await;
                    }
                }
                reset.clear();
            }
        }
    })
    .await;
    let mut client = prior_knowledge();
    let request = get(&server.url("/"));
    for _ in 0..2 {
        for _ in 0..CUT_OFF {
            let mut open = client.open(&request, &()).await.unwrap();
            assert_eq!(open.next_chunk().await.unwrap().unwrap(), "event");
        }
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn time_that_is_up_says_what_it_was_spent_on() {
    let server = serve_with(
        |builder| {
            builder
                .max_concurrent_streams(1)
                .initial_stream_window_size(1000);
        },
        |request| async move {
            if request.uri().path() != "/" {
                // The body stays where it is.
                pending::<()>().await;
            }
            answer("hi")
        },
    )
    .await;
    let mut client = prior_knowledge();
    // From now on the client knows how many the server takes.
    assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
    let mut large = Request::new("POST", &server.url("/large")).unwrap();
    large.set_body(Bytes::from_static(&[7; 100_000]));
    large.set_timeout(Duration::from_millis(120));
    let mut next = get(&server.url("/"));
    next.set_timeout(Duration::from_millis(60));
    let exchanges = client.send_all(&[&large, &next], &()).await;
    let phases = exchanges.iter().map(|exchange| match exchange.outcome {
        Err(Error::Timeout { phase, .. }) => phase,
        _ => panic!("{exchange:?}"),
    });
    assert_eq!(phases.collect::<Vec<_>>(), [Phase::Sending, Phase::Queued]);
    let timings = exchanges[0].timings;
    assert_eq!((timings.waiting, timings.receiving), (None, None));
    assert!(timings.sending.unwrap() > Duration::from_millis(60));
    assert_eq!(exchanges[1].bytes_sent, 0);
}
