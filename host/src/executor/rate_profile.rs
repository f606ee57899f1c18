//! How many iterations an arrival rate has started by when, and the inverse:
//! when it starts which.
//!
//! A rate that follows straight lines starts as many iterations as the area
//! under it. Everything here is in whole numbers, so that no start is off by a
//! nanosecond after days: areas count in units of half an iteration divided by
//! the nanoseconds of the time unit, in which the area of each stage is whole.

use std::time::Duration;

use crate::plan::RateStage;

/// A rate over time, from a scenario's start.
#[derive(Debug, Clone)]
pub(super) struct RateProfile {
    ramps: Vec<Ramp>,
    /// What the rates count in, in nanoseconds; at least 1.
    time_unit: u64,
}

/// A straight line between two rates.
#[derive(Debug, Clone, Copy)]
struct Ramp {
    starts: Duration,
    /// In nanoseconds.
    duration: u64,
    from: u64,
    to: u64,
    /// The area of all ramps before.
    before: u128,
    /// The area up to its end.
    by_end: u128,
}

/// How far the iterations of a scenario have come: a number of iterations with
/// 64 binary places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Progress(pub(super) u128);

impl Progress {
    /// So many iterations, and nothing of the next.
    pub(super) fn whole(iterations: u64) -> Self {
        Self(u128::from(iterations) << 64)
    }
}

impl RateProfile {
    /// The same rate throughout.
    pub(super) fn constant(rate: u64, time_unit: Duration, duration: Duration) -> Self {
        let target = rate;
        Self::ramping(rate, time_unit, &[RateStage { duration, target }])
    }

    /// A rate that goes from target to target. A stage of no length is a jump.
    pub(super) fn ramping(start_rate: u64, time_unit: Duration, stages: &[RateStage]) -> Self {
        let mut ramps = Vec::with_capacity(stages.len());
        let (mut starts, mut from, mut before) = (Duration::ZERO, start_rate, 0_u128);
        for stage in stages {
            let duration = nanos(stage.duration);
            let both = u128::from(from) + u128::from(stage.target);
            let by_end = before.saturating_add(both.saturating_mul(u128::from(duration)));
            ramps.push(Ramp {
                starts,
                duration,
                from,
                to: stage.target,
                before,
                by_end,
            });
            (starts, from, before) = (starts + stage.duration, stage.target, by_end);
        }
        Self {
            ramps,
            time_unit: nanos(time_unit).max(1),
        }
    }

    /// When the rate has come so far, rounded down to the nanosecond; `None`
    /// where it never does. `ramp` is where to look first, and is moved on: to
    /// be handed in again for what comes later.
    pub(super) fn reaches(&self, progress: Progress, ramp: &mut usize) -> Option<Duration> {
        let area = self.area(progress)?;
        while self.ramps.get(*ramp)?.by_end < area {
            *ramp += 1;
        }
        let ramp = self.ramps[*ramp];
        Some(ramp.starts + Duration::from_nanos(ramp.inverse(area.saturating_sub(ramp.before))))
    }

    /// The area of so many iterations, rounded down; `None` above what any rate
    /// comes to.
    fn area(&self, Progress(progress): Progress) -> Option<u128> {
        const PLACES: u128 = u64::MAX as u128;
        let unit = 2 * u128::from(self.time_unit);
        let of_the_next = (progress & PLACES).checked_mul(unit)? >> 64;
        (progress >> 64).checked_mul(unit)?.checked_add(of_the_next)
    }
}

impl Ramp {
    /// How long it takes for this area: the last nanosecond by which there is
    /// not more.
    fn inverse(self, area: u128) -> u64 {
        // The estimate is nearly always right to a few nanoseconds; how far it
        // is off decides how long this takes and not what comes out.
        let (mut low, mut step) = (self.estimate(area).min(self.duration), 1);
        while low > 0 && self.exceeds(low, area) {
            low = low.saturating_sub(step);
            step = step.saturating_mul(2);
        }
        // From here on there is not more than the area by `low`, and there may
        // be by `high`.
        let mut high = low.saturating_add(1);
        step = 1;
        while high <= self.duration && !self.exceeds(high, area) {
            (low, step) = (high, step.saturating_mul(2));
            high = high.saturating_add(step);
        }
        high = high.min(self.duration.saturating_add(1));
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.exceeds(middle, area) {
                high = middle;
            } else {
                low = middle;
            }
        }
        low
    }

    /// Whether there is more than this area after so long: 2·from·t + (to −
    /// from)·t²/duration, compared exactly.
    fn exceeds(self, after: u64, area: u128) -> bool {
        let even = 2 * u128::from(self.from) * u128::from(after);
        let change = u128::from(self.from.abs_diff(self.to));
        // t²/duration in a whole part and a rest, so that nothing overflows.
        let (square, duration) = (u128::from(after).pow(2), u128::from(self.duration.max(1)));
        let rest = change * (square % duration);
        let bend = change * (square / duration) + rest / duration;
        if self.to >= self.from {
            let whole = even.saturating_add(bend);
            whole > area || (whole == area && !rest.is_multiple_of(duration))
        } else {
            // What the division cut off the bend is less than one, and between
            // whole numbers it changes nothing.
            even > area.saturating_add(bend)
        }
    }

    /// About when there is this area.
    fn estimate(self, area: u128) -> u64 {
        let (from, to) = (self.from as f64, self.to as f64);
        let (area, duration) = (area as f64, self.duration.max(1) as f64);
        let root = (from * from + (to - from) * area / duration)
            .max(0.0)
            .sqrt();
        let estimate = area / (from + root);
        // A cast from a float saturates, and makes 0 of what is no number.
        estimate as u64
    }
}

/// Nanoseconds; the longest duration of a plan is far below the end of it.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
