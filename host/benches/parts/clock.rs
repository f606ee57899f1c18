//! The processor's time of this thread: what a generator has least of, and what others
//! on the machine change least.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How long this thread computed for it.
pub fn processor_time_of(work: impl FnOnce()) -> Duration {
    let before = processor_time();
    work();
    processor_time() - before
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.cast_unsigned(),
        time.tv_nsec.try_into().unwrap(),
    )
}
