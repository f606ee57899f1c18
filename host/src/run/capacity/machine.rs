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
    /// Address space, in bytes.
    pub address_space: Option<Limit>,
    /// Whether a limit that was set for the process (`ulimit -v`) is what allows it no
    /// more, and not the processor and the kernel.
    pub is_address_space_limited: bool,
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
        use crate::vu::row_in_bytes;

        let maps = system::text("/proc/self/maps");
        let mappings = || {
            let allowed = system::number("/proc/sys/vm/max_map_count")?;
            let used = maps.as_ref()?.lines().count() as u64;
            Some(Limit { allowed, used })
        };
        let whole = maps.as_deref().and_then(user_space);
        let limit = system::address_space().filter(|&limit| whole.is_none_or(|end| limit < end));
        let address_space = || {
            let allowed = limit.or(whole)?;
            let used = row_in_bytes(&system::text("/proc/self/status")?, "VmSize:")?;
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
            address_space: address_space(),
            is_address_space_limited: limit.is_some(),
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
            address_space: None,
            is_address_space_limited: false,
            files: None,
            most_files: None,
            ports: None,
        }
    }
}

/// How much address space processor and kernel have for a process with such mappings:
/// the highest of them, its first stack, is near the end, which is a power of two.
#[cfg(any(target_os = "linux", test))]
fn user_space(maps: &str) -> Option<u64> {
    // More than 47 bits x86-64 gives only to who asks for an address there.
    if cfg!(target_arch = "x86_64") {
        return Some(1 << 47);
    }
    highest(maps)?.checked_next_power_of_two()
}

/// Where the highest mapping of the process's own ends.
#[cfg(any(target_os = "linux", test))]
fn highest(maps: &str) -> Option<u64> {
    let end = |line: &str| {
        let (_, end) = line.split_whitespace().next()?.split_once('-')?;
        u64::from_str_radix(end, 16).ok()
    };
    // In the upper half is the kernel's own, of which a process may see a page.
    let ends = maps.lines().filter_map(end).filter(|&end| end >> 63 == 0);
    ends.max()
}

/// How many ports a range has: `32768 60999`.
#[cfg(any(target_os = "linux", test))]
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

    /// How many files this process may have open; `None` for as many as it likes.
    pub(super) fn open_files() -> Option<u64> {
        getrlimit(Resource::Nofile).current
    }

    /// The same of address space, in bytes.
    pub(super) fn address_space() -> Option<u64> {
        getrlimit(Resource::As).current
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

    #[test]
    fn user_space_ends_above_the_first_stack_whatever_of_the_kernel_is_seen() {
        let maps = "555d31c3d000-555d31c45000 r-xp 00002000 fe:00 9 /bin/cat
7fb2e8a95000-7fb2e8a97000 rw-p 00000000 00:00 0 [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]";
        assert_eq!(highest(maps), Some(0x7fb2_e8a9_7000));
        assert_eq!(highest(""), None);
        // As found out from this process's own mappings, it is what is known of x86-64.
        if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            let own = std::fs::read_to_string("/proc/self/maps").unwrap();
            let found = highest(&own).unwrap().checked_next_power_of_two();
            assert_eq!(found, user_space(&own));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_tells_what_a_process_may_have() {
        let machine = Machine::this();
        for limit in [machine.mappings, machine.files, machine.address_space] {
            let limit = limit.unwrap();
            assert!(limit.used > 0 && limit.used < limit.allowed, "{limit:?}");
        }
        assert!(machine.ports.unwrap() > 0);
    }
}
