//! Arrivals as independent users come: a Poisson process of rate one, to be
//! stretched to any rate over time.

use rand_xoshiro::rand_core::{Rng, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};

use super::rate_profile::Progress;
use crate::plan::Seed;

/// Keeps these draws apart from those that iterations are keyed by.
const PURPOSE: &str = "arrivals";

/// The gaps between arrivals, drawn one after another. They depend on the run's
/// seed and the scenario's name alone, and are the same on every machine.
#[derive(Debug, Clone)]
pub(super) struct PoissonProcess {
    random: Xoshiro256PlusPlus,
    /// How many gaps make up `sum`.
    gaps: u64,
    sum: Progress,
}

impl PoissonProcess {
    pub(super) fn new(seed: Seed, scenario: &str) -> Self {
        let mut key = mix(seed.0);
        // No scenario's name has the separator in it.
        for byte in PURPOSE.bytes().chain([0]).chain(scenario.bytes()) {
            key = mix(key ^ u64::from(byte));
        }
        Self {
            random: Xoshiro256PlusPlus::seed_from_u64(key),
            gaps: 0,
            sum: Progress::default(),
        }
    }

    /// How far the rate has come when this iteration starts; numbers ascend.
    pub(super) fn progress(&mut self, number: u64) -> Progress {
        while self.gaps <= number {
            self.sum.0 = self.sum.0.saturating_add(self.gap());
            self.gaps += 1;
        }
        self.sum
    }

    /// An exponential gap of mean one, with 64 binary places, by von Neumann's
    /// method: the first of a falling run of even draws is kept where the run is
    /// of odd length, and otherwise the gap is one longer and the draw repeated.
    /// It compares whole numbers and takes no logarithm, whose last digit
    /// machines disagree on.
    fn gap(&mut self) -> u128 {
        let mut longer = 0_u128;
        loop {
            let first = self.random.next_u64();
            let (mut last, mut odd) = (first, true);
            loop {
                let next = self.random.next_u64();
                if next >= last {
                    break;
                }
                (last, odd) = (next, !odd);
            }
            if odd {
                return longer << 64 | u128::from(first);
            }
            longer += 1;
        }
    }
}

/// One step of SplitMix64: spreads a small difference over all bits.
fn mix(value: u64) -> u64 {
    SplitMix64::seed_from_u64(value).next_u64()
}
