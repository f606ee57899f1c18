//! A distribution that samples come into and go out of again: that of a window.

use super::Percentile;
use super::distribution::{rank, upper_of};
use super::packed::Packed;

/// The samples of a window. A second that comes in or goes out costs what it has
/// itself, however many others there are.
#[derive(Debug, Default)]
pub(super) struct Sliding {
    /// How many samples each bucket has, from the first on.
    buckets: Vec<u64>,
    count: u64,
    sum: u128,
}

impl Sliding {
    /// Takes samples in.
    pub(super) fn add(&mut self, samples: &Packed) {
        for (place, count) in buckets(samples) {
            if place >= self.buckets.len() {
                self.buckets.resize(place + 1, 0);
            }
            self.buckets[place] += count;
        }
        self.count += samples.count;
        self.sum += samples.sum;
    }

    /// Takes samples out that were taken in before.
    pub(super) fn remove(&mut self, samples: &Packed) {
        for (place, count) in buckets(samples) {
            self.buckets[place] -= count;
        }
        self.count -= samples.count;
        self.sum -= samples.sum;
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn sum(&self) -> u128 {
        self.sum
    }

    /// The upper bound of the bucket in which so many percent of the samples are
    /// reached.
    pub(super) fn percentile(&self, percentile: Percentile) -> u64 {
        let rank = rank(percentile, self.count);
        let mut seen = 0;
        let at_rank = self.buckets.iter().position(|count| {
            seen += count;
            seen >= rank
        });
        // Places came from 32 bits.
        at_rank.map_or(u64::MAX, |place| upper_of(place as u32))
    }
}

/// The buckets that were packed in this process, or checked when they were read.
fn buckets(samples: &Packed) -> impl Iterator<Item = (usize, u64)> {
    let buckets = samples.buckets.iter().flat_map(|buckets| buckets.iter());
    buckets
        .flatten()
        .map(|(index, count)| (index as usize, count))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::distribution::Distribution;

    proptest! {
        #[test]
        fn what_went_out_again_was_never_there(
            seconds in prop::collection::vec(
                // Enough for lists and histograms.
                prop::collection::vec(0_u64..1 << 40, 0..400), 1..8,
            ),
            gone in 0..8_usize,
            percent in 0.0_f64..=100.0,
        ) {
            let packed: Vec<Packed> = seconds.iter().map(|samples| {
                let mut distribution = Distribution::new();
                samples.iter().for_each(|&sample| distribution.record(sample));
                distribution.packed()
            }).collect();
            let gone = gone.min(packed.len() - 1);
            let mut sliding = Sliding::default();
            packed.iter().for_each(|second| sliding.add(second));
            packed[..gone].iter().for_each(|second| sliding.remove(second));
            let mut rest = Distribution::new();
            seconds[gone..].iter().flatten().for_each(|&sample| rest.record(sample));
            prop_assert_eq!((sliding.count(), sliding.sum()), (rest.count(), rest.sum()));
            if rest.count() > 0 {
                let percentile = Percentile::new(percent).unwrap();
                let shown = sliding.percentile(percentile).clamp(rest.min(), rest.max());
                prop_assert_eq!(Some(shown), rest.percentile(percentile));
            }
        }
    }
}
