//! Streams of events, from agents on the official packages of their protocols.

use bytes::Bytes;

use crate::rows::{Table, client, request, told};
use crate::servers::{REAL, Server, folder, free_port, python};

/// Larger than any event.
const LIMIT: u64 = 1 << 20;

const MESSAGE: &str = r#"{"jsonrpc": "2.0", "id": 1, "method": "message/stream", "params": {"message":
    {"kind": "message", "messageId": "1", "role": "user", "parts": [{"kind": "text", "text": "How is it?"}]}}}"#;

const RUN: &str = r#"{"threadId": "1", "runId": "1", "state": {}, "messages": [], "tools": [], "context": [],
    "forwardedProps": {}}"#;

pub async fn try_all(table: &mut Table) {
    for (name, list, module, path, body, expected) in [
        ("a2a-sdk 1.x", "a2a-1", "a2a_1", "/", MESSAGE, 4),
        ("a2a-sdk 0.3", "a2a-0.3", "a2a_0_3", "/", MESSAGE, 4),
        ("ag-ui-protocol", "agentos", "agentos", "/agui", RUN, 7),
    ] {
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let mut command = python(format!("requirements/{list}.txt"), "uvicorn");
        command
            .arg(format!("{module}:app"))
            .args(["--app-dir", REAL, "--port", &port.to_string()])
            .env("AGENT_URL", format!("{url}/"));
        let _server = Server::start(folder(), &mut command, port);
        let mut own = client();
        for what in ["a stream of events", "a second one on the same connection"] {
            let mut asked = request("POST", format!("{url}{path}"));
            asked
                .set_header("content-type", "application/json")
                .unwrap();
            asked.set_header("accept", "text/event-stream").unwrap();
            asked.set_body(Bytes::from_static(body.as_bytes()));
            let came = stream(&mut own, &asked).await;
            let reused = match what {
                "a stream of events" => "made",
                _ => "kept",
            };
            table.row(
                name,
                what,
                format!(
                    "{expected} events, apart from each other, and a clean end; connection {reused}"
                ),
                came,
            );
        }
    }
}

/// Reads a stream to its end, and says what came.
async fn stream(client: &mut vuelo::http::Client, asked: &vuelo::http::Request) -> String {
    let open = match client.open(asked, &()).await {
        Ok(open) => open,
        Err(exchange) => return told(&exchange),
    };
    let mut stream = match open.into_events(LIMIT) {
        Ok(stream) => stream,
        Err((_, error)) => return error.to_string(),
    };
    let mut times = Vec::new();
    let end = loop {
        match stream.next().await {
            Ok(Some(arrived)) => times.push(arrived.elapsed),
            Ok(None) => break "a clean end".to_owned(),
            Err(error) => break error.to_string(),
        }
    };
    let exchange = stream.finish(client);
    let apart = match (times.first(), times.last()) {
        (Some(first), Some(last)) if last > first => "apart from each other",
        _ => "all at once",
    };
    let connection = match exchange.timings.connecting {
        Some(time) if time.is_zero() => "kept",
        _ => "made",
    };
    format!(
        "{} events, {apart}, and {end}; connection {connection}",
        times.len()
    )
}
