//! Random numbers that a seed repeats.
//!
//! A draw is keyed by the run's seed, the scenario, the iteration's number and
//! how many draws the iteration made before, and by nothing else: neither by
//! the VU that happens to run the iteration nor by the order in which workers
//! get there. A run with the same seed therefore thinks the same.

use std::time::Duration;

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::plan::Seed;

/// The draws of one iteration.
#[derive(Debug, Clone)]
pub struct Draws(SplitMix64);

impl Draws {
    /// The draws of one iteration of a scenario.
    #[must_use]
    pub fn new(seed: Seed, scenario: &str, iteration: u64) -> Self {
        let mut key = mix(seed.0);
        for byte in scenario.bytes() {
            key = mix(key ^ u64::from(byte));
        }
        Self(SplitMix64::seed_from_u64(mix(key ^ mix(iteration))))
    }

    /// An even draw from 0 (included) to 1 (not included), one of 2^53 values.
    pub fn fraction(&mut self) -> f64 {
        const STEPS: f64 = (1_u64 << 53) as f64;
        (self.0.next_u64() >> 11) as f64 / STEPS
    }

    /// An even draw between two durations, to the nanosecond.
    pub fn between(&mut self, shortest: Duration, longest: Duration) -> Duration {
        let fraction = self.fraction();
        match longest.checked_sub(shortest) {
            Some(span) => shortest + span.mul_f64(fraction),
            None => shortest,
        }
    }
}

/// One step of SplitMix64: spreads a small difference over all bits.
fn mix(value: u64) -> u64 {
    SplitMix64::seed_from_u64(value).next_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_three(seed: u64, scenario: &str, iteration: u64) -> [u64; 3] {
        let mut draws = Draws::new(Seed(seed), scenario, iteration);
        std::array::from_fn(|_| draws.fraction().to_bits())
    }

    #[test]
    fn the_same_key_draws_the_same() {
        assert_eq!(first_three(7, "default", 3), first_three(7, "default", 3));
    }

    #[test]
    fn seed_scenario_and_iteration_each_change_the_draws() {
        let draws = first_three(7, "default", 3);
        assert_ne!(draws, first_three(8, "default", 3));
        assert_ne!(draws, first_three(7, "browse", 3));
        assert_ne!(draws, first_three(7, "default", 4));
    }

    #[test]
    fn a_fraction_is_at_least_0_and_below_1_and_a_half_on_average() {
        let mut sum = 0.0;
        for iteration in 0..10_000 {
            let fraction = Draws::new(Seed(1), "default", iteration).fraction();
            assert!((0.0..1.0).contains(&fraction));
            sum += fraction;
        }
        assert!((sum / 10_000.0 - 0.5).abs() < 0.02, "{sum}");
    }

    #[test]
    fn a_time_between_two_bounds_stays_between_them() {
        let (shortest, longest) = (Duration::from_millis(100), Duration::from_millis(300));
        for iteration in 0..1_000 {
            let drawn = Draws::new(Seed(1), "default", iteration).between(shortest, longest);
            assert!((shortest..=longest).contains(&drawn), "{drawn:?}");
        }
        assert_eq!(
            Draws::new(Seed(1), "d", 0).between(longest, shortest),
            longest
        );
    }
}
