//! What is recorded of a request: k6's built-in HTTP metrics, with their tags.

use std::time::Duration;

use super::http_request::Expected;
use crate::http::{Error, ErrorCode, Exchange, Interrupted, Observer};
use crate::metrics::{Shard, TagSet, builtin, with_shard};

/// Records the samples of one request.
#[derive(Debug)]
pub(super) struct Sampler {
    /// The tags of the request, whatever comes of it.
    tags: TagSet,
    expected: Expected,
    /// How late the request is sent, since its iteration started late.
    late_by: Option<Duration>,
}

impl Sampler {
    /// For a request with these tags.
    pub(super) fn new(tags: TagSet, expected: Expected, late_by: Option<Duration>) -> Self {
        Self {
            tags,
            expected,
            late_by,
        }
    }

    /// The request is over.
    pub(super) fn record(&self, exchange: &Exchange) {
        with_shard(|shard| match &exchange.outcome {
            Ok(response) => {
                let status = response.status().as_u16();
                let mut set = status_tag(shard, self.tags, status);
                set = shard.with_tag(set, "proto", response.protocol());
                if let Some(code) = response.code() {
                    set = error_code_tag(shard, set, code);
                }
                self.record_as(shard, set, Some(status), exchange);
            }
            // What was never sent since it was built wrongly is no request.
            Err(Error::InvalidRequest { .. } | Error::NotAllowed { .. }) => {}
            Err(error) => {
                let mut set = shard.with_tag(self.tags, "error", name(error));
                set = error_code_tag(shard, set, error.code());
                self.record_as(shard, set, None, exchange);
            }
        });
    }

    fn record_as(
        &self,
        shard: &mut Shard,
        mut set: TagSet,
        status: Option<u16>,
        exchange: &Exchange,
    ) {
        let timings = &exchange.timings;
        let expected = self.expected.holds(status);
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
            (builtin::HTTP_REQ_BLOCKED, timings.blocked),
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

    /// Counts the request and says that it was cut off. Nobody knows whether or
    /// when it would have been answered, so it is neither a failure nor a
    /// duration.
    pub(super) fn cut_off(&self, bytes_sent: u64, bytes_received: u64) {
        with_shard(|shard| {
            let mut set = shard.with_tag(self.tags, "error", "interrupted");
            set = error_code_tag(shard, set, ErrorCode::INTERRUPTED);
            shard.add_count(builtin::HTTP_REQS, set, 1);
            data(shard, set, bytes_sent, bytes_received);
        });
    }
}

/// Those who are told when a request of a batch is cut off.
pub(super) struct Samplers<'a>(pub(super) &'a [Sampler]);

impl Observer for Samplers<'_> {
    fn interrupted(&self, index: usize, interrupted: &Interrupted) {
        if let Some(sampler) = self.0.get(index) {
            sampler.cut_off(interrupted.bytes_sent, interrupted.bytes_received);
        }
    }

    fn undelivered(&self, index: usize, exchange: Exchange) {
        if let Some(sampler) = self.0.get(index) {
            sampler.record(&exchange);
        }
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
