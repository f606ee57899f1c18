//! Servers that break off, and servers that break the rules.

use super::*;

#[tokio::test]
async fn faults_have_numbers_of_their_own() {
    let server = serve_h2(|mut connection, _| async move {
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            match request.uri().path() {
                "/reset" => respond.send_reset(Reason::INTERNAL_ERROR),
                "/calm" => connection.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM),
                "/half" => {
                    let answer = http::Response::new(());
                    let mut stream = respond.send_response(answer, false).unwrap();
                    stream.send_data(Bytes::from_static(b"ha"), false).unwrap();
                    tokio::spawn(async move {
                        sleep(Duration::from_millis(20)).await;
                        stream.send_reset(Reason::CANCEL);
                    });
                }
                _ => reply(&mut respond, b"hi"),
            }
        }
    })
    .await;
    let mut client = prior_knowledge();
    let exchange = client.send(&get(&server.url("/reset")), &()).await;
    assert_eq!(code(&exchange), 1633, "{exchange:?}");
    assert!(exchange.bytes_sent > 0);
    let exchange = client.send(&get(&server.url("/half")), &()).await;
    assert_eq!(code(&exchange), 1639, "{exchange:?}");
    assert!(matches!(
        exchange.outcome,
        Err(Error::Protocol {
            fault: Fault::Stream,
            ..
        })
    ));
    // The connection has survived both.
    assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
    assert_eq!(server.connections(), 1);
    let exchange = client.send(&get(&server.url("/calm")), &()).await;
    assert_eq!(code(&exchange), 1622, "{exchange:?}");
    assert_eq!(text(&client.send(&get(&server.url("/")), &()).await), "hi");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_server_of_http1_breaks_the_rules_of_http2() {
    let server = answering(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    let mut request = get(&server.url("/"));
    request.set_timeout(Duration::from_secs(2));
    let exchange = prior_knowledge().send(&request, &()).await;
    assert!((1650..1665).contains(&code(&exchange)), "{exchange:?}");
}
