//! How much memory this process holds, and how much there is for it.

use std::fs::read_to_string;
use std::path::Path;

use crate::vu::row_in_bytes;

/// The bytes that nobody else has: its own pages, and its page tables. `None` where the
/// system does not tell.
pub(super) fn held() -> Option<u64> {
    let status = read_to_string("/proc/self/status").ok()?;
    Some(row_in_bytes(&status, "RssAnon:")? + row_in_bytes(&status, "VmPTE:")?)
}

/// The bytes that it can still have: what the machine has to spare, and what its group
/// may have.
pub(super) fn left() -> Option<u64> {
    let memory = read_to_string("/proc/meminfo").ok()?;
    let machine = row_in_bytes(&memory, "MemAvailable:")?;
    let group = read_to_string("/proc/self/cgroup").ok();
    let group = group.and_then(|groups| left_of_group(Path::new("/sys/fs/cgroup"), &groups));
    Some(group.map_or(machine, |group| group.min(machine)))
}

/// The least that the process's control group or one around it has left: version 2,
/// whose line in `/proc/self/cgroup` is `0::/PATH`. `None` where no group has a limit.
fn left_of_group(root: &Path, groups: &str) -> Option<u64> {
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let folder = root.join(own);
    let around = folder.ancestors().take_while(|at| at.starts_with(root));
    around.filter_map(left_in).min()
}

fn left_in(group: &Path) -> Option<u64> {
    let read = |name| read_to_string(group.join(name)).ok();
    let number = |name| read(name)?.trim().parse::<u64>().ok();
    // `max` where there is none.
    let limit = number("memory.max")?;
    // What was read of files long ago is given up for what is wanted now.
    let stat = read("memory.stat").unwrap_or_default();
    let given_up = stat
        .lines()
        .find_map(|line| line.strip_prefix("inactive_file "));
    let given_up = given_up.and_then(|number| number.trim().parse().ok());
    let held = number("memory.current")?.saturating_sub(given_up.unwrap_or(0));
    Some(limit.saturating_sub(held))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn of_all_groups_around_a_process_the_one_counts_that_has_the_least_left() {
        let root = tempfile::tempdir().unwrap();
        let group = |path: &str, files: &[(&str, &str)]| {
            let folder = root.path().join(path);
            std::fs::create_dir_all(&folder).unwrap();
            for (name, content) in files {
                std::fs::write(folder.join(name), content).unwrap();
            }
        };
        group(
            "service",
            &[
                ("memory.max", "1000\n"),
                ("memory.current", "700\n"),
                (
                    "memory.stat",
                    "anon 500\ninactive_file 150\nactive_file 50\n",
                ),
            ],
        );
        group(
            "service/run",
            &[("memory.max", "max\n"), ("memory.current", "600\n")],
        );
        let left = |groups: &str| left_of_group(root.path(), groups);
        assert_eq!(left("1:name=systemd:/x\n0::/service/run\n"), Some(450));
        // Where nothing is limited, and where there is no version 2.
        assert_eq!(left("0::/\n"), None);
        assert_eq!(left("4:memory:/service\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_tells_what_a_process_holds_and_may_have() {
        assert!(held().unwrap() > 0);
        assert!(left().unwrap() > 0);
    }
}
