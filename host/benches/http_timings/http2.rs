//! A server of HTTP/2, by prior knowledge: hyper's, on a thread of its own.

use std::convert::Infallible;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::time::sleep;

use crate::phase::{LARGE, Phase, Trial};
use crate::truth::Truth;

pub fn start(trial: Trial, tell: Sender<Truth>) -> u16 {
    let (bound, binding) = mpsc::channel();
    thread::spawn(move || {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            bound.send(listener.local_addr().unwrap().port()).unwrap();
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                tcp.set_nodelay(true).unwrap();
                let tell = tell.clone();
                tokio::spawn(async move {
                    let service = service_fn(|request| answer(request, trial, tell.clone()));
                    // How a connection ends is the client's business.
                    let _ = http2::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(tcp), service)
                        .await;
                });
            }
        });
    });
    binding.recv().unwrap()
}

async fn answer(
    mut request: Request<Incoming>,
    trial: Trial,
    tell: Sender<Truth>,
) -> Result<Response<UnsyncBoxBody<Bytes, Infallible>>, Infallible> {
    let body = match trial.phase {
        Phase::Sending => {
            let begin = Instant::now();
            wait(trial.delay).await;
            let mut length = 0;
            while let Some(frame) = request.frame().await {
                length += frame.unwrap().into_data().map_or(0, |piece| piece.len());
            }
            assert_eq!(length, LARGE);
            let _ = tell.send(Truth::Took(begin.elapsed()));
            Empty::new().boxed_unsync()
        }
        Phase::Waiting => {
            let _ = tell.send(Truth::Took(wait(trial.delay).await));
            Empty::new().boxed_unsync()
        }
        Phase::Receiving => {
            let pieces = stream::unfold(0, move |piece| {
                let tell = tell.clone();
                async move {
                    match piece {
                        0 => {}
                        1 => {
                            let took = wait(trial.delay).await;
                            let _ = tell.send(Truth::Took(took));
                        }
                        _ => return None,
                    }
                    Some((Ok(Frame::data(Bytes::from_static(b"x"))), piece + 1))
                }
            });
            StreamBody::new(pieces).boxed_unsync()
        }
        phase => unreachable!("{phase:?} is not tried over HTTP/2"),
    };
    Ok(Response::new(body))
}

/// How long it really was.
async fn wait(delay: Duration) -> Duration {
    let begin = Instant::now();
    if !delay.is_zero() {
        sleep(delay).await;
    }
    begin.elapsed()
}
