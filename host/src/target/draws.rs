//! Random draws that a seed repeats.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// The draws of one request.
///
/// They are keyed by the seed, the method, the path and which request of that
/// path this is, and not by the order of arrival over all paths: that order
/// differs from run to run, while the n-th request of a path is the same one
/// every time.
#[derive(Debug, Clone)]
pub(super) struct Draws(Xoshiro256PlusPlus);

impl Draws {
    /// The draws of the `nth` request (from 0) of `method` and `path`.
    pub(super) fn of_request(seed: u64, method: &str, path: &str, nth: u64) -> Self {
        // FNV-1a: the standard library's hashers promise no stable result
        // across releases, and a seed must.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut mix =
            |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        seed.to_le_bytes().into_iter().for_each(&mut mix);
        method.bytes().for_each(&mut mix);
        mix(b' ');
        path.bytes().for_each(&mut mix);
        nth.to_le_bytes().into_iter().for_each(&mut mix);
        Self(Xoshiro256PlusPlus::seed_from_u64(hash))
    }

    /// A share from 0 (included) to 1 (excluded).
    pub(super) fn share(&mut self) -> f64 {
        // The upper 53 bits: all that a double can tell apart.
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// 64 random bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A draw from the normal distribution with mean 0 and deviation 1.
    pub(super) fn normal(&mut self) -> f64 {
        // Box-Muller; 1 - share excludes the logarithm of zero.
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }

    /// An identifier in the shape of a version 4 UUID.
    pub(super) fn uuid(&mut self) -> String {
        let (high, low) = (self.bits(), self.bits());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0x0fff,
            0x8000 | ((low >> 48) & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_request_draws_the_same_and_every_part_of_the_key_counts() {
        let first = |seed, method, path, nth| Draws::of_request(seed, method, path, nth).bits();
        let drawn = first(1, "GET", "/health", 0);
        assert_eq!(drawn, first(1, "GET", "/health", 0));
        for other in [
            first(2, "GET", "/health", 0),
            first(1, "POST", "/health", 0),
            first(1, "GET", "/healthy", 0),
            first(1, "GET", "/health", 1),
        ] {
            assert_ne!(drawn, other);
        }
    }

    #[test]
    fn an_identifier_has_the_shape_of_a_uuid() {
        let id = Draws::of_request(1, "GET", "/", 0).uuid();
        assert_eq!(id.len(), 36);
        let parts: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(id.as_bytes()[14], b'4');
    }
}
