//! What is recorded of a request: k6's built-in HTTP metrics, with their tags.

use std::sync::Arc;
use std::time::Duration;

use super::context::{RunContext, VuIdentity};
use super::event::{Event, Level};
use super::http_request::Expected;
use crate::http::{Error, ErrorCode, Exchange, Interrupted, Observer, Request, Waypoint};
use crate::metrics::{Shard, TagSet, builtin, with_shard};

/// Records the samples of one call, which are several requests where it is
/// redirected.
#[derive(Debug, Clone)]
pub(super) struct Sampler {
    /// The tags of the request as it was built, whatever comes of it.
    tags: TagSet,
    /// The scenario has named the request, wherever it leads.
    named: bool,
    expected: Expected,
    /// How late the request is sent, since its iteration started late.
    late_by: Option<Duration>,
}

impl Sampler {
    /// For a request with these tags.
    pub(super) fn new(
        tags: TagSet,
        named: bool,
        expected: Expected,
        late_by: Option<Duration>,
    ) -> Self {
        Self {
            tags,
            named,
            expected,
            late_by,
        }
    }

    /// The request is over.
    pub(super) fn record(&self, exchange: &Exchange) {
        self.record_judged(exchange, |expected, status| expected.holds(status));
    }

    /// The request is over, and led on to another.
    fn record_on_the_way(&self, exchange: &Exchange, waypoint: Waypoint) {
        match waypoint {
            Waypoint::Redirect => self.record(exchange),
            // The scenario knows that the server will ask.
            Waypoint::Challenge => self.record_judged(exchange, |expected, status| {
                expected.holds(status).map(|_| true)
            }),
        }
    }

    /// The tags of a request, which may be one that another led to.
    fn tags_of(&self, shard: &mut Shard, redirected: Option<&Request>) -> TagSet {
        let Some(request) = redirected else {
            return self.tags;
        };
        let mut set = shard.with_tag(self.tags, "method", request.method().as_str());
        set = shard.with_tag(set, "url", request.url());
        if self.named {
            set
        } else {
            shard.with_tag(set, "name", request.url())
        }
    }

    fn record_judged(
        &self,
        exchange: &Exchange,
        judge: impl Fn(&Expected, Option<u16>) -> Option<bool>,
    ) {
        with_shard(|shard| match &exchange.outcome {
            Ok(response) => {
                let status = response.status().as_u16();
                let mut set = self.tags_of(shard, exchange.redirected.as_deref());
                set = status_tag(shard, set, status);
                set = shard.with_tag(set, "proto", response.protocol());
                if let Some(code) = response.code() {
                    set = error_code_tag(shard, set, code);
                }
                let expected = judge(&self.expected, Some(status));
                self.record_as(shard, set, expected, exchange);
            }
            // What was never sent since it was built wrongly is no request.
            Err(Error::InvalidRequest { .. } | Error::NotAllowed { .. }) => {}
            Err(error) => {
                let mut set = self.tags_of(shard, exchange.redirected.as_deref());
                set = shard.with_tag(set, "error", name(error));
                set = error_code_tag(shard, set, error.code());
                let expected = judge(&self.expected, None);
                self.record_as(shard, set, expected, exchange);
            }
        });
    }

    fn record_as(
        &self,
        shard: &mut Shard,
        mut set: TagSet,
        expected: Option<bool>,
        exchange: &Exchange,
    ) {
        let timings = &exchange.timings;
        if let Some(expected) = expected {
            let value = if expected { "true" } else { "false" };
            set = shard.with_tag(set, "expected_response", value);
        }
        shard.add_count(builtin::HTTP_REQS, set, 1);
        if let Some(expected) = expected {
            shard.add_rate(builtin::HTTP_REQ_FAILED, set, !expected);
        }
        for (metric, time) in [
            (builtin::HTTP_REQ_DURATION, timings.duration()),
            (builtin::HTTP_REQ_BLOCKED, timings.before_connecting()),
            (builtin::HTTP_REQ_CONNECTING, timings.connecting),
            (builtin::HTTP_REQ_TLS_HANDSHAKING, timings.tls_handshaking),
            (builtin::HTTP_REQ_SENDING, timings.sending),
            (builtin::HTTP_REQ_WAITING, timings.waiting),
            (builtin::HTTP_REQ_RECEIVING, timings.receiving),
        ] {
            if let Some(time) = time {
                shard.add_duration(metric, set, time);
            }
        }
        if let (Some(late_by), Some(duration)) = (self.late_by, timings.duration()) {
            let metric = builtin::HTTP_REQ_DURATION_CORRECTED;
            shard.add_duration(metric, set, late_by + duration);
        }
        data(shard, set, exchange.bytes_sent, exchange.bytes_received);
    }

    /// The URL of the request as it was built.
    fn url(&self, shard: &Shard) -> String {
        shard.tag(self.tags, "url").unwrap_or_default().to_owned()
    }

    fn interrupted(&self, interrupted: &Interrupted) {
        self.cut_off(
            interrupted.bytes_sent,
            interrupted.bytes_received,
            interrupted.redirected.as_deref(),
        );
    }

    /// Counts the request and says that it was cut off. Nobody knows whether or
    /// when it would have been answered, so it is neither a failure nor a
    /// duration.
    pub(super) fn cut_off(
        &self,
        bytes_sent: u64,
        bytes_received: u64,
        redirected: Option<&Request>,
    ) {
        with_shard(|shard| {
            let mut set = self.tags_of(shard, redirected);
            set = shard.with_tag(set, "error", "interrupted");
            set = error_code_tag(shard, set, ErrorCode::INTERRUPTED);
            shard.add_count(builtin::HTTP_REQS, set, 1);
            data(shard, set, bytes_sent, bytes_received);
        });
    }
}

/// Whoever is told of what happens to the requests of a call.
pub(super) struct Samplers<'a> {
    pub(super) samplers: &'a [Sampler],
    pub(super) run: &'a RunContext,
    pub(super) identity: &'a VuIdentity,
}

impl Observer for Samplers<'_> {
    fn interrupted(&self, index: usize, interrupted: &Interrupted) {
        if let Some(sampler) = self.samplers.get(index) {
            sampler.interrupted(interrupted);
        }
    }

    fn undelivered(&self, index: usize, exchange: Exchange) {
        if let Some(sampler) = self.samplers.get(index) {
            sampler.record(&exchange);
        }
    }

    fn on_the_way(&self, index: usize, exchange: Exchange, waypoint: Waypoint) {
        if let Some(sampler) = self.samplers.get(index) {
            sampler.record_on_the_way(&exchange, waypoint);
        }
    }

    fn redirects_stopped(&self, index: usize, followed: u32) {
        let url = self
            .samplers
            .get(index)
            .and_then(|sampler| with_shard(|shard| sampler.url(shard)))
            .unwrap_or_default();
        self.run.events.send(Event::Log {
            level: Level::Warn,
            scenario: self.identity.scenario.to_string(),
            vu: self.identity.vu,
            message: self.run.masked(&format!(
                "{url}: stopped after {followed} redirects, and the next one is the answer; set \
                 the redirects of the request, or `maxRedirects`, to what is wanted"
            )),
        });
    }
}

/// The same for a call that outlives the guest's.
pub(super) struct OwnSampler {
    pub(super) sampler: Sampler,
    pub(super) run: Arc<RunContext>,
    pub(super) identity: VuIdentity,
}

impl OwnSampler {
    fn lent<T>(&self, tell: impl FnOnce(&Samplers<'_>) -> T) -> T {
        tell(&Samplers {
            samplers: std::slice::from_ref(&self.sampler),
            run: &self.run,
            identity: &self.identity,
        })
    }
}

impl Observer for OwnSampler {
    fn interrupted(&self, index: usize, interrupted: &Interrupted) {
        self.lent(|samplers| samplers.interrupted(index, interrupted));
    }

    fn undelivered(&self, index: usize, exchange: Exchange) {
        self.lent(|samplers| samplers.undelivered(index, exchange));
    }

    fn on_the_way(&self, index: usize, exchange: Exchange, waypoint: Waypoint) {
        self.lent(|samplers| samplers.on_the_way(index, exchange, waypoint));
    }

    fn redirects_stopped(&self, index: usize, followed: u32) {
        self.lent(|samplers| samplers.redirects_stopped(index, followed));
    }
}

/// A short name for an error, for the tag `error`: without anything that differs
/// from request to request, since each text would be a series of its own.
pub(super) fn name(error: &Error) -> &'static str {
    match error {
        Error::InvalidRequest { .. } => "invalid request",
        Error::NotAllowed { .. } => "host not allowed",
        Error::NameLookup { .. } => "name not found",
        Error::ConnectionRefused { .. } => "connection refused",
        Error::Connect { .. } => "no connection",
        Error::Tls { .. } => "TLS",
        Error::Timeout { .. } => "timeout",
        Error::ConnectionLost { .. } => "connection lost",
        Error::MalformedResponse { .. } => "malformed response",
        Error::BadRedirect { .. } => "bad redirect",
        Error::Protocol { .. } => "protocol",
        Error::BadEncoding { .. } => "bad encoding",
        Error::BodyTooLarge { .. } => "body too large",
        Error::WrongContent { .. } => "wrong content",
        Error::Other { .. } => "other",
    }
}

pub(super) fn data(shard: &mut Shard, set: TagSet, sent: u64, received: u64) {
    shard.add_count(builtin::DATA_SENT, set, sent);
    shard.add_count(builtin::DATA_RECEIVED, set, received);
}

/// Adds the tag `status`, without a text of its own on the heap.
pub(super) fn status_tag(shard: &mut Shard, set: TagSet, status: u16) -> TagSet {
    let mut digits = [0; 5];
    shard.with_tag(set, "status", decimal(status, &mut digits))
}

pub(super) fn error_code_tag(shard: &mut Shard, set: TagSet, code: ErrorCode) -> TagSet {
    let mut digits = [0; 5];
    shard.with_tag(set, "error_code", decimal(code.0, &mut digits))
}

/// A number in decimal, in the given place.
fn decimal(mut number: u16, digits: &mut [u8; 5]) -> &str {
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    std::str::from_utf8(&digits[at..]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_in_decimal() {
        for number in [0, 7, 200, 1212, u16::MAX] {
            assert_eq!(decimal(number, &mut [0; 5]), number.to_string());
        }
    }
}
