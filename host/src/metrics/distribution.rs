//! A trend's samples: an HDR histogram, and exact figures beside it.

use hdrhistogram::Histogram;

use super::Percentile;

/// The samples of a trend, as integers. Percentiles are off by at most 0.1 %
/// (3 significant digits); count, sum, minimum and maximum are exact. Its size
/// depends on the largest sample, not on how many there are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Distribution {
    histogram: Histogram<u64>,
    sum: u128,
    min: u64,
    max: u64,
}

/// What 0.1 % takes.
const SIGNIFICANT_DIGITS: u8 = 3;

impl Distribution {
    pub(super) fn new() -> Self {
        let histogram = Histogram::new(SIGNIFICANT_DIGITS)
            .expect("3 is a number of digits that a histogram can have");
        Self { histogram, sum: 0, min: u64::MAX, max: 0 }
    }

    pub(super) fn record(&mut self, value: u64) {
        // Not `saturating_record`: that one caps the value where `record`
        // resizes.
        self.histogram.record(value).expect("a histogram that resizes itself takes every value");
        self.sum += u128::from(value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.histogram
            .add(&other.histogram)
            .expect("a histogram that resizes itself takes what another one took");
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    pub(super) fn count(&self) -> u64 {
        self.histogram.len()
    }

    pub(super) fn sum(&self) -> u128 {
        self.sum
    }

    pub(super) fn min(&self) -> u64 {
        if self.count() == 0 { 0 } else { self.min }
    }

    pub(super) fn max(&self) -> u64 {
        self.max
    }

    /// The smallest recorded value, to 3 digits, that so many percent of the
    /// samples do not exceed.
    pub(super) fn percentile(&self, percentile: Percentile) -> u64 {
        if self.count() == 0 {
            return 0;
        }
        self.histogram.value_at_percentile(percentile.value()).clamp(self.min, self.max)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn percentiles_are_within_a_thousandth_of_the_sorted_samples(
            mut samples in prop::collection::vec(1_u64..10_000_000_000, 1..400),
            percent in 0.0_f64..=100.0,
        ) {
            let mut distribution = Distribution::new();
            samples.iter().for_each(|&sample| distribution.record(sample));
            samples.sort_unstable();
            let rank = ((percent / 100.0) * samples.len() as f64).ceil().max(1.0) as usize;
            let truth = samples[rank - 1] as f64;
            let shown = distribution.percentile(Percentile::new(percent).unwrap()) as f64;
            prop_assert!((shown - truth).abs() <= truth * 0.001 + 1.0, "{} for {}", shown, truth);
        }

        #[test]
        fn merging_is_the_same_as_recording_in_one_place(
            samples in prop::collection::vec((any::<bool>(), 0_u64..1 << 50), 0..300),
        ) {
            let mut whole = Distribution::new();
            let (mut left, mut right) = (Distribution::new(), Distribution::new());
            for &(to_left, sample) in &samples {
                whole.record(sample);
                if to_left { left.record(sample) } else { right.record(sample) }
            }
            let mut other_way = right.clone();
            other_way.merge(&left);
            left.merge(&right);
            prop_assert_eq!(&left, &whole);
            prop_assert_eq!(&other_way, &whole);
        }
    }
}
