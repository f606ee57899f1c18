//! How far one request has come.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::error::{Error, Phase};
use super::exchange::Exchange;
use super::expecting::Gate;
use super::following::Leg;
use super::meter::{Meter, Moment};
use super::observer::Interrupted;
use super::origin::Scheme;
use super::request::Request;
use super::response::Response;
use super::timings::Timings;

/// How far one request has come: when it was called for, and what the connection
/// that serves it notes.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    pub(super) started: Instant,
    pub(super) scheme: Scheme,
    /// What is sent in place of the request as it was built.
    redirected: Option<Arc<Request>>,
    serving: Option<Serving>,
    /// Bytes of tries before this one, sent and received.
    earlier: (u64, u64),
    /// The server may know of one of them.
    was_seen: bool,
    /// What the body waits at, if it does.
    gate: Option<Arc<Gate>>,
}

/// The connection that serves a request.
#[derive(Debug, Clone)]
struct Serving {
    meter: Arc<Meter>,
    /// It was there before the request.
    reused: bool,
    /// It shows when the request is written.
    shows_sending: bool,
}

impl Progress {
    pub(super) fn new(started: Instant, leg: &Leg<'_>) -> Self {
        Self {
            started,
            scheme: leg.request.origin().scheme,
            redirected: leg.redirected(),
            serving: None,
            earlier: (0, 0),
            was_seen: false,
            gate: None,
        }
    }

    /// All that is known, which leaves nothing.
    pub(super) fn take(&mut self) -> Self {
        Self {
            started: self.started,
            scheme: self.scheme,
            redirected: self.redirected.take(),
            serving: self.serving.take(),
            earlier: self.earlier,
            was_seen: self.was_seen,
            gate: self.gate.take(),
        }
    }

    /// From here on a new connection is made for the request.
    pub(super) fn connect(&mut self, meter: Arc<Meter>) {
        self.give_up();
        self.serving = Some(Serving {
            meter,
            reused: false,
            shows_sending: true,
        });
    }

    /// From here on a connection that was there already serves the request.
    pub(super) fn reuse(&mut self, meter: Arc<Meter>) {
        self.give_up();
        meter.begin_request();
        self.serving = Some(Serving {
            meter,
            reused: true,
            shows_sending: true,
        });
    }

    /// Nobody sees when the request is written, only when it was handed over.
    #[cfg(feature = "http3")]
    pub(super) fn hide_sending(&mut self) {
        if let Some(serving) = &mut self.serving {
            serving.shows_sending = false;
        }
    }

    /// What served the request is of no use to it. Bytes that went by all the
    /// same are counted with those of the next try.
    pub(super) fn give_up(&mut self) {
        if let Some(Serving { meter, .. }) = self.serving.take() {
            self.earlier.0 += meter.sent();
            self.earlier.1 += meter.read.get();
        }
    }

    /// The body waits for the server's word, which is no part of its answer.
    pub(super) fn await_word(&mut self, gate: Arc<Gate>) {
        self.gate = Some(gate);
    }

    /// When the answer began: what was read before, if the server has given its
    /// word, was that.
    fn answer_begin(&self, meter: &Meter) -> Option<Moment> {
        match &self.gate {
            Some(gate) if gate.was_told() => meter.read_after_write(),
            _ => meter.reading.begin(),
        }
    }

    /// The server may know of the try that is over now.
    pub(super) fn note_seen(&mut self) {
        self.was_seen = true;
    }

    /// Whether the request went over a connection that was there already, and
    /// nothing of an answer has come.
    pub(super) fn is_unanswered_on_a_reused_connection(&self) -> bool {
        self.serving
            .as_ref()
            .is_some_and(|serving| serving.reused && !serving.meter.reading.has_begun())
    }

    fn is_reused(&self) -> bool {
        self.serving.as_ref().is_some_and(|serving| serving.reused)
    }

    fn meter(&self) -> Option<&Meter> {
        self.serving.as_ref().map(|serving| &*serving.meter)
    }

    /// Bytes of the request written, 0 as long as nobody can have seen it: an
    /// earlier try that the server did not take is no request to it.
    pub(super) fn bytes_sent(&self) -> u64 {
        match self.meter().map_or(0, Meter::sent) {
            0 if !self.was_seen => 0,
            sent => self.earlier.0 + sent,
        }
    }

    pub(super) fn bytes_received(&self) -> u64 {
        self.meter()
            .map_or(0, |meter| self.earlier.1 + meter.read.get())
    }

    /// From the start of sending to the last bytes that came.
    pub(super) fn elapsed_at_last_read(&self) -> Duration {
        self.meter()
            .and_then(|meter| Some(meter.reading.end()?.since(meter.writing.begin()?)))
            .unwrap_or_default()
    }

    /// Where the time went. With a cut, the phase that was under way is over
    /// now; without, it is over with the last byte.
    pub(super) fn timings(&self, cut: Cut) -> Timings {
        let Some(Serving {
            meter,
            reused,
            shows_sending,
        }) = &self.serving
        else {
            return Timings {
                blocked: Some(self.started.elapsed()),
                ..Timings::default()
            };
        };
        let cut = match cut {
            Cut::Now => Some(meter.now()),
            Cut::AtLastByte => None,
        };
        let since_start = |moment: Moment| {
            meter
                .instant(moment)
                .saturating_duration_since(self.started)
        };
        let (looking_up, connecting, tls_handshaking) = if *reused {
            let none = Some(Duration::ZERO);
            (none, none, none)
        } else {
            let looking_up = if meter.is_looked_up_elsewhere() {
                None
            } else if meter.looking_up.has_begun() {
                meter.looking_up.length(cut)
            } else {
                meter.connecting.begin().map(|_| Duration::ZERO)
            };
            let tls = match self.scheme {
                Scheme::Http => meter.connecting.end().map(|_| Duration::ZERO),
                Scheme::Https => meter.tls_handshaking.length(cut),
            };
            (looking_up, meter.connecting.length(cut), tls)
        };
        let making = [looking_up, connecting, tls_handshaking];
        let making = making.into_iter().flatten().sum();
        // Whatever was neither the making of the connection nor its use.
        let until_use = since_start(meter.writing.begin().unwrap_or_else(|| meter.now()));
        let blocked = Some(until_use.saturating_sub(making));
        let first_read = self.answer_begin(meter);
        // What is held up has no last write: it was being sent up to the cut.
        let held_up = cut.is_some() && first_read.is_none() && meter.is_held_up();
        let last_write = if held_up { None } else { meter.writing.end() };
        let sending = meter
            .writing
            .begin()
            .and_then(|begin| Some(last_write.or(cut)?.since(begin)));
        Timings {
            blocked,
            looking_up,
            connecting,
            tls_handshaking,
            sending: sending.filter(|_| *shows_sending),
            waiting: last_write.and_then(|last_write| Some(first_read.or(cut)?.since(last_write))),
            receiving: first_read.and_then(|first_read| {
                // An answer may begin before the request is complete; no time is
                // counted twice.
                let from = last_write.map_or(first_read, |last_write| last_write.max(first_read));
                Some(cut.or(meter.reading.end())?.since(from))
            }),
        }
    }

    /// The request ends with an answer.
    pub(super) fn answered(&self, response: Response) -> Exchange {
        self.exchange(Ok(response), Cut::AtLastByte)
    }

    /// The request ends without an answer, now.
    pub(super) fn failed(&self, error: Error) -> Exchange {
        self.exchange(Err(error), Cut::Now)
    }

    pub(super) fn exchange(&self, outcome: Result<Response, Error>, cut: Cut) -> Exchange {
        let Interrupted {
            timings,
            bytes_sent,
            bytes_received,
            remote,
            started,
            redirected,
        } = self.measured(cut);
        Exchange {
            outcome,
            timings,
            bytes_sent,
            bytes_received,
            remote,
            started,
            redirected,
        }
    }

    pub(super) fn measured(&self, cut: Cut) -> Interrupted {
        Interrupted {
            timings: self.timings(cut),
            bytes_sent: self.bytes_sent(),
            bytes_received: self.bytes_received(),
            remote: self.meter().and_then(|meter| meter.remote.get().copied()),
            started: self.started,
            redirected: self.redirected.clone(),
        }
    }

    pub(super) fn timed_out(&self, authority: &Arc<str>, after: Duration) -> Error {
        let phase = match self.meter() {
            Some(meter) if self.answer_begin(meter).is_some() => Phase::Receiving,
            Some(meter) if meter.is_held_up() => Phase::Sending,
            Some(meter) if meter.writing.has_begun() => Phase::Waiting,
            Some(_) if self.is_reused() => Phase::Queued,
            _ => Phase::Connecting,
        };
        Error::Timeout {
            authority: Arc::clone(authority),
            after,
            phase,
        }
    }
}

/// When the last phase of a request is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// With the last byte that was read: the answer is complete.
    AtLastByte,
    /// Now: something ended it.
    Now,
}
