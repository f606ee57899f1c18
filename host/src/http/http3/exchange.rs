//! One request of HTTP/3 and its answer.

use std::sync::Arc;

use bytes::{Buf, Bytes};
use h3::client::RequestStream;
use h3::error::{Code, StreamError};
use http::Uri;
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::sync::{mpsc, oneshot};

use super::{Http3, of_quic, protocol};
use crate::http::body::OutgoingBody;
use crate::http::error::{Error, Fault};
use crate::http::http2;
use crate::http::meter::Meter;

/// Why a request has no answer.
pub(in crate::http) enum Failed {
    /// The server has not processed it, and says so.
    NotProcessed(Error),
    /// The stream or the connection broke.
    Broken(Error),
}

impl Failed {
    fn into_error(self) -> Error {
        match self {
            Self::NotProcessed(error) | Self::Broken(error) => error,
        }
    }
}

/// Sends a request, tells of the answer's head, and hands on its body. Dropping
/// the future gives the stream up.
pub(super) async fn run(
    http3: Http3,
    uri: Uri,
    message: http::Request<OutgoingBody>,
    meter: Arc<Meter>,
    head: oneshot::Sender<Result<http::Response<()>, Failed>>,
    pieces: mpsc::Sender<Result<Bytes, Error>>,
) {
    // What HTTP/2 wants, HTTP/3 wants as well.
    let (message, body) = http2::of_http2(uri, message);
    let mut sender = http3.0.sender.clone();
    let stream = match sender.send_request(message).await {
        Ok(stream) => stream,
        Err(error) => {
            let _ = head.send(Err(failed(&http3, error)));
            return;
        }
    };
    // Else the last one to be dropped could be this, in the middle of it.
    drop(sender);
    meter.commit();
    let now = meter.now();
    meter.writing.note_begin(now);
    meter.note_write_end(now);
    let (sending, receiving) = stream.split();
    let sending = Sending {
        stream: sending,
        is_complete: false,
    };
    let receiving = Receiving {
        stream: receiving,
        is_complete: false,
    };
    let receive = receive(&http3, receiving, &meter, head, pieces);
    let send = send(body, sending);
    tokio::pin!(receive, send);
    // Where it cannot be sent, the answer says why.
    tokio::select! {
        () = &mut send => receive.await,
        () = &mut receive => {}
    }
}

/// A request on its way.
struct Sending {
    stream: RequestStream<h3_quinn::SendStream<Bytes>, Bytes>,
    is_complete: bool,
}

impl Drop for Sending {
    fn drop(&mut self) {
        // One that is complete is in QUIC's hands, and is left there: the server
        // sees it, as was counted.
        if !self.is_complete {
            self.stream.stop_stream(Code::H3_REQUEST_CANCELLED);
        }
    }
}

async fn send(mut body: OutgoingBody, mut sending: Sending) {
    if send_all(&mut body, &mut sending.stream).await.is_some() {
        sending.is_complete = true;
    }
}

async fn send_all(
    body: &mut OutgoingBody,
    stream: &mut RequestStream<h3_quinn::SendStream<Bytes>, Bytes>,
) -> Option<()> {
    if !body.is_end_stream() {
        while let Some(frame) = body.frame().await {
            match frame.ok()?.into_data() {
                Ok(piece) if piece.is_empty() => {}
                Ok(piece) => stream.send_data(piece).await.ok()?,
                Err(frame) => {
                    let trailers = frame.into_trailers().ok()?;
                    stream.send_trailers(trailers).await.ok()?;
                }
            }
        }
    }
    stream.finish().await.ok()
}

/// An answer on its way.
struct Receiving {
    stream: RequestStream<h3_quinn::RecvStream, Bytes>,
    is_complete: bool,
}

impl Drop for Receiving {
    fn drop(&mut self) {
        if !self.is_complete {
            self.stream.stop_sending(Code::H3_REQUEST_CANCELLED);
        }
    }
}

async fn receive(
    http3: &Http3,
    mut receiving: Receiving,
    meter: &Meter,
    head: oneshot::Sender<Result<http::Response<()>, Failed>>,
    pieces: mpsc::Sender<Result<Bytes, Error>>,
) {
    let received = || {
        let now = meter.now();
        meter.note_read(now);
        http3.claim(meter);
    };
    let answer = receiving.stream.recv_response().await;
    match answer {
        Ok(answer) => {
            received();
            if head.send(Ok(answer)).is_err() {
                return;
            }
        }
        Err(error) => {
            http3.claim(meter);
            let _ = head.send(Err(failed(http3, error)));
            return;
        }
    }
    loop {
        let piece = match receiving.stream.recv_data().await {
            Ok(Some(mut piece)) => Ok(piece.copy_to_bytes(piece.remaining())),
            Ok(None) => {
                receiving.is_complete = true;
                received();
                return;
            }
            Err(error) => Err(failed(http3, error).into_error()),
        };
        received();
        let ends = piece.is_err();
        if pieces.send(piece).await.is_err() || ends {
            return;
        }
    }
}

/// What an error of a stream means.
fn failed(http3: &Http3, error: StreamError) -> Failed {
    let authority = &http3.0.authority;
    let cause = error.to_string();
    match error {
        StreamError::RemoteTerminate { code, .. } => {
            let error = protocol(authority, Fault::Stream, code.value(), cause);
            if code == Code::H3_REQUEST_REJECTED {
                Failed::NotProcessed(error)
            } else {
                Failed::Broken(error)
            }
        }
        StreamError::RemoteClosing { .. } => {
            http3.end();
            let code = Code::H3_NO_ERROR.value();
            Failed::NotProcessed(protocol(authority, Fault::GoAway, code, cause))
        }
        StreamError::StreamError { code, .. } => {
            Failed::Broken(protocol(authority, Fault::Stream, code.value(), cause))
        }
        _ => Failed::Broken(match http3.0.quic.close_reason() {
            Some(reason) => of_quic(authority, &reason),
            None => Error::Other {
                subject: Arc::clone(authority),
                cause,
            },
        }),
    }
}
