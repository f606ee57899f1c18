//! The servers of Node's own library.

use std::process::Command;

use bytes::Bytes;

use crate::rows::{Table, client, get, request, told, try_get};
use crate::servers::{FILES, Server, folder, free_port};

const NAME: &str = "node:http";

pub async fn try_all(table: &mut Table) {
    let port = free_port();
    let mut command = Command::new("node");
    command
        .arg(format!("{FILES}/node.mjs"))
        .arg(port.to_string());
    let _server = Server::start(folder(), &mut command, port);
    let url = |path: &str| format!("http://localhost:{port}{path}");

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
        let came = try_get(&mut client(), url(path)).await;
        table.row(NAME, what, expected, came);
    }

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
        let mut sent = request(method, url("/echo"));
        sent.set_body(Bytes::from_static(body.as_bytes()));
        let came = told(&client().send(&sent, &()).await);
        table.row(NAME, what, expected, came);
    }

    let exchange = client().send(&get(url("/cookies")), &()).await;
    let response = exchange.outcome.unwrap();
    let cookies = response.headers().get_all("set-cookie").iter().count();
    table.row(
        NAME,
        "a header that comes twice",
        "two of them",
        if cookies == 2 {
            "two of them".to_owned()
        } else {
            format!("{cookies} of them")
        },
    );

    let mut own = client();
    let exchange = own.send(&get(url("/headers")), &()).await;
    let body = exchange.outcome.unwrap().body();
    let names: Vec<&str> = std::str::from_utf8(&body)
        .unwrap()
        .split(' ')
        .step_by(2)
        .collect();
    table.row(
        NAME,
        "the headers of a plain GET",
        "host user-agent",
        names.join(" "),
    );
}
