//! A connection that HTTP/1.1 is spoken on.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::AbortHandle;

use super::Error;
use super::meter::{Meter, Metered};
use super::request::Origin;

/// A connection. Dropping it closes it at once: a request that was handed to it
/// and not written yet is never written.
#[derive(Debug)]
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    meter: Arc<Meter>,
    task: AbortHandle,
    origin: Origin,
    target: Arc<str>,
}

/// Why a request got no answer on a connection.
pub(super) enum Unanswered {
    /// The connection was closed before the request was written: it can be sent
    /// again on another one.
    NeverSent,
    /// It failed in the middle.
    Failed(Error),
}

impl Connection {
    /// A connection over a stream.
    pub(super) async fn over<S>(stream: S, origin: Origin, target: String) -> Result<Self, Error>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let meter = Arc::new(Meter::new());
        let metered = Metered { stream, meter: Arc::clone(&meter) };
        let (sender, task) = http1::handshake(TokioIo::new(metered))
            .await
            .map_err(|error| Error::of_hyper(&target, &error))?;
        // An error of the task comes out at the request that it belongs to.
        let task = tokio::spawn(async move {
            let _ = task.await;
        });
        let task = task.abort_handle();
        Ok(Self { sender, meter, task, origin, target: target.into() })
    }

    /// Waits until the answer to the last request is done with; false when the
    /// connection was closed instead.
    pub(super) async fn is_usable(&mut self) -> bool {
        !self.sender.is_closed() && self.sender.ready().await.is_ok()
    }

    /// Sends a request and waits for the answer's head.
    pub(super) async fn send(
        &mut self,
        request: http::Request<Full<Bytes>>,
    ) -> Result<http::Response<Incoming>, Unanswered> {
        self.meter.begin();
        self.sender.try_send_request(request).await.map_err(|mut error| {
            if error.take_message().is_some() {
                Unanswered::NeverSent
            } else {
                Unanswered::Failed(Error::of_hyper(&self.target, error.error()))
            }
        })
    }

    pub(super) fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The authority, as errors name it.
    pub(super) fn target(&self) -> &Arc<str> {
        &self.target
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}
