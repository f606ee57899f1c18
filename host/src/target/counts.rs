//! How many requests the target received, so that a run's own counts can be
//! held against them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::Method;

use super::routes::{ENDPOINTS, Found, find};

/// How many unknown paths are counted apart. The rest share one line, lest a
/// client that makes up paths fills the memory.
const UNKNOWN_PATHS: usize = 1000;
/// The path of that line.
const OTHER_PATHS: &str = "(other)";

/// The requests received, by method and path. A handle: clones share the counts.
///
/// A request counts when its head is received, before the token, the rate limit
/// or a fault decide about its answer. What is asked under `/_target/` does not
/// count.
#[derive(Debug, Clone, Default)]
pub struct Counts(Arc<Slots>);

#[derive(Debug)]
struct Slots {
    /// One for each of [`ENDPOINTS`].
    known: Vec<AtomicU64>,
    unknown: Mutex<BTreeMap<(String, String), u64>>,
}

impl Default for Slots {
    fn default() -> Self {
        Self {
            known: ENDPOINTS.iter().map(|_| AtomicU64::new(0)).collect(),
            unknown: Mutex::default(),
        }
    }
}

/// The requests of one method and path.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PathCount {
    /// The HTTP method.
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// How many requests were received.
    pub count: u64,
}

impl Counts {
    /// Counts a request and returns which one of its method and path it is,
    /// from 0.
    pub(super) fn count(&self, found: Found, method: &Method, path: &str) -> u64 {
        if let Found::Endpoint(index) = found
            && let Some(slot) = self.0.known.get(index)
        {
            return slot.fetch_add(1, Ordering::Relaxed);
        }
        let mut unknown = self.unknown();
        let mut key = (method.to_string(), path.to_owned());
        if unknown.len() >= UNKNOWN_PATHS && !unknown.contains_key(&key) {
            key = (OTHER_PATHS.to_owned(), OTHER_PATHS.to_owned());
        }
        let slot = unknown.entry(key).or_insert(0);
        *slot += 1;
        *slot - 1
    }

    /// The requests of one method and path.
    pub fn of(&self, method: &str, path: &str) -> u64 {
        if let Ok(parsed) = method.parse::<Method>()
            && let Found::Endpoint(index) = find(&parsed, path)
        {
            return self
                .0
                .known
                .get(index)
                .map_or(0, |slot| slot.load(Ordering::Relaxed));
        }
        self.unknown()
            .get(&(method.to_owned(), path.to_owned()))
            .copied()
            .unwrap_or(0)
    }

    /// All requests.
    pub fn total(&self) -> u64 {
        let known: u64 = self
            .0
            .known
            .iter()
            .map(|slot| slot.load(Ordering::Relaxed))
            .sum();
        known + self.unknown().values().sum::<u64>()
    }

    /// The requests of every path that had one, known paths first.
    pub fn by_path(&self) -> Vec<PathCount> {
        let known = ENDPOINTS
            .iter()
            .zip(&self.0.known)
            .map(|(endpoint, slot)| PathCount {
                method: endpoint.method.to_string(),
                path: endpoint.path.to_owned(),
                count: slot.load(Ordering::Relaxed),
            });
        let unknown = self.unknown();
        let unknown = unknown.iter().map(|((method, path), count)| PathCount {
            method: method.clone(),
            path: path.clone(),
            count: *count,
        });
        known.chain(unknown).filter(|line| line.count > 0).collect()
    }

    /// Starts over from 0. The draws start over too: they go by these counts.
    pub fn reset(&self) {
        for slot in &self.0.known {
            slot.store(0, Ordering::Relaxed);
        }
        self.unknown().clear();
    }

    /// `{"total": …, "requests": [{"method", "path", "count"}, …]}`.
    pub(super) fn to_json(&self) -> String {
        serde_json::json!({ "total": self.total(), "requests": self.by_path() }).to_string()
    }

    fn unknown(&self) -> MutexGuard<'_, BTreeMap<(String, String), u64>> {
        self.0
            .unknown
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_paths_share_one_line_once_there_are_too_many() {
        let counts = Counts::default();
        for number in 0..UNKNOWN_PATHS + 50 {
            counts.count(Found::Nothing, &Method::GET, &format!("/made-up/{number}"));
        }
        assert_eq!(counts.total(), (UNKNOWN_PATHS + 50) as u64);
        assert_eq!(counts.of("GET", "/made-up/0"), 1);
        assert_eq!(counts.by_path().len(), UNKNOWN_PATHS + 1);
    }
}
