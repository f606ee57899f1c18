//! One call of a scenario, which may be several exchanges: redirects are
//! followed, and a challenge is answered.

use std::ops::{ControlFlow, Deref};
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::{AUTHORIZATION, COOKIE, HeaderValue};
use http::response::Parts;
use http_body_util::Full;
use hyper::body::Body;
use tokio::sync::oneshot;
use tokio::time::timeout_at;

use super::body::OutgoingBody;
use super::connection::Connection;
use super::cookies::Cookies;
use super::engine::Engine;
use super::error::Error;
use super::exchange::Exchange;
use super::expecting::{Gate, expects, hold_body_back};
use super::observer::Observer;
use super::redirecting::Redirect;
use super::request::Request;

/// Why an answer led on to another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waypoint {
    /// It redirects.
    Redirect,
    /// It asks for the authentication that the request is ready to give.
    Challenge,
}

/// What is sent: the request as it was built, or one that follows from it.
#[derive(Debug, Clone)]
pub(super) enum Sent<'a> {
    AsBuilt(&'a Request),
    Derived(Arc<Request>),
}

impl Deref for Sent<'_> {
    type Target = Request;

    fn deref(&self) -> &Request {
        match self {
            Self::AsBuilt(request) => request,
            Self::Derived(request) => request,
        }
    }
}

/// When a call must be over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    /// `None` is beyond all clocks, and no limit.
    at: Option<tokio::time::Instant>,
    pub(super) after: Duration,
}

impl Deadline {
    pub(super) fn after(after: Duration) -> Self {
        let at = tokio::time::Instant::now().checked_add(after);
        Self { at, after }
    }

    /// When it is; `None` is beyond all clocks, and no limit.
    pub(super) fn at(self) -> Option<tokio::time::Instant> {
        self.at
    }

    /// What comes of the future, or `None` when the time is up before.
    pub(super) async fn limit<F: Future>(self, future: F) -> Option<F::Output> {
        match self.at {
            Some(at) => timeout_at(at, future).await.ok(),
            None => Some(future.await),
        }
    }
}

/// One exchange of a call, with all that it needs to know.
#[derive(Debug)]
pub(super) struct Leg<'a> {
    pub(super) request: Sent<'a>,
    /// It is the request that a redirect led to.
    redirected: bool,
    /// Where the call began.
    first: Sent<'a>,
    cookie: Option<HeaderValue>,
    /// The answer to a challenge.
    authorization: Option<HeaderValue>,
    redirects_left: u32,
    /// Its body is there to be sent again.
    repeatable: bool,
    /// Begins with the first one.
    deadline: Option<Deadline>,
}

/// A message on its way out.
pub(super) struct Outgoing {
    pub(super) message: http::Request<OutgoingBody>,
    /// What its body waits at, if it does.
    pub(super) gate: Option<Arc<Gate>>,
    /// Resolves when the body is complete, where it is made while it is sent. The
    /// answer is not late before.
    pub(super) body_end: Option<oneshot::Receiver<()>>,
}

/// What an answer leads on to.
#[derive(Debug)]
pub(super) enum Onward {
    Redirected(Result<Box<Request>, Error>),
    Challenged(HeaderValue),
}

impl Leg<'_> {
    /// What is to be sent.
    pub(super) fn outgoing(&self, engine: &Engine) -> Outgoing {
        let body = OutgoingBody::Whole(Full::new(self.request.body().clone()));
        self.outgoing_with(engine, body)
    }

    /// The same with another body.
    pub(super) fn outgoing_with(&self, engine: &Engine, body: OutgoingBody) -> Outgoing {
        let mut message = self.request.message(engine, body);
        let headers = message.headers_mut();
        if let Some(cookie) = &self.cookie {
            headers.insert(COOKIE, cookie.clone());
        }
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        let waits = expects(message.headers()) && !message.body().is_end_stream();
        let gate = waits.then(|| hold_body_back(&mut message));
        Outgoing {
            message,
            gate,
            body_end: None,
        }
    }

    /// When the call must be over: the first exchange begins it.
    pub(super) fn deadline(&self) -> Deadline {
        self.deadline
            .unwrap_or_else(|| Deadline::after(self.request.timeout()))
    }

    /// The request that was sent in place of the one built.
    pub(super) fn redirected(&self) -> Option<Arc<Request>> {
        match &self.request {
            Sent::Derived(request) if self.redirected => Some(Arc::clone(request)),
            Sent::Derived(_) | Sent::AsBuilt(_) => None,
        }
    }

    /// What the answer leads on to, if it is not the one that was asked for.
    pub(super) fn onward(&self, head: &Parts) -> Option<Onward> {
        let request = &*self.request;
        if request.is_plain() {
            return None;
        }
        if head.status == StatusCode::UNAUTHORIZED
            && self.repeatable
            && self.authorization.is_none()
            && let Some(credentials) = &request.digest
        {
            return credentials
                .answer(&head.headers, request)
                .map(Onward::Challenged);
        }
        let redirect = Redirect::of(head.status, &head.headers)?;
        // A body that was made while it was sent is gone: whoever made it decides.
        if self.redirects_left == 0 || (redirect == Redirect::Same && !self.repeatable) {
            return None;
        }
        let next = redirect.follow(request, &head.headers, &self.first);
        Some(Onward::Redirected(next.map(Box::new)))
    }
}

/// What came of one exchange of a call.
#[derive(Debug)]
pub(super) struct Landed {
    pub(super) exchange: Exchange,
    /// Where it can serve another request.
    pub(super) connection: Option<Connection>,
    pub(super) deadline: Deadline,
    pub(super) onward: Option<Onward>,
}

/// One call of a scenario.
#[derive(Debug)]
pub(super) struct Call<'a> {
    first: Sent<'a>,
    request: Sent<'a>,
    authorization: Option<HeaderValue>,
    redirects: u32,
    redirects_left: u32,
    repeatable: bool,
    deadline: Option<Deadline>,
}

impl<'a> Call<'a> {
    pub(super) fn new(engine: &Engine, request: Sent<'a>) -> Self {
        let redirects_left = request
            .max_redirects
            .unwrap_or(engine.settings().max_redirects);
        Self {
            first: request.clone(),
            request,
            authorization: None,
            redirects: 0,
            redirects_left,
            repeatable: true,
            deadline: None,
        }
    }

    /// The body is made while it is sent.
    pub(super) fn with_streamed_body(mut self) -> Self {
        self.repeatable = false;
        self
    }

    /// What is to be sent now.
    pub(super) fn request(&self) -> &Request {
        &self.request
    }

    /// The exchange that is due.
    pub(super) fn leg(&self, cookies: &Cookies) -> Leg<'a> {
        Leg {
            request: self.request.clone(),
            redirected: self.redirects > 0,
            first: self.first.clone(),
            cookie: cookies.header_for(&self.request),
            authorization: self.authorization.clone(),
            redirects_left: self.redirects_left,
            repeatable: self.repeatable,
            deadline: self.deadline,
        }
    }

    /// Keeps the cookies of an answer that has come.
    pub(super) fn keep_cookies(&self, headers: &http::HeaderMap, cookies: &mut Cookies) {
        if !self.request.is_plain() {
            cookies.keep(&self.request.url, headers);
        }
    }

    /// The answer of the last exchange is the call's, be it a redirect or not.
    pub(super) fn arrived(
        &self,
        status: StatusCode,
        headers: &http::HeaderMap,
        (index, observer): (usize, &dyn Observer),
    ) {
        if self.redirects_left == 0
            && self.first.max_redirects.is_none()
            && !self.request.is_plain()
            && Redirect::of(status, headers).is_some()
        {
            observer.redirects_stopped(index, self.redirects);
        }
    }

    /// Goes on from what came of an exchange: breaks with what the call comes to,
    /// or goes on with another exchange.
    pub(super) fn advance(
        &mut self,
        exchange: Exchange,
        onward: Option<Onward>,
        deadline: Deadline,
        cookies: &mut Cookies,
        (index, observer): (usize, &dyn Observer),
    ) -> ControlFlow<Exchange> {
        if let Ok(response) = &exchange.outcome {
            self.keep_cookies(response.headers(), cookies);
        }
        let Some(onward) = onward else {
            if let Ok(response) = &exchange.outcome {
                self.arrived(response.status(), response.headers(), (index, observer));
            }
            return ControlFlow::Break(exchange);
        };
        self.deadline = Some(deadline);
        match onward {
            Onward::Challenged(authorization) => {
                self.authorization = Some(authorization);
                observer.on_the_way(index, exchange, Waypoint::Challenge);
            }
            // The server's own failure: so its answer is none that leads on.
            Onward::Redirected(Err(error)) => {
                return ControlFlow::Break(Exchange {
                    outcome: Err(error),
                    ..exchange
                });
            }
            Onward::Redirected(Ok(next)) => {
                observer.on_the_way(index, exchange, Waypoint::Redirect);
                self.request = Sent::Derived(next.into());
                self.authorization = None;
                self.repeatable = true;
                self.redirects += 1;
                self.redirects_left -= 1;
            }
        }
        ControlFlow::Continue(())
    }
}
