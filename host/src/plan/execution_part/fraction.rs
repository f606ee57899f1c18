//! A part of a whole, exactly.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::ExecutionPartError;

/// A number from 0 up, as a fraction in lowest terms. Thirds add up to one,
/// which binary numbers do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction {
    numerator: u64,
    denominator: u64,
}

impl Fraction {
    pub(super) const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
    };
    pub(super) const ONE: Self = Self {
        numerator: 1,
        denominator: 1,
    };

    /// In lowest terms; `None` where nothing is divided.
    pub(super) fn new(numerator: u64, denominator: u64) -> Option<Self> {
        let divisor = greatest_common_divisor(numerator, denominator);
        (denominator > 0).then(|| Self {
            numerator: numerator / divisor,
            denominator: denominator / divisor,
        })
    }

    pub(super) fn denominator(self) -> u64 {
        self.denominator
    }

    /// How many parts of the size `1/period` it is; the period is a multiple of
    /// its denominator.
    pub(super) fn parts_of(self, period: u64) -> u64 {
        self.numerator * (period / self.denominator)
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = u128::from(self.numerator) * u128::from(other.denominator);
        let right = u128::from(other.numerator) * u128::from(self.denominator);
        left.cmp(&right)
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator {
            1 => write!(f, "{}", self.numerator),
            denominator => write!(f, "{}/{denominator}", self.numerator),
        }
    }
}

impl FromStr for Fraction {
    type Err = ExecutionPartError;

    /// `1/4`, `25%` or `0.25`.
    fn from_str(text: &str) -> Result<Self, ExecutionPartError> {
        let wrong = || ExecutionPartError::Number(text.to_owned());
        let trimmed = text.trim();
        if let Some((numerator, denominator)) = trimmed.split_once('/') {
            let (numerator, denominator) = (whole(numerator), whole(denominator));
            return numerator
                .zip(denominator)
                .and_then(|(numerator, denominator)| Self::new(numerator, denominator))
                .ok_or_else(wrong);
        }
        match trimmed.strip_suffix('%') {
            Some(percent) => decimal(percent, 100),
            None => decimal(trimmed, 1),
        }
        .ok_or_else(wrong)
    }
}

/// Digits and nothing else: the standard library's parser takes a sign, too.
fn whole(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// A decimal number, divided.
fn decimal(text: &str, divisor: u64) -> Option<Fraction> {
    let (before, after) = text.split_once('.').unwrap_or((text, ""));
    if text.contains('.') && after.is_empty() {
        return None;
    }
    let scale = 10_u64.checked_pow(u32::try_from(after.len()).ok()?)?;
    Fraction::new(
        whole(&format!("{before}{after}"))?,
        scale.checked_mul(divisor)?,
    )
}

pub(super) fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}
