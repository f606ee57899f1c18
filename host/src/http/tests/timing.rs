//! Where the time went.

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::time::sleep;

use super::server::{answering, serve};
use super::*;

#[tokio::test]
async fn slow_phases_are_measured_apart() {
    let server = serve(|mut peer| async move {
        // Full socket buffers hold the sending up.
        sleep(Duration::from_millis(120)).await;
        let mut body = vec![0; 16 << 20];
        peer.stream.read_exact(&mut body).await.unwrap();
        sleep(Duration::from_millis(80)).await;
        peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nh")
            .await;
        sleep(Duration::from_millis(50)).await;
        peer.write(b"i").await;
        sleep(SOON).await;
    })
    .await;
    let mut request = Request::new("POST", &server.url("/")).unwrap();
    request.set_body(Bytes::from(vec![0; 16 << 20]));
    let before = Instant::now();
    let exchange = client().send(&request, &()).await;
    let elapsed = before.elapsed();
    assert_eq!(text(&exchange), "hi");
    let timings = exchange.timings;
    assert!(
        timings.sending.unwrap() > Duration::from_millis(80),
        "{timings:?}"
    );
    assert!(
        timings.waiting.unwrap() > Duration::from_millis(60),
        "{timings:?}"
    );
    assert!(
        timings.receiving.unwrap() > Duration::from_millis(40),
        "{timings:?}"
    );
    let all = timings.blocked.unwrap()
        + timings.connecting.unwrap()
        + timings.tls_handshaking.unwrap()
        + timings.duration().unwrap();
    assert!(
        all <= elapsed && elapsed - all < Duration::from_millis(100),
        "{all:?} of {elapsed:?}"
    );
}

#[tokio::test]
async fn a_busy_client_does_not_make_the_answer_late() {
    let server = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
    let mut client = client();
    let request = get(&server.url("/"));
    let mut open = client.open(&request, &()).await.unwrap();
    // Another virtual user holds the thread.
    std::thread::sleep(Duration::from_millis(100));
    open.read_to_end().await.unwrap();
    let duration = open.finish(&mut client).timings.duration().unwrap();
    assert!(duration < Duration::from_millis(80), "{duration:?}");
}
