//! What a virtual user takes of memory, found out by making some.

use std::sync::Arc;

use super::instance::store;
use super::once::{OPTIONS_TIMEOUT, OnceError, within};
use crate::component::Scenario;
use crate::imports::{RunContext, Stage, VuIdentity};

/// How many instances are made after the first one.
const INSTANCES: usize = 20;

/// How many bytes of linear memory they may have together: fewer large ones do.
const MOST_LINEAR: usize = 1 << 30;

/// What a virtual user takes of memory once it was instantiated and asked for its
/// options; what `start` and iterations take comes on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footprint {
    /// The bytes of its linear memories.
    pub linear: u64,
    /// The bytes that the process holds for it, page tables included, where the
    /// system tells: what it shares with others counts once.
    pub resident: Option<u64>,
}

/// Makes some instances and looks at what each takes.
///
/// # Errors
///
/// When the guest traps, or takes too long.
pub async fn footprint(
    scenario: &Scenario,
    run: &Arc<RunContext>,
    identity: &VuIdentity,
) -> Result<Footprint, OnceError> {
    let mut instances = Vec::new();
    let mut grown = Vec::new();
    let mut held = None;
    loop {
        let mut store = store(scenario, run, Stage::Options, identity.clone(), None);
        let call = async {
            let guest = scenario.pre().instantiate_async(&mut store).await?;
            let options = guest.vuelo_load_scenario().call_options(&mut store).await;
            options.map(|_| guest)
        };
        match within(OPTIONS_TIMEOUT, "options", None, call).await? {
            Ok(guest) => instances.push((store, guest)),
            Err(error) => {
                let fault = super::instance::fault(&store, &error);
                return Err(OnceError::new("options", fault, run));
            }
        }
        let now = resident();
        // The first one warms up what all share.
        if let (Some(now), Some(before)) = (now, held) {
            grown.push(u64::saturating_sub(now, before));
        }
        held = now;
        let linear: usize = instances
            .iter()
            .map(|(store, _)| store.data().limits.memory())
            .sum();
        if instances.len() > INSTANCES || linear > MOST_LINEAR {
            break;
        }
    }
    grown.sort_unstable();
    let linear = instances
        .last()
        .map_or(0, |(store, _)| store.data().limits.memory());
    Ok(Footprint {
        linear: linear as u64,
        // What the process does beside this is in few of them.
        resident: grown
            .get(grown.len() / 2)
            .copied()
            .filter(|&grown| grown > 0),
    })
}

/// What the process holds: its share of all pages, and its page tables.
#[cfg(target_os = "linux")]
fn resident() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/smaps_rollup").ok()?;
    let tables = std::fs::read_to_string("/proc/self/status").ok()?;
    Some(row_in_bytes(&pages, "Pss:")? + row_in_bytes(&tables, "VmPTE:")?)
}

#[cfg(not(target_os = "linux"))]
fn resident() -> Option<u64> {
    None
}

/// A row of a file in `/proc` that is counted in KiB, in bytes.
pub(crate) fn row_in_bytes(text: &str, name: &str) -> Option<u64> {
    let row = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = row.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(number << 10)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn rows_of_proc_are_read_in_bytes() {
        let text = "Rss:               56 kB\nPss:              2048 kB\nHugePages_Total:  0\n";
        assert_eq!(row_in_bytes(text, "Pss:"), Some(2 << 20));
        assert_eq!(row_in_bytes(text, "HugePages_Total:"), None);
        assert_eq!(row_in_bytes(text, "Swap:"), None);
        assert!(resident().is_some());
    }
}
