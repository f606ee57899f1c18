//! What requests are built of, once for all virtual users of a worker that build the
//! same.
//!
//! A scenario builds its requests when it starts, each VU for itself: a dozen of them,
//! at two kilobytes and more. Of a thousand VUs most build the same, since what tells
//! one user from another comes later, or is a body.

use std::cell::RefCell;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, Weak};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::http_request::Built;

/// Those of this thread, by a hash of what they are built of.
#[derive(Debug, Default)]
struct Shared {
    known: HashMap<u64, Weak<Built>, FixedState>,
    /// At how many it looks next for those that nobody has any more.
    tidied_at: usize,
}

/// How many there may be before anything is tidied up.
const FEW: usize = 256;

thread_local! {
    static SHARED: RefCell<Shared> = RefCell::default();
}

/// Puts what another request of this thread is built of in the place of the same.
pub(super) fn share(built: &mut Arc<Built>) {
    SHARED.with_borrow_mut(|shared| shared.share(built));
}

impl Shared {
    fn share(&mut self, built: &mut Arc<Built>) {
        let known = self.known.entry(hash(built)).or_default();
        match known.upgrade() {
            Some(other) if is_same(&other, built) => *built = other,
            // Two of the same hash that differ: the later takes the place.
            _ => *known = Arc::downgrade(built),
        }
        if self.known.len() > self.tidied_at.max(FEW) {
            self.known.retain(|_, known| known.strong_count() > 0);
            self.tidied_at = 2 * self.known.len();
        }
    }
}

/// What tells requests apart, but for their limits and what is expected: two that differ
/// in these alone share with nobody.
fn hash(built: &Built) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    built.request.hash_what_is_sent(&mut hasher);
    built.tags.hash(&mut hasher);
    hasher.finish()
}

fn is_same(one: &Built, other: &Built) -> bool {
    one.tags == other.tags
        && one.expected == other.expected
        && one.request.is_same_as(&other.request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::http_request::{Expected, Request};

    fn request(url: &str, header: &str) -> Request {
        let mut request = Request::new("POST", url);
        request.build(|request| request.set_header("x-kind", header));
        request.set_tag("name".to_owned(), "order".to_owned());
        request
    }

    fn address(request: &Request) -> *const crate::http::Request {
        std::ptr::from_ref(request.built().expect("it can be sent"))
    }

    #[test]
    fn requests_that_are_built_of_the_same_are_there_once_until_one_is_changed() {
        let mut all: Vec<_> = (0..3).map(|_| request("http://a.test/", "one")).collect();
        all.iter_mut().for_each(Request::share);
        assert_eq!(address(&all[0]), address(&all[1]));
        all[1].build(|request| request.set_header("x-kind", "two"));
        assert_ne!(address(&all[0]), address(&all[1]));
        assert_eq!(address(&all[0]), address(&all[2]));
        for (one, kind) in all.iter().zip(["one", "two", "one"]) {
            let fresh = request("http://a.test/", kind);
            let (one, fresh) = (one.built().expect("built"), fresh.built().expect("built"));
            assert!(one.is_same_as(fresh), "{kind}");
        }
    }

    #[test]
    fn requests_that_differ_in_a_header_alone_are_shared_each_with_its_own_kind() {
        let mut all: Vec<_> = (0..3)
            .flat_map(|_| ["one", "two"])
            .map(|kind| request("http://b.test/", kind))
            .collect();
        all.iter_mut().for_each(Request::share);
        for later in 2..all.len() {
            assert_eq!(address(&all[later]), address(&all[later % 2]), "{later}");
        }
    }

    #[test]
    fn whatever_differs_keeps_requests_apart() {
        let mut first = request("http://a.test/", "one");
        first.share();
        let changes: [fn(&mut Request); 8] = [
            |request| request.build(|request| request.set_header("x-kind", "two")),
            |request| request.build(|request| request.append_header("x-kind", "one")),
            |request| request.build(|request| request.set_cookie("a", "b")),
            |request| request.set_body(b"body".to_vec()),
            |request| request.set_tag("other".to_owned(), "tag".to_owned()),
            |request| request.set_expected(Expected::Unjudged),
            |request| {
                request.build(|request| {
                    request.set_timeout(std::time::Duration::from_secs(1));
                    Ok(())
                });
            },
            |request| {
                request.build(|request| {
                    // Each one's own: what it has learnt of the server is in it.
                    request.set_digest_auth("user", "password");
                    Ok(())
                });
            },
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut other = request("http://a.test/", "one");
            change(&mut other);
            other.share();
            assert_ne!(address(&first), address(&other), "{number}");
        }
    }

    #[test]
    fn what_nobody_has_any_more_is_forgotten() {
        let mut shared = Shared::default();
        for number in 0..10 * FEW {
            let mut built = Arc::new(Built {
                request: crate::http::Request::new("GET", &format!("http://a.test/{number}"))
                    .expect("a URL"),
                tags: Vec::new(),
                expected: Expected::Default,
            });
            shared.share(&mut built);
        }
        assert!(shared.known.len() <= FEW + 1, "{}", shared.known.len());
    }
}
