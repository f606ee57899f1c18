//! WebSocket sessions of a scenario, against tungstenite's server.

use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::{Message, WebSocket};

use crate::harness::Folder;

const TOKEN: &str = "s3cr3t-t0k3n-5a5b5c";

/// What a server has seen.
#[derive(Debug, Default)]
struct Seen {
    sessions: u64,
    messages: u64,
    pings: u64,
    /// The codes that sessions were closed with; 0 for none.
    codes: Vec<u16>,
    tokens: Vec<String>,
}

struct Server {
    url: String,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    /// `/chat` sends back what comes, `/silent` says nothing, `/closed` opens
    /// no session.
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            for tcp in listener.incoming() {
                let seen = Arc::clone(&shared);
                std::thread::spawn(move || serve(tcp.unwrap(), &seen));
            }
        });
        Self { url, seen }
    }

    /// What it has seen, once as many sessions have ended.
    fn after(&self, sessions: usize) -> Seen {
        for _ in 0..200 {
            if self.seen.lock().unwrap().codes.len() >= sessions {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

fn serve(tcp: TcpStream, seen: &Mutex<Seen>) {
    let mut echoes = false;
    #[allow(clippy::result_large_err)]
    let answer = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
        let path = request.uri().path();
        if path == "/closed" {
            let refusal = http::Response::builder().status(403);
            return Err(refusal.body(Some("closed today".to_owned())).unwrap());
        }
        echoes = path == "/chat";
        let text = |name: &str| Some(request.headers().get(name)?.to_str().unwrap().to_owned());
        let mut seen = seen.lock().unwrap();
        seen.sessions += 1;
        seen.tokens.extend(text("authorization"));
        assert_eq!(text("sec-websocket-protocol").unwrap(), "v1.chat, v2.chat");
        let headers = response.headers_mut();
        headers.insert("sec-websocket-protocol", "v2.chat".parse().unwrap());
        headers.insert("x-room", "kitchen".parse().unwrap());
        Ok(response)
    };
    let Ok(mut session) = tungstenite::accept_hdr(tcp, answer) else {
        return;
    };
    let code = talk(&mut session, echoes, seen);
    seen.lock().unwrap().codes.push(code);
}

/// Talks until the session ends; the code it was closed with.
fn talk(session: &mut WebSocket<TcpStream>, echoes: bool, seen: &Mutex<Seen>) -> u16 {
    let mut code = 0;
    while let Ok(message) = session.read() {
        match message {
            Message::Text(_) | Message::Binary(_) => {
                seen.lock().unwrap().messages += 1;
                if echoes && session.send(message).is_err() {
                    break;
                }
            }
            Message::Ping(_) => seen.lock().unwrap().pings += 1,
            Message::Close(frame) => code = frame.map_or(1005, |frame| frame.code.into()),
            _ => {}
        }
    }
    code
}

/// Runs the guest with these thresholds; none may fail.
fn run(server: &Server, what: &str, options: &str, flags: &[&str]) -> Value {
    let folder = Folder::new().with_guest().with("vuelo.toml", options);
    let (what, url) = (format!("DO={what}"), format!("BASE_URL={}", server.url));
    let mut arguments = vec!["run", "guest.wasm", "-e", &what, "-e", &url];
    arguments.extend(flags);
    let mut command = folder.command(&arguments);
    let ran = command.env("TOKEN", TOKEN).output().unwrap();
    crate::harness::Ran::new(ran)
        .ends_with(0)
        .does_not_say(TOKEN);
    assert!(!folder.all_text().contains(TOKEN));
    folder.result()
}

fn thresholds(lines: &[(&str, &str)]) -> String {
    let mut plan = "[components.guest.options.thresholds]\n".to_owned();
    for (metric, threshold) in lines {
        plan.push_str(&format!("'{metric}' = [\"{threshold}\"]\n"));
    }
    plan
}

/// How many samples a counter or trend has, or how often a rate was true; 0 where
/// it has none.
fn count(result: &Value, metric: &str) -> u64 {
    let values = &result["metrics"][metric]["values"];
    let count = values["count"].as_f64().or(values["passes"].as_f64());
    count.unwrap_or(0.0) as u64
}

#[test]
fn sessions_are_measured_and_counted_as_the_server_counts_them() {
    let server = Server::start();
    let of_a_session = "{status:101,subproto:v2.chat,group:::talk,name:/chat}";
    let plan = thresholds(&[
        (&format!("ws_sessions{of_a_session}"), "count==12"),
        (&format!("ws_connecting{of_a_session}"), "count==12"),
        (&format!("ws_session_duration{of_a_session}"), "count==12"),
        (&format!("ws_ping{of_a_session}"), "count==12"),
        (&format!("ws_msgs_sent{of_a_session}"), "count==24"),
        (&format!("ws_msgs_received{of_a_session}"), "count==24"),
        ("ws_session_duration{error_code:}", "count==12"),
        ("checks", "rate==1"),
        ("iterations_failed", "count==0"),
    ]);
    let result = run(&server, "talk", &plan, &["-u", "3", "-i", "12"]);
    let seen = server.after(12);
    assert_eq!((seen.sessions, seen.messages, seen.pings), (12, 24, 12));
    assert_eq!(seen.codes, [4000; 12]);
    assert_eq!(seen.tokens, vec![format!("Bearer {TOKEN}"); 12]);
    assert_eq!(count(&result, "checks"), 12 * 10);
    let duration = &result["metrics"]["ws_session_duration"]["values"];
    let connecting = &result["metrics"]["ws_connecting"]["values"];
    // Each waits 10 ms for nothing more.
    assert!(duration["min"].as_f64().unwrap() >= 10.0, "{duration}");
    assert!(connecting["min"].as_f64().unwrap() > 0.0, "{connecting}");
    assert_eq!(count(&result, "http_reqs"), 0);
    for (way, least) in [("data_sent", 200), ("data_received", 100)] {
        assert!(count(&result, way) > 12 * least, "{way}");
    }
}

#[test]
fn a_session_ends_with_its_iteration_and_the_server_is_told() {
    let server = Server::start();
    let plan = thresholds(&[
        ("ws_sessions", "count==5"),
        ("ws_session_duration{error:}", "count==5"),
        ("ws_msgs_sent", "count==5"),
        ("checks", "rate==1"),
        ("iterations_failed", "count==0"),
    ]);
    let result = run(&server, "leave a session", &plan, &["-u", "1", "-i", "5"]);
    assert_eq!(count(&result, "checks"), 4);
    let seen = server.after(5);
    assert_eq!((seen.sessions, seen.messages), (5, 5));
    assert_eq!(seen.codes, [1001; 5]);
}

#[test]
fn a_handshake_that_is_refused_counts_with_its_status() {
    let server = Server::start();
    let plan = thresholds(&[
        ("ws_sessions{status:403,error_code:1403}", "count==4"),
        ("ws_connecting{error:session refused}", "count==4"),
        ("ws_msgs_sent", "count==0"),
        ("checks", "rate==1"),
    ]);
    let result = run(&server, "be refused", &plan, &["-i", "4"]);
    assert_eq!(count(&result, "ws_sessions"), 4);
    assert!(count(&result, "data_received") > 4 * 20);
}

#[test]
fn sessions_that_are_cut_off_at_the_end_are_counted() {
    let server = Server::start();
    let plan = "[components.guest.options.scenarios.default]\n\
                executor = \"constant-vus\"\nvus = 7\nduration = \"1s\"\ngracefulStop = \"0s\"\n"
        .to_owned()
        + &thresholds(&[
            ("ws_sessions", "count==7"),
            ("ws_msgs_sent", "count==7"),
            ("ws_session_duration{error_code:1051}", "count==7"),
        ]);
    let folder = Folder::new().with_guest().with("vuelo.toml", plan);
    let url = format!("BASE_URL={}", server.url);
    let arguments = [
        "run",
        "guest.wasm",
        "-e",
        "DO=wait for a message",
        "-e",
        &url,
    ];
    // Nothing ran to its end, which makes the run invalid.
    folder.vuelo(&arguments).ends_with(95);
    let result = folder.result();
    for (metric, counted) in [
        ("ws_sessions", 7),
        ("ws_msgs_sent", 7),
        ("ws_session_duration{error_code:1051}", 7),
        ("iterations_interrupted", 7),
    ] {
        assert_eq!(count(&result, metric), counted, "{metric}");
    }
    let seen = server.after(7);
    assert_eq!((seen.sessions, seen.messages), (7, 7));
    assert_eq!(seen.codes, [1001; 7]);
}
