//! The resource `request`: built once, sent often.

use std::sync::Arc;

use bytes::Bytes;

use super::bindings::vuelo::load::http::{Error, StatusRange};
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
    /// The request, or the first mistake made in building it.
    built: Result<http::Request, String>,
    tags: Vec<(String, String)>,
    pub(super) expected: Expected,
    /// The tags of this request's samples, as last interned, and what they were
    /// interned upon: a request that is sent again in the same place needs no
    /// second look at its tags.
    interned: Option<(TagSet, TagSet)>,
}

impl Request {
    pub(super) fn new(method: &str, url: &str) -> Self {
        Self {
            built: http::Request::new(method, url).map_err(|error| error.to_string()),
            tags: Vec::new(),
            expected: Expected::Default,
            interned: None,
        }
    }

    /// The request itself, when it can be sent.
    pub(super) fn built(&self) -> Result<&http::Request, Error> {
        self.built
            .as_ref()
            .map_err(|mistake| Error::InvalidRequest(mistake.clone()))
    }

    /// Goes on building, unless a mistake was made before.
    pub(super) fn build(
        &mut self,
        step: impl FnOnce(&mut http::Request) -> Result<(), http::Error>,
    ) {
        if let Ok(request) = &mut self.built
            && let Err(error) = step(request)
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
        self.tags.retain(|(own, _)| *own != name);
        self.tags.push((name, value));
        self.interned = None;
    }

    /// Whether the scenario has named it.
    pub(super) fn is_named(&self) -> bool {
        self.tags.iter().any(|(name, _)| name == "name")
    }

    /// The tags that every sample of this request has, whatever the answer.
    pub(super) fn intern(&mut self, base: TagSet, shard: &mut Shard) -> TagSet {
        if let Some((upon, set)) = self.interned
            && upon == base
        {
            return set;
        }
        let Ok(request) = &self.built else {
            return base;
        };
        let mut set = shard.with_tag(base, "method", request.method().as_str());
        set = shard.with_tag(set, "url", request.url());
        set = shard.with_tag(set, "name", request.url());
        for (name, value) in &self.tags {
            set = shard.with_tag(set, name, value);
        }
        self.interned = Some((base, set));
        set
    }
}
