//! Which of the numbers 0, 1, 2, … are one part's.

use std::cmp::Reverse;
use std::sync::Arc;

/// A repeating choice of whole numbers. The stripes of a sequence take turns by
/// k6's rule: of the next number, the largest part whose turn has come takes it,
/// where a part of 1/3 has a turn at 0, 3, 6 and so on. Together they take every
/// number once, and each as evenly as that allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stripe {
    /// The numbers below `period`, ascending; the same ones follow in each
    /// further period.
    chosen: Arc<[u64]>,
    period: u64,
}

impl Stripe {
    /// All numbers.
    #[must_use]
    pub fn whole() -> Self {
        Self {
            chosen: Arc::new([0]),
            period: 1,
        }
    }

    /// The stripe at `index` of parts of these sizes. The period is their sum.
    pub(super) fn of(sizes: &[u64], index: usize) -> Self {
        Self {
            chosen: (0..)
                .zip(takers(sizes))
                .filter_map(|(number, taker)| (taker == index).then_some(number))
                .collect(),
            period: sizes.iter().sum(),
        }
    }

    /// Whether a number is of this stripe.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        self.chosen.binary_search(&(number % self.period)).is_ok()
    }

    /// The stripe's number at this place, counted from 0: the inverse of
    /// [`Self::below`]. Saturates at the end of what can be counted.
    #[must_use]
    pub fn nth(&self, place: u64) -> u64 {
        let in_period = self.chosen.len() as u64;
        let chosen = usize::try_from(place % in_period)
            .ok()
            .and_then(|place| self.chosen.get(place));
        (place / in_period)
            .saturating_mul(self.period)
            .saturating_add(chosen.copied().unwrap_or_default())
    }

    /// How many of the numbers below `count` are of this stripe: the part's
    /// share of so many VUs or iterations.
    #[must_use]
    pub fn below(&self, count: u64) -> u64 {
        let rest = count % self.period;
        let in_rest = self.chosen.partition_point(|&number| number < rest);
        count / self.period * self.chosen.len() as u64 + in_rest as u64
    }

    /// After how many numbers the choice repeats.
    pub(super) fn period(&self) -> u64 {
        self.period
    }
}

/// Which of parts of these sizes takes each number of a period, in order.
fn takers(sizes: &[u64]) -> impl Iterator<Item = usize> {
    let period: u64 = sizes.iter().sum();
    let mut by_size: Vec<(usize, u64)> = sizes.iter().copied().enumerate().collect();
    by_size.sort_by_key(|&(_, size)| Reverse(size));
    let mut taken = vec![0_u64; by_size.len()];
    (0..period).filter_map(move |number| {
        // There is always one: up to here, the parts had more turns than there
        // were numbers.
        let turn = by_size
            .iter()
            .zip(&taken)
            .position(|(&(_, size), &taken)| {
                size > 0
                    && u128::from(taken) * u128::from(period)
                        <= u128::from(number) * u128::from(size)
            })?;
        taken[turn] += 1;
        Some(by_size[turn].0)
    })
}

/// How many of the numbers below `count` each of parts of these sizes takes.
pub(super) fn shares(sizes: &[u64], count: u64) -> Vec<u64> {
    let period: u64 = sizes.iter().sum();
    let mut shares: Vec<u64> = sizes.iter().map(|size| count / period * size).collect();
    for (_, taker) in (0..count % period).zip(takers(sizes)) {
        shares[taker] += 1;
    }
    shares
}
