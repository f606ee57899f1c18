//! The resource `request`: built once, sent often.

use std::sync::Arc;

use bytes::Bytes;

use super::bindings::vuelo::load::http::{Error, StatusRange};
use super::shared_requests;
use crate::http;
use crate::metrics::{Shard, TagSet};

/// Which status codes count as success; k6's default is 200 to 399.
#[derive(Debug, Clone)]
pub(super) enum Expected {
    /// 200 to 399.
    Default,
    /// Those in one of the ranges.
    Ranges(Arc<[StatusRange]>),
    /// Nothing is judged.
    Unjudged,
}

impl PartialEq for Expected {
    fn eq(&self, other: &Self) -> bool {
        let bounds = |range: &StatusRange| (range.lowest, range.highest);
        match (self, other) {
            (Self::Default, Self::Default) | (Self::Unjudged, Self::Unjudged) => true,
            (Self::Ranges(own), Self::Ranges(others)) => {
                own.iter().map(bounds).eq(others.iter().map(bounds))
            }
            _ => false,
        }
    }
}

impl Expected {
    /// Whether an answer of this status is a success; no status is no answer.
    /// `None` where nothing is judged.
    pub(super) fn holds(&self, status: Option<u16>) -> Option<bool> {
        let status = status.unwrap_or(0);
        match self {
            Self::Default => Some((200..400).contains(&status)),
            Self::Ranges(ranges) => Some(
                ranges
                    .iter()
                    .any(|range| (range.lowest..=range.highest).contains(&status)),
            ),
            Self::Unjudged => None,
        }
    }
}

/// The resource `request`.
#[derive(Debug)]
pub struct Request {
    /// The request as built, or the first mistake made in building it.
    built: Result<Arc<Built>, String>,
    /// The tags of this request's samples, as last interned, and what they were
    /// interned upon: a request that is sent again in the same place needs no
    /// second look at its tags.
    interned: Option<(TagSet, TagSet)>,
}

/// What a request is built of. Virtual users that build the same share one
/// (`shared_requests`), until one of them goes on building.
#[derive(Debug, Clone)]
pub(super) struct Built {
    pub(super) request: http::Request,
    pub(super) tags: Vec<(String, String)>,
    pub(super) expected: Expected,
}

impl Request {
    pub(super) fn new(method: &str, url: &str) -> Self {
        let built = http::Request::new(method, url).map(|request| {
            Arc::new(Built {
                request,
                tags: Vec::new(),
                expected: Expected::Default,
            })
        });
        Self {
            built: built.map_err(|error| error.to_string()),
            interned: None,
        }
    }

    /// The request itself, when it can be sent.
    pub(super) fn built(&self) -> Result<&http::Request, Error> {
        match &self.built {
            Ok(built) => Ok(&built.request),
            Err(mistake) => Err(Error::InvalidRequest(mistake.clone())),
        }
    }

    /// Goes on building, unless a mistake was made before.
    pub(super) fn build(
        &mut self,
        step: impl FnOnce(&mut http::Request) -> Result<(), http::Error>,
    ) {
        if let Ok(built) = &mut self.built
            && let Err(error) = step(&mut Arc::make_mut(built).request)
        {
            self.built = Err(error.to_string());
        }
    }

    pub(super) fn set_body(&mut self, body: Vec<u8>) {
        self.build(|request| {
            request.set_body(Bytes::from(body));
            Ok(())
        });
    }

    pub(super) fn set_tag(&mut self, name: String, value: String) {
        let Ok(built) = &mut self.built else { return };
        let tags = &mut Arc::make_mut(built).tags;
        tags.retain(|(own, _)| *own != name);
        tags.push((name, value));
        self.interned = None;
    }

    pub(super) fn set_expected(&mut self, expected: Expected) {
        if let Ok(built) = &mut self.built {
            Arc::make_mut(built).expected = expected;
        }
    }

    /// What its answers are judged by.
    pub(super) fn expected(&self) -> Expected {
        let built = self.built.as_ref().ok();
        built.map_or(Expected::Default, |built| built.expected.clone())
    }

    /// Whether the scenario has named it.
    pub(super) fn is_named(&self) -> bool {
        let built = self.built.as_ref().ok();
        built.is_some_and(|built| built.tags.iter().any(|(name, _)| name == "name"))
    }

    /// Shares what it is built of with those of this thread that are built of the
    /// same. For one that lasts: it costs more than one send gains.
    pub(super) fn share(&mut self) {
        if let Ok(built) = &mut self.built {
            shared_requests::share(built);
        }
    }

    /// The tags that every sample of this request has, whatever the answer.
    pub(super) fn intern(&mut self, base: TagSet, shard: &mut Shard) -> TagSet {
        if let Some((upon, set)) = self.interned
            && upon == base
        {
            return set;
        }
        let Ok(built) = &self.built else {
            return base;
        };
        let (request, tags) = (&built.request, &built.tags);
        let mut set = shard.with_tag(base, "method", request.method().as_str());
        // Not the URL first and the author's name after it: URLs with ids in them
        // would use up the sets of tags, and the names be left out. k6 as well has
        // the name for a URL where there is one.
        let own = |name: &str| tags.iter().find(|(own, _)| own == name);
        let name = own("name").map_or(request.url(), |(_, name)| name);
        set = shard.with_tag(set, "name", name);
        if own("url").is_none() {
            set = shard.with_tag(set, "url", name);
        }
        for (name, value) in tags.iter().filter(|(name, _)| name != "name") {
            set = shard.with_tag(set, name, value);
        }
        self.interned = Some((base, set));
        set
    }
}

/// The tags of a request that has none of its own: those of the moment, of which
/// one can be its name.
pub(super) fn with_request_tags(
    request: &http::Request,
    base: TagSet,
    shard: &mut Shard,
) -> TagSet {
    let set = shard.with_tag(base, "method", request.method().as_str());
    let name = shard.tag(base, "name").map(str::to_owned);
    let name = name.as_deref().unwrap_or(request.url());
    let set = shard.with_tag(set, "name", name);
    shard.with_tag(set, "url", name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::metrics::{Registry, Schema};

    fn shard(most_series: usize) -> Shard {
        let schema = Schema::new(Registry::new(), [], []).unwrap();
        Shard::new(Arc::new(schema.with_most_series(most_series)))
    }

    fn request(id: usize, name: &str) -> Request {
        let mut request = Request::new("GET", &format!("http://localhost/orders/{id}"));
        if !name.is_empty() {
            request.set_tag("name".to_owned(), name.to_owned());
        }
        request
    }

    #[test]
    fn a_request_with_a_name_has_it_for_a_url_unless_the_author_says_another() {
        let mut shard = shard(1_000);
        let mut tags = |mut request: Request| {
            let set = request.intern(shard.root(), &mut shard);
            ["method", "name", "url"].map(|name| shard.tag(set, name).unwrap().to_owned())
        };
        let url = "http://localhost/orders/7";
        assert_eq!(tags(request(7, "")), ["GET", url, url]);
        assert_eq!(tags(request(7, "order")), ["GET", "order", "order"]);
        let mut both = request(7, "order");
        both.set_tag("url".to_owned(), "/orders/:id".to_owned());
        assert_eq!(tags(both), ["GET", "order", "/orders/:id"]);
    }

    #[test]
    fn urls_with_ids_take_no_named_request_its_name() {
        let mut shard = shard(100);
        for id in 0..1_000 {
            let set = request(id, "order").intern(shard.root(), &mut shard);
            assert_eq!(shard.tag(set, "name"), Some("order"), "request {id}");
        }
    }
}
