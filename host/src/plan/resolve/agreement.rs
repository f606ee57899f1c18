//! Options that a run has once, of components that run together.

use std::fmt;

use super::layers::Layers;
use super::requests;
use crate::plan::error::{Mistakes, PlanError};
use crate::plan::options::{Options, TlsAuthOptions};
use crate::plan::origin::Origin;

/// What a layer says of an option, in a form that can be compared.
type Said = fn(&Options) -> Option<String>;

/// The options that a run has once.
const ONCE: [(&str, Said); 22] = [
    ("setupTimeout", |options| said(options.setup_timeout)),
    ("teardownTimeout", |options| said(options.teardown_timeout)),
    ("userAgent", |options| options.user_agent.clone()),
    ("insecureSkipTLSVerify", |options| {
        said(options.insecure_skip_tls_verify)
    }),
    // Of the three options that say it, any.
    ("connections", |options| {
        let says = options.connections.is_some()
            || options.no_connection_reuse.is_some()
            || options.no_vu_connection_reuse.is_some();
        says.then(|| format!("{:?}", requests::connections(options)))
    }),
    ("httpVersion", |options| compared(&options.http_version)),
    ("maxRedirects", |options| said(options.max_redirects)),
    ("noCookiesReset", |options| said(options.no_cookies_reset)),
    ("connectTimeout", |options| said(options.connect_timeout)),
    ("responseHeadTimeout", |options| {
        said(options.response_head_timeout)
    }),
    ("streamIdleTimeout", |options| {
        said(options.stream_idle_timeout)
    }),
    ("maxBodySize", |options| said(options.max_body_size)),
    ("hosts", |options| compared(&options.hosts)),
    ("dns", |options| compared(&options.dns)),
    ("localIPs", |options| compared(&options.local_ips)),
    ("tlsAuth", |options| {
        let written = options.tls_auth.as_ref()?.iter();
        Some(written.map(TlsAuthOptions::compared).collect())
    }),
    ("tlsVersion", |options| compared(&options.tls_version)),
    ("discardResponseBodies", |options| {
        said(options.discard_response_bodies)
    }),
    ("batch", |options| said(options.batch)),
    ("batchPerHost", |options| said(options.batch_per_host)),
    ("rps", |options| said(options.rps)),
    ("maxSeries", |options| said(options.max_series)),
];

fn compared<T: fmt::Debug>(value: &Option<T>) -> Option<String> {
    value.as_ref().map(|value| format!("{value:?}"))
}

fn said<T: ToString>(value: Option<T>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// Refuses that two components say different things of an option of which
/// nothing above them says more. What one alone says holds for all.
pub(super) fn check(layers: &Layers<'_>, mistakes: &mut Mistakes) {
    for (member, of) in ONCE {
        let above = layers.iter().any(|layer| {
            !matches!(layer.origin, Origin::Component(_)) && of(&layer.options).is_some()
        });
        if above {
            continue;
        }
        let mut first: Option<(&str, String)> = None;
        for layer in layers.iter() {
            let (Origin::Component(name), Some(value)) = (&layer.origin, of(&layer.options)) else {
                continue;
            };
            match &first {
                Some((one, other)) if *other != value => {
                    mistakes.add(PlanError::Disagreement {
                        member,
                        one: (*one).to_owned(),
                        other: name.clone(),
                    });
                    break;
                }
                Some(_) => {}
                None => first = Some((name, value)),
            }
        }
    }
}
