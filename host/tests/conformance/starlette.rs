//! Starlette with its middleware for compression, on uvicorn: bodies in the
//! encoding that the client accepts.

use crate::rows::{Table, client, get};
use crate::servers::{FILES, Server, folder, free_port, python};

const NAME: &str = "starlette-compress";

pub async fn try_all(table: &mut Table) {
    let port = free_port();
    let mut command = python(format!("{FILES}/conformance.txt"), "uvicorn");
    command.args([
        "compressed:app",
        "--app-dir",
        FILES,
        "--port",
        &port.to_string(),
    ]);
    let _server = Server::start(folder(), &mut command, port);
    for (what, path, encoding) in [
        ("zstd", "/text", "zstd"),
        ("zstd in pieces", "/pieces", "zstd"),
        ("br", "/text", "br"),
        ("br in pieces", "/pieces", "br"),
        ("gzip", "/text", "gzip"),
        ("gzip in pieces", "/pieces", "gzip"),
        ("no encoding", "/text", "identity"),
    ] {
        let mut asked = get(format!("http://127.0.0.1:{port}{path}"));
        asked.set_header("accept-encoding", encoding).unwrap();
        let exchange = client().send(&asked, &()).await;
        let response = exchange.outcome.unwrap();
        let good = response.body() == "hello ".repeat(1000);
        let packed = exchange.bytes_received < 1000;
        table.row(
            NAME,
            what,
            format!(
                "the text that was sent: true; fewer bytes on the wire: {}",
                encoding != "identity"
            ),
            format!("the text that was sent: {good}; fewer bytes on the wire: {packed}"),
        );
    }
}
