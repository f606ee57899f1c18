//! How a run ended, and the exit code of that.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A reason for the exit code. A run can have several; the code is that of the
/// most serious.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "detail", rename_all = "camelCase")]
pub enum Ending {
    /// A signal stopped the run.
    Stopped,
    /// The scenario aborted the run, for this reason.
    Aborted(String),
    /// Setup took too long.
    SetupTimedOut(String),
    /// Teardown took too long.
    TeardownTimedOut(String),
    /// Setup failed or trapped, or found the target unfit.
    SetupFailed(String),
    /// Teardown failed or trapped.
    TeardownFailed(String),
    /// The scenario marked the run as failed, for this reason.
    MarkedFailed(String),
    /// Not one iteration ran.
    NothingRan,
    /// The generator did not keep up, for this reason.
    Saturated(String),
    /// These thresholds failed.
    ThresholdsFailed(Vec<String>),
    /// Nothing is wrong.
    Passed,
}

impl Ending {
    /// The exit code of this reason alone. k6's, where k6 has one.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Stopped => 105,
            Self::Aborted(_) => 108,
            Self::SetupTimedOut(_) => 100,
            Self::TeardownTimedOut(_) => 101,
            Self::SetupFailed(_) | Self::TeardownFailed(_) => 107,
            Self::MarkedFailed(_) => 110,
            Self::NothingRan | Self::Saturated(_) => 95,
            Self::ThresholdsFailed(_) => 99,
            Self::Passed => 0,
        }
    }

    /// How serious it is: the lower, the more.
    fn rank(&self) -> usize {
        match self {
            Self::Stopped => 0,
            Self::Aborted(_) => 1,
            Self::SetupTimedOut(_) => 2,
            Self::TeardownTimedOut(_) => 3,
            Self::SetupFailed(_) => 4,
            Self::TeardownFailed(_) => 5,
            Self::MarkedFailed(_) => 6,
            Self::NothingRan => 7,
            Self::Saturated(_) => 8,
            Self::ThresholdsFailed(_) => 9,
            Self::Passed => 10,
        }
    }

    /// The word for it in the results file.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Aborted(_) => "aborted",
            Self::SetupTimedOut(_) => "setup timed out",
            Self::TeardownTimedOut(_) => "teardown timed out",
            Self::SetupFailed(_) => "setup failed",
            Self::TeardownFailed(_) => "teardown failed",
            Self::MarkedFailed(_) => "marked failed",
            Self::NothingRan => "nothing ran",
            Self::Saturated(_) => "generator saturated",
            Self::ThresholdsFailed(_) => "thresholds failed",
            Self::Passed => "passed",
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => f.write_str("stopped by a signal"),
            Self::Aborted(reason) => write!(f, "the scenario aborted the run: {reason}"),
            Self::SetupTimedOut(reason) | Self::TeardownTimedOut(reason) => f.write_str(reason),
            Self::SetupFailed(reason) => write!(f, "setup failed: {reason}"),
            Self::TeardownFailed(reason) => write!(f, "teardown failed: {reason}"),
            Self::MarkedFailed(reason) => write!(f, "the scenario marked the run failed: {reason}"),
            Self::NothingRan => f.write_str(
                "not one iteration ran to its end: raise the duration, or look at what stopped them",
            ),
            Self::Saturated(reason) => write!(f, "invalid: {reason}"),
            Self::ThresholdsFailed(crossed) => {
                write!(f, "thresholds failed: {}", crossed.join(", "))
            }
            Self::Passed => f.write_str("passed"),
        }
    }
}

/// How many reasons of one kind are kept.
const MOST_OF_A_KIND: usize = 10;

/// Everything that was the matter with a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endings(Vec<Ending>);

impl Endings {
    /// Adds a reason. Of one kind the first few are kept: a scenario that marks
    /// the run as failed in each iteration says the same each time.
    pub fn add(&mut self, ending: Ending) {
        let of_its_kind = self.0.iter().filter(|known| known.rank() == ending.rank());
        if of_its_kind.count() < MOST_OF_A_KIND && !self.0.contains(&ending) {
            self.0.push(ending);
            self.0.sort_by_key(Ending::rank);
        }
    }

    /// Whether nothing so far keeps the load from starting.
    #[must_use]
    pub fn let_the_run_go_on(&self) -> bool {
        self.0
            .iter()
            .all(|ending| matches!(ending, Ending::MarkedFailed(_)))
    }

    /// All reasons, the most serious first; none for a run that passed.
    #[must_use]
    pub fn all(&self) -> &[Ending] {
        &self.0
    }

    /// The reason that decides.
    #[must_use]
    pub fn decisive(&self) -> &Ending {
        self.0.first().unwrap_or(&Ending::Passed)
    }

    /// The run's exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.decisive().exit_code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_serious_reason_decides_the_exit_code() {
        let mut endings = Endings::default();
        assert_eq!(endings.exit_code(), 0);
        endings.add(Ending::ThresholdsFailed(vec![
            "checks: rate>0.9".to_owned(),
        ]));
        assert_eq!(endings.exit_code(), 99);
        endings.add(Ending::Saturated(String::new()));
        assert_eq!(endings.exit_code(), 95);
        endings.add(Ending::NothingRan);
        assert_eq!(endings.exit_code(), 95);
        endings.add(Ending::MarkedFailed(String::new()));
        assert_eq!(endings.exit_code(), 110);
        endings.add(Ending::TeardownFailed(String::new()));
        assert_eq!(endings.exit_code(), 107);
        endings.add(Ending::TeardownTimedOut(String::new()));
        assert_eq!(endings.exit_code(), 101);
        endings.add(Ending::Aborted(String::new()));
        assert_eq!(endings.exit_code(), 108);
        endings.add(Ending::Stopped);
        assert_eq!(endings.exit_code(), 105);
        assert_eq!(endings.all().len(), 8);
    }
}
