//! What holds for all requests.

use std::time::Duration;

use super::layers::{Layer, Layers};
use super::{allowed, reach, tls};
use crate::http::Settings;
use crate::plan::ScenarioPlan;
use crate::plan::config::ConfigEntry;
use crate::plan::duration::TimeSpan;
use crate::plan::error::Mistakes;
use crate::plan::http::{AddressRanges, ByteSize, ConnectionLife, CookieLife, HttpPlan, Protocol};
use crate::plan::options::{ConnectionsOption, Options};
use crate::plan::origin::Origin;
use crate::plan::process::ProcessEnvironment;
use crate::plan::profile::Wrongs;

/// What is known of a run beside its merged options.
pub(super) struct Known<'a> {
    pub(super) environment: &'a str,
    pub(super) process: &'a ProcessEnvironment,
    pub(super) layers: &'a Layers<'a>,
    pub(super) config: &'a [ConfigEntry],
    pub(super) scenarios: &'a [ScenarioPlan],
}

pub(super) fn http(
    options: &Options,
    known: &Known<'_>,
    wrongs: &mut Wrongs,
    mistakes: &mut Mistakes,
    notes: &mut Vec<String>,
) -> HttpPlan {
    reach::check(known.layers, mistakes);
    check(options, wrongs);
    check_connections(known.layers, mistakes);
    let usual = Settings::default();
    let number = |written: Option<u32>, usual: usize| {
        written.map_or(usual, |number| {
            usize::try_from(number).unwrap_or(usize::MAX)
        })
    };
    HttpPlan {
        user_agent: options.user_agent.clone().unwrap_or(usual.user_agent),
        discard_response_bodies: options
            .discard_response_bodies
            .unwrap_or(usual.discard_bodies),
        batch: number(options.batch, usual.batch),
        batch_per_host: number(options.batch_per_host, usual.per_host),
        max_redirects: options.max_redirects.unwrap_or(usual.max_redirects),
        cookies: match options.no_cookies_reset {
            Some(true) => CookieLife::Vu,
            _ => CookieLife::Iteration,
        },
        connections: connections(options),
        protocol: options
            .http_version
            .map_or(usual.protocol, |written| written.0),
        connect_timeout: options
            .connect_timeout
            .map_or(usual.connect_timeout, |timeout| timeout.0),
        response_head_timeout: unless_zero(options.response_head_timeout),
        stream_idle_timeout: unless_zero(options.stream_idle_timeout),
        max_body_size: options.max_body_size.unwrap_or(ByteSize(usual.body_limit)),
        hosts: reach::hosts(known.layers, mistakes),
        dns: reach::dns(options),
        local_ips: options
            .local_ips
            .as_ref()
            .map_or_else(AddressRanges::default, |written| written.0.clone()),
        allowed: allowed::hosts(known.config, known.scenarios, known.layers, notes),
        refused: allowed::refused(options),
        proxy: reach::proxy(options, known.process, mistakes),
        tls: tls::tls(options, known, wrongs, mistakes),
    }
}

/// What parses and can mean nothing.
fn check(options: &Options, wrongs: &mut Wrongs) {
    let user_agent = options.user_agent.as_deref().unwrap_or_default();
    if !user_agent.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        wrongs.say(
            "userAgent",
            "a header takes printable ASCII characters alone; write it with them",
        );
    }
    let version = options.http_version.map(|written| written.0);
    if let Some(reason) = version.and_then(Protocol::left_out) {
        wrongs.say("httpVersion", reason);
    }
    if options.batch == Some(0) {
        wrongs.say(
            "batch",
            "with 0 requests at a time none would be sent; ask for 1 or more",
        );
    }
    if options.connect_timeout.is_some_and(|span| span.0.is_zero()) {
        wrongs.say(
            "connectTimeout",
            "`0s` leaves no time at all; write a longer one, such as `30s`",
        );
    }
    if options.max_body_size == Some(ByteSize(0)) {
        wrongs.say(
            "maxBodySize",
            "with 0 bytes every body would be too long; write a larger one, or drop bodies with \
             `discardResponseBodies`",
        );
    }
}

/// Refuses connections that are shared and closed, said in one place.
fn check_connections(layers: &Layers<'_>, mistakes: &mut Mistakes) {
    let shares = |layer: &&Layer| layer.options.connections == Some(ConnectionsOption::Shared);
    let closes = |layer: &Layer| {
        let options = &layer.options;
        [options.no_connection_reuse, options.no_vu_connection_reuse].contains(&Some(true))
    };
    // Variables are one place, though each is a layer of its own.
    let beside = |one: &Origin, other: &Origin| match (one, other) {
        (Origin::Process(_), Origin::Process(_)) => true,
        (one, other) => one == other,
    };
    for layer in layers.iter().filter(shares) {
        if layers
            .iter()
            .any(|other| closes(other) && beside(&layer.origin, &other.origin))
        {
            let reason = "what is shared is not closed after a request or an iteration; take `noConnectionReuse` and \
                          `noVUConnectionReuse` away, or this";
            layers.say(layer, "connections", reason, mistakes);
        }
    }
}

/// How long connections live. As in k6, `noConnectionReuse` goes before
/// `noVUConnectionReuse`.
pub(super) fn connections(options: &Options) -> ConnectionLife {
    if options.no_connection_reuse == Some(true) {
        ConnectionLife::Request
    } else if options.no_vu_connection_reuse == Some(true) {
        ConnectionLife::Iteration
    } else if options.connections == Some(ConnectionsOption::Shared) {
        ConnectionLife::Worker
    } else {
        ConnectionLife::Vu
    }
}

/// A limit where `0s` stands for none.
fn unless_zero(span: Option<TimeSpan>) -> Option<Duration> {
    span.map(|span| span.0).filter(|limit| !limit.is_zero())
}
