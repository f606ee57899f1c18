//! What a request costs, beside a bare hyper client's: `make http-engine`.
//!
//! Both send the same bytes over sockets of the same kind to the same server, one
//! after the other, again and again; the numbers are the processor's time of the
//! client's thread alone, which is what a generator has least of. The median of
//! all rounds counts, and the ratio, since machines differ.
#![allow(clippy::unwrap_used, missing_docs)]

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HOST, USER_AGENT};
use http_body_util::{BodyExt, Empty, Full};
use hyper::client::conn::http1;
use hyper::server;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustix::time::{ClockId, clock_gettime};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use vuelo::http::{Client, Engine, Request, Settings};

/// How many connections there are at a time.
const CONNECTIONS: usize = 50;
/// How many requests each of them sends in a round.
const REQUESTS: usize = 400;
const ROUNDS: usize = 15;

/// Bodies of answers, in bytes, and whether they are kept.
const CASES: [(&str, usize, Kept); 3] = [
    ("GET, 100 bytes, dropped", 100, Kept::Nothing),
    ("GET, 4 KiB, kept", 4 << 10, Kept::Whole),
    ("GET, 64 KiB, kept", 64 << 10, Kept::Whole),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Nothing,
    Whole,
}

fn main() {
    println!(
        "{} requests over {CONNECTIONS} connections, {ROUNDS} rounds in turn; \
         processor time of the client's thread, a request\n",
        CONNECTIONS * REQUESTS
    );
    println!("| request | bare hyper | engine | ratio |");
    println!("|---|---|---|---|");
    for (name, body, kept) in CASES {
        let address = serve(body);
        let (mut bare, mut engine, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        // The first round makes everything warm.
        for round in 0..=ROUNDS {
            let one = measured(|runtime| runtime.block_on(by_hyper(address, kept)));
            let other = measured(|runtime| runtime.block_on(by_engine(address, kept)));
            if round > 0 {
                bare.push(one);
                engine.push(other);
                ratios.push(other / one);
            }
        }
        println!(
            "| {name} | {:.2} µs | {:.2} µs | {:.3} |",
            median(&mut bare),
            median(&mut engine),
            median(&mut ratios),
        );
    }
}

/// A server on a thread of its own, which answers everything alike.
fn serve(body: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let body = Bytes::from(vec![b'x'; body]);
    std::thread::spawn(move || {
        runtime().block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                tcp.set_nodelay(true).unwrap();
                let body = body.clone();
                let answer = service_fn(move |_| {
                    let answer = http::Response::builder()
                        .header(CONTENT_TYPE, "application/json")
                        .body(Full::new(body.clone()))
                        .unwrap();
                    async move { Ok::<_, Infallible>(answer) }
                });
                let connection = server::conn::http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(tcp), answer));
            }
        });
    });
    address
}

/// Every connection is a task that sends one request after the other.
async fn by_hyper(address: SocketAddr, kept: Kept) {
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        tasks.spawn(async move {
            let tcp = TcpStream::connect(address).await.unwrap();
            tcp.set_nodelay(true).unwrap();
            let (mut sender, connection) = http1::handshake(TokioIo::new(tcp)).await.unwrap();
            tokio::spawn(connection);
            let request = http::Request::get("/")
                .header(HOST, address.to_string())
                .header(USER_AGENT, "vuelo/0.1.0")
                .header(ACCEPT_ENCODING, "gzip")
                .body(Empty::<Bytes>::new())
                .unwrap();
            for _ in 0..REQUESTS {
                let answer = sender.send_request(request.clone()).await.unwrap();
                assert_eq!(answer.status(), 200);
                let mut body = answer.into_body();
                let mut pieces = Vec::new();
                while let Some(frame) = body.frame().await {
                    if let (Ok(piece), Kept::Whole) = (frame.unwrap().into_data(), kept) {
                        pieces.push(piece);
                    }
                }
                sender.ready().await.unwrap();
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}

/// The same by the engine, as virtual users have it.
async fn by_engine(address: SocketAddr, kept: Kept) {
    let engine = Engine::new(Settings::default()).unwrap();
    let mut request = Request::new("GET", &format!("http://{address}/")).unwrap();
    request.set_discard_body(kept == Kept::Nothing);
    let request = Arc::new(request);
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (engine, request) = (Arc::clone(&engine), Arc::clone(&request));
        tasks.spawn(async move {
            let mut client = Client::new(engine);
            for _ in 0..REQUESTS {
                let exchange = client.send(&request, &()).await;
                assert_eq!(exchange.outcome.unwrap().status(), 200);
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Microseconds of this thread's processor time for one request of a round.
fn measured(round: impl FnOnce(&Runtime)) -> f64 {
    let runtime = runtime();
    let begin = processor_time();
    round(&runtime);
    let took = processor_time() - begin;
    took.as_secs_f64() * 1e6 / (CONNECTIONS * REQUESTS) as f64
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.cast_unsigned(),
        time.tv_nsec.try_into().unwrap(),
    )
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
