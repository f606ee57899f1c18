//! Whether a machine has room for the virtual users of a plan. What will not fit is said
//! before the load starts: in the middle of it, it would be told by whatever fails first.
//!
//! - [`Demand`]: what the virtual users need
//! - [`Machine`]: what this process may have
//! - [`check`]: the one held against the other
//! - [`Shortage`]: what does not fit, in words
//! - `memory`: the same of memory, of which nothing is known before there are users

mod demand;
mod machine;
mod memory;
mod memory_use;
mod shortage;
#[cfg(test)]
mod tests;

pub(super) use demand::vus_of_this_part;
pub use demand::{Demand, TargetPlace};
pub use machine::{Limit, Machine};
pub(super) use memory::MemoryWatch;
pub use shortage::Shortage;
use shortage::rounded_up;

/// The mappings that are kept for what is no virtual user: libraries that are loaded
/// late, the heap's parts, and histograms, which have one each where they are large.
const OTHER_MAPPINGS: u64 = 2_048;

/// Those of a worker: its stack with the guard, and its part of the heap.
const MAPPINGS_PER_WORKER: u64 = 8;

/// The open files that are kept for what is no connection of a virtual user: results,
/// logs, name servers, a scenario's setup.
const OTHER_FILES: u64 = 64;

/// Those of a worker: what its runtime waits on and is woken by, and its timers.
const FILES_PER_WORKER: u64 = 8;

/// What of a demand finds no room on a machine. What the system does not tell is taken
/// for enough.
#[must_use]
pub fn check(demand: &Demand, machine: &Machine) -> Vec<Shortage> {
    let shortages = [
        mappings(demand, machine),
        files(demand, machine),
        ports(demand, machine),
    ];
    shortages.into_iter().flatten().collect()
}

fn mappings(demand: &Demand, machine: &Machine) -> Option<Shortage> {
    let limit = machine.mappings?;
    let others = limit.used + OTHER_MAPPINGS + MAPPINGS_PER_WORKER * demand.workers;
    let left = limit.allowed.saturating_sub(others);
    (demand.mappings > left as f64).then(|| Shortage::Mappings {
        vus: demand.vus,
        fitting: (demand.vus as f64 * left as f64 / demand.mappings) as u64,
        needed: demand.mappings.ceil() as u64 + others,
        allowed: limit.allowed,
        guards_take_some: !machine.has_lightweight_guards,
    })
}

fn files(demand: &Demand, machine: &Machine) -> Option<Shortage> {
    let limit = machine.files?;
    let others = limit.used + OTHER_FILES + FILES_PER_WORKER * demand.workers;
    let left = limit.allowed.saturating_sub(others);
    let ends = demand.target.ends_of_a_connection_here();
    let connections = demand.connections * ends;
    let enough = rounded_up(connections + others);
    (connections > left).then(|| Shortage::Files {
        vus: demand.connections,
        connected: left / ends,
        enough,
        allowed: limit.allowed,
        is_beyond_kernel: machine.most_files.is_some_and(|most| enough > most),
        target: demand.target,
    })
}

fn ports(demand: &Demand, machine: &Machine) -> Option<Shortage> {
    let ports = machine.ports?;
    let connected = ports.saturating_mul(demand.addresses);
    (demand.connections > connected).then_some(Shortage::Ports {
        vus: demand.connections,
        connected,
        ports,
        addresses: demand.addresses,
    })
}
