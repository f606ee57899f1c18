//! Which part of the whole run this process is: k6's execution segments.
//!
//! A run is divided by handing each process the same plan, the same sequence of
//! segments and a segment of its own. What a process does follows from that
//! alone: [`Stripe`] says which VUs and which iterations are its own, and
//! together the parts do what one process would have done.
//! <https://grafana.com/docs/k6/latest/using-k6/k6-options/reference/#execution-segment>

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

mod fraction;
mod stripe;

use fraction::{Fraction, greatest_common_divisor};
pub use stripe::Stripe;

/// The finest division: the least common denominator of a sequence. A finer one
/// has parts that most plans have not one VU for.
const FINEST: u64 = 1_000_000;

/// Why there is no such part of a run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExecutionPartError {
    /// A bound is no number.
    #[error(
        "`{0}` is no part of a whole; write a fraction, a percentage or a decimal number, such as `1/4`, `25%` or `0.25`"
    )]
    Number(String),
    /// A segment ends before it begins, or outside of the run.
    #[error(
        "the segment `{0}` is no part of a run; write it as FROM:TO with 0 <= FROM < TO <= 1, such as `1/4:1/2`"
    )]
    Bounds(String),
    /// A sequence does not go up from 0 to 1.
    #[error(
        "the sequence `{0}` does not go up from 0 to 1; write all bounds in order, such as `0,1/4,1/2,1`"
    )]
    Order(String),
    /// The segment is none of the sequence's.
    #[error(
        "the segment {segment} is none of the sequence {sequence}; name one that lies between two neighbours of it"
    )]
    NotInSequence {
        /// The segment.
        segment: ExecutionSegment,
        /// The sequence.
        sequence: ExecutionSegmentSequence,
    },
    /// A sequence alone.
    #[error(
        "the sequence {0} has several segments, and nothing says which of them this process is; name one"
    )]
    NoSegment(ExecutionSegmentSequence),
    /// A division that nothing can be divided by.
    #[error(
        "the sequence {0} is too fine: its common denominator is above 1,000,000; choose rounder bounds"
    )]
    TooFine(ExecutionSegmentSequence),
}

/// From where to where of a run, as exact fractions: 0 <= from < to <= 1.
///
/// Read from k6's notations: `1/4:1/2`, `25%:50%`, `0.25:0.5`, or the end alone
/// where it begins at 0. Unlike in k6, an empty text is an error: it is what an
/// unset variable leaves, and the whole load from every machine is not what was
/// meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExecutionSegment {
    from: Fraction,
    to: Fraction,
}

impl ExecutionSegment {
    fn whole() -> Self {
        Self {
            from: Fraction::ZERO,
            to: Fraction::ONE,
        }
    }
}

impl FromStr for ExecutionSegment {
    type Err = ExecutionPartError;

    fn from_str(text: &str) -> Result<Self, ExecutionPartError> {
        let (from, to) = match text.split_once(':') {
            Some((from, to)) => (from.parse()?, to.parse()?),
            None => (Fraction::ZERO, text.parse()?),
        };
        if from < to && to <= Fraction::ONE {
            Ok(Self { from, to })
        } else {
            Err(ExecutionPartError::Bounds(text.to_owned()))
        }
    }
}

impl fmt::Display for ExecutionSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.from, self.to)
    }
}

/// The bounds between all segments of a run, from 0 to 1: `0,1/4,1/2,1`. As in
/// k6, a sequence that leaves out the beginning or the end is filled up by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionSegmentSequence(Vec<Fraction>);

impl ExecutionSegmentSequence {
    /// The shortest sequence that has this segment.
    fn around(segment: ExecutionSegment) -> Self {
        Self::filled(vec![segment.from, segment.to])
    }

    /// Ascending bounds, with 0 and 1.
    fn filled(mut bounds: Vec<Fraction>) -> Self {
        if bounds.first() != Some(&Fraction::ZERO) {
            bounds.insert(0, Fraction::ZERO);
        }
        if bounds.last() != Some(&Fraction::ONE) {
            bounds.push(Fraction::ONE);
        }
        Self(bounds)
    }

    fn segments(&self) -> impl Iterator<Item = ExecutionSegment> {
        self.0.windows(2).map(|bounds| ExecutionSegment {
            from: bounds[0],
            to: bounds[1],
        })
    }

    /// The size of each segment in parts of the least common denominator.
    fn sizes(&self) -> Option<Vec<u64>> {
        let mut period = 1_u64;
        for bound in &self.0 {
            let denominator = bound.denominator();
            period = (period / greatest_common_divisor(period, denominator))
                .checked_mul(denominator)
                .filter(|&period| period <= FINEST)?;
        }
        let place = |bound: Fraction| bound.parts_of(period);
        Some(
            self.segments()
                .map(|segment| place(segment.to) - place(segment.from))
                .collect(),
        )
    }
}

impl FromStr for ExecutionSegmentSequence {
    type Err = ExecutionPartError;

    fn from_str(text: &str) -> Result<Self, ExecutionPartError> {
        let bounds = text
            .split(',')
            .map(str::parse)
            .collect::<Result<Vec<Fraction>, _>>()?;
        let ascending = bounds.windows(2).all(|pair| pair[0] < pair[1]);
        if bounds.len() > 1 && ascending && bounds.last() <= Some(&Fraction::ONE) {
            Ok(Self::filled(bounds))
        } else {
            Err(ExecutionPartError::Order(text.to_owned()))
        }
    }
}

impl fmt::Display for ExecutionSegmentSequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, bound) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{bound}")?;
        }
        Ok(())
    }
}

/// Which part of the whole run this process is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionPart {
    segment: ExecutionSegment,
    sequence: ExecutionSegmentSequence,
    index: usize,
    /// The sizes of all parts.
    sizes: Vec<u64>,
    stripe: Stripe,
}

impl ExecutionPart {
    /// All of it.
    #[must_use]
    pub fn whole() -> Self {
        Self {
            segment: ExecutionSegment::whole(),
            sequence: ExecutionSegmentSequence::around(ExecutionSegment::whole()),
            index: 0,
            sizes: vec![1],
            stripe: Stripe::whole(),
        }
    }

    /// A segment of a sequence. Without a segment it is the whole run; without a
    /// sequence, what the segment leaves is taken for one other part before it
    /// and one after it. As in k6, parts that are to add up need the sequence.
    ///
    /// # Errors
    ///
    /// When the segment is not of the sequence, when a sequence of several comes
    /// without one, and when the division is too fine.
    pub fn new(
        segment: Option<ExecutionSegment>,
        sequence: Option<ExecutionSegmentSequence>,
    ) -> Result<Self, ExecutionPartError> {
        let (segment, sequence) = match (segment, sequence) {
            (Some(segment), Some(sequence)) => (segment, sequence),
            (Some(segment), None) => (segment, ExecutionSegmentSequence::around(segment)),
            (None, Some(sequence)) if sequence.segments().count() > 1 => {
                return Err(ExecutionPartError::NoSegment(sequence));
            }
            (None, _) => return Ok(Self::whole()),
        };
        let Some(index) = sequence.segments().position(|part| part == segment) else {
            return Err(ExecutionPartError::NotInSequence { segment, sequence });
        };
        let Some(sizes) = sequence.sizes() else {
            return Err(ExecutionPartError::TooFine(sequence));
        };
        let stripe = Stripe::of(&sizes, index);
        Ok(Self {
            segment,
            sequence,
            index,
            sizes,
            stripe,
        })
    }

    /// Whether there is no other part.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.sizes.len() == 1
    }

    /// From where to where it is.
    #[must_use]
    pub fn segment(&self) -> ExecutionSegment {
        self.segment
    }

    /// All parts of the run.
    #[must_use]
    pub fn sequence(&self) -> &ExecutionSegmentSequence {
        &self.sequence
    }

    /// Which VUs of a scenario are this part's, by their numbers from 0.
    #[must_use]
    pub fn vus(&self) -> &Stripe {
        &self.stripe
    }

    /// Which iterations are this part's, of a scenario with so many VUs; `None`
    /// where none of the VUs is. Iterations are divided as the VUs came out, not
    /// as the segments are: of one VU in two halves, the half that has it runs
    /// all iterations, and the other none. The same as k6's.
    #[must_use]
    pub fn iterations(&self, vus: u32) -> Option<Stripe> {
        let vus = u64::from(vus);
        if vus > 0 && vus.is_multiple_of(self.stripe.period()) {
            return Some(self.stripe.clone());
        }
        let shares = stripe::shares(&self.sizes, vus);
        let own = *shares.get(self.index)?;
        // In lowest terms the choice is the same and its list shorter.
        let divisor = shares
            .iter()
            .copied()
            .fold(0, greatest_common_divisor)
            .max(1);
        let shares: Vec<u64> = shares.iter().map(|share| share / divisor).collect();
        (own > 0).then(|| Stripe::of(&shares, self.index))
    }
}

impl fmt::Display for ExecutionPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.segment, self.sequence)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
