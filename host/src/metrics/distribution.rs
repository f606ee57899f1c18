//! A distribution of which percentiles can be asked.

use hdrhistogram::Histogram;

use super::Percentile;
use super::packed::{Packed, PackedBuckets, Unpacking};

/// The samples of a trend, as integers. Percentiles are off by at most 0.1 %
/// (3 significant digits); count, sum, minimum and maximum are exact. Its size
/// depends on how far the samples lie apart, not on how many there are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Distribution {
    buckets: Buckets,
    count: u64,
    sum: u128,
    min: u64,
    max: u64,
}

/// How often each value was seen, to 3 digits. It is dense exactly when more
/// than `MOST_SPARSE` buckets are in use, whatever the order of recording and
/// merging was, so that equal samples are equal distributions.
#[derive(Debug, Clone, PartialEq)]
enum Buckets {
    /// The lower bound of each bucket in use and its count, sorted.
    Sparse(Vec<(u64, u64)>),
    Dense(Box<Histogram<u64>>),
    /// Given up for want of memory: count, sum, minimum and maximum go on.
    Dropped,
}

/// What 0.1 % takes.
const SIGNIFICANT_DIGITS: u8 = 3;

/// How many bits of a value are kept: what 3 digits take in a HDR histogram,
/// whose bounds the sparse buckets share.
const KEPT_BITS: u32 = 11;

/// Up to this many buckets a list is smaller than a histogram, which takes some
/// 130 KiB for durations of milliseconds: 4 KiB. Most rows of the endpoints'
/// table never see more in the second between two merges.
const MOST_SPARSE: usize = 256;

/// By how much a rank is lowered before it is rounded up. 99.9 % of 1,000
/// samples is rank 999, but 999.0000000000001 in floating point, and rank 1,000
/// is the slowest sample of all.
const RANK_TOLERANCE: f64 = 1e-12;

impl Distribution {
    pub(super) fn new() -> Self {
        Self {
            buckets: Buckets::Sparse(Vec::new()),
            count: 0,
            sum: 0,
            min: u64::MAX,
            max: 0,
        }
    }

    pub(super) fn record(&mut self, value: u64) {
        match &mut self.buckets {
            // It finds the bucket by itself.
            Buckets::Dense(histogram) => record(histogram, value, 1),
            buckets => buckets.add(lower_bound(value), 1),
        }
        self.count += 1;
        self.sum += u128::from(value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.buckets.merge(&other.buckets);
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn sum(&self) -> u128 {
        self.sum
    }

    pub(super) fn min(&self) -> u64 {
        if self.count == 0 { 0 } else { self.min }
    }

    pub(super) fn max(&self) -> u64 {
        self.max
    }

    /// How many bytes the buckets take.
    pub(super) fn bytes(&self) -> usize {
        match &self.buckets {
            Buckets::Sparse(buckets) => buckets.capacity() * size_of::<(u64, u64)>(),
            Buckets::Dense(histogram) => histogram.distinct_values() * size_of::<u64>(),
            Buckets::Dropped => 0,
        }
    }

    /// Gives the buckets up, and with them the percentiles, for good.
    pub(super) fn drop_buckets(&mut self) {
        self.buckets = Buckets::Dropped;
    }

    /// Everything in a few bytes for each bucket in use.
    pub(super) fn packed(&self) -> Packed {
        let mut packed = PackedBuckets::default();
        match &self.buckets {
            Buckets::Sparse(buckets) => {
                for &(lower, count) in buckets {
                    packed.push(bucket_index(lower), count);
                }
            }
            Buckets::Dense(histogram) => {
                for bucket in histogram.iter_recorded() {
                    let lower = lower_bound(bucket.value_iterated_to());
                    packed.push(bucket_index(lower), bucket.count_at_value());
                }
            }
            Buckets::Dropped => {}
        }
        Packed {
            count: self.count,
            sum: self.sum,
            min: self.min(),
            max: self.max,
            buckets: (!matches!(self.buckets, Buckets::Dropped)).then_some(packed),
        }
    }

    /// What was packed, if nobody changed it: the buckets must hold as many
    /// samples as were counted, and minimum and maximum must lie in the outer
    /// ones.
    pub(super) fn unpacked(packed: &Packed) -> Result<Self, Unpacking> {
        let mut distribution = Self::new();
        distribution.count = packed.count;
        distribution.sum = packed.sum;
        if packed.count > 0 {
            (distribution.min, distribution.max) = (packed.min, packed.max);
        }
        let Some(buckets) = &packed.buckets else {
            distribution.drop_buckets();
            return Ok(distribution);
        };
        let (mut seen, mut first, mut last) = (0_u64, None, None);
        for bucket in buckets.iter() {
            let (index, count) = bucket?;
            if index > LAST_INDEX {
                return Err(Unpacking);
            }
            let lower = lower_of(index);
            seen = seen.checked_add(count).ok_or(Unpacking)?;
            first = first.or(Some(lower));
            last = Some(lower);
            distribution.buckets.add(lower, count);
        }
        let outer = if packed.count > 0 {
            (Some(lower_bound(packed.min)), Some(lower_bound(packed.max)))
        } else {
            (None, None)
        };
        if seen != packed.count || (first, last) != outer {
            return Err(Unpacking);
        }
        Ok(distribution)
    }

    /// The smallest recorded value, to 3 digits, that so many percent of the
    /// samples do not exceed; nothing where the buckets were given up.
    pub(super) fn percentile(&self, percentile: Percentile) -> Option<u64> {
        if self.count == 0 {
            return Some(0);
        }
        let value = match &self.buckets {
            Buckets::Sparse(buckets) => {
                let rank = rank(percentile, self.count);
                let mut seen = 0;
                let at_rank = buckets.iter().find(|(_, count)| {
                    seen += count;
                    seen >= rank
                });
                at_rank.map_or(self.max, |&(lower, _)| upper_bound(lower))
            }
            Buckets::Dense(histogram) => histogram.value_at_quantile(quantile(percentile)),
            Buckets::Dropped => return None,
        };
        Some(value.clamp(self.min, self.max))
    }
}

impl Buckets {
    fn add(&mut self, lower: u64, count: u64) {
        match self {
            Self::Sparse(buckets) => match buckets.binary_search_by_key(&lower, |&(at, _)| at) {
                Ok(place) => buckets[place].1 += count,
                Err(place) if buckets.len() < MOST_SPARSE => buckets.insert(place, (lower, count)),
                Err(_) => record(self.dense(), lower, count),
            },
            Self::Dense(histogram) => record(histogram, lower, count),
            Self::Dropped => {}
        }
    }

    fn merge(&mut self, other: &Self) {
        if matches!(self, Self::Dropped) {
            return;
        }
        match other {
            Self::Sparse(buckets) => {
                buckets
                    .iter()
                    .for_each(|&(lower, count)| self.add(lower, count));
            }
            Self::Dense(histogram) => self
                .dense()
                .add(&**histogram)
                .expect("a histogram that resizes itself takes what another one took"),
            // What some samples lack, all of them lack together.
            Self::Dropped => *self = Self::Dropped,
        }
    }

    /// The histogram, made of the list where there is none yet.
    fn dense(&mut self) -> &mut Histogram<u64> {
        if let Self::Sparse(buckets) = self {
            let mut histogram = Histogram::new(SIGNIFICANT_DIGITS)
                .expect("3 is a number of digits that a histogram can have");
            // The largest first, so that it resizes once.
            buckets
                .iter()
                .rev()
                .for_each(|&(lower, count)| record(&mut histogram, lower, count));
            *self = Self::Dense(Box::new(histogram));
        }
        match self {
            Self::Dense(histogram) => histogram,
            Self::Sparse(_) | Self::Dropped => unreachable!("it was made dense above"),
        }
    }
}

fn record(histogram: &mut Histogram<u64>, value: u64, count: u64) {
    // Not `saturating_record_n`: that one caps the value where this one resizes.
    histogram
        .record_n(value, count)
        .expect("a histogram that resizes itself takes every value");
}

fn quantile(percentile: Percentile) -> f64 {
    percentile.value() / 100.0 * (1.0 - RANK_TOLERANCE)
}

/// Which of so many sorted samples a percentile is, from 1.
pub(super) fn rank(percentile: Percentile, count: u64) -> u64 {
    ((quantile(percentile) * count as f64).ceil() as u64).max(1)
}

/// How many of a value's last bits its bucket leaves open.
fn open_bits(value: u64) -> u32 {
    (u64::BITS - value.leading_zeros()).saturating_sub(KEPT_BITS)
}

fn lower_bound(value: u64) -> u64 {
    value >> open_bits(value) << open_bits(value)
}

fn upper_bound(lower: u64) -> u64 {
    lower | ((1 << open_bits(lower)) - 1)
}

/// The last bucket of all: that of `u64::MAX`.
const LAST_INDEX: u32 = ((u64::BITS - KEPT_BITS) << (KEPT_BITS - 1)) + (1 << KEPT_BITS) - 1;

/// The place of a bucket among all there can be, from 0 and without gaps.
fn bucket_index(lower: u64) -> u32 {
    let open = open_bits(lower);
    // At most 11 bits are left.
    (open << (KEPT_BITS - 1)) + (lower >> open) as u32
}

/// The upper bound of the bucket at a place.
pub(super) fn upper_of(index: u32) -> u64 {
    upper_bound(lower_of(index))
}

/// The lower bound of the bucket at a place.
fn lower_of(index: u32) -> u64 {
    let open = (index >> (KEPT_BITS - 1)).saturating_sub(1);
    u64::from(index - (open << (KEPT_BITS - 1))) << open
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn percentile(distribution: &Distribution, percent: f64) -> u64 {
        distribution
            .percentile(Percentile::new(percent).unwrap())
            .unwrap()
    }

    #[test]
    fn a_rank_that_is_a_whole_number_is_that_sample() {
        // Up to 1,024, so that every value has a bucket of its own.
        for count in 1..=1_024_u64 {
            let mut distribution = Distribution::new();
            (1..=count).for_each(|value| distribution.record(value));
            // Tenths of a percent, so that the true rank is computed in integers.
            for tenths in (1..=1_000).filter(|tenths| tenths * count % 1_000 == 0) {
                let shown = percentile(&distribution, tenths as f64 / 10.0);
                assert_eq!(shown, tenths * count / 1_000, "p({tenths}/10) of {count}");
            }
        }
    }

    #[test]
    fn one_slow_sample_of_a_thousand_is_beyond_p_99_9() {
        let mut distribution = Distribution::new();
        (0..999).for_each(|_| distribution.record(1_000_000));
        distribution.record(10_000_000_000);
        assert_eq!(percentile(&distribution, 99.9), 1_000_447);
        assert_eq!(percentile(&distribution, 100.0), 10_000_000_000);
    }

    #[test]
    fn the_largest_value_of_all_is_taken() {
        let mut distribution = Distribution::new();
        distribution.record(u64::MAX);
        (0..1_000).for_each(|value| distribution.record(value));
        assert_eq!(
            (distribution.max(), distribution.count()),
            (u64::MAX, 1_001)
        );
        assert!(percentile(&distribution, 100.0) >= u64::MAX - 1);
    }

    proptest! {
        #[test]
        fn a_sparse_bucket_has_the_bounds_of_a_dense_one(value in any::<u64>(), shift in 0..64_u32) {
            let value = value >> shift;
            let mut histogram = Histogram::<u64>::new(SIGNIFICANT_DIGITS).unwrap();
            record(&mut histogram, value, 1);
            prop_assert_eq!(lower_bound(value), histogram.lowest_equivalent(value));
            prop_assert_eq!(upper_bound(lower_bound(value)), histogram.highest_equivalent(value));
        }

        #[test]
        fn every_bucket_has_a_place_of_its_own(value in any::<u64>(), shift in 0..64_u32) {
            let lower = lower_bound(value >> shift);
            prop_assert_eq!(lower_of(bucket_index(lower)), lower);
            let next = upper_bound(lower).checked_add(1);
            let expected = next.map_or(LAST_INDEX, |next| bucket_index(next) - 1);
            prop_assert_eq!(bucket_index(lower), expected);
        }

        #[test]
        fn what_is_packed_is_unpacked(
            samples in prop::collection::vec((any::<u64>(), 0..64_u32), 0..600),
        ) {
            let mut distribution = Distribution::new();
            samples.iter().for_each(|&(sample, shift)| distribution.record(sample >> shift));
            let packed = distribution.packed();
            prop_assert_eq!(&Distribution::unpacked(&packed).unwrap(), &distribution);
            let lost = Packed { count: packed.count + 1, ..packed };
            prop_assert!(Distribution::unpacked(&lost).is_err());
        }

        #[test]
        fn percentiles_are_within_a_thousandth_of_the_sorted_samples(
            mut samples in prop::collection::vec(1_u64..10_000_000_000, 1..600),
            percent in 0.0_f64..=100.0,
        ) {
            let mut distribution = Distribution::new();
            samples.iter().for_each(|&sample| distribution.record(sample));
            samples.sort_unstable();
            let rank = ((percent / 100.0) * samples.len() as f64).ceil().max(1.0) as usize;
            let truth = samples[rank - 1] as f64;
            let shown = percentile(&distribution, percent) as f64;
            prop_assert!((shown - truth).abs() <= truth * 0.001 + 1.0, "{} for {}", shown, truth);
        }

        #[test]
        fn merging_is_the_same_as_recording_in_one_place(
            // Enough for lists and histograms, and narrow enough for both.
            samples in prop::collection::vec((any::<bool>(), 0_u64..1 << 50), 0..700),
            narrow in any::<bool>(),
        ) {
            let mut whole = Distribution::new();
            let (mut left, mut right) = (Distribution::new(), Distribution::new());
            for &(to_left, sample) in &samples {
                let sample = if narrow { sample % 300 } else { sample };
                whole.record(sample);
                if to_left { left.record(sample) } else { right.record(sample) }
            }
            let mut other_way = right.clone();
            other_way.merge(&left);
            left.merge(&right);
            prop_assert_eq!(&left, &whole);
            prop_assert_eq!(&other_way, &whole);
            prop_assert_eq!(matches!(whole.buckets, Buckets::Dense(_)), matches!(left.buckets, Buckets::Dense(_)));
        }
    }
}
