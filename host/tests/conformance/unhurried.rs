//! Starlette on uvicorn: answers that take their time, and bodies that are written
//! while they are sent.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::time::sleep;
use vuelo::http::{Client, Request};

use crate::rows::{Table, client, get, request, told};
use crate::servers::{FILES, Server, folder, free_port, python};

const NAME: &str = "starlette";

/// How long what is to take too long may take. What is in time takes a third.
const ALLOWED: Duration = Duration::from_millis(900);

pub async fn try_all(table: &mut Table) {
    let port = free_port();
    let mut command = python(format!("{FILES}/conformance.txt"), "uvicorn");
    command.args([
        "unhurried:app",
        "--app-dir",
        FILES,
        "--port",
        &port.to_string(),
    ]);
    let _server = Server::start(folder(), &mut command, port);
    let url = format!("http://127.0.0.1:{port}");
    limits(&url, table).await;
    uploads(&url, table).await;
}

async fn limits(url: &str, table: &mut Table) {
    /// Sets one of the limits.
    type Limit = fn(&mut Request);
    let head: Limit = |request| request.set_head_timeout(ALLOWED);
    let idle: Limit = |request| request.set_idle_timeout(ALLOWED);
    let whole: Limit = |request| request.set_timeout(ALLOWED);
    for (what, path, limit, expected) in [
        (
            "a head in time",
            "/late?after=0.3",
            head,
            "200 by HTTP/1.1, `late`",
        ),
        (
            "no head in time",
            "/late?after=30",
            head,
            "error 1050, while waiting for the head of the answer; in time: true",
        ),
        (
            "a body that goes on in time",
            "/pausing?pause=0.3",
            idle,
            "200 by HTTP/1.1, `one, two`",
        ),
        (
            "a body that goes on in time, and takes longer in all",
            "/dripping",
            idle,
            "it still comes",
        ),
        (
            "a body that does not go on in time",
            "/pausing?pause=30",
            idle,
            "error 1050, in which nothing more came of the body; in time: true",
        ),
        (
            "a whole answer in time",
            "/pausing?pause=0.3",
            whole,
            "200 by HTTP/1.1, `one, two`",
        ),
        (
            "no answer in time",
            "/late?after=30",
            whole,
            "error 1050, while waiting for the answer; in time: true",
        ),
        (
            "a body that has no end in time",
            "/dripping",
            whole,
            "error 1050, while receiving the answer; in time: true",
        ),
    ] {
        let mut asked = get(format!("{url}{path}"));
        limit(&mut asked);
        let came = if expected == "it still comes" {
            watch(&asked).await
        } else {
            wait(&asked).await
        };
        table.row(NAME, what, expected, came);
    }
}

/// Waits for the answer.
async fn wait(asked: &Request) -> String {
    let begin = Instant::now();
    let exchange = client().send(asked, &()).await;
    let in_time = (ALLOWED..5 * ALLOWED).contains(&begin.elapsed());
    match &exchange.outcome {
        Ok(_) => told(&exchange),
        Err(error) => {
            let text = error.to_string();
            let phase = text.rsplit(", ").next().unwrap();
            format!("{}, {phase}; in time: {in_time}", told(&exchange))
        }
    }
}

/// Reads for longer than is allowed.
async fn watch(asked: &Request) -> String {
    let mut own = client();
    let mut open = own.open(asked, &()).await.unwrap();
    let begin = Instant::now();
    while begin.elapsed() < 2 * ALLOWED {
        match open.next_chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => return "it ends".to_owned(),
            Err(error) => return error.to_string(),
        }
    }
    let _ = open.abandon();
    "it still comes".to_owned()
}

async fn uploads(url: &str, table: &mut Table) {
    let mut own = client();
    for (what, length, expected) in [
        (
            "a body written in three pieces",
            None,
            "200 by HTTP/1.1, `no length: [1, 20, 300]`",
        ),
        (
            "a body of known length, written in three pieces",
            Some(321),
            "200 by HTTP/1.1, `321: [1, 20, 300]`",
        ),
    ] {
        let came = upload(&mut own, url, length).await;
        table.row(NAME, what, expected, came);
    }
}

/// Pieces that are written apart from each other come so.
async fn upload(own: &mut Client, url: &str, length: Option<u64>) -> String {
    let asked = request("POST", format!("{url}/pieces"));
    let mut upload = own.upload(asked, length, Arc::new(())).await;
    for length in [1, 20, 300] {
        upload.write(Bytes::from(vec![b'x'; length])).await.unwrap();
        sleep(Duration::from_millis(100)).await;
    }
    match upload.open(own).await {
        Ok(mut open) => {
            open.read_to_end().await.unwrap();
            told(&open.finish(own))
        }
        Err(exchange) => told(&exchange),
    }
}
