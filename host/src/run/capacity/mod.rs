//! Whether a machine has room for the virtual users of a plan. What will not fit is said
//! before the load starts: in the middle of it, it would be told by whatever fails first.
//!
//! - [`Demand`]: what the virtual users need, for sure and at most
//! - `presence`: which of them are surely there at a time
//! - [`Machine`]: what this process may have
//! - [`check`]: the one held against the other
//! - [`Shortage`]: what does not fit, in words
//! - `memory`: the same of memory, of which nothing is known before there are users

mod demand;
mod machine;
mod memory;
mod memory_use;
mod presence;
mod shortage;
#[cfg(test)]
mod tests;

pub(super) use demand::vus_of_this_part;
pub use demand::{Demand, Need, TargetPlace};
pub use machine::{Limit, Machine};
pub(super) use memory::MemoryWatch;
pub use shortage::Shortage;
use shortage::rounded_up;

/// The mappings that are kept for what is no virtual user: libraries that are loaded
/// late, the heap's parts, and histograms, which have one each where they are large.
const OTHER_MAPPINGS: u64 = 2_048;

/// Those of a worker: its stack with the guard, and its part of the heap.
const MAPPINGS_PER_WORKER: u64 = 8;

/// The address space that is kept for what is no virtual user's: a mapping of stacks and
/// one of memories that few have a slot in yet, the heap's parts, and the gaps
/// between what lies anywhere.
const OTHER_ADDRESS_SPACE: u64 = 4 << 30;

/// The same where a process is allowed little: a part of that.
const OTHER_PART_OF_ADDRESS_SPACE: u64 = 4;

/// The open files that are kept for what is no connection of a virtual user: results,
/// logs, name servers, a scenario's setup.
const OTHER_FILES: u64 = 64;

/// Those of a worker: what its runtime waits on and is woken by, and its timers.
const FILES_PER_WORKER: u64 = 8;

/// What of a demand finds no room on a machine. What the system does not tell is taken
/// for enough.
#[must_use]
pub fn check(demand: &Demand, machine: &Machine) -> Vec<Shortage> {
    let mut of_process = [mappings(demand, machine), address_space(demand, machine)];
    // A run is refused by the first: it is to say how many fit in every respect.
    of_process.sort_by_key(|shortage| shortage.as_ref().and_then(Shortage::fitting));
    let of_connections = [files(demand, machine), ports(demand, machine)];
    of_process
        .into_iter()
        .chain(of_connections)
        .flatten()
        .collect()
}

/// How many of so many users find room who need so much, where so much is left.
fn fitting(vus: u64, needed: f64, left: u64) -> u64 {
    if needed <= left as f64 {
        return vus;
    }
    (vus as f64 * left as f64 / needed) as u64
}

fn mappings(demand: &Demand, machine: &Machine) -> Option<Shortage> {
    let limit = machine.mappings?;
    let others = limit.used + OTHER_MAPPINGS + MAPPINGS_PER_WORKER * demand.workers;
    let left = limit.allowed.saturating_sub(others);
    let (vus, possible) = (demand.vus, demand.possible.mappings);
    // To allow more mappings than that is of no use.
    let with_address_space = with_address_space(demand, machine).unwrap_or(vus);
    let of_those = possible * with_address_space as f64 / vus as f64;
    (possible > left as f64).then(|| Shortage::Mappings {
        // What is kept for others is not certain.
        is_certain: is_certain(demand.certain.mappings, limit),
        vus,
        fitting: fitting(vus, possible, left),
        needed: possible.ceil() as u64 + others,
        allowed: limit.allowed,
        with_address_space,
        enough: rounded_up(of_those.ceil() as u64 + others),
        guards_take_some: !machine.has_lightweight_guards,
    })
}

fn address_space(demand: &Demand, machine: &Machine) -> Option<Shortage> {
    let limit = machine.address_space?;
    let (vus, fitting) = (demand.vus, with_address_space(demand, machine)?);
    (fitting < vus).then(|| Shortage::AddressSpace {
        is_certain: is_certain(demand.certain.address_space, limit),
        vus,
        fitting,
        needed: with_others(demand.possible.address_space as u64 + limit.used),
        allowed: limit.allowed,
        is_limited: machine.is_address_space_limited,
    })
}

/// How many users there is address space for.
fn with_address_space(demand: &Demand, machine: &Machine) -> Option<u64> {
    let limit = machine.address_space?;
    let left = limit
        .allowed
        .saturating_sub(limit.used + other_address_space(limit));
    Some(fitting(demand.vus, demand.possible.address_space, left))
}

fn other_address_space(limit: Limit) -> u64 {
    OTHER_ADDRESS_SPACE.min(limit.allowed / OTHER_PART_OF_ADDRESS_SPACE)
}

/// The limit under which so much is left beside what is kept for others.
fn with_others(taken: u64) -> u64 {
    let of_little = taken.saturating_add(taken / (OTHER_PART_OF_ADDRESS_SPACE - 1));
    of_little.min(taken.saturating_add(OTHER_ADDRESS_SPACE))
}

fn is_certain(needed: f64, limit: Limit) -> bool {
    needed > limit.allowed.saturating_sub(limit.used) as f64
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
