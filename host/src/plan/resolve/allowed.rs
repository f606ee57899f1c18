//! Which hosts a run may reach.

use url::{Host, Url};

use super::layers::Layers;
use crate::http::tells_machine_secrets;
use crate::plan::ScenarioPlan;
use crate::plan::config::{ConfigEntry, Shown};
use crate::plan::http::{AllowedBy, AllowedHost, HostNames, HostPattern, RefusedHosts};
use crate::plan::options::{Options, Written};
use crate::plan::origin::Origin;

/// The schemes of what a scenario can connect to.
const SCHEMES: [&str; 4] = ["http", "https", "ws", "wss"];

/// The hosts of all values that are URLs, and those that somebody allows.
pub(super) fn hosts(
    config: &[ConfigEntry],
    scenarios: &[ScenarioPlan],
    layers: &Layers<'_>,
    notes: &mut Vec<String>,
) -> Vec<AllowedHost> {
    let mut allowed: Vec<AllowedHost> = Vec::new();
    let mut add = |pattern: HostPattern, by: AllowedBy| {
        if !allowed.iter().any(|known| known.pattern == pattern) {
            allowed.push(AllowedHost { pattern, by });
        }
    };
    for (key, value, by_component) in values(config, scenarios, layers) {
        let Some(pattern) = host_of(value) else {
            continue;
        };
        // A component must not give itself what nobody else gives it.
        if by_component && is_metadata(&pattern) {
            notes.push(format!(
                "the address {pattern} in `{key}` is where clouds keep the secrets of a machine, and a component \
                 alone names it; it is not reached unless --allow-host {pattern} allows it"
            ));
            continue;
        }
        add(pattern, AllowedBy::Key(key.to_owned()));
    }
    for layer in layers.iter() {
        for Written(pattern) in layer.options.allow_hosts.iter().flatten() {
            add(pattern.clone(), AllowedBy::Setting(layer.origin.clone()));
        }
    }
    allowed
}

/// The readable values of all keys, and whether a component alone says them.
fn values<'a>(
    config: &'a [ConfigEntry],
    scenarios: &'a [ScenarioPlan],
    layers: &Layers<'_>,
) -> impl Iterator<Item = (&'a str, &'a str, bool)> {
    let is_component = |origin: &Origin| matches!(origin, Origin::Component(_));
    let keys = config.iter().filter_map(move |entry| match &entry.value {
        Shown::Value(value) => {
            let by_component = entry.origin.as_ref().is_some_and(is_component);
            Some((entry.key.as_str(), value.as_str(), by_component))
        }
        Shown::Masked | Shown::Absent => None,
    });
    let profile = layers.profile();
    let by_component = profile.is_some_and(|layer| is_component(&layer.origin));
    let of_scenarios = scenarios.iter().flat_map(|scenario| scenario.env.iter());
    keys.chain(of_scenarios.map(move |(key, value)| (key.as_str(), value.as_str(), by_component)))
}

/// The host of a value that is a URL, at any port.
fn host_of(value: &str) -> Option<HostPattern> {
    let url = Url::parse(value.trim()).ok()?;
    if !SCHEMES.contains(&url.scheme()) {
        return None;
    }
    let names = match url.host()? {
        // Of one spelling with those that somebody writes.
        Host::Domain(name) => match name.parse().ok()? {
            // A URL can have a host of stars, which stands for no others.
            exactly @ HostNames::Exactly(_) => exactly,
            _ => return None,
        },
        Host::Ipv4(address) => HostNames::address(address),
        Host::Ipv6(address) => HostNames::address(address),
    };
    Some(names.into())
}

fn is_metadata(pattern: &HostPattern) -> bool {
    matches!(pattern.names, HostNames::Address(address) if tells_machine_secrets(address))
}

/// What may not be reached.
pub(super) fn refused(options: &Options) -> RefusedHosts {
    let networks = options.blacklist_ips.iter().flatten();
    let names = options.block_hostnames.iter().flatten();
    RefusedHosts {
        networks: networks.map(|Written(network)| *network).collect(),
        names: names.map(|Written(names)| names.clone()).collect(),
    }
}
