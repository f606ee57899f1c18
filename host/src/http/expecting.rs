//! Bodies that wait for the server's word: `expect: 100-continue`.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use atomic_waker::AtomicWaker;
use bytes::Bytes;
use http::header::{EXPECT, HeaderMap};
use http::{Request, StatusCode};
use hyper::body::{Body, Frame, SizeHint};
use hyper::ext::on_informational;
use tokio::time::{Sleep, sleep};

use super::body::{BodyError, OutgoingBody};

/// How long a server may take to give its word. Many never do, and RFC 9110
/// (10.1.1) lets nobody wait for ever; curl waits as long.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether a head says that the body waits.
pub(super) fn expects(headers: &HeaderMap) -> bool {
    headers
        .get(EXPECT)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// Has the body of a message wait for the server's word.
pub(super) fn hold_body_back(message: &mut Request<OutgoingBody>) -> Arc<Gate> {
    let gate = Arc::new(Gate::default());
    let nothing = OutgoingBody::Whole(http_body_util::Full::default());
    let body = std::mem::replace(message.body_mut(), nothing);
    *message.body_mut() = OutgoingBody::Streamed(Box::pin(Held {
        body,
        gate: Arc::clone(&gate),
        patience: None,
    }));
    let hears = Arc::clone(&gate);
    on_informational(message, move |answer| hears.hear(answer.status()));
    message.extensions_mut().insert(Arc::clone(&gate));
    gate
}

/// What the body of a message waits at, where it does. hyper tells it of interim
/// answers by itself; who speaks another protocol does so here.
pub(super) fn gate_of(message: &Request<OutgoingBody>) -> Option<Arc<Gate>> {
    message.extensions().get().cloned()
}

/// What a body waits at.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: AtomicU8,
    told: AtomicBool,
    waiting: AtomicWaker,
}

const WAITING: u8 = 0;
const OPEN: u8 = 1;
const SHUT: u8 = 2;

impl Gate {
    /// An interim answer has come.
    pub(super) fn hear(&self, status: StatusCode) {
        if status == StatusCode::CONTINUE {
            self.told.store(true, Relaxed);
            self.open();
        }
    }

    /// Whether the server has given its word.
    pub(super) fn was_told(&self) -> bool {
        self.told.load(Relaxed)
    }

    fn open(&self) {
        self.turn(OPEN);
    }

    /// The server has answered: if the body still waits, it is not sent any more.
    pub(super) fn shut(&self) {
        self.turn(SHUT);
    }

    fn turn(&self, state: u8) {
        let _ = self
            .state
            .compare_exchange(WAITING, state, Relaxed, Relaxed);
        self.waiting.wake();
    }
}

/// A body behind a gate.
struct Held {
    body: OutgoingBody,
    gate: Arc<Gate>,
    /// Begins when somebody asks for the body: the head is on its way then.
    patience: Option<Pin<Box<Sleep>>>,
}

impl Body for Held {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        this.gate.waiting.register(cx.waker());
        if this.gate.state.load(Relaxed) == WAITING {
            let patience = this
                .patience
                .get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
            if patience.as_mut().poll(cx).is_ready() {
                this.gate.open();
            }
        }
        if this.gate.state.load(Relaxed) == OPEN {
            Pin::new(&mut this.body).poll_frame(cx)
        } else {
            // Shut, it stays so until its connection is closed.
            Poll::Pending
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
