//! Where requests go, and through what.
//!
//! A component says what it sends. Where that goes is not its business: what
//! would widen its reach beyond what somebody gave it stands in a plan file, a
//! variable or a flag.

use super::layers::{Layer, Layers};
use crate::http::{BadSetting, tells_machine_secrets};
use crate::plan::error::{Mistakes, PlanError};
use crate::plan::http::{
    Destination, DnsSettings, HostOverride, HostPattern, Proxy, ProxySetting, ProxyUrl,
};
use crate::plan::named::Named;
use crate::plan::options::{Options, Written};
use crate::plan::origin::Origin;
use crate::plan::process::ProcessEnvironment;

/// An option that no component has.
struct Withheld {
    member: &'static str,
    is_set: fn(&Options) -> bool,
    /// What else says the same.
    instead: &'static str,
}

const WITHHELD: [Withheld; 3] = [
    Withheld {
        member: "allowHosts",
        is_set: |options| options.allow_hosts.is_some(),
        instead: "or with --allow-host; the hosts of configuration values that are URLs are allowed anyway",
    },
    Withheld {
        member: "proxy",
        is_set: |options| options.proxy.is_some(),
        instead: "or with --proxy",
    },
    Withheld {
        member: "tlsCaFiles",
        is_set: |options| options.tls_ca_files.is_some(),
        instead: "or with --ca-file",
    },
];

/// Refuses what a component says and must not.
pub(super) fn check(layers: &Layers<'_>, mistakes: &mut Mistakes) {
    for layer in layers.iter().filter(|layer| is_component(layer)) {
        for withheld in WITHHELD {
            if (withheld.is_set)(&layer.options) {
                let reason = format!(
                    "a component must not widen its own reach; say it in the plan file's [options], {}",
                    withheld.instead
                );
                layers.say(layer, withheld.member, reason, mistakes);
            }
        }
    }
}

pub(super) fn is_component(layer: &Layer) -> bool {
    matches!(layer.origin, Origin::Component(_))
}

/// The hosts that are reached elsewhere than DNS says, those of all layers.
pub(super) fn hosts(layers: &Layers<'_>, mistakes: &mut Mistakes) -> Vec<HostOverride> {
    let mut hosts: Vec<HostOverride> = Vec::new();
    for layer in layers.iter() {
        let mut here: Vec<HostPattern> = Vec::new();
        for (name, Written(target)) in layer.options.hosts.iter().flat_map(Named::iter) {
            let path = format!("hosts.{name}");
            let pattern: HostPattern = match name.parse() {
                Ok(pattern) => pattern,
                Err(reason) => {
                    layers.say(layer, &path, reason, mistakes);
                    continue;
                }
            };
            if here.contains(&pattern) {
                let reason = format!("`{pattern}` stands there in another spelling; take one away");
                layers.say(layer, &path, reason, mistakes);
            }
            if let Some(reason) = beyond_a_component(target).filter(|_| is_component(layer)) {
                layers.say(layer, &path, reason, mistakes);
            }
            here.push(pattern.clone());
            let target = match target {
                Destination::Unix(path) => Destination::Unix(layers.file_of(layer, path)),
                Destination::Address(_) | Destination::Socket(_) => target.clone(),
            };
            match hosts.iter_mut().find(|known| known.pattern == pattern) {
                Some(known) => known.target = target,
                None => hosts.push(HostOverride { pattern, target }),
            }
        }
    }
    hosts
}

/// Why a component cannot send what is for a host there.
fn beyond_a_component(target: &Destination) -> Option<&'static str> {
    let address = match target {
        Destination::Unix(_) => {
            return Some(
                "a component must not reach this machine's own services; say it in the plan file's [options]",
            );
        }
        Destination::Address(address) => *address,
        Destination::Socket(socket) => socket.ip(),
    };
    tells_machine_secrets(address).then_some(
        "there clouds keep the secrets of a machine, and a component must not reach them; say it in the plan \
         file's [options]",
    )
}

pub(super) fn dns(options: &Options) -> DnsSettings {
    let usual = DnsSettings::default();
    let Some(written) = &options.dns else {
        return usual;
    };
    DnsSettings {
        ttl: written.ttl.map_or(usual.ttl, |ttl| ttl.0),
        select: written.select.map_or(usual.select, |select| select.0),
        policy: written.policy.map_or(usual.policy, |policy| policy.0),
        servers: usual.servers,
    }
}

/// Programs with proxies in their environment reach this machine without one;
/// k6 is one of them.
const THIS_MACHINE: &str = "localhost,127.0.0.0/8,::1";

/// The proxy that somebody asks for, or else those that the variables name that
/// all programs share.
pub(super) fn proxy(
    options: &Options,
    process: &ProcessEnvironment,
    mistakes: &mut Mistakes,
) -> Proxy {
    match &options.proxy {
        Some(Written(ProxySetting::None)) => return Proxy::None,
        Some(Written(ProxySetting::Use(url))) => return Proxy::Always(url.clone()),
        None => {}
    }
    let all = of_variable("ALL_PROXY", process, mistakes);
    let http = of_variable("HTTP_PROXY", process, mistakes).or_else(|| all.clone());
    let https = of_variable("HTTPS_PROXY", process, mistakes).or(all);
    if http.is_none() && https.is_none() {
        return Proxy::None;
    }
    let except = text_of("NO_PROXY", process, mistakes);
    let except = except.map_or(THIS_MACHINE.to_owned(), |(_, except)| {
        format!("{except},{THIS_MACHINE}")
    });
    Proxy::Environment {
        http,
        https,
        except,
    }
}

fn of_variable(
    name: &str,
    process: &ProcessEnvironment,
    mistakes: &mut Mistakes,
) -> Option<ProxyUrl> {
    let (name, text) = text_of(name, process, mistakes)?;
    let url = text.parse().map_err(|bad: BadSetting| PlanError::Setting {
        origin: Origin::Process(name),
        reason: bad.into(),
    });
    mistakes.right(url)
}

/// The text of a variable that is written in capitals by some and in small
/// letters by others.
fn text_of(
    name: &str,
    process: &ProcessEnvironment,
    mistakes: &mut Mistakes,
) -> Option<(String, String)> {
    [name.to_owned(), name.to_lowercase()]
        .into_iter()
        .find_map(|name| {
            let text = mistakes.right(process.get(&name))??.trim().to_owned();
            Some((name, text))
        })
}
