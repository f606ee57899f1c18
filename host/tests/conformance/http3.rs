//! Starlette on hypercorn, by HTTP/3.

use std::time::Duration;

use bytes::Bytes;
use vuelo::http::{Client, Protocol};

use crate::certificates::{Certificate, authority};
use crate::rows::{Table, client_with, get, request, told, try_get};
use crate::servers::{FILES, Server, folder, free_port, python};

const NAME: &str = "hypercorn";

const INTRODUCTION: &str = "\
# HTTP/3: what servers of others get and give

The rows of [HTTP](http-conformance.md), by HTTP/3, which a build has with `--features http3`. `make http3-renew` writes \
this table; `make http3` fails where a row does not hold or the table differs.
";

#[tokio::test]
async fn servers_of_others_get_and_give_by_http3_what_the_table_says() {
    let port = free_port();
    let folder = folder();
    authority().write(Certificate::Good, folder.path());
    let mut command = python(format!("{FILES}/http3.txt"), "hypercorn");
    command
        .args([
            "unhurried:app",
            "--certfile",
            "certificate.pem",
            "--keyfile",
            "key.pem",
        ])
        .args(["--bind", &format!("127.0.0.1:{port}")])
        .args(["--quic-bind", &format!("127.0.0.1:{port}")])
        .env("PYTHONPATH", FILES);
    let _server = Server::start(folder, &mut command, port);
    let url = format!("https://localhost:{port}");
    let mut table = Table::default();
    answers(&url, &mut table).await;
    bodies(&url, &mut table).await;
    many(&url, &mut table).await;
    table.compare_or_write("http3-conformance.md", INTRODUCTION);
}

fn client() -> Client {
    client_with(|settings| settings.protocol = Protocol::Http3)
}

async fn answers(url: &str, table: &mut Table) {
    for (what, path, expected) in [
        ("GET", "/late?after=0", "200 by HTTP/3.0, `late`"),
        ("nothing there", "/nothing", "404 by HTTP/3.0, `Not Found`"),
        (
            "an answer in two pieces",
            "/pausing?pause=0.1",
            "200 by HTTP/3.0, `one, two`",
        ),
    ] {
        let came = try_get(&mut client(), format!("{url}{path}")).await;
        table.row(NAME, what, expected, came);
    }
    let mut own = client();
    let mut open = own
        .open(&get(format!("{url}/pausing?pause=0.3")), &())
        .await
        .unwrap();
    let first = open.next_chunk().await.unwrap().unwrap();
    let begin = open.elapsed_at_last_read();
    let second = open.next_chunk().await.unwrap().unwrap();
    let apart = open.elapsed_at_last_read() - begin > Duration::from_millis(200);
    let end = open.next_chunk().await.unwrap();
    let _ = open.finish(&mut own);
    table.row(
        NAME,
        "an answer in two pieces, read as it comes",
        r#"b"one, ", then b"two", then None; apart: true"#,
        format!("{first:?}, then {second:?}, then {end:?}; apart: {apart}"),
    );
    let mut hasty = get(format!("{url}/late?after=30"));
    hasty.set_head_timeout(Duration::from_millis(300));
    let came = told(&own.send(&hasty, &()).await);
    let later = try_get(&mut own, format!("{url}/late?after=0")).await;
    table.row(
        NAME,
        "no head in time, and the next request",
        "error 1050; 200 by HTTP/3.0, `late`",
        format!("{came}; {later}"),
    );
}

async fn bodies(url: &str, table: &mut Table) {
    for (what, length, expected) in [
        ("sending 5 bytes", 5, "200 by HTTP/3.0, `5 bytes`"),
        ("sending 3 MiB", 3 << 20, "200 by HTTP/3.0, `3145728 bytes`"),
    ] {
        let mut sent = request("POST", format!("{url}/length"));
        sent.set_body(Bytes::from(vec![b'x'; length]));
        let came = told(&client().send(&sent, &()).await);
        table.row(NAME, what, expected, came);
    }
}

async fn many(url: &str, table: &mut Table) {
    let mut own = client_with(|settings| {
        settings.protocol = Protocol::Http3;
        settings.per_host = 0;
    });
    let asked = get(format!("{url}/late?after=0.1"));
    let answers = own.send_all(&[&asked; 20], &()).await;
    let good = answers
        .iter()
        .filter(|exchange| told(exchange) == "200 by HTTP/3.0, `late`")
        .count();
    let later = own.send(&asked, &()).await;
    let kept = later.timings.connecting == Some(Duration::ZERO);
    table.row(
        NAME,
        "20 requests at once, and one more on the same connection",
        "20 good answers; connection kept: true",
        format!("{good} good answers; connection kept: {kept}"),
    );
}
