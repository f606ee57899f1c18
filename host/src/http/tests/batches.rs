//! Several requests at once.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use tokio::time::sleep;

use super::server::{Server, serve};
use super::*;

/// A server that takes 20 ms, answers with the path, and notes how many requests
/// it has at most at a time.
async fn slow_server() -> (Server, Arc<AtomicUsize>) {
    let now = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let noted = Arc::clone(&most);
    let server = serve(move |mut peer| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&noted));
        async move {
            while let Some(request) = peer.request().await {
                most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                sleep(Duration::from_millis(20)).await;
                now.fetch_sub(1, SeqCst);
                let path = request.split(' ').nth(1).unwrap();
                let length = path.len();
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{path}");
                peer.write(answer.as_bytes()).await;
            }
        }
    })
    .await;
    (server, most)
}

#[tokio::test]
async fn the_limit_per_host_holds_and_answers_come_in_order() {
    let (server, most) = slow_server().await;
    let requests: Vec<Request> = (0..15)
        .map(|number| get(&server.url(&format!("/{number}"))))
        .collect();
    let requests: Vec<&Request> = requests.iter().collect();
    let mut client = client();
    let exchanges = client.send_all(&requests, &()).await;
    for (number, exchange) in exchanges.iter().enumerate() {
        assert_eq!(text(exchange), format!("/{number}"));
    }
    assert_eq!(
        (most.load(SeqCst), server.connections(), server.requests()),
        (6, 6, 15)
    );
    // Those whose turn came late have waited for it.
    assert!(exchanges[14].timings.blocked.unwrap() > Duration::from_millis(30));
    assert!(exchanges[0].timings.blocked.unwrap() < Duration::from_millis(35));
    // The next batch has connections already.
    client.send_all(&requests, &()).await;
    assert_eq!(server.connections(), 6);
}

#[tokio::test]
async fn the_limit_in_all_holds_over_hosts() {
    let (one, most_one) = slow_server().await;
    let (two, most_two) = slow_server().await;
    let (one, two) = (get(&one.url("/")), get(&two.url("/")));
    let mut client = client_with(|settings| {
        settings.batch = 3;
        settings.per_host = 2;
    });
    let exchanges = client
        .send_all(&[&one, &one, &one, &two, &two, &two], &())
        .await;
    assert!(exchanges.iter().all(|exchange| exchange.outcome.is_ok()));
    let (one, two) = (most_one.load(SeqCst), most_two.load(SeqCst));
    assert!(one <= 2 && two <= 2 && one + two >= 3, "{one} and {two}");
}

#[tokio::test]
async fn a_failure_stands_in_its_place_and_the_others_go_on() {
    let (server, _) = slow_server().await;
    let mut refusing = server::answering(b"").await;
    refusing.stop().await;
    let (good, bad) = (get(&server.url("/")), get(&refusing.url("/")));
    let mut client = client();
    let exchanges = client.send_all(&[&good, &bad, &good, &good], &()).await;
    assert_eq!(code(&exchanges[1]), 1212);
    assert_eq!(
        exchanges
            .iter()
            .filter(|exchange| exchange.outcome.is_ok())
            .count(),
        3
    );
    assert!(client.send_all(&[], &()).await.is_empty());
}

#[tokio::test]
async fn requests_keep_to_the_limit_a_second_and_are_timed_without_the_wait_for_it() {
    let (server, _) = slow_server().await;
    let mut client = client_with(|settings| {
        settings.request_period = Some(Duration::from_millis(50));
    });
    let request = get(&server.url("/"));
    let start = std::time::Instant::now();
    client.send(&request, &()).await;
    let exchanges = client.send_all(&[&request; 9], &()).await;
    // Ten turns are nine periods of 50 ms apart.
    assert!(start.elapsed() >= Duration::from_millis(450));
    assert_eq!(server.requests(), 10);
    for exchange in &exchanges {
        assert!(exchange.timings.blocked.unwrap() < Duration::from_millis(40));
    }
}
