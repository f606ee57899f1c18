//! How far a compilation is.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime::CacheStore;

/// How far a compilation is. The compiler asks for each function whether it was
/// compiled before, by any thread: nothing is kept here, so that it never was,
/// and the questions are counted.
#[derive(Debug, Default)]
pub struct CompileProgress {
    begun: AtomicU64,
    functions: u64,
}

impl CompileProgress {
    /// Of a component with so many functions.
    #[must_use]
    pub fn new(functions: u64) -> Self {
        Self {
            begun: AtomicU64::new(0),
            functions,
        }
    }

    /// The share of the functions that the compiler has begun with, from 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        let begun = self.begun.load(Ordering::Relaxed);
        // The compiler adds some of its own, and the rest is not all done when it
        // has begun with the last.
        (begun as f64 / self.functions.max(1) as f64).min(0.99)
    }
}

impl CacheStore for CompileProgress {
    fn get(&self, _key: &[u8]) -> Option<Cow<'_, [u8]>> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        None
    }

    fn insert(&self, _key: &[u8], _value: Vec<u8>) -> bool {
        false
    }
}
