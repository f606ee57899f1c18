//! How many requests a second the target takes before it answers 429.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::error::TargetError;

/// The requests that are taken in a second, over all paths and connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit(NonZeroU32);

impl RateLimit {
    /// A limit of so many requests a second.
    pub fn per_second(requests: NonZeroU32) -> Self {
        Self(requests)
    }
}

impl FromStr for RateLimit {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let number = text.trim().trim_end_matches("/s");
        number
            .parse()
            .map(Self)
            .map_err(|_| TargetError::RateLimit(text.to_owned()))
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.0)
    }
}

/// Counts requests in windows of one second.
///
/// Windows and not a bucket of tokens: a test can then say exactly which
/// request is the first to be refused.
#[derive(Debug)]
pub(super) struct Limiter {
    limit: u32,
    window: Mutex<Window>,
}

#[derive(Debug)]
struct Window {
    started: Instant,
    taken: u32,
}

impl Limiter {
    pub(super) fn new(limit: RateLimit) -> Self {
        let window = Window {
            started: Instant::now(),
            taken: 0,
        };
        Self {
            limit: limit.0.get(),
            window: Mutex::new(window),
        }
    }

    /// Whether a request that arrives `now` is taken.
    pub(super) fn takes(&self, now: Instant) -> bool {
        let mut window = self
            .window
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if now.saturating_duration_since(window.started) >= Duration::from_secs(1) {
            *window = Window {
                started: now,
                taken: 0,
            };
        }
        if window.taken >= self.limit {
            return false;
        }
        window.taken += 1;
        true
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_second_takes_its_requests_and_the_next_second_takes_new_ones() {
        let limiter = Limiter::new("2/s".parse().unwrap());
        let start = Instant::now();
        let taken: Vec<bool> = (0..3).map(|_| limiter.takes(start)).collect();
        assert_eq!(taken, [true, true, false]);
        assert!(limiter.takes(start + Duration::from_millis(1100)));
    }

    #[test]
    fn a_limit_of_zero_is_refused() {
        assert!("0".parse::<RateLimit>().is_err());
        assert!("fast".parse::<RateLimit>().is_err());
        assert_eq!("100".parse::<RateLimit>().unwrap().to_string(), "100/s");
    }
}
