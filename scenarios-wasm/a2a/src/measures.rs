//! The metrics of this flow, and what an operation leaves in them.

use vuelo_scenario_platform::{Exchange, Outcome};
use vuelo_sdk::prelude::*;

static ERRORS: Rate = Rate::new("a2a_errors");
static DURATION: Trend = Trend::milliseconds("a2a_duration");
static DISCOVERY_DURATION: Trend = Trend::milliseconds("a2a_discovery_duration");
static TIME_TO_FIRST_EVENT: Trend = Trend::milliseconds("a2a_time_to_first_event");
static STREAM_DURATION: Trend = Trend::milliseconds("a2a_stream_duration");
static STREAM_EVENTS: Counter = Counter::new("a2a_stream_events");

pub(crate) fn declare(options: Options) -> Options {
    options
        .metric(&ERRORS)
        .metric(&DURATION)
        .metric(&DISCOVERY_DURATION)
        .metric(&TIME_TO_FIRST_EVENT)
        .metric(&STREAM_DURATION)
        .metric(&STREAM_EVENTS)
}

/// Discovery counts in the error rate whether it went well or not.
pub(crate) fn record_discovery(exchange: &Exchange, agent: &str, good: bool) {
    let outcome = Outcome::of(good);
    let tags = [("agent", agent), outcome.tag()];
    outcome.count();
    ERRORS.add_tagged(!good, &[("agent", agent), ("endpoint", "discovery")]);
    DISCOVERY_DURATION.add_tagged(exchange.duration, &tags);
}

/// One call, from request to whole answer.
pub(crate) fn record_call(exchange: &Exchange, agent: &str, method: &str, good: bool) {
    let outcome = Outcome::of(good);
    outcome.count();
    record_error(agent, method, !good);
    DURATION.add_tagged(
        exchange.duration,
        &[("agent", agent), ("method", method), outcome.tag()],
    );
}

/// One call whose answer is a stream of events.
pub(crate) fn record_stream(
    stream: &crate::stream::Watched,
    agent: &str,
    method: &str,
    good: bool,
) {
    let outcome = Outcome::of(good);
    let tags = [("agent", agent), ("method", method), outcome.tag()];
    outcome.count();
    record_error(agent, method, !good);
    STREAM_DURATION.add_tagged(stream.duration, &tags);
    STREAM_EVENTS.add_tagged(stream.events, &tags);
    if let Some(first) = stream.first_event {
        TIME_TO_FIRST_EVENT.add_tagged(first, &tags);
    }
}

fn record_error(agent: &str, method: &str, error: bool) {
    ERRORS.add_tagged(
        error,
        &[("agent", agent), ("method", method), ("endpoint", "rpc")],
    );
}
