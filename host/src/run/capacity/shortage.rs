//! What does not fit, in words.

use std::fmt;

use super::demand::TargetPlace;
use crate::http::ErrorCode;

/// Ports below are for services, and only root may have them.
const FIRST_PORT: u64 = 1_024;
const LAST_PORT: u64 = 65_535;

const GIB: u64 = 1 << 30;

/// What of a plan's demand finds no room on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shortage {
    /// Virtual users take more mappings of memory than the process may have. Those
    /// beyond could not be made, and neither could anything else.
    Mappings {
        /// Whether they do for sure, or might.
        is_certain: bool,
        /// How many virtual users there are to be.
        vus: u64,
        /// How many of them fit.
        fitting: u64,
        /// How many mappings the process needs, with what it has beside them.
        needed: u64,
        /// How many it may have.
        allowed: u64,
        /// How many virtual users there is address space for.
        with_address_space: u64,
        /// How many mappings are enough for those.
        enough: u64,
        /// Whether some are for the guards between stacks, as on older kernels.
        guards_take_some: bool,
    },
    /// The same of address space, in bytes, which nobody can have more of.
    AddressSpace {
        /// Whether they do for sure, or might.
        is_certain: bool,
        /// How many virtual users there are to be.
        vus: u64,
        /// How many of them fit.
        fitting: u64,
        /// How much the process needs, with what it has beside them.
        needed: u64,
        /// How much it may have.
        allowed: u64,
        /// Whether that is a limit that was set, and can be raised.
        is_limited: bool,
    },
    /// Virtual users may want more connections than the process may have files open.
    Files {
        /// How many want one at a time.
        vus: u64,
        /// How many can have one.
        connected: u64,
        /// How many open files are enough for all, with what the process has beside.
        enough: u64,
        /// How many it may have.
        allowed: u64,
        /// Whether the kernel allows no process as many as that.
        is_beyond_kernel: bool,
        /// Where the other ends of the connections are.
        target: TargetPlace,
    },
    /// Virtual users may want more connections to one server than there are ports to
    /// make them from.
    Ports {
        /// How many want one at a time.
        vus: u64,
        /// How many can have one.
        connected: u64,
        /// How many ports an address has.
        ports: u64,
        /// From how many addresses connections are made.
        addresses: u64,
    },
}

impl Shortage {
    /// Whether a run that has it is none: others are a matter of what its scenarios
    /// send, or how they go.
    #[must_use]
    pub fn stops_the_run(&self) -> bool {
        match *self {
            Self::Mappings { is_certain, .. } | Self::AddressSpace { is_certain, .. } => is_certain,
            Self::Files { .. } | Self::Ports { .. } => false,
        }
    }

    /// How many virtual users fit, where others could not be made.
    pub(super) fn fitting(&self) -> Option<u64> {
        match *self {
            Self::Mappings { fitting, .. } | Self::AddressSpace { fitting, .. } => Some(fitting),
            Self::Files { .. } | Self::Ports { .. } => None,
        }
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Mappings {
                is_certain,
                vus,
                fitting,
                needed,
                allowed,
                with_address_space,
                enough,
                guards_take_some,
            } => {
                let do_not = do_not(is_certain);
                write!(
                    f,
                    "{vus} VUs {do_not} fit into this process, and {fitting} do: with all of them it \
                     needs up to {needed} mappings of memory, and the kernel allows it {allowed}. "
                )?;
                let line = format!("by `sysctl -w vm.max_map_count={enough}`");
                if with_address_space >= vus {
                    write!(f, "As root, allow more {line}, or divide ")?;
                } else if with_address_space > fitting {
                    write!(
                        f,
                        "As root, allow {with_address_space} VUs {line}, which is as many as find \
                         address space, or divide "
                    )?;
                } else {
                    f.write_str("Divide ")?;
                }
                f.write_str("the run over several processes (`--execution-segment`)")?;
                if guards_take_some {
                    let hint = "; from Linux 6.13 on, the guards between stacks take none, and here \
                                2 for each VU";
                    f.write_str(hint)?;
                }
                Ok(())
            }
            Self::AddressSpace {
                is_certain,
                vus,
                fitting,
                needed,
                allowed,
                is_limited,
            } => {
                let do_not = do_not(is_certain);
                let (needed, allowed) = (needed.div_ceil(GIB), allowed / GIB);
                let (has, or) = match is_limited {
                    true => ("its limit is", ", or raise the limit (`ulimit -v`)"),
                    false => ("there are", ""),
                };
                write!(
                    f,
                    "{vus} VUs {do_not} fit into this process, and {fitting} do: with all of them it \
                     needs up to {needed} GiB of address space, and {has} {allowed}. Divide the run \
                     over several processes (`--execution-segment`){or}"
                )
            }
            Self::Files {
                vus,
                connected,
                enough,
                allowed,
                is_beyond_kernel,
                target,
            } => {
                let kernel = if is_beyond_kernel {
                    format!("`sysctl -w fs.nr_open={enough}` and ")
                } else {
                    String::new()
                };
                let (both, then) = match target {
                    TargetPlace::Elsewhere => ("", "fails"),
                    // The target cannot take what was connected to it.
                    TargetPlace::Here => (
                        " (a connection is two, since its other end is here)",
                        "waits, or fails",
                    ),
                };
                write!(
                    f,
                    "{vus} VUs may want a connection each, and this process may have {allowed} files \
                     open{both}: {connected} of them can be connected at a time. What others send then \
                     {then} with error_code {}. As root, raise the limit by {kernel}`ulimit -n \
                     {enough}` (for a service `LimitNOFILE={enough}`), have VUs share connections \
                     (`connections = \"shared\"`), or divide the run over several processes \
                     (`--execution-segment`)",
                    ErrorCode::DIAL
                )
            }
            Self::Ports {
                vus,
                connected,
                ports,
                addresses,
            } => {
                let from = match addresses {
                    1 => "one address of this machine".to_owned(),
                    _ => format!("{addresses} addresses of this machine"),
                };
                write!(
                    f,
                    "{vus} VUs may want a connection each, and from {from} at most {connected} at a time \
                     lead to one address and port of a server. What others send there then fails with \
                     error_code {}. ",
                    ErrorCode::DIAL
                )?;
                let most = LAST_PORT - FIRST_PORT + 1;
                let more = "from more addresses (`--local-ips`), or have VUs share connections \
                            (`connections = \"shared\"`)";
                if ports < most {
                    let possible = most.saturating_mul(addresses);
                    write!(
                        f,
                        "As root, make it {possible} by `sysctl -w net.ipv4.ip_local_port_range=\
                         \"{FIRST_PORT} {LAST_PORT}\"`, connect {more}"
                    )
                } else {
                    write!(f, "Connect {more}")
                }
            }
        }
    }
}

impl std::error::Error for Shortage {}

fn do_not(is_certain: bool) -> &'static str {
    if is_certain { "do not" } else { "may not" }
}

/// The next larger number that is read at a glance: two digits and zeros.
pub(super) fn rounded_up(number: u64) -> u64 {
    let mut unit = 1;
    while number / unit >= 100 {
        unit *= 10;
    }
    number.next_multiple_of(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_to_be_typed_are_round_and_never_less() {
        let rounded = [0, 7, 99, 100, 101, 65_530, 201_401, 990_001].map(rounded_up);
        assert_eq!(rounded, [0, 7, 99, 100, 110, 66_000, 210_000, 1_000_000]);
    }
}
