//! Cookies: which are kept, which are sent, for how long.

use super::server::{Server, answer, answering_each};
use super::*;
use crate::http::CookieLife;

/// Answers `/set?COOKIE` with that cookie, and everything else with the cookies
/// it was sent.
async fn cookie_server() -> Server {
    let (server, _) = answering_each(|request| {
        let path = request.split(' ').nth(1).unwrap();
        if let Some((_, cookie)) = path.split_once("?") {
            let cookie = cookie.replace("%20", " ");
            let to = if path.starts_with("/redirect") {
                "location: /echo\r\n"
            } else {
                ""
            };
            let status = if to.is_empty() { 200 } else { 302 };
            return answer(status, &format!("set-cookie: {cookie}\r\n{to}"), "set");
        }
        let cookie = request
            .lines()
            .filter_map(|line| line.strip_prefix("cookie: "))
            .collect::<Vec<_>>()
            .join(" AND ");
        answer(200, "", cookie)
    })
    .await;
    server
}

async fn echo(client: &mut Client, server: &Server, path: &str) -> String {
    text(&client.send(&get(&server.url(path)), &()).await)
}

#[tokio::test]
async fn a_cookie_that_a_server_sets_comes_back_to_it() {
    let server = cookie_server().await;
    let mut client = client();
    assert_eq!(echo(&mut client, &server, "/echo").await, "");
    echo(&mut client, &server, "/set?a=1;%20HttpOnly").await;
    echo(&mut client, &server, "/set?b=2;%20Max-Age=60").await;
    assert_eq!(echo(&mut client, &server, "/echo").await, "a=1; b=2");
    // Also from an answer that redirects, and from one that is opened.
    assert_eq!(
        echo(&mut client, &server, "/redirect?c=3;%20Path=/").await,
        "a=1; b=2; c=3"
    );
    let opened = client.open(&get(&server.url("/set?a=4")), &()).await;
    let _ = opened.unwrap().finish(&mut client);
    assert_eq!(echo(&mut client, &server, "/echo").await, "a=4; b=2; c=3");
    let request = get(&server.url("/echo"));
    let answers = client.send_all(&[&request; 2], &()).await;
    assert!(answers.iter().all(|answer| text(answer) == "a=4; b=2; c=3"));
}

#[tokio::test]
async fn path_domain_security_and_expiry_are_respected() {
    let server = cookie_server().await;
    let mut client = client();
    for cookie in [
        "path=1;%20Path=/deep",
        "secure=1;%20Secure",
        "foreign=1;%20Domain=other.test",
        "over=1;%20Max-Age=0",
        "gone=1;%20Expires=Thu,%2001%20Jan%201970%2000:00:00%20GMT",
        "own=1;%20Domain=127.0.0.1",
    ] {
        echo(&mut client, &server, &format!("/set?{cookie}")).await;
    }
    assert_eq!(echo(&mut client, &server, "/echo").await, "own=1");
    // Longer paths first.
    assert_eq!(
        echo(&mut client, &server, "/deep/echo").await,
        "path=1; own=1"
    );
    let url = format!("http://localhost:{}/echo", server.port);
    assert_eq!(text(&client.send(&get(&url), &()).await), "");
    // What was set is over when the server says so.
    echo(&mut client, &server, "/set?own=;%20Max-Age=0").await;
    assert_eq!(echo(&mut client, &server, "/echo").await, "");
}

#[tokio::test]
async fn cookies_end_with_their_iteration_unless_told_otherwise() {
    let server = cookie_server().await;
    for (life, after) in [(CookieLife::Iteration, ""), (CookieLife::Vu, "a=1")] {
        let mut client = client_with(|settings| settings.cookies = life);
        echo(&mut client, &server, "/set?a=1").await;
        client.end_iteration();
        assert_eq!(echo(&mut client, &server, "/echo").await, after);
        client.forget_cookies();
        assert_eq!(echo(&mut client, &server, "/echo").await, "");
    }
}

#[tokio::test]
async fn every_iteration_begins_with_the_lasting_cookies() {
    let server = cookie_server().await;
    let mut client = client();
    echo(&mut client, &server, "/set?session=1").await;
    client.make_cookies_lasting();
    for _ in 0..2 {
        echo(&mut client, &server, "/set?session=2").await;
        assert_eq!(echo(&mut client, &server, "/echo").await, "session=2");
        client.end_iteration();
        assert_eq!(echo(&mut client, &server, "/echo").await, "session=1");
    }
}

#[tokio::test]
async fn cookies_can_be_set_read_and_forgotten_by_hand() {
    let server = cookie_server().await;
    let url = server.url("/echo");
    let mut client = client();
    client.set_cookie(&url, "a=1; Path=/").unwrap();
    client.set_cookie(&url, "b=2; Path=/; Max-Age=60").unwrap();
    client
        .set_cookie("https://shop.test/", "c=3; Secure")
        .unwrap();
    assert_eq!(echo(&mut client, &server, "/echo").await, "a=1; b=2");
    assert_eq!(client.cookies("https://shop.test/x").unwrap(), [("c", "3")]);
    assert!(client.cookies("http://shop.test/x").unwrap().is_empty());
    client.delete_cookies(&url, Some("a")).unwrap();
    assert_eq!(echo(&mut client, &server, "/echo").await, "b=2");
    client.set_cookie(&url, "b=; Path=/; Max-Age=0").unwrap();
    client.set_cookie(&url, "d=4; Path=/").unwrap();
    assert_eq!(client.cookies(&url).unwrap(), [("d", "4")]);
    client.delete_cookies(&url, None).unwrap();
    assert_eq!(echo(&mut client, &server, "/echo").await, "");

    for (url, cookie) in [
        ("no url", "a=1"),
        (&*url, "no cookie"),
        (&*url, "a=geheim\0"),
        (&*url, "a=geheim; Path=/\u{7f}"),
        (&*url, "geheim=1; Domain=other.test"),
    ] {
        let error = client.set_cookie(url, cookie).unwrap_err();
        assert!(!error.to_string().contains("geheim"), "{error}");
    }
}

#[tokio::test]
async fn a_request_sends_its_own_cookies_in_place_of_those_kept() {
    let server = cookie_server().await;
    let mut client = client();
    client.set_cookie(&server.url("/"), "a=kept").unwrap();
    client.set_cookie(&server.url("/"), "b=kept").unwrap();
    let mut request = get(&server.url("/echo"));
    request.set_header("cookie", "header=1").unwrap();
    request.set_cookie("a", "own").unwrap();
    request.set_cookie("a", "mine").unwrap();
    assert_eq!(
        text(&client.send(&request, &()).await),
        "header=1; a=mine; b=kept"
    );
    for (name, value) in [("", "x"), ("a=b", "x"), ("a", "x; y"), ("a\r", "x")] {
        assert!(request.set_cookie(name, value).is_err(), "{name} {value}");
    }
}
