//! Requests that are cut off: counted exactly when they had reached the wire.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::server::{answering, serve};
use super::*;
use crate::http::Protocol;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

#[tokio::test]
async fn a_request_cut_off_before_it_was_written_is_never_sent() {
    let server = answering(OK).await;
    let mut client = client();
    let witness = Witness::default();
    let request = get(&server.url("/"));
    drop(client.send(&request, &witness));
    client.send(&request, &witness).await;
    // On a kept connection: handed to its task, which had no turn.
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
}

#[tokio::test]
async fn a_request_cut_off_while_connecting_is_never_sent() {
    let server = serve(|mut peer| async move { peer.closed().await }).await;
    let mut client = client_with(|settings| settings.tls.insecure_skip_verify = true);
    let witness = Witness::default();
    let request = get(&format!("https://127.0.0.1:{}/", server.port));
    assert!(
        timeout(Duration::from_millis(50), client.send(&request, &witness))
            .await
            .is_err()
    );
    assert_eq!(server.connections(), 1);
    assert!(witness.interruptions().is_empty());
}

#[tokio::test]
async fn a_request_cut_off_while_waiting_is_told_once_with_its_times() {
    let server = serve(|mut peer| async move {
        peer.request().await;
        peer.closed().await;
    })
    .await;
    let witness = Witness::default();
    let request = get(&server.url("/"));
    for open in [false, true] {
        let mut client = client();
        let cut = Duration::from_millis(50);
        if open {
            assert!(timeout(cut, client.open(&request, &witness)).await.is_err());
        } else {
            assert!(timeout(cut, client.send(&request, &witness)).await.is_err());
        }
    }
    let told = witness.interruptions();
    assert_eq!((told.len(), server.requests()), (2, 2));
    for (index, interrupted) in told {
        assert_eq!(index, 0);
        assert!(interrupted.bytes_sent > 0 && interrupted.bytes_received == 0);
        assert!(interrupted.timings.waiting.unwrap() > Duration::from_millis(20));
        assert_eq!(interrupted.remote.unwrap().port(), server.port);
    }
}

#[tokio::test]
async fn a_batch_cut_off_tells_of_those_under_way_and_of_those_that_were_over() {
    let server = serve(|mut peer| async move {
        while let Some(request) = peer.request().await {
            if request.starts_with("GET /slow") {
                peer.closed().await;
            }
            peer.write(OK).await;
        }
    })
    .await;
    let (fast, slow) = (get(&server.url("/fast")), get(&server.url("/slow")));
    let mut client = client_with(|settings| settings.per_host = 2);
    let witness = Witness::default();
    let batch = [&fast, &slow, &fast, &slow, &fast];
    assert!(
        timeout(
            Duration::from_millis(100),
            client.send_all(&batch, &witness)
        )
        .await
        .is_err()
    );
    let mut cut: Vec<usize> = witness
        .interruptions()
        .iter()
        .map(|(index, _)| *index)
        .collect();
    cut.sort_unstable();
    assert_eq!(cut, [1, 3]);
    let over: Vec<usize> = witness
        .undelivered
        .lock()
        .unwrap()
        .iter()
        .map(|(index, _)| *index)
        .collect();
    assert_eq!(over, [0, 2], "the last one's turn never came");
    assert_eq!(server.requests(), 4);
}

/// Runs virtual users that are stopped at odd moments: what the target has seen
/// must be what was handed over and what was told.
async fn counts_agree(
    url: &str,
    step: Duration,
    seen: impl Fn() -> usize,
    change: fn(&mut Settings),
) {
    struct Told(AtomicUsize);
    impl Observer for Told {
        fn interrupted(&self, _: usize, interrupted: &Interrupted) {
            assert!(interrupted.bytes_sent > 0);
            self.0.fetch_add(1, SeqCst);
        }
    }
    let told = Arc::new(Told(AtomicUsize::new(0)));
    let handed_over = Arc::new(AtomicUsize::new(0));
    let mut settings = Settings::default();
    change(&mut settings);
    let engine = Engine::new(settings).unwrap();
    let mut stopped = Vec::new();
    for vu in 0..120_u64 {
        let (told, handed_over) = (Arc::clone(&told), Arc::clone(&handed_over));
        let (engine, request) = (Arc::clone(&engine), get(url));
        stopped.push(tokio::spawn(async move {
            let mut client = Client::new(engine);
            let life = async {
                loop {
                    let exchange = client.send(&request, &*told).await;
                    handed_over.fetch_add(usize::from(exchange.bytes_sent > 0), SeqCst);
                    let batch = client.send_all(&[&request; 4], &*told).await;
                    let sent = batch
                        .iter()
                        .filter(|exchange| exchange.bytes_sent > 0)
                        .count();
                    handed_over.fetch_add(sent, SeqCst);
                }
            };
            // Odd moments: also in the middle of the first handshake.
            let _ = timeout(step * u32::try_from(vu).unwrap(), life).await;
        }));
    }
    for vu in stopped {
        vu.await.unwrap();
    }
    // The target reads what is still in its sockets.
    sleep(Duration::from_millis(500)).await;
    let (told, handed_over) = (told.0.load(SeqCst), handed_over.load(SeqCst));
    assert!(
        told > 10 && handed_over > 10,
        "{told} told, {handed_over} handed over"
    );
    assert_eq!(
        seen(),
        told + handed_over,
        "{told} told, {handed_over} handed over"
    );
}

#[tokio::test]
async fn the_target_counts_as_many_requests_as_the_engine() {
    let server = serve(|mut peer| async move {
        while peer.request().await.is_some() {
            sleep(Duration::from_millis(1)).await;
            peer.write(OK).await;
        }
    })
    .await;
    let step = Duration::from_micros(12_731);
    counts_agree(&server.url("/"), step, || server.requests(), |_| {}).await;
}

#[tokio::test]
async fn the_target_counts_as_many_requests_as_the_engine_over_http2() {
    let server = http2::serve(|_| async {
        sleep(Duration::from_millis(1)).await;
        http2::answer("hi")
    })
    .await;
    let step = Duration::from_micros(12_731);
    counts_agree(
        &server.url("/"),
        step,
        || server.requests(),
        |settings| settings.protocol = Protocol::Http2,
    )
    .await;
}

#[tokio::test]
async fn the_target_counts_as_many_requests_as_the_engine_over_http2_and_tls() {
    let server = http2::serve_tls(&[b"h2"]).await;
    let url = server.url("127.0.0.1");
    let step = Duration::from_micros(25_117);
    counts_agree(
        &url,
        step,
        || server.server.requests(),
        |settings| settings.tls.insecure_skip_verify = true,
    )
    .await;
}

#[tokio::test]
async fn the_target_counts_as_many_requests_as_the_engine_where_a_worker_shares_connections() {
    let server = http2::serve(|_| async {
        sleep(Duration::from_millis(1)).await;
        http2::answer("hi")
    })
    .await;
    let step = Duration::from_micros(12_731);
    counts_agree(
        &server.url("/"),
        step,
        || server.requests(),
        |settings| {
            settings.protocol = Protocol::Http2;
            settings.connections = ConnectionLife::Worker;
        },
    )
    .await;
    // One, and those that were stopped while they made it for the others.
    let connections = server.connections();
    assert!(connections < 10, "{connections} connections");
}

#[tokio::test]
async fn the_target_counts_as_many_requests_as_the_engine_over_tls() {
    let server = tls::serve(&["127.0.0.1"]).await;
    let url = server.url("127.0.0.1");
    let step = Duration::from_micros(25_117);
    counts_agree(
        &url,
        step,
        || server.server.requests(),
        |settings| {
            settings.tls.insecure_skip_verify = true;
        },
    )
    .await;
}
