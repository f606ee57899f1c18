//! From a request to its answer: counted, admitted, delayed, failed or served.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{ALLOW, HeaderValue};
use hyper::{Method, Request, StatusCode};

use super::access::{self, Access};
use super::cards::Cards;
use super::counts::Counts;
use super::dashboard::WebPages;
use super::draws::Draws;
use super::faults::{Fault, FaultDraw};
use super::rate_limit::Limiter;
use super::response::{Answer, Reset, detail, json_ok, of_fault};
use super::routes::{CcrPart, ENDPOINTS, Found, Subject, find};
use super::settings::{HealthFaults, Presence, Settings};
use super::stall::Stalling;
use super::times::Clock;
use super::{agentos, agui, ccr, standard};

/// The largest body that is read, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    settings: Settings,
    limiter: Option<Limiter>,
    stalling: Option<Stalling>,
    counts: Counts,
    cards: Cards,
    web: WebPages,
}

impl Shared {
    /// What a target with this address (`host:port`) needs to answer.
    pub(super) fn new(settings: Settings, authority: String) -> Self {
        Self {
            limiter: settings.rate_limit.map(Limiter::new),
            stalling: settings.stall.map(Stalling::new),
            counts: Counts::default(),
            cards: Cards::new(authority),
            web: WebPages::new(),
            settings,
        }
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts.clone()
    }

    /// A clock for one connection, where somebody wants the times.
    pub(super) fn clock(&self) -> Option<Clock> {
        self.settings.times.clone().map(Clock::new)
    }

    /// Answers a request whose head was just received.
    ///
    /// # Errors
    /// [`Reset`] where a fault demands it instead of an answer.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Result<Answer, Reset> {
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        if let Some(control) = path.strip_prefix("/_target/") {
            return Ok(self.control(&head.method, control));
        }
        let found = find(&head.method, path);
        let nth = self.counts.count(found, &head.method, path);
        let mut draws = Draws::of_request(self.settings.seed, head.method.as_str(), path, nth);
        let access = access::of(&head.headers, self.settings.token.as_ref());
        if access == Access::Wrong {
            return Ok(access::wrong_token());
        }
        if self
            .limiter
            .as_ref()
            .is_some_and(|limiter| !limiter.takes(Instant::now()))
        {
            return Ok(access::too_many(&mut draws));
        }
        let subject = match found {
            Found::Endpoint(index) => ENDPOINTS.get(index).map(|endpoint| endpoint.subject),
            Found::OtherMethod(allowed) => return Ok(method_not_allowed(allowed)),
            Found::Nothing => None,
        };
        let Some(subject) = subject.filter(|subject| self.is_deployed(*subject)) else {
            return Ok(detail(StatusCode::NOT_FOUND, "Not Found"));
        };
        let fault = self.settings.fault_rate.draw(&mut draws);
        let fault = match self.settings.health_faults {
            HealthFaults::Exempt if subject == Subject::Health => FaultDraw::EXEMPT,
            _ => fault,
        };
        let latency = self.settings.latency.draw(&mut draws);
        let body = match read(&head.method, body).await {
            Ok(body) => body,
            Err(refusal) => return Ok(refusal),
        };
        if let Some(stalling) = &self.stalling {
            stalling.pass().await;
        }
        if latency > Duration::ZERO {
            tokio::time::sleep(latency).await;
        }
        self.serve(subject, &head.headers, access, &body, draws, fault)
    }

    fn serve(
        &self,
        subject: Subject,
        headers: &hyper::HeaderMap,
        access: Access,
        body: &Bytes,
        mut draws: Draws,
        fault: FaultDraw,
    ) -> Result<Answer, Reset> {
        let call = match subject {
            Subject::StandardRpc => match standard::Call::read(headers, access, body) {
                Ok(call) => Some(call),
                Err(refusal) => return Ok(json_ok(refusal)),
            },
            _ => None,
        };
        let fault = fault.among(match (subject, &call) {
            (_, Some(call)) => call.possible_faults(),
            (Subject::AgentRpc(_), _) => Fault::OF_RPC,
            (Subject::AgUi, _) => Fault::OF_AGUI,
            _ => Fault::OF_PLAIN,
        });
        if let Some(answer) = fault.and_then(of_fault) {
            return answer;
        }
        let pause = self.settings.stream_pause;
        if let Some(call) = call {
            return Ok(call.answer(draws, pause, fault));
        }
        Ok(match subject {
            Subject::Health => agentos::health(),
            Subject::StandardCard | Subject::StandardRpc => self.cards.standard(headers),
            Subject::AgentListing => self.cards.listing(headers),
            Subject::AgentCard(agent) => self.cards.agent(agent, headers),
            Subject::AgentRpc(agent) => agentos::rpc(agent, access, body, fault),
            Subject::DashboardHealth => agentos::dashboard_health(),
            Subject::PmStatus => agentos::pm_status(),
            Subject::Prometheus => agentos::prometheus(),
            Subject::AgUi => agui::run(access, body, draws, pause, fault),
            Subject::Web(part) => self.web.answer(part),
            Subject::Ccr(CcrPart::Health) => ccr::health(),
            Subject::Ccr(CcrPart::Metrics) => ccr::metrics(headers),
            Subject::Ccr(CcrPart::Messages) => ccr::messages(access, body, &mut draws),
        })
    }

    fn is_deployed(&self, subject: Subject) -> bool {
        match subject {
            Subject::Web(_) => self.settings.web == Presence::Present,
            Subject::Ccr(_) => self.settings.ccr == Presence::Present,
            _ => true,
        }
    }

    /// What is asked of the target itself.
    fn control(&self, method: &Method, what: &str) -> Answer {
        match (method, what) {
            (&Method::GET, "requests") => json_ok(self.counts.to_json()),
            (&Method::POST, "reset") => {
                self.counts.reset();
                json_ok(self.counts.to_json())
            }
            (_, "requests") => method_not_allowed(&Method::GET),
            (_, "reset") => method_not_allowed(&Method::POST),
            _ => detail(StatusCode::NOT_FOUND, "Not Found"),
        }
    }
}

/// Reads the body of a request that has one to be read.
async fn read(method: &Method, body: Incoming) -> Result<Bytes, Answer> {
    if *method != Method::POST {
        return Ok(Bytes::new());
    }
    match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(detail(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Request body too large",
        )),
        // The client went away; nobody will read this.
        Err(_) => Err(detail(StatusCode::BAD_REQUEST, "Request body ended early")),
    }
}

fn method_not_allowed(allowed: &Method) -> Answer {
    let mut answer = detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    if let Ok(allowed) = HeaderValue::from_str(allowed.as_str()) {
        answer.headers_mut().insert(ALLOW, allowed);
    }
    answer
}
