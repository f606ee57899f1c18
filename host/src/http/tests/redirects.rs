//! Redirects: what is sent, what is told of each exchange, what it comes to.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{sleep, timeout};

use super::server::{Server, answer, answering_each, serve};
use super::*;

/// Redirects `/N` to `/N-1`, and answers `/0`.
async fn countdown() -> Server {
    let (server, _) = answering_each(|request| {
        let path = request.split(' ').nth(1).unwrap();
        match path.trim_start_matches('/').parse::<u32>().unwrap() {
            0 => answer(200, "", "there"),
            left => answer(302, &format!("location: /{}\r\n", left - 1), "moved"),
        }
    })
    .await;
    server
}

#[tokio::test]
async fn every_exchange_of_a_redirected_call_is_told_with_its_own_url_and_time() {
    let server = countdown().await;
    let mut client = client();
    let witness = Witness::default();
    let request = get(&server.url("/2"));
    let exchange = client.send(&request, &witness).await;
    assert_eq!(text(&exchange), "there");
    assert_eq!(
        exchange.redirected.as_ref().unwrap().url(),
        server.url("/0")
    );
    let told = witness.on_the_way.lock().unwrap();
    let urls: Vec<&str> = told
        .iter()
        .map(|(index, exchange, waypoint)| {
            assert_eq!((*index, *waypoint), (0, Waypoint::Redirect));
            let response = exchange.outcome.as_ref().unwrap();
            assert_eq!((response.status().as_u16(), response.body_len()), (302, 0));
            assert!(exchange.bytes_sent > 0 && exchange.timings.duration().is_some());
            exchange
                .redirected
                .as_ref()
                .map_or("as built", |to| to.url())
        })
        .collect();
    assert_eq!(urls, ["as built", &server.url("/1")]);
    assert_eq!((server.connections(), server.requests()), (1, 3));
    assert!(witness.stopped.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_redirect_beyond_the_limit_is_the_answer_and_is_told() {
    let server = countdown().await;
    let mut client = client_with(|settings| settings.max_redirects = 3);
    let witness = Witness::default();
    let exchange = client.send(&get(&server.url("/4")), &witness).await;
    // The whole answer: its body is somebody's now.
    assert_eq!(text(&exchange), "moved");
    let response = exchange.outcome.unwrap();
    assert_eq!(response.headers()["location"], "/0");
    assert_eq!(witness.on_the_way.lock().unwrap().len(), 3);
    assert_eq!(*witness.stopped.lock().unwrap(), [(0, 3)]);

    // Who says how many he wants needs no telling.
    let mut request = get(&server.url("/1"));
    request.set_max_redirects(0);
    let exchange = client.send(&request, &witness).await;
    assert_eq!(exchange.outcome.unwrap().status(), 302);
    assert_eq!(witness.stopped.lock().unwrap().len(), 1);
    assert_eq!(
        text(&client.send(&get(&server.url("/3")), &witness).await),
        "there"
    );
}

#[tokio::test]
async fn an_opened_answer_is_the_one_at_the_end_of_the_redirects() {
    let server = countdown().await;
    let mut client = client();
    let witness = Witness::default();
    for turn in 1..3 {
        let request = get(&server.url("/1"));
        let mut open = client.open(&request, &witness).await.unwrap();
        assert_eq!(open.status(), 200);
        assert_eq!(open.url(), server.url("/0"));
        open.read_to_end().await.unwrap();
        let exchange = open.finish(&mut client);
        assert_eq!(text(&exchange), "there");
        assert_eq!(
            exchange.redirected.as_ref().unwrap().url(),
            server.url("/0")
        );
        assert_eq!(witness.on_the_way.lock().unwrap().len(), turn);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_batch_follows_redirects_of_each() {
    let server = countdown().await;
    let requests: Vec<Request> = (0..4).map(|n| get(&server.url(&format!("/{n}")))).collect();
    let requests: Vec<&Request> = requests.iter().collect();
    let mut client = client_with(|settings| settings.per_host = 2);
    let witness = Witness::default();
    let exchanges = client.send_all(&requests, &witness).await;
    assert!(exchanges.iter().all(|exchange| text(exchange) == "there"));
    let mut told: Vec<usize> = witness
        .on_the_way
        .lock()
        .unwrap()
        .iter()
        .map(|(index, ..)| *index)
        .collect();
    told.sort_unstable();
    assert_eq!(told, [1, 2, 2, 3, 3, 3]);
    assert_eq!((server.connections(), server.requests()), (2, 10));
}

#[tokio::test]
async fn a_body_goes_along_where_the_method_stays() {
    let (server, seen) = answering_each(|request| {
        let path = request.split(' ').nth(1).unwrap();
        match path {
            "/303" => answer(303, "location: /end\r\n", ""),
            "/307" => answer(307, "location: /end\r\n", ""),
            _ => answer(200, "", "there"),
        }
    })
    .await;
    let mut client = client();
    for status in ["303", "307"] {
        let mut request = Request::new("POST", &server.url(&format!("/{status}"))).unwrap();
        request.set_header("content-type", "text/plain").unwrap();
        request.set_body(Bytes::from_static(b"hello"));
        assert_eq!(text(&client.send(&request, &()).await), "there");
    }
    let seen = seen.lock().unwrap();
    assert!(seen[1].starts_with("GET /end ") && !seen[1].contains("content-"));
    assert!(seen[1].contains(&format!("referer: {}\r\n", server.url("/303"))));
    assert!(seen[3].starts_with("POST /end ") && seen[3].ends_with("\r\n\r\nhello"));
}

#[tokio::test]
async fn authorization_is_not_sent_to_another_host() {
    let (other, seen) = answering_each(|_| answer(200, "", "other")).await;
    // Another name for the same machine is another host.
    let location = format!("location: http://localhost:{}/\r\n", other.port);
    let (server, _) = answering_each(move |_| answer(302, &location, "")).await;
    let mut request = get(&server.url("/"));
    request.set_header("authorization", "Bearer x").unwrap();
    request.set_sensitive_header("x-api-key", "geheim").unwrap();
    assert_eq!(text(&client().send(&request, &()).await), "other");
    let seen = seen.lock().unwrap();
    assert!(!seen[0].contains("authorization") && !seen[0].contains("geheim"));
}

#[tokio::test]
async fn a_redirect_to_what_is_no_url_of_http_is_the_failure_of_the_one_that_redirects() {
    let (server, _) = answering_each(|request| {
        let to = if request.starts_with("GET /first ") {
            "/second"
        } else {
            "myapp://callback?code=1"
        };
        answer(302, &format!("location: {to}\r\n"), "")
    })
    .await;
    let mut client = client();
    let witness = Witness::default();
    let request = get(&server.url("/first"));
    for turn in 1..3 {
        // Opened, the second time: there is no answer to open either.
        let exchange = match turn {
            1 => client.send(&request, &witness).await,
            _ => client.open(&request, &witness).await.unwrap_err(),
        };
        assert_eq!(code(&exchange), 1020);
        assert!(exchange.bytes_sent > 0 && exchange.timings.duration().is_some());
        let failed = exchange.redirected.as_ref().unwrap();
        assert_eq!(failed.url(), server.url("/second"));
        let text = exchange.outcome.unwrap_err().to_string();
        assert!(text.contains("redirects to `myapp://callback"), "{text}");
        // As many are told as the server has seen.
        assert_eq!(witness.on_the_way.lock().unwrap().len(), turn);
        assert_eq!((server.connections(), server.requests()), (1, 2 * turn));
    }
}

#[tokio::test]
async fn the_timeout_holds_for_all_exchanges_of_a_call_together() {
    let server = serve(|mut peer| async move {
        while peer.request().await.is_some() {
            sleep(Duration::from_millis(60)).await;
            peer.write(&answer(302, "location: /\r\n", "")).await;
        }
    })
    .await;
    let mut request = get(&server.url("/"));
    request.set_timeout(Duration::from_millis(150));
    let exchange = client().send(&request, &()).await;
    assert_eq!(code(&exchange), 1050);
    let text = exchange.outcome.unwrap_err().to_string();
    assert!(text.contains("after 150ms"), "{text}");
    assert!(server.requests() <= 3);
}

#[tokio::test]
async fn a_redirect_with_an_endless_body_is_followed_on_another_connection() {
    let server = serve(|mut peer| async move {
        let request = peer.request().await.unwrap();
        if request.starts_with("GET /end ") {
            peer.write(&answer(200, "", "there")).await;
            return;
        }
        peer.write(b"HTTP/1.1 302 Found\r\nlocation: /end\r\n\r\n")
            .await;
        loop {
            peer.write(&[b'x'; 10_000]).await;
            sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    let exchange = client().send(&get(&server.url("/")), &()).await;
    assert_eq!(text(&exchange), "there");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_call_cut_off_after_a_redirect_is_told_as_what_it_was_then() {
    let server = serve(|mut peer| async move {
        peer.request().await;
        peer.write(&answer(302, "location: /slow\r\n", "")).await;
        peer.request().await;
        peer.closed().await;
    })
    .await;
    let witness = Witness::default();
    let request = get(&server.url("/"));
    let mut client = client();
    let cut = timeout(Duration::from_millis(100), client.send(&request, &witness)).await;
    assert!(cut.is_err());
    let told = witness.interruptions();
    assert_eq!(told.len(), 1);
    let redirected = told[0].1.redirected.as_ref().unwrap();
    assert_eq!(redirected.url(), server.url("/slow"));
    assert_eq!(witness.on_the_way.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_plain_request_is_one_exchange_whatever_comes() {
    let (server, seen) = answering_each(|_| {
        answer(
            302,
            "location: /\r\nset-cookie: a=b\r\ncontent-encoding: gzip\r\n",
            "raw",
        )
    })
    .await;
    let mut request = get(&server.url("/"));
    request.set_plain();
    let mut client = client();
    let witness = Witness::default();
    for _ in 0..2 {
        assert_eq!(text(&client.send(&request, &witness).await), "raw");
    }
    assert_eq!(server.requests(), 2);
    assert!(
        seen.lock()
            .unwrap()
            .iter()
            .all(|sent| !sent.contains("cookie"))
    );
    assert!(witness.on_the_way.lock().unwrap().is_empty());
    assert!(witness.stopped.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_redirect_whose_body_breaks_off_is_followed() {
    let server = serve(|mut peer| async move {
        while let Some(request) = peer.request().await {
            if request.starts_with("GET /there ") {
                peer.write(&answer(200, "", "hi")).await;
                continue;
            }
            let half = b"HTTP/1.1 302 Some\r\nlocation: /there\r\ncontent-length: 9\r\n\r\nhalf";
            peer.write(half).await;
            break;
        }
    })
    .await;
    let exchange = client().send(&get(&server.url("/")), &()).await;
    assert_eq!(text(&exchange), "hi");
    assert_eq!((server.connections(), server.requests()), (2, 2));
}
