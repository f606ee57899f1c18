//! `wasi:http`: what a guest sends with its language's own HTTP client goes
//! through the same engine, and is measured like a request of `vuelo:load/http`.
//!
//! Each request is one exchange: what redirects, cookies and encodings ask for is
//! the business of the guest's client. Its tags are those of the moment it is
//! sent, and `name` is its URL unless a tag of the iteration says otherwise.
//!
//! wasmtime sends in tasks of its own, side by side, so that each request has a
//! client of its own for as long as it lasts: a sibling of the VU's, on the same
//! connections.

use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use ::http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use ::http::request::Parts;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame};
use tokio::sync::mpsc;
use wasmtime_wasi_http::{
    Error as WasiError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView,
};

use super::context::{Context, RunContext, VuIdentity};
use super::http_request::{Expected, with_request_tags};
use super::http_sample::{OwnSampler, Sampler};
use crate::http::{
    Client, ConnectProblem, Error, Exchange, Mistake, OpenExchange, Phase, Request, Settings,
    TlsProblem, UploadBody,
};
use crate::metrics::{TagSet, with_shard};

/// How long the head of an answer may take, and the next piece of its body, where
/// neither the guest nor the plan says so: wasmtime's own default.
const PATIENCE: Duration = Duration::from_secs(600);

/// What wasmtime hands over when the head of an answer is there.
type Answered = Result<
    (
        ::http::Response<WasiBody>,
        Box<dyn Future<Output = Result<(), WasiError>> + Send>,
    ),
    WasiError,
>;

/// The rest of a body that the guest still makes, on its way.
type Writing = Pin<Box<dyn Future<Output = Result<(), WasiError>> + Send>>;

/// What requests through `wasi:http` need to know of their instance.
pub(super) struct WasiHttp {
    ctx: WasiHttpCtx,
    hooks: Hooks,
}

/// What wasmtime calls to send a request.
struct Hooks {
    sending: Sending,
    /// On the VU's connections, from the guest's first call on.
    client: Option<Client>,
}

impl WasiHttp {
    pub(super) fn new(run: &Arc<RunContext>, identity: &VuIdentity, is_running: bool) -> Self {
        Self {
            ctx: WasiHttpCtx::new(),
            hooks: Hooks {
                sending: Sending {
                    run: Arc::clone(run),
                    identity: identity.clone(),
                    tags: identity.tags,
                    late_by: None,
                    is_running,
                    is_stopped: Arc::default(),
                },
                client: None,
            },
        }
    }
}

impl Drop for WasiHttp {
    fn drop(&mut self) {
        // Before the tasks of its requests come to their ends.
        self.hooks.sending.is_stopped.store(true, Relaxed);
    }
}

impl WasiHttpView for Context {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let (tags, late_by) = (self.tags(), self.late_by);
        let WasiHttp { ctx, hooks } = &mut self.wasi_http;
        hooks.sending.tags = tags;
        hooks.sending.late_by = late_by;
        let _ = hooks.client.get_or_insert_with(|| self.client.sibling());
        WasiHttpCtxView {
            ctx,
            table: &mut self.table,
            hooks,
        }
    }
}

/// What it takes to send a request, as of this moment.
#[derive(Clone)]
struct Sending {
    run: Arc<RunContext>,
    identity: VuIdentity,
    tags: TagSet,
    late_by: Option<Duration>,
    /// The guest is not being asked for its options.
    is_running: bool,
    /// The instance is gone.
    is_stopped: Arc<AtomicBool>,
}

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: ::http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), WasiError>> + Send>,
    ) -> Box<dyn Future<Output = Answered> + Send> {
        let sending = self.sending.clone();
        let client = match &mut self.client {
            Some(client) => client.sibling(),
            None => Client::new(Arc::clone(&sending.run.http)),
        };
        Box::new(sending.send(client, request, options.unwrap_or_default()))
    }
}

impl Sending {
    async fn send(
        self,
        mut client: Client,
        request: ::http::Request<WasiBody>,
        options: RequestOptions,
    ) -> Answered {
        if !self.is_running {
            let reason = "`options` sent a request: options are asked for before anything is \
                          configured; move the call to `start`";
            return Err(WasiError::InternalError(Some(reason.to_owned())));
        }
        let (head, body) = request.into_parts();
        let patience = options.first_byte_timeout.unwrap_or(PATIENCE);
        let built = build(&head, options, self.run.http.settings());
        let built = built.map_err(|error| told(&error))?;
        let tags = with_shard(|shard| with_request_tags(&built, self.tags, shard));
        let tags = tags.unwrap_or(self.tags);
        let sampler = Sampler::new(tags, false, Expected::Default, self.late_by);
        let observer = Arc::new(OwnSampler {
            sampler: sampler.clone(),
            run: Arc::clone(&self.run),
            identity: self.identity.clone(),
        });
        let (opened, writing) = if body.is_end_stream() {
            (client.open(&built, &*observer).await, None)
        } else {
            let length = announced_length(&head, &body);
            let (answer, mut way) = client.upload(built, length, observer).await.split();
            // Else nothing would end a request that the server does not take.
            way.set_patience(patience);
            let mut writing: Writing = Box::pin(write(body, way));
            // Given up before the way to its body, which would look like an end.
            let mut opening = Box::pin(answer.open(&mut client));
            tokio::select! {
                biased;
                // A server may answer before the body has ended, and a guest read
                // the answer before it ends it.
                opened = &mut opening => (opened, Some(writing)),
                written = &mut writing => {
                    // A body that breaks off takes its request with it.
                    written?;
                    (opening.await, None)
                }
            }
        };
        match opened {
            Ok(exchange) => Ok(self.receiving(exchange, writing, client, sampler)),
            Err(exchange) => {
                sampler.record(&exchange);
                Err(exchange
                    .outcome
                    .map_or_else(|error| told(&error), |_| WasiError::HttpProtocolError))
            }
        }
    }

    /// The answer, and what brings its body and takes the rest of the request's.
    fn receiving(
        self,
        exchange: OpenExchange,
        writing: Option<Writing>,
        client: Client,
        sampler: Sampler,
    ) -> (
        ::http::Response<WasiBody>,
        Box<dyn Future<Output = Result<(), WasiError>> + Send>,
    ) {
        // One that is read while the next arrives: the guest's pace is the
        // scenario's.
        let (pieces, arriving) = mpsc::channel(1);
        let mut answer = ::http::Response::new(Pieces(arriving).boxed_unsync());
        *answer.status_mut() = exchange.status();
        *answer.headers_mut() = exchange.headers().clone();
        let receiving = Receiving {
            exchange: Some((exchange, client)),
            sampler,
            is_stopped: self.is_stopped,
        };
        let transfer = async move {
            let writing = async {
                if let Some(writing) = writing {
                    // What became of the request shows in its answer.
                    let _ = writing.await;
                }
                pending().await
            };
            // With the end of the answer the exchange is over.
            tokio::select! {
                () = receiving.run(pieces) => Ok(()),
                never = writing => never,
            }
        };
        (answer, Box::new(transfer))
    }
}

/// An answer whose body is on its way to the guest. A guest that drops it has seen
/// enough of it, which is no failure; with a virtual user that is stopped it is
/// cut off.
struct Receiving {
    exchange: Option<(OpenExchange, Client)>,
    sampler: Sampler,
    is_stopped: Arc<AtomicBool>,
}

impl Receiving {
    async fn run(mut self, pieces: mpsc::Sender<Result<Bytes, WasiError>>) {
        while let Some((exchange, _)) = &mut self.exchange {
            let piece = match exchange.next_chunk().await {
                Ok(Some(piece)) => Ok(piece),
                Ok(None) => break,
                Err(error) => Err(told(&error)),
            };
            let is_last = piece.is_err();
            if pieces.send(piece).await.is_err() || is_last {
                break;
            }
        }
        self.end();
    }

    fn end(&mut self) {
        if let Some((exchange, mut client)) = self.exchange.take() {
            let exchange: Exchange = exchange.finish(&mut client);
            self.sampler.record(&exchange);
        }
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        if !self.is_stopped.load(Relaxed) {
            self.end();
        } else if let Some((exchange, _)) = self.exchange.take() {
            let exchange = exchange.abandon();
            let (sent, received) = (exchange.bytes_sent, exchange.bytes_received);
            self.sampler.cut_off(sent, received, None);
        }
    }
}

/// Writes a body as the guest makes it, as long as it is wanted.
async fn write(mut body: WasiBody, mut way: UploadBody) -> Result<(), WasiError> {
    while let Some(frame) = body.frame().await {
        // Trailers are no part of the body.
        let Ok(piece) = frame?.into_data() else {
            continue;
        };
        if !matches!(way.write(piece).await, Ok(true)) {
            // More than was announced is what the guest was told already.
            return Ok(());
        }
    }
    way.end().await;
    Ok(())
}

/// A body that is received elsewhere.
struct Pieces(mpsc::Receiver<Result<Bytes, WasiError>>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = WasiError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, WasiError>>> {
        let piece = self.0.poll_recv(cx);
        piece.map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// The request as the engine has it.
fn build(head: &Parts, options: RequestOptions, settings: &Settings) -> Result<Request, Error> {
    let mut request = Request::new(head.method.as_str(), &head.uri.to_string())?;
    request.set_plain();
    // `wasi:http` has times for the parts of an exchange, and none for the whole.
    request.set_timeout(Duration::MAX);
    if let Some(timeout) = options.connect_timeout {
        request.set_connect_timeout(timeout);
    }
    let head_timeout = options.first_byte_timeout.or(settings.head_timeout);
    request.set_head_timeout(head_timeout.unwrap_or(PATIENCE));
    let idle_timeout = options.between_bytes_timeout.or(settings.idle_timeout);
    request.set_idle_timeout(idle_timeout.unwrap_or(PATIENCE));
    for (name, value) in &head.headers {
        // What the engine knows better, or must find out itself.
        if [HOST, CONTENT_LENGTH, TRANSFER_ENCODING].contains(name) {
            continue;
        }
        let value = std::str::from_utf8(value.as_bytes()).map_err(|_| Error::InvalidRequest {
            mistake: Mistake::HeaderValue {
                name: name.to_string(),
            },
        })?;
        request.append_header(name.as_str(), value)?;
    }
    Ok(request)
}

/// How long the body is to be, where that is known.
fn announced_length(head: &Parts, body: &WasiBody) -> Option<u64> {
    let said = head.headers.get(CONTENT_LENGTH);
    let said = said.and_then(|length| length.to_str().ok()?.parse().ok());
    said.or_else(|| body.size_hint().exact())
}

/// What the guest is told of an error: the closest word that `wasi:http` has.
fn told(error: &Error) -> WasiError {
    match error {
        Error::NotAllowed { .. } => WasiError::HttpRequestDenied,
        Error::InvalidRequest {
            mistake: Mistake::Url { .. },
        } => WasiError::HttpRequestUriInvalid,
        Error::InvalidRequest {
            mistake: Mistake::Method { .. },
        } => WasiError::HttpRequestMethodInvalid,
        Error::NameLookup {
            no_such_name: true, ..
        } => WasiError::DestinationNotFound,
        Error::NameLookup { .. } => WasiError::DnsError {
            rcode: None,
            info_code: None,
        },
        Error::ConnectionRefused { .. } => WasiError::ConnectionRefused,
        Error::Connect {
            problem: ConnectProblem::TimedOut { .. },
            ..
        }
        | Error::Timeout {
            phase: Phase::Connecting,
            ..
        } => WasiError::ConnectionTimeout,
        Error::Connect { .. } => WasiError::DestinationUnavailable,
        Error::Tls {
            problem: TlsProblem::UnknownAuthority { .. } | TlsProblem::OtherNames { .. },
            ..
        } => WasiError::TlsCertificateError,
        Error::Tls { .. } => WasiError::TlsProtocolError,
        Error::Timeout { .. } => WasiError::HttpResponseTimeout,
        Error::ConnectionLost { .. } => WasiError::ConnectionTerminated,
        Error::MalformedResponse { .. } | Error::BadRedirect { .. } | Error::Protocol { .. } => {
            WasiError::HttpProtocolError
        }
        Error::BodyTooLarge { limit, .. } => WasiError::HttpResponseBodySize(Some(*limit)),
        other => WasiError::InternalError(Some(other.to_string())),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn built(options: RequestOptions, settings: &Settings) -> String {
        let request = ::http::Request::get("http://localhost/").body(()).unwrap();
        let (head, ()) = request.into_parts();
        let built = build(&head, options, settings).unwrap();
        assert_eq!(built.timeout(), Duration::MAX, "none for the whole");
        format!("{built:?}")
    }

    #[test]
    fn a_part_may_take_as_long_as_the_guest_says_or_the_plan_or_ten_minutes() {
        let patient = built(RequestOptions::default(), &Settings::default());
        assert!(patient.contains("connect_timeout: None"), "{patient}");
        assert!(patient.contains("head_timeout: Some(600s)"), "{patient}");
        assert!(patient.contains("idle_timeout: Some(600s)"), "{patient}");
        let settings = Settings {
            head_timeout: Some(Duration::from_secs(5)),
            idle_timeout: Some(Duration::from_secs(6)),
            ..Settings::default()
        };
        let planned = built(RequestOptions::default(), &settings);
        assert!(planned.contains("head_timeout: Some(5s)"), "{planned}");
        assert!(planned.contains("idle_timeout: Some(6s)"), "{planned}");
        let options = RequestOptions {
            connect_timeout: Some(Duration::from_secs(70)),
            first_byte_timeout: Some(Duration::from_secs(80)),
            between_bytes_timeout: Some(Duration::from_secs(90)),
        };
        let own = built(options, &settings);
        for said in [
            "connect_timeout: Some(70s)",
            "head_timeout: Some(80s)",
            "idle_timeout: Some(90s)",
        ] {
            assert!(own.contains(said), "{own}");
        }
    }
}
