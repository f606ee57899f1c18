//! A server that answers everything alike.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::runtime::Builder;

/// The argument by which this program is such a server.
pub const SERVE: &str = "serve";

/// A process of its own, so that whoever counts the instructions of this one counts none
/// of it. It ends with this one.
pub struct Server {
    child: Child,
    pub url: String,
}

impl Server {
    /// One that takes so long for each answer.
    pub fn start(delay: Duration) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([SERVE, &delay.as_millis().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        let output = child.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut address).unwrap();
        Self {
            child,
            url: format!("http://{}/", address.trim()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What such a process does.
pub fn serve(delay: Duration) {
    let body = Bytes::from_static(&[b'x'; 100]);
    println!("{}", answer_all(body, delay));
    // Until whoever started it is gone, however that went.
    let _ = std::io::stdin().read(&mut [0]);
}

/// Answers everything with this body, on a thread of its own.
pub fn answer_all(body: Bytes, delay: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
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
                    async move {
                        if !delay.is_zero() {
                            tokio::time::sleep(delay).await;
                        }
                        Ok::<_, Infallible>(answer)
                    }
                });
                let connection = http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(tcp), answer));
            }
        });
    });
    address
}
