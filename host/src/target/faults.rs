//! What goes wrong on purpose, and how often.

use std::fmt;
use std::str::FromStr;

use super::draws::Draws;
use super::error::TargetError;

/// The share of requests that get a fault instead of their answer, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaultRate(f64);

impl FaultRate {
    /// No request fails.
    pub const NONE: Self = Self(0.0);
    /// Every request fails.
    pub const ALL: Self = Self(1.0);

    /// A share of the requests, from 0 to 1.
    ///
    /// # Errors
    /// [`TargetError::FaultRate`] for anything outside, and for NaN.
    pub fn new(share: f64) -> Result<Self, TargetError> {
        if (0.0..=1.0).contains(&share) {
            Ok(Self(share))
        } else {
            Err(TargetError::FaultRate(share.to_string()))
        }
    }

    /// Whether a request gets a fault. Takes the same draws whatever it decides,
    /// so that a changed rate leaves all later draws of a request as they were.
    pub(super) fn draw(self, draws: &mut Draws) -> FaultDraw {
        let happens = draws.share() < self.0;
        FaultDraw {
            happens,
            choice: draws.bits(),
        }
    }
}

impl FromStr for FaultRate {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let refused = || TargetError::FaultRate(text.to_owned());
        let trimmed = text.trim();
        let (number, each) = match trimmed.strip_suffix('%') {
            Some(percentage) => (percentage, 0.01),
            None => (trimmed, 1.0),
        };
        let number: f64 = number.trim().parse().map_err(|_| refused())?;
        Self::new(number * each).map_err(|_| refused())
    }
}

impl fmt::Display for FaultRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The kinds of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Status 500 with a body of plain text.
    ServerError,
    /// Status 503 with `retry-after`.
    Unavailable,
    /// The connection is reset once the request was read.
    Reset,
    /// A JSON-RPC error, which comes with status 200.
    RpcError,
    /// A success by every outward sign whose content says that it failed.
    HiddenFailure,
    /// A stream whose connection breaks before the final event.
    StreamBroken,
    /// A stream that ends in good order, but without the final event.
    StreamUnfinished,
    /// AG-UI's `RUN_ERROR`, which comes with status 200.
    RunError,
}

impl Fault {
    /// The faults of an endpoint that gives one plain answer.
    pub(super) const OF_PLAIN: &'static [Self] =
        &[Self::ServerError, Self::Unavailable, Self::Reset];
    /// The faults of a JSON-RPC endpoint.
    pub(super) const OF_RPC: &'static [Self] = &[
        Self::ServerError,
        Self::Unavailable,
        Self::Reset,
        Self::RpcError,
        Self::HiddenFailure,
    ];
    /// The faults of a JSON-RPC method that answers with a stream.
    pub(super) const OF_RPC_STREAM: &'static [Self] = &[
        Self::ServerError,
        Self::Unavailable,
        Self::Reset,
        Self::RpcError,
        Self::HiddenFailure,
        Self::StreamBroken,
        Self::StreamUnfinished,
    ];
    /// The faults of the AG-UI endpoint.
    pub(super) const OF_AGUI: &'static [Self] = &[
        Self::ServerError,
        Self::Unavailable,
        Self::Reset,
        Self::StreamBroken,
        Self::StreamUnfinished,
        Self::RunError,
    ];
}

/// What was drawn for a request, before it is known what it asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct FaultDraw {
    happens: bool,
    choice: u64,
}

impl FaultDraw {
    /// No fault, whatever the rate.
    pub(super) const EXEMPT: Self = Self {
        happens: false,
        choice: 0,
    };

    /// The fault, one of those that the request can have.
    pub(super) fn among(self, possible: &[Fault]) -> Option<Fault> {
        if !self.happens || possible.is_empty() {
            return None;
        }
        let index = self.choice % possible.len() as u64;
        possible.get(index as usize).copied()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_share_or_a_percentage_and_nothing_outside() {
        assert_eq!(
            "0.25".parse::<FaultRate>().unwrap(),
            FaultRate::new(0.25).unwrap()
        );
        assert_eq!(
            "25%".parse::<FaultRate>().unwrap(),
            FaultRate::new(0.25).unwrap()
        );
        for text in ["1.5", "-0.1", "NaN", "", "150%", "often"] {
            assert!(text.parse::<FaultRate>().is_err(), "{text}");
        }
    }

    #[test]
    fn faults_come_as_often_as_the_rate_says_and_in_all_kinds() {
        let rate = FaultRate::new(0.1).unwrap();
        let mut seen = Vec::new();
        for nth in 0..10_000 {
            let draw = rate.draw(&mut Draws::of_request(3, "POST", "/agui", nth));
            seen.extend(draw.among(Fault::OF_AGUI));
        }
        assert!((900..1100).contains(&seen.len()), "{} of 10000", seen.len());
        for kind in Fault::OF_AGUI {
            assert!(seen.contains(kind), "{kind:?} never came");
        }
    }
}
