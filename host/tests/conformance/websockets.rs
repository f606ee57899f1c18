//! The package `websockets` of PyPI, and scenarios that speak to it by the built
//! command.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::certificates::{Certificate, authority};
use crate::guests;
use crate::rows::Table;
use crate::scenario::run;
use crate::servers::{FILES, Server, folder, free_port, python};

const NAME: &str = "websockets";

const ITERATIONS: usize = 20;

/// How long sessions that were left may still be on their way to the server.
const A_MOMENT: Duration = Duration::from_millis(500);

/// Sessions, pings or messages that an iteration must count.
type Count = (&'static str, usize);

/// What is tried, what the guest does, and what must be counted.
const ATTEMPTS: [(&str, &str, &[Count]); 4] = [
    (
        "text, binary, ping, subprotocol, closed by the client",
        "talk",
        &[
            ("ws_sessions{status:101,subproto:v2.chat}", 1),
            ("ws_ping", 1),
            ("ws_msgs_sent", 2),
            ("ws_msgs_received", 2),
        ],
    ),
    (
        "fragments, 200 kB, ping of the server, closed by the server",
        "hear",
        &[
            ("ws_sessions{status:101}", 1),
            ("ws_msgs_received", 3),
            ("ws_session_duration{error:}", 1),
        ],
    ),
    (
        "a handshake that is refused",
        "be refused",
        &[("ws_sessions{status:403,error_code:1403}", 1)],
    ),
    (
        "a session left with its iteration",
        "leave a session",
        &[("ws_sessions", 1), ("ws_session_duration{error:}", 1)],
    ),
];

pub fn try_all(table: &mut Table) {
    try_over("", table);
    try_over(" over TLS", table);
}

fn try_over(over: &str, table: &mut Table) {
    let port = free_port();
    let folder = folder();
    authority().write(Certificate::Good, folder.path());
    let plan = format!(
        "[options]\ntlsCaFiles = [{:?}]\n",
        folder.path().join("authority.pem")
    );
    let mut command = python(format!("{FILES}/websocket.txt"), "python");
    command
        .arg(format!("{FILES}/websocket.py"))
        .arg(port.to_string());
    let mut url = format!("http://localhost:{port}");
    if !over.is_empty() {
        command.args(["certificate.pem", "key.pem"]);
        url = format!("https://localhost:{port}");
    }
    let server = Server::start(folder, &mut command, port);
    for (what, does, counts) in ATTEMPTS {
        let counts: Vec<_> = counts
            .iter()
            .map(|(metric, each)| (*metric, each * ITERATIONS))
            .collect();
        let values = [("DO", does), ("BASE_URL", &url)];
        let came = run(guests::rust(), ITERATIONS, &values, &counts, &plan);
        table.row(NAME, format!("{what}{over}"), "passed", came);
    }
    sleep(A_MOMENT);
    let log = server.end();
    let seen = log.lines().rfind(|line| line.starts_with('{'));
    let seen: Value = serde_json::from_str(seen.unwrap_or("null")).unwrap();
    // Three attempts open sessions; one closes with each of these codes.
    let wanted = json!({
        "sessions": 3 * ITERATIONS,
        "messages": 3 * ITERATIONS,
        "refused": ITERATIONS,
        "closed 4000": ITERATIONS,
        "closed 4001": ITERATIONS,
        "closed 1001": ITERATIONS,
    });
    let came = if seen == wanted {
        "passed".to_owned()
    } else {
        format!("it has seen {seen}")
    };
    table.row(NAME, format!("counts of the server{over}"), "passed", came);
}
