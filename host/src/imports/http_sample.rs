//! What is recorded of a request: k6's built-in HTTP metrics, with their tags.

use std::sync::atomic::{AtomicBool, Ordering};

use super::http_request::Expected;
use crate::http::{Error, ErrorCode, Head, OnInterrupt, Timings};
use crate::metrics::{Shard, TagSet, builtin, with_shard};

/// Records the samples of one request, once. Dropped before that, it records
/// that the request was cut off.
#[derive(Debug)]
pub(super) struct Sampler {
    /// The tags of the request, whatever comes of it.
    tags: TagSet,
    expected: Expected,
    /// Whether there is nothing left to record. Atomic only because those who
    /// are told of an interruption are shared.
    done: AtomicBool,
    /// Whether the request was on the wire when this was made: then a drop means
    /// that it was cut off.
    sent: Option<(Timings, u64, u64)>,
}

impl Sampler {
    /// For a request that is about to be sent.
    pub(super) fn new(tags: TagSet, expected: Expected) -> Self {
        Self { tags, expected, done: AtomicBool::new(false), sent: None }
    }

    /// The request is on the wire and its head was answered.
    pub(super) fn opened(mut self, timings: Timings, bytes_sent: u64, bytes_received: u64) -> Self {
        self.sent = Some((timings, bytes_sent, bytes_received));
        self
    }

    /// The request was answered.
    pub(super) fn answered(self, head: &Head, timings: &Timings, bytes: (u64, u64)) {
        self.done.store(true, Ordering::Relaxed);
        let status = head.status.as_u16();
        with_shard(|shard| {
            let mut set = status_tag(shard, self.tags, status);
            set = shard.with_tag(set, "proto", head.protocol());
            if let Some(code) = ErrorCode::of_status(status) {
                set = error_code_tag(shard, set, code);
            }
            self.record(shard, set, Some(status), timings, bytes);
        });
    }

    /// The request got no answer.
    pub(super) fn failed(self, error: &Error, timings: &Timings, bytes: (u64, u64)) {
        self.done.store(true, Ordering::Relaxed);
        // What was never sent since it was built wrongly is no request.
        if matches!(error, Error::InvalidRequest { .. } | Error::NotAllowed { .. }) {
            return;
        }
        with_shard(|shard| {
            let mut set = shard.with_tag(self.tags, "error", error.name());
            set = error_code_tag(shard, set, error.code());
            self.record(shard, set, None, timings, bytes);
        });
    }

    fn record(
        &self,
        shard: &mut Shard,
        mut set: TagSet,
        status: Option<u16>,
        timings: &Timings,
        bytes: (u64, u64),
    ) {
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
            (builtin::HTTP_REQ_DURATION, timings.duration),
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
        data(shard, set, bytes);
    }

    /// Counts the request and says that it was cut off. Nobody knows whether or
    /// when it would have been answered, so it is neither a failure nor a
    /// duration.
    fn cut_off(&self, bytes: (u64, u64)) {
        if self.done.swap(true, Ordering::Relaxed) {
            return;
        }
        with_shard(|shard| {
            let mut set = shard.with_tag(self.tags, "error", "interrupted");
            set = error_code_tag(shard, set, ErrorCode::INTERRUPTED);
            shard.add_count(builtin::HTTP_REQS, set, 1);
            data(shard, set, bytes);
        });
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        if let Some((_, sent, received)) = self.sent {
            self.cut_off((sent, received));
        }
    }
}

/// Those who are told when a request of a batch is cut off.
pub(super) struct Samplers<'a>(pub(super) &'a [Sampler]);

impl OnInterrupt for Samplers<'_> {
    fn interrupted(&self, index: usize, _: Timings, bytes_sent: u64, bytes_received: u64) {
        if let Some(sampler) = self.0.get(index) {
            sampler.cut_off((bytes_sent, bytes_received));
        }
    }
}

fn data(shard: &mut Shard, set: TagSet, (sent, received): (u64, u64)) {
    shard.add_count(builtin::DATA_SENT, set, sent);
    shard.add_count(builtin::DATA_RECEIVED, set, received);
}

/// Adds the tag `status`, without a text of its own on the heap.
fn status_tag(shard: &mut Shard, set: TagSet, status: u16) -> TagSet {
    let mut digits = [0; 5];
    shard.with_tag(set, "status", decimal(status, &mut digits))
}

fn error_code_tag(shard: &mut Shard, set: TagSet, code: ErrorCode) -> TagSet {
    let mut digits = [0; 5];
    shard.with_tag(set, "error_code", decimal(code.number(), &mut digits))
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
