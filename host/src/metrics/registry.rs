//! Which metrics there are: k6's built-in ones, ours, and the scenario's.

use std::collections::HashMap;
use std::sync::Arc;

use super::{MetricType, MetricsError, Unit};

/// A metric's place in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricId(u16);

impl MetricId {
    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: Arc<str>,
    /// What its samples add up to.
    pub metric_type: MetricType,
    /// What they are counted in.
    pub unit: Unit,
}

macro_rules! builtin {
    ($($(#[$doc:meta])* $constant:ident = $index:literal, $name:literal, $type:ident, $unit:ident;)*) => {
        /// The metrics that are recorded without a word from the scenario. The
        /// names and meanings are k6's but where the documentation says "ours".
        pub mod builtin {
            use super::MetricId;
            $($(#[$doc])* pub const $constant: MetricId = MetricId($index);)*
        }
        const BUILTIN: &[(MetricId, &str, MetricType, Unit)] =
            &[$((builtin::$constant, $name, MetricType::$type, Unit::$unit),)*];
    };
}

builtin! {
    /// Requests, whatever came of them; not those that were built wrongly.
    HTTP_REQS = 0, "http_reqs", Counter, None;
    /// The share of requests without an expected answer.
    HTTP_REQ_FAILED = 1, "http_req_failed", Rate, None;
    /// Sending, waiting and receiving together.
    HTTP_REQ_DURATION = 2, "http_req_duration", Trend, Milliseconds;
    /// Waiting for a connection to be free.
    HTTP_REQ_BLOCKED = 3, "http_req_blocked", Trend, Milliseconds;
    /// Making the TCP connection.
    HTTP_REQ_CONNECTING = 4, "http_req_connecting", Trend, Milliseconds;
    /// Shaking hands for TLS.
    HTTP_REQ_TLS_HANDSHAKING = 5, "http_req_tls_handshaking", Trend, Milliseconds;
    /// Writing the request.
    HTTP_REQ_SENDING = 6, "http_req_sending", Trend, Milliseconds;
    /// From the last byte written to the first one read.
    HTTP_REQ_WAITING = 7, "http_req_waiting", Trend, Milliseconds;
    /// From the first byte read to the last.
    HTTP_REQ_RECEIVING = 8, "http_req_receiving", Trend, Milliseconds;
    /// Iterations that ran to their end, whatever came of them.
    ITERATIONS = 9, "iterations", Counter, None;
    /// How long iterations took that ran to their end.
    ITERATION_DURATION = 10, "iteration_duration", Trend, Milliseconds;
    /// Active VUs.
    VUS = 11, "vus", Gauge, None;
    /// VUs that there are, active or not.
    VUS_MAX = 12, "vus_max", Gauge, None;
    /// The share of checks that held.
    CHECKS = 13, "checks", Rate, None;
    /// How long groups took.
    GROUP_DURATION = 14, "group_duration", Trend, Milliseconds;
    /// Bytes sent.
    DATA_SENT = 15, "data_sent", Counter, Bytes;
    /// Bytes received.
    DATA_RECEIVED = 16, "data_received", Counter, Bytes;
    /// Ours: iterations that ended in an error, traps included.
    ITERATIONS_FAILED = 17, "iterations_failed", Counter, None;
    /// Ours: iterations that were cut off.
    ITERATIONS_INTERRUPTED = 18, "iterations_interrupted", Counter, None;
    /// Ours: iterations that cost the VU its instance.
    ITERATION_TRAPS = 19, "iteration_traps", Counter, None;
    /// Ours: values that no metric takes: negative, infinite, no number.
    METRICS_ERRORS = 20, "metrics_errors", Counter, None;
    /// Iterations that were planned and not started: no VU was free, or the time
    /// was up. k6's.
    DROPPED_ITERATIONS = 21, "dropped_iterations", Counter, None;
    /// Ours: how much later than intended an iteration started, where its
    /// executor keeps a pace.
    ITERATION_LAG = 22, "iteration_lag", Trend, Milliseconds;
    /// Ours: from an iteration's intended start to its end, where iterations can
    /// queue: `iteration_duration` corrected for coordinated omission.
    ITERATION_DURATION_CORRECTED = 23, "iteration_duration_corrected", Trend, Milliseconds;
    /// Ours: from the intended start of a request to its end, where iterations
    /// can queue.
    HTTP_REQ_DURATION_CORRECTED = 24, "http_req_duration_corrected", Trend, Milliseconds;
    /// Ours: the linear memory of a VU, sampled.
    VU_MEMORY = 25, "vu_memory", Trend, Bytes;
    /// Ours: how busy one of the generator's workers was in one second, in
    /// percent of a core. A trend, since a gauge would keep the last second
    /// alone: the percentiles say for how long the generator was at its limit,
    /// whichever worker it was.
    GENERATOR_CPU = 26, "generator_cpu", Trend, None;
    /// Ours: how much later than asked for a worker of the generator woke up.
    GENERATOR_LAG = 27, "generator_lag", Trend, Milliseconds;
    /// WebSocket sessions that were opened, or tried to be.
    WS_SESSIONS = 28, "ws_sessions", Counter, None;
    /// From the call to the answer that opened a session, or to the failure.
    WS_CONNECTING = 29, "ws_connecting", Trend, Milliseconds;
    /// From the call that opened a session to its end.
    WS_SESSION_DURATION = 30, "ws_session_duration", Trend, Milliseconds;
    /// Texts and bytes that were sent in sessions.
    WS_MSGS_SENT = 31, "ws_msgs_sent", Counter, None;
    /// Texts and bytes that were received in sessions.
    WS_MSGS_RECEIVED = 32, "ws_msgs_received", Counter, None;
    /// From a ping to its pong.
    WS_PING = 33, "ws_ping", Trend, Milliseconds;
}

/// The metrics of a run.
#[derive(Debug, Clone)]
pub struct Registry {
    metrics: Vec<Metric>,
    by_name: HashMap<Arc<str>, MetricId>,
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl Registry {
    /// All built-in metrics.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Self {
            metrics: Vec::new(),
            by_name: HashMap::new(),
        };
        for &(id, name, metric_type, unit) in BUILTIN {
            debug_assert_eq!(id.index(), registry.metrics.len());
            registry.push(name, metric_type, unit, id);
        }
        registry
    }

    /// Adds a metric of the scenario's. Declaring one twice alike is one metric.
    ///
    /// # Errors
    ///
    /// When the name is not one, or is that of a metric which differs.
    pub fn declare(
        &mut self,
        name: &str,
        metric_type: MetricType,
        unit: Unit,
    ) -> Result<MetricId, MetricsError> {
        let mut letters = name.chars();
        let first_is_good = letters
            .next()
            .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        if !first_is_good
            // k6's bounds: one sign, then 1 to 128 more.
            || !(2..=129).contains(&name.len())
            || !letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            return Err(MetricsError::BadName(name.to_owned()));
        }
        if let Some(id) = self.find(name) {
            let existing = self.get(id);
            if existing.metric_type == metric_type && existing.unit == unit {
                return Ok(id);
            }
            return Err(MetricsError::Clash {
                name: name.to_owned(),
                existing: (existing.metric_type, existing.unit),
                wanted: (metric_type, unit),
            });
        }
        let Ok(index) = u16::try_from(self.metrics.len()) else {
            return Err(MetricsError::BadName(name.to_owned()));
        };
        let id = MetricId(index);
        self.push(name, metric_type, unit, id);
        Ok(id)
    }

    fn push(&mut self, name: &str, metric_type: MetricType, unit: Unit, id: MetricId) {
        let name: Arc<str> = name.into();
        self.metrics.push(Metric {
            name: Arc::clone(&name),
            metric_type,
            unit,
        });
        self.by_name.insert(name, id);
    }

    /// The metric of a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<MetricId> {
        self.by_name.get(name).copied()
    }

    /// The metric of a name, or an error that suggests the nearest one.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn require(&self, name: &str) -> Result<MetricId, MetricsError> {
        self.find(name).ok_or_else(|| MetricsError::Unknown {
            name: name.to_owned(),
            near: self
                .metrics
                .iter()
                .map(|metric| {
                    (
                        strsim::damerau_levenshtein(name, &metric.name),
                        &metric.name,
                    )
                })
                .filter(|(distance, _)| *distance <= 1 + name.len() / 4)
                .min()
                .map(|(_, near)| near.to_string()),
        })
    }

    /// A metric.
    #[must_use]
    pub fn get(&self, id: MetricId) -> &Metric {
        &self.metrics[id.index()]
    }

    /// All metrics, the built-in ones first.
    pub fn iter(&self) -> impl Iterator<Item = (MetricId, &Metric)> {
        (0..).map(MetricId).zip(&self.metrics)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_stands_at_its_own_place() {
        let registry = Registry::new();
        for &(id, name, ..) in BUILTIN {
            assert_eq!(registry.find(name), Some(id), "{name}");
            assert_eq!(&*registry.get(id).name, name);
        }
    }

    #[test]
    fn a_second_declaration_that_differs_is_refused() {
        let mut registry = Registry::new();
        let id = registry
            .declare("a2a_errors", MetricType::Rate, Unit::None)
            .unwrap();
        assert_eq!(
            registry.declare("a2a_errors", MetricType::Rate, Unit::None),
            Ok(id)
        );
        let clash = registry
            .declare("a2a_errors", MetricType::Trend, Unit::None)
            .unwrap_err();
        assert!(
            clash
                .to_string()
                .contains("is a rate of unit `none` already"),
            "{clash}"
        );
        let clash = registry
            .declare("a2a_errors", MetricType::Rate, Unit::Bytes)
            .unwrap_err();
        assert!(
            clash.to_string().ends_with("a rate of unit `bytes` too"),
            "{clash}"
        );
        assert!(registry.declare("x", MetricType::Rate, Unit::None).is_err());
        assert!(
            registry
                .declare(&"x".repeat(129), MetricType::Rate, Unit::None)
                .is_ok()
        );
        assert!(
            registry
                .declare(&"x".repeat(130), MetricType::Rate, Unit::None)
                .is_err()
        );
        assert!(
            registry
                .declare("9lives", MetricType::Rate, Unit::None)
                .is_err()
        );
        assert!(
            registry
                .declare("a-b", MetricType::Rate, Unit::None)
                .is_err()
        );
    }

    #[test]
    fn an_unknown_metric_comes_with_the_near_one() {
        let error = Registry::new().require("http_req_durations").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("did you mean `http_req_duration`?"),
            "{error}"
        );
    }
}
