//! Where the samples of each metric and set of tags go, found once.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::MetricId;
use super::endpoints::Role;
use super::tags::TagSet;

/// Where the samples of one metric with one set of tags go. Found once, so that
/// a sample costs one look-up and no comparison of texts.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) series: Box<[usize]>,
    pub(super) endpoint: Option<Role>,
    pub(super) tally: Option<usize>,
}

/// What a route is found by.
type Key = (MetricId, TagSet);

/// The routes of a shard.
#[derive(Debug)]
pub(super) struct Routes {
    routes: Vec<Route>,
    numbers: HashMap<Key, usize, FixedState>,
    /// The same of some keys, each in its own place or not at all: the same few
    /// requests send sample after sample.
    recent: Box<[Option<(Key, usize)>; RECENT]>,
    most: usize,
}

/// For how many keys there is a place: for those of some ten requests.
const RECENT: usize = 256;

impl Routes {
    /// So many are remembered at most.
    pub(super) fn new(most: usize) -> Self {
        Self {
            routes: Vec::new(),
            numbers: HashMap::default(),
            recent: Box::new([None; RECENT]),
            most,
        }
    }

    /// The route of a metric's samples with these tags, made where it is not known.
    pub(super) fn of(
        &mut self,
        metric: MetricId,
        tags: TagSet,
        make: impl FnOnce() -> Route,
    ) -> &Route {
        let key = (metric, tags);
        // Sets of tags that are made together have numbers one after the other, and most
        // metrics of a request are among the first: sixteen places for each set.
        let place = (tags.number() * 16 + metric.index()) % RECENT;
        let number = match self.recent[place] {
            Some((recent, number)) if recent == key => number,
            _ => {
                let number = self.number(key, make);
                self.recent[place] = Some((key, number));
                number
            }
        };
        &self.routes[number]
    }

    fn number(&mut self, key: Key, make: impl FnOnce() -> Route) -> usize {
        if let Some(&number) = self.numbers.get(&key) {
            return number;
        }
        if self.routes.len() >= self.most {
            // They are found again where they are wanted again.
            self.routes.clear();
            self.numbers.clear();
            self.recent.fill(None);
        }
        let number = self.routes.len();
        self.routes.push(make());
        self.numbers.insert(key, number);
        number
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.routes.len()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::metrics::{Registry, Schema, Shard};

    /// A route to a series of this number.
    fn route(number: usize) -> Route {
        Route {
            series: [number].into(),
            endpoint: None,
            tally: None,
        }
    }

    #[test]
    fn what_was_forgotten_is_found_anew_and_not_where_it_was() {
        let registry = Registry::new();
        let metrics: Vec<_> = registry.iter().map(|(id, _)| id).collect();
        let mut routes = Routes::new(2);
        // The third takes the place of the first.
        for (index, own) in [(0, 10), (1, 11), (2, 12), (0, 13)] {
            let found = routes.of(metrics[index], TagSet::default(), || route(own));
            assert_eq!(*found.series, [own]);
        }
    }

    #[test]
    fn keys_that_share_a_place_find_their_own_route() {
        let schema = Schema::new(Registry::new(), [], []).unwrap();
        let mut shard = Shard::new(schema.into());
        let sets: Vec<_> = (0..40)
            .map(|number| shard.with_tag(shard.root(), "number", &number.to_string()))
            .collect();
        let registry = Registry::new();
        let metrics: Vec<_> = registry.iter().map(|(id, _)| id).collect();
        let mut routes = Routes::new(100);
        for _ in 0..3 {
            for (number, &set) in sets.iter().enumerate() {
                for (index, &metric) in metrics.iter().enumerate() {
                    let own = number * metrics.len() + index;
                    let found = routes.of(metric, set, || route(own));
                    assert_eq!(*found.series, [own]);
                    let again = routes.of(metric, set, || unreachable!("it is known"));
                    assert_eq!(*again.series, [own]);
                    assert!(routes.len() <= 100);
                }
            }
        }
    }
}
