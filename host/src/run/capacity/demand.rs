//! What the virtual users of a plan need of the machine.

use std::net::IpAddr;

use super::presence;
use crate::component::Scenario;
use crate::plan::http::{AddressRange, ConnectionLife};
use crate::plan::{Plan, ScenarioPlan};

/// Where what is loaded runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetPlace {
    /// In another process.
    Elsewhere,
    /// In this process, which has both ends of each connection then.
    Here,
}

impl TargetPlace {
    pub(super) fn ends_of_a_connection_here(self) -> u64 {
        match self {
            Self::Elsewhere => 1,
            Self::Here => 2,
        }
    }
}

/// What virtual users take of what the system allows a process.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Need {
    /// Mappings of memory.
    pub mappings: f64,
    /// Address space, in bytes.
    pub address_space: f64,
}

/// What the virtual users of a plan need, all of this part of the run together.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// How many there may be at a time.
    pub vus: u64,
    /// What they may need.
    pub possible: Need,
    /// What the run needs at some time whatever happens, unless it is stopped before.
    pub certain: Need,
    /// How many of them have connections of their own; one each at least, where they
    /// send anything.
    pub connections: u64,
    /// The other ends of those.
    pub target: TargetPlace,
    /// From how many addresses of this machine they are made.
    pub addresses: u64,
    /// How many worker threads there are.
    pub workers: u64,
}

impl Demand {
    /// That of a plan, whose components are in its order.
    #[must_use]
    pub fn new(plan: &Plan, components: &[&Scenario], target: TargetPlace, workers: usize) -> Self {
        let (mut vus, mut possible) = (0, Need::default());
        for (scenario, of_it) in vus_of_scenarios(plan) {
            let component = components[scenario.component];
            vus += of_it;
            possible.mappings += of_it as f64 * component.mappings_per_user().end();
            possible.address_space += of_it as f64 * component.address_space_per_user() as f64;
        }
        let surely = |each: &dyn Fn(&Scenario) -> f64| {
            let each = plan
                .scenarios
                .iter()
                .map(|of| each(components[of.component]));
            let each: Vec<_> = each.collect();
            presence::greatest(plan, |there| {
                there
                    .iter()
                    .zip(&each)
                    .map(|(&vus, each)| vus as f64 * each)
                    .sum()
            })
        };
        let addresses = plan.http.local_ips.as_slice().iter().map(length);
        Self {
            vus,
            possible,
            certain: Need {
                mappings: surely(&|component| *component.mappings_per_user().start()),
                address_space: surely(&|component| component.address_space_per_user() as f64),
            },
            connections: match plan.http.connections {
                // They may send to nobody.
                _ if plan.http.allowed.is_empty() => 0,
                ConnectionLife::Vu | ConnectionLife::Iteration => vus,
                // As many as there are requests at a time, which nobody knows.
                ConnectionLife::Request | ConnectionLife::Worker => 0,
            },
            target,
            addresses: addresses.fold(0, u64::saturating_add).max(1),
            workers: workers as u64,
        }
    }
}

/// The most VUs that this part of a run has at a time. As in the plan's own extent,
/// scenarios that never overlap are counted together.
pub(in crate::run) fn vus_of_this_part(plan: &Plan) -> u64 {
    vus_of_scenarios(plan).map(|(_, vus)| vus).sum()
}

/// The same of each scenario.
fn vus_of_scenarios(plan: &Plan) -> impl Iterator<Item = (&ScenarioPlan, u64)> {
    plan.scenarios.iter().map(|scenario| {
        let vus = plan.part.vus().below(scenario.executor.most_vus().into());
        (scenario, vus)
    })
}

/// How many addresses a range has.
fn length(range: &AddressRange) -> u64 {
    let number = |address| match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    let more = number(range.last()) - number(range.first());
    u64::try_from(more).unwrap_or(u64::MAX).saturating_add(1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests {
    use super::*;
    use crate::plan::{Component, Flags, PlanFile, ProcessEnvironment, resolve};

    pub(in crate::run::capacity) fn plan(options: &str) -> Plan {
        let component = Component { name: "a", options };
        let process = ProcessEnvironment::default();
        let flags = Flags {
            seed: Some(1),
            ..Flags::default()
        };
        let resolved = resolve(&[component], &PlanFile::default(), &process, &flags);
        resolved.unwrap().remove(0).plan
    }

    fn addresses(list: &str) -> u64 {
        let options = format!(r#"{{"localIPs": "{list}"}}"#);
        let plan = plan(&options);
        plan.http.local_ips.as_slice().iter().map(length).sum()
    }

    #[test]
    fn vus_are_those_of_all_scenarios_pools_to_their_most_and_of_this_part_alone() {
        let options = r#"{
            "scenarios": {
                "steady": { "executor": "constant-vus", "vus": 10, "duration": "1s" },
                "later": {
                    "executor": "constant-arrival-rate", "startTime": "5s", "duration": "1s",
                    "rate": 1, "preAllocatedVUs": 1, "maxVUs": 30
                }
            },
            "executionSegment": "0:1/2"
        }"#;
        assert_eq!(vus_of_this_part(&plan(options)), 20);
    }

    #[test]
    fn addresses_of_lists_ranges_and_networks_are_counted() {
        assert_eq!(
            addresses("10.0.0.1,10.0.0.5-10.0.0.9,10.1.0.0/28"),
            1 + 5 + 14
        );
        assert_eq!(addresses("::/0"), u64::MAX);
    }
}
