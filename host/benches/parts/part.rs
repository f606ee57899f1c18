//! The parts of which the cost is measured, by time and by instructions.

use std::time::Duration;

use super::clock::processor_time_of;
use super::{calls, recording, requests, ticks, users};

/// Something that the host does often.
pub struct Part {
    pub name: &'static str,
    /// How often it is done at least to count its instructions; `None` where these
    /// depend on how fast the machine is.
    pub counted: Option<u64>,
    pub prepare: fn(Setting) -> Work,
}

/// Does it so often, and says how much of the processor's time that took; what has to
/// be made ready each time is not in it.
pub type Work = Box<dyn FnMut(u64) -> Duration>;

/// What it is measured for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Its time, on this machine.
    Timed,
    /// Its instructions, by a simulator that is slow.
    Counted,
}

/// All of them. Those on a paused clock are last: from the first of these on, tokio asks
/// at each look at a clock whether it is paused.
pub const PARTS: &[Part] = &[
    Part {
        name: "host call",
        counted: Some(10_000),
        prepare: calls::host_call,
    },
    Part {
        name: "host call that counts",
        counted: Some(10_000),
        prepare: calls::counting_call,
    },
    Part {
        name: "export call",
        counted: Some(2_000),
        prepare: calls::export_call,
    },
    Part {
        name: "empty iteration",
        counted: Some(2_000),
        prepare: calls::iteration,
    },
    Part {
        name: "empty iteration after a tick",
        counted: Some(2_000),
        prepare: calls::iteration_after_a_tick,
    },
    Part {
        name: "virtual user made",
        counted: None,
        prepare: users::made,
    },
    Part {
        name: "virtual user dropped",
        counted: None,
        prepare: users::dropped,
    },
    Part {
        name: "virtual user made and dropped",
        counted: Some(300),
        prepare: users::made_and_dropped,
    },
    Part {
        name: "one sample of a trend",
        counted: Some(10_000),
        prepare: recording::a_trend,
    },
    Part {
        name: "samples of one request",
        counted: Some(2_000),
        prepare: recording::a_request,
    },
    Part {
        name: "request without a guest",
        counted: Some(100),
        prepare: requests::natively,
    },
    Part {
        name: "request of a guest",
        counted: Some(100),
        prepare: requests::of_a_guest,
    },
    Part {
        name: "tick of virtual users that decide",
        counted: Some(5_000),
        prepare: ticks::of_users,
    },
    Part {
        name: "tick of an arrival rate, with the system's timer",
        counted: None,
        prepare: ticks::of_a_rate_in_real_time,
    },
    Part {
        name: "tick of an arrival rate, on a paused clock",
        counted: Some(2_000),
        prepare: ticks::of_a_rate,
    },
];

impl Part {
    /// The one of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        PARTS.iter().find(|part| part.name == name)
    }
}

impl Setting {
    /// How much of the processor's time this takes, where that is what is measured. The
    /// simulator has no clock of that kind.
    pub fn time(self, work: impl FnOnce()) -> Duration {
        match self {
            Self::Timed => processor_time_of(work),
            Self::Counted => {
                work();
                Duration::ZERO
            }
        }
    }
}
