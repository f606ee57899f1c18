//! A target that stops answering once, and goes on.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::Instant;

use super::error::TargetError;
use super::latency::{Written, duration};

/// One stall: from `after` the first request on, nothing is answered for so
/// long. Written as `2s@20s`: two seconds, twenty after the first request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
    /// When it begins, counted from the first request.
    pub after: Duration,
    /// How long it lasts.
    pub lasts: Duration,
}

impl FromStr for Stall {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let stall = text.split_once('@').and_then(|(lasts, after)| {
            let (lasts, after) = (duration(lasts)?, duration(after)?);
            (!lasts.is_zero()).then_some(Self { after, lasts })
        });
        stall.ok_or_else(|| TargetError::Stall(text.to_owned()))
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", Written(self.lasts), Written(self.after))
    }
}

/// A stall that waits for its first request.
#[derive(Debug)]
pub(super) struct Stalling {
    stall: Stall,
    first_request: OnceLock<Instant>,
}

impl Stalling {
    pub(super) fn new(stall: Stall) -> Self {
        Self {
            stall,
            first_request: OnceLock::new(),
        }
    }

    /// Waits for the end of the stall, where it has begun and is not over.
    pub(super) async fn pass(&self) {
        let now = Instant::now();
        let begin = *self.first_request.get_or_init(|| now) + self.stall.after;
        if now >= begin {
            tokio::time::sleep_until(begin + self.stall.lasts).await;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_is_read_and_written_back() {
        for text in ["2000ms@20000ms", "5ms@0ms"] {
            assert_eq!(text.parse::<Stall>().unwrap().to_string(), text);
        }
        for text in ["", "2s", "@2s", "0s@2s", "2s@"] {
            let error = text.parse::<Stall>().unwrap_err().to_string();
            assert!(error.contains("2s@20s"), "{text}: {error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_within_the_stall_wait_for_its_end_and_others_do_not() {
        let stalling = Stalling::new("2s@20s".parse().unwrap());
        let start = Instant::now();
        let mut passed = Vec::new();
        for at in [0, 19, 20, 22, 30] {
            tokio::time::sleep_until(start + Duration::from_secs(at)).await;
            stalling.pass().await;
            passed.push(start.elapsed().as_secs());
        }
        assert_eq!(passed, [0, 19, 22, 22, 30]);
    }
}
