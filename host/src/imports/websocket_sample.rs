//! What is recorded of a session: k6's built-in metrics of WebSockets, with their
//! tags.

use std::time::Duration;

use super::http_sample::{data, error_code_tag, name, status_tag};
use crate::http::websocket::{Counts, Error, FailedOpening, Socket, Traffic};
use crate::http::{self, ErrorCode};
use crate::metrics::{Shard, TagSet, builtin, with_shard};

/// Records the samples of one session, from its handshake to its end.
#[derive(Debug)]
pub(super) struct Sampler {
    /// The tags of the handshake; of the session, once it is open.
    tags: TagSet,
    /// What was recorded of it already.
    counts: Counts,
    traffic: Traffic,
    /// Its length was recorded.
    has_ended: bool,
}

/// How a session ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum End<'a> {
    /// It was closed, or left by the scenario.
    Clean,
    /// An error ended it.
    Failed(&'a Error),
    /// The virtual user was stopped.
    CutOff,
}

impl Sampler {
    /// For a handshake with these tags.
    pub(super) fn new(tags: TagSet) -> Self {
        Self {
            tags,
            counts: Counts::default(),
            traffic: Traffic::default(),
            has_ended: false,
        }
    }

    /// The session is open.
    pub(super) fn opened(&mut self, socket: &Socket) {
        with_shard(|shard| {
            self.tags = status_tag(shard, self.tags, 101);
            self.tags = shard.with_tag(self.tags, "subproto", socket.subprotocol());
            shard.add_count(builtin::WS_SESSIONS, self.tags, 1);
            let after = socket.opened_after();
            shard.add_duration(builtin::WS_CONNECTING, self.tags, after);
        });
        self.go_on(socket.counts(), socket.traffic());
    }

    /// No session was opened. As in k6 it counts as one all the same, and what
    /// the attempt took is recorded.
    pub(super) fn failed(&self, failed: &FailedOpening) {
        // What was never sent since it was built wrongly is no session.
        if let Error::Http(http::Error::InvalidRequest { .. } | http::Error::NotAllowed { .. }) =
            failed.error
        {
            return;
        }
        with_shard(|shard| {
            let set = self.error_tags(shard, &failed.error);
            shard.add_count(builtin::WS_SESSIONS, set, 1);
            shard.add_duration(builtin::WS_CONNECTING, set, failed.elapsed);
            data(shard, set, failed.traffic.sent, failed.traffic.received);
        });
    }

    /// The virtual user was stopped before the session was open. It counts, and
    /// nobody knows how long it would have taken.
    pub(super) fn cut_off(&self, traffic: Traffic) {
        with_shard(|shard| {
            let set = self.interrupted_tags(shard);
            shard.add_count(builtin::WS_SESSIONS, set, 1);
            data(shard, set, traffic.sent, traffic.received);
        });
    }

    /// Records what has gone by since the last call.
    pub(super) fn go_on(&mut self, counts: Counts, traffic: Traffic) {
        let new = |total: u64, before: u64| total.saturating_sub(before);
        let messages = [
            (builtin::WS_MSGS_SENT, new(counts.sent, self.counts.sent)),
            (
                builtin::WS_MSGS_RECEIVED,
                new(counts.received, self.counts.received),
            ),
            (builtin::DATA_SENT, new(traffic.sent, self.traffic.sent)),
            (
                builtin::DATA_RECEIVED,
                new(traffic.received, self.traffic.received),
            ),
        ];
        with_shard(|shard| {
            for (metric, more) in messages {
                if more > 0 {
                    shard.add_count(metric, self.tags, more);
                }
            }
        });
        (self.counts, self.traffic) = (counts, traffic);
    }

    /// A ping was answered.
    pub(super) fn ponged(&self, round_trip: Duration) {
        with_shard(|shard| shard.add_duration(builtin::WS_PING, self.tags, round_trip));
    }

    /// The session ended, this long after it was called for. Later calls are
    /// nothing.
    pub(super) fn ended(&mut self, end: End<'_>, after: Duration) {
        if std::mem::replace(&mut self.has_ended, true) {
            return;
        }
        with_shard(|shard| {
            let set = match end {
                End::Clean => self.tags,
                End::Failed(error) => self.error_tags(shard, error),
                End::CutOff => self.interrupted_tags(shard),
            };
            shard.add_duration(builtin::WS_SESSION_DURATION, set, after);
        });
    }

    fn error_tags(&self, shard: &mut Shard, error: &Error) -> TagSet {
        let mut set = self.tags;
        if let Error::Refused { refusal, .. } = error {
            set = status_tag(shard, set, refusal.status.as_u16());
        }
        set = shard.with_tag(set, "error", short_name(error));
        error_code_tag(shard, set, error.code())
    }

    fn interrupted_tags(&self, shard: &mut Shard) -> TagSet {
        let set = shard.with_tag(self.tags, "error", "interrupted");
        error_code_tag(shard, set, ErrorCode::INTERRUPTED)
    }
}

/// A short name for an error, for the tag `error`, as those of requests have.
fn short_name(error: &Error) -> &'static str {
    match error {
        Error::Http(error) => name(error),
        Error::Refused { .. } => "session refused",
        Error::Protocol { .. } | Error::NotUtf8 { .. } => "WebSocket protocol",
        Error::MessageTooLarge { .. } => "message too large",
        Error::Timeout { .. } => "timeout",
        Error::Closed { .. } => "closed",
        Error::CloseCode { .. } | Error::CloseReason { .. } => "other",
    }
}
