//! By how much a profile is shortened.

use std::time::Duration;

/// By how much a profile is shortened or lengthened. What an iteration takes is
/// not scaled, since think times are not: graceful periods, `maxDuration` and
/// `pacing`, which are there for iterations, stay as they are, and so do rates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeScale(f64);

impl TimeScale {
    /// Nothing is shortened.
    pub const ONE: Self = Self(1.0);

    /// A factor; `None` unless it is more than 0 and at most 1000.
    #[must_use]
    pub fn new(factor: f64) -> Option<Self> {
        (factor > 0.0 && factor <= 1000.0).then_some(Self(factor))
    }

    /// Its number.
    #[must_use]
    pub fn factor(self) -> f64 {
        self.0
    }

    /// Something stays of what was something.
    pub(in crate::plan) fn scale(self, duration: Duration) -> Duration {
        if self == Self::ONE || duration.is_zero() {
            return duration;
        }
        duration.mul_f64(self.0).max(Duration::from_millis(1))
    }
}

impl std::str::FromStr for TimeScale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse()
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| "a factor is a number above 0 and up to 1000, such as 0.1".to_owned())
    }
}
