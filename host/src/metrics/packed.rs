//! A distribution in a few bytes for each bucket in use: for files, and for the
//! seconds that a window remembers.

use std::collections::BTreeMap;

use thiserror::Error;

/// A distribution as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packed {
    pub(super) count: u64,
    pub(super) sum: u128,
    /// 0 without samples.
    pub(super) min: u64,
    pub(super) max: u64,
    /// Nothing where they were given up for want of memory.
    pub(super) buckets: Option<PackedBuckets>,
}

/// The buckets in use, in their order: how many places after the one before,
/// and how many samples, each as a LEB128 number. A bucket takes two or three
/// bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PackedBuckets {
    bytes: Vec<u8>,
    next: u32,
}

/// What was packed is not what is there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the buckets do not add up to the samples that were counted")]
pub(super) struct Unpacking;

impl Packed {
    /// What both have together.
    pub(super) fn merged(&self, other: &Self) -> Self {
        let (first, second) = match (self.count, other.count) {
            (_, 0) => (self, self),
            (0, _) => (other, other),
            _ => (self, other),
        };
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            min: first.min.min(second.min),
            max: first.max.max(second.max),
            buckets: self
                .buckets
                .as_ref()
                .zip(other.buckets.as_ref())
                .map(|(buckets, more)| buckets.merged(more)),
        }
    }
}

impl PackedBuckets {
    fn merged(&self, other: &Self) -> Self {
        let mut buckets = BTreeMap::new();
        // They were packed in this process, or checked when they were read.
        for (index, count) in self.iter().chain(other.iter()).flatten() {
            *buckets.entry(index).or_insert(0) += count;
        }
        let mut merged = Self::default();
        for (index, count) in buckets {
            merged.push(index, count);
        }
        merged
    }

    /// Adds a bucket, which comes after those that are there.
    pub(super) fn push(&mut self, index: u32, count: u64) {
        self.number(u64::from(index - self.next));
        self.number(count);
        self.next = index + 1;
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes that came from a file.
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Result<Self, Unpacking> {
        let mut packed = Self { bytes, next: 0 };
        let mut next = 0;
        for bucket in packed.iter() {
            next = bucket?.0.checked_add(1).ok_or(Unpacking)?;
        }
        packed.next = next;
        Ok(packed)
    }

    /// The buckets: their places, and how many samples are in them.
    pub(super) fn iter(&self) -> impl Iterator<Item = Result<(u32, u64), Unpacking>> {
        let mut rest = self.bytes.as_slice();
        let mut next = 0_u32;
        std::iter::from_fn(move || {
            (!rest.is_empty()).then(|| {
                let skipped = number(&mut rest)?;
                let count = number(&mut rest)?;
                let index = u32::try_from(skipped)
                    .ok()
                    .and_then(|skipped| next.checked_add(skipped))
                    .ok_or(Unpacking)?;
                next = index.checked_add(1).ok_or(Unpacking)?;
                if count == 0 {
                    return Err(Unpacking);
                }
                Ok((index, count))
            })
        })
    }
}

fn number(bytes: &mut &[u8]) -> Result<u64, Unpacking> {
    let mut number = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let (&first, rest) = bytes.split_first().ok_or(Unpacking)?;
        *bytes = rest;
        let bits = u64::from(first & 0x7f);
        if bits << shift >> shift != bits {
            return Err(Unpacking);
        }
        number |= bits << shift;
        if first < 0x80 {
            return Ok(number);
        }
    }
    Err(Unpacking)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn neighbours_take_two_bytes_each() {
        let mut packed = PackedBuckets::default();
        (20_000..20_100).for_each(|index| packed.push(index, 100));
        // The first says where they begin.
        assert_eq!(packed.bytes().len(), 202);
    }

    proptest! {
        #[test]
        fn what_is_packed_is_read(buckets in prop::collection::btree_map(0..60_000_u32, 1..=u64::MAX, 0..50)) {
            let mut packed = PackedBuckets::default();
            buckets.iter().for_each(|(&index, &count)| packed.push(index, count));
            let read = PackedBuckets::from_bytes(packed.bytes().to_vec()).unwrap();
            prop_assert_eq!(&read, &packed);
            prop_assert!(read.iter().map(Result::unwrap).eq(buckets));
        }

        #[test]
        fn no_bytes_panic_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = PackedBuckets::from_bytes(bytes);
        }
    }
}
