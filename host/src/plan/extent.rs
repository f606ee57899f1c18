//! How much a plan asks for.

use std::time::Duration;

use super::{Plan, ScenarioPlan};

impl Plan {
    /// The most VUs that can be active at a time. Scenarios that never overlap
    /// are counted together all the same, where k6 takes the most of any moment.
    #[must_use]
    pub fn most_vus(&self) -> u32 {
        self.scenarios
            .iter()
            .map(|scenario| scenario.executor.most_vus())
            .fold(0, u32::saturating_add)
    }

    /// The time from the load's start after which no iteration starts.
    #[must_use]
    pub fn load_time(&self) -> Duration {
        self.scenarios
            .iter()
            .map(ScenarioPlan::ends)
            .max()
            .unwrap_or_default()
    }

    /// The longest that the load can take, iterations cut off at the end
    /// included.
    #[must_use]
    pub fn longest_load_time(&self) -> Duration {
        self.scenarios
            .iter()
            .map(|scenario| scenario.ends() + scenario.graceful_stop)
            .max()
            .unwrap_or_default()
    }
}

impl ScenarioPlan {
    /// The time from the load's start after which it starts no iteration.
    #[must_use]
    pub fn ends(&self) -> Duration {
        self.start_time + self.executor.duration()
    }
}
