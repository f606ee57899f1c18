//! What this process may have of the machine, as the system tells.

/// So much is allowed, and so much of it is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The most that the process may have.
    pub allowed: u64,
    /// What it has.
    pub used: u64,
}

/// What this process may have. `None` for what the system does not tell: on Linux
/// nothing of that, elsewhere everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// Mappings of memory.
    pub mappings: Option<Limit>,
    /// Whether guards between stacks take none of these.
    pub has_lightweight_guards: bool,
    /// Open files, connections among them.
    pub files: Option<Limit>,
    /// The most open files that the kernel lets root allow a process.
    pub most_files: Option<u64>,
    /// How many connections there can be from one address to one address and port.
    pub ports: Option<u64>,
}

impl Machine {
    /// This one, now.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn this() -> Self {
        use crate::slab::Guards;

        let mappings = || {
            let allowed = system::number("/proc/sys/vm/max_map_count")?;
            let used = system::lines("/proc/self/maps")?;
            Some(Limit { allowed, used })
        };
        let files = || {
            let allowed = system::open_files()?;
            let used = std::fs::read_dir("/proc/self/fd").ok()?.count() as u64;
            Some(Limit { allowed, used })
        };
        Self {
            mappings: mappings(),
            has_lightweight_guards: Guards::of_this_kernel() == Guards::Lightweight,
            files: files(),
            most_files: system::number("/proc/sys/fs/nr_open"),
            ports: system::text("/proc/sys/net/ipv4/ip_local_port_range")
                .and_then(|range| ports(&range)),
        }
    }

    /// One of which nothing is known.
    #[cfg(not(target_os = "linux"))]
    #[must_use]
    pub fn this() -> Self {
        Self {
            mappings: None,
            has_lightweight_guards: false,
            files: None,
            most_files: None,
            ports: None,
        }
    }
}

/// How many ports a range has: `32768 60999`.
fn ports(range: &str) -> Option<u64> {
    let mut bounds = range.split_whitespace().map(|bound| bound.parse().ok());
    let (first, last): (u64, u64) = (bounds.next()??, bounds.next()??);
    Some(last.checked_sub(first)? + 1)
}

/// What Linux says, and where.
#[cfg(target_os = "linux")]
mod system {
    use rustix::process::{Resource, getrlimit};

    pub(super) fn text(path: &str) -> Option<String> {
        std::fs::read_to_string(path).ok()
    }

    pub(super) fn number(path: &str) -> Option<u64> {
        text(path)?.trim().parse().ok()
    }

    pub(super) fn lines(path: &str) -> Option<u64> {
        Some(text(path)?.lines().count() as u64)
    }

    /// How many files this process may have open; `None` for as many as it likes.
    pub(super) fn open_files() -> Option<u64> {
        getrlimit(Resource::Nofile).current
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_ports_is_with_its_last() {
        assert_eq!(ports("32768\t60999\n"), Some(28_232));
        assert_eq!(ports("1024 65535"), Some(64_512));
        for none in ["", "1024", "a b", "60999 32768"] {
            assert_eq!(ports(none), None, "{none}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_tells_what_a_process_may_have() {
        let machine = Machine::this();
        for limit in [machine.mappings.unwrap(), machine.files.unwrap()] {
            assert!(limit.used > 0 && limit.used < limit.allowed, "{limit:?}");
        }
        assert!(machine.ports.unwrap() > 0);
    }
}
