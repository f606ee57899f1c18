//! The servers of Node's own library: `node:http` and `node:http2`.

use std::process::Command;

use bytes::Bytes;
use vuelo::http::{Client, Protocol};

use crate::certificates::{Certificate, authority};
use crate::rows::{Table, client, client_with, get, request, told, try_get};
use crate::servers::{FILES, Server, folder, free_port};

const HTTP1: &str = "node:http";
const HTTP2: &str = "node:http2";

/// The length of the large body.
const LARGE: usize = 3 << 20;

pub async fn try_all(table: &mut Table) {
    let [http1, http2, tls] = std::array::from_fn(|_| free_port());
    let folder = folder();
    authority().write(Certificate::Good, folder.path());
    let mut command = Command::new("node");
    command.arg(format!("{FILES}/node.mjs"));
    command.args([http1, http2, tls].map(|port| port.to_string()));
    // It listens in the order of the ports.
    let _server = Server::start(folder, &mut command, tls);
    answers(&format!("http://localhost:{http1}"), table).await;
    requests(&format!("http://localhost:{http1}"), table).await;
    http2_answers(&format!("http://localhost:{http2}"), table).await;
    http2_at_once(&format!("http://localhost:{http2}"), table).await;
    negotiated(&format!("https://localhost:{tls}"), table).await;
}

async fn answers(url: &str, table: &mut Table) {
    for (what, path, expected) in [
        ("trailers", "/trailers", "200 by HTTP/1.1, `with trailers`"),
        (
            "an early hint before the answer",
            "/early",
            "200 by HTTP/1.1, `after a hint`",
        ),
        (
            "two interim answers before the answer",
            "/processing",
            "200 by HTTP/1.1, `after two words`",
        ),
        (
            "90 headers",
            "/many-headers",
            "200 by HTTP/1.1, `90 headers`",
        ),
        ("a reset in the body", "/destroy", "error 1220"),
        ("nothing there", "/nothing", "404 by HTTP/1.1, no body"),
    ] {
        let came = try_get(&mut client(), format!("{url}{path}")).await;
        table.row(HTTP1, what, expected, came);
    }
    let exchange = client().send(&get(format!("{url}/cookies")), &()).await;
    let response = exchange.outcome.unwrap();
    let cookies = response.headers().get_all("set-cookie").iter().count();
    table.row(
        HTTP1,
        "a header that comes twice",
        "2 of them",
        format!("{cookies} of them"),
    );
}

async fn requests(url: &str, table: &mut Table) {
    for (what, method, body, expected) in [
        (
            "POST of 5 bytes",
            "POST",
            "hello",
            "200 by HTTP/1.1, `POST 5 5`",
        ),
        ("POST of nothing", "POST", "", "200 by HTTP/1.1, `POST 0 0`"),
        (
            "DELETE without a body",
            "DELETE",
            "",
            "200 by HTTP/1.1, `DELETE 0 undefined`",
        ),
        ("PATCH", "PATCH", "a", "200 by HTTP/1.1, `PATCH 1 1`"),
    ] {
        let mut sent = request(method, format!("{url}/echo"));
        sent.set_body(Bytes::from_static(body.as_bytes()));
        let came = told(&client().send(&sent, &()).await);
        table.row(HTTP1, what, expected, came);
    }
    let exchange = client().send(&get(format!("{url}/headers")), &()).await;
    let body = exchange.outcome.unwrap().body();
    // Names and values take turns.
    let names: Vec<&str> = std::str::from_utf8(&body)
        .unwrap()
        .split(' ')
        .step_by(2)
        .collect();
    table.row(
        HTTP1,
        "the headers of a plain GET",
        "host user-agent",
        names.join(" "),
    );
}

fn http2_client() -> Client {
    client_with(|settings| settings.protocol = Protocol::Http2)
}

async fn http2_answers(url: &str, table: &mut Table) {
    for (what, path, expected) in [
        ("a body", "/hello", "200 by HTTP/2.0, `hello`"),
        ("3 MiB", "/large", "200 by HTTP/2.0, 3145728 bytes"),
        ("no content", "/empty", "204 by HTTP/2.0, no body"),
        (
            "an early hint before the answer",
            "/hint",
            "200 by HTTP/2.0, `after a hint`",
        ),
        ("trailers", "/trailers", "200 by HTTP/2.0, `with trailers`"),
        ("nothing there", "/nothing", "404 by HTTP/2.0, no body"),
        (
            "a stream that is given up in the body",
            "/given-up",
            "error 1633",
        ),
        (
            "a stream that is refused again and again",
            "/refused",
            "error 1638",
        ),
        (
            "a goodbye in the middle of the answer",
            "/goodbye",
            "200 by HTTP/2.0, `goodbye`",
        ),
        ("a goodbye that asks for calm", "/calm", "error 1622"),
    ] {
        let mut own = http2_client();
        let came = try_get(&mut own, format!("{url}{path}")).await;
        table.row(HTTP2, what, expected, came);
        let next = try_get(&mut own, format!("{url}/hello")).await;
        assert_eq!(next, "200 by HTTP/2.0, `hello`", "after {what}");
    }
    let mut sent = request("POST", format!("{url}/echo"));
    sent.set_body(Bytes::from(vec![0; LARGE]));
    let came = told(&http2_client().send(&sent, &()).await);
    table.row(
        HTTP2,
        "sending 3 MiB",
        "200 by HTTP/2.0, `POST 3145728`",
        came,
    );
}

async fn http2_at_once(url: &str, table: &mut Table) {
    let batch: Vec<_> = (0..20).map(|_| get(format!("{url}/slow"))).collect();
    let batch: Vec<_> = batch.iter().collect();
    let mut own = client_with(|settings| {
        settings.protocol = Protocol::Http2;
        settings.per_host = 0;
    });
    let answers = own.send_all(&batch, &()).await;
    let good = answers
        .iter()
        .filter(|exchange| told(exchange) == "200 by HTTP/2.0, `slow`")
        .count();
    table.row(
        HTTP2,
        "20 requests at once where 4 are allowed",
        "20 good answers",
        format!("{good} good answers"),
    );
}

async fn negotiated(url: &str, table: &mut Table) {
    for (what, protocol, expected) in [
        (
            "TLS, what the server prefers",
            Protocol::Negotiated,
            "200 by HTTP/2.0, `hello`",
        ),
        (
            "TLS, HTTP/2 alone",
            Protocol::Http2,
            "200 by HTTP/2.0, `hello`",
        ),
        (
            "TLS, HTTP/1.1 alone",
            Protocol::Http1,
            "200 by HTTP/1.1, `hello`",
        ),
    ] {
        let mut own = client_with(|settings| settings.protocol = protocol);
        let came = try_get(&mut own, format!("{url}/hello")).await;
        table.row(HTTP2, what, expected, came);
    }
}
