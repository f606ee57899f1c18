//! Whether the virtual users that are still to be made will find memory.
//!
//! What one takes is in no component's bytes: an interpreter writes to megabytes in its
//! start, another guest to two pages, and what setup handed over, connections and answers
//! come on top. To make some and throw them away would cost each run more time than it
//! has before its first request. So the users that are made anyway are looked at, once a
//! second, and what they take is said of all as soon as they are enough to tell.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::memory_use::{held, left};

/// What fewer users take says little of many: what each worker takes for itself is more.
const ENOUGH_USERS: u64 = 100;

/// The same of their number in all: what all share, divided by a hundredth of them and
/// taken for what each takes, would be a hundred times as much.
const ENOUGH_OF_ALL: u64 = 100;

/// Looks at the memory of a process while virtual users are made.
#[derive(Debug)]
pub(in crate::run) struct MemoryWatch {
    /// How many users there will be at most.
    vus: u64,
    made: Arc<AtomicU64>,
    /// What the process held before the first was made; `None` where nobody knows.
    before: Option<u64>,
    is_told: bool,
}

impl MemoryWatch {
    /// Of so many users at most.
    pub(in crate::run) fn new(vus: u64) -> Self {
        Self {
            vus,
            made: Arc::default(),
            before: None,
            is_told: false,
        }
    }

    /// The first of them is made next: what the process has taken by now is not theirs.
    pub(in crate::run) fn begin(&mut self) {
        self.before = held();
    }

    /// Where it is counted how many users were begun to be made.
    pub(in crate::run) fn made(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.made)
    }

    /// What there is to be said now; the same is not said again.
    pub(in crate::run) fn look(&mut self) -> Option<LittleMemory> {
        let made = self.made.load(Relaxed);
        if self.is_told || made >= self.vus || !is_enough(made, self.vus) {
            return None;
        }
        let grown = held()?.saturating_sub(self.before?);
        let found = little(self.vus, made, grown, left()?)?;
        self.is_told = true;
        Some(found)
    }
}

/// Whether so many users tell what all will take.
fn is_enough(made: u64, vus: u64) -> bool {
    made >= ENOUGH_USERS && made >= vus / ENOUGH_OF_ALL
}

/// Virtual users that are still to be made will not find memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::run) struct LittleMemory {
    vus: u64,
    made: u64,
    /// How many more will find some, in bytes what each takes, and what is left.
    more: u64,
    each: u64,
    left: u64,
}

/// Whether what is left is too little for those that are still to be made. Some of those
/// that were begun are not ready yet, so that each takes at least what is said.
fn little(vus: u64, made: u64, grown: u64, left: u64) -> Option<LittleMemory> {
    let each = grown / made.max(1);
    let needed = each.saturating_mul(vus.saturating_sub(made));
    (needed > left).then(|| LittleMemory {
        vus,
        made,
        more: left / each.max(1),
        each,
        left,
    })
}

impl fmt::Display for LittleMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} VUs are made, of {} that there may be; each takes at least {} KiB, and {} MiB are \
             left: {} more will find room, and the system ends a process that wants more. Use fewer \
             VUs, divide the run over several machines (`--execution-segment`), or give this one \
             more memory",
            self.made,
            self.vus,
            self.each >> 10,
            self.left >> 20,
            self.more
        )
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;

    #[test]
    fn users_who_will_not_find_memory_are_told_with_the_number_of_those_who_will() {
        let found = little(10_000, 200, 200 * MIB, 1_000 * MIB).unwrap();
        let text = found.to_string();
        assert!(
            text.starts_with(
                "200 VUs are made, of 10000 that there may be; each takes at least 1024 KiB, and \
                 1000 MiB are left: 1000 more will find room"
            ),
            "{text}"
        );
    }

    #[test]
    fn nothing_is_said_where_all_find_room_or_all_are_made() {
        assert_eq!(little(10_000, 200, 200 * 24 * KIB, 1_000 * MIB), None);
        assert_eq!(little(10_000, 200, 0, 0), None);
        assert_eq!(little(200, 200, 200 * MIB, 0), None);
    }

    #[test]
    fn a_few_users_say_nothing_of_many() {
        assert!(!is_enough(99, 1_000));
        assert!(is_enough(100, 1_000));
        assert!(!is_enough(100, 100_000));
        assert!(is_enough(1_000, 100_000));
    }

    #[test]
    fn a_watch_is_silent_before_the_first_user_and_after_the_last() {
        let mut watch = MemoryWatch::new(u64::MAX);
        watch.begin();
        assert_eq!(watch.look(), None, "none is made");
        watch.made().store(u64::MAX, Relaxed);
        assert_eq!(watch.look(), None, "all are made");
    }
}
