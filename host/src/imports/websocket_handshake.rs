//! The resource `handshake`: built once, made often.

use super::bindings::vuelo::load::websocket::Error;
use crate::http::{self, websocket};
use crate::metrics::{Shard, TagSet};

/// The resource `handshake`.
#[derive(Debug)]
pub struct Handshake {
    /// The handshake, or the first mistake made in building it.
    built: Result<websocket::Handshake, String>,
    tags: Vec<(String, String)>,
    /// The tags of its sessions, as last interned, and what they were interned
    /// upon.
    interned: Option<(TagSet, TagSet)>,
}

impl Handshake {
    pub(super) fn new(url: &str) -> Self {
        Self {
            built: websocket::Handshake::new(url).map_err(|error| error.to_string()),
            tags: Vec::new(),
            interned: None,
        }
    }

    /// The handshake itself, when it can be made.
    pub(super) fn built(&self) -> Result<&websocket::Handshake, Error> {
        self.built
            .as_ref()
            .map_err(|mistake| Error::Invalid(mistake.clone()))
    }

    /// Goes on building, unless a mistake was made before.
    pub(super) fn build(
        &mut self,
        step: impl FnOnce(&mut websocket::Handshake) -> Result<(), http::Error>,
    ) {
        if let Ok(handshake) = &mut self.built
            && let Err(error) = step(handshake)
        {
            self.built = Err(error.to_string());
        }
    }

    pub(super) fn set_tag(&mut self, name: String, value: String) {
        self.tags.retain(|(own, _)| *own != name);
        self.tags.push((name, value));
        self.interned = None;
    }

    /// The tags that every sample of its sessions has, whatever the answer.
    pub(super) fn intern(&mut self, base: TagSet, shard: &mut Shard) -> TagSet {
        if let Some((upon, set)) = self.interned
            && upon == base
        {
            return set;
        }
        let Ok(handshake) = &self.built else {
            return base;
        };
        // The author's name has the place of the URL where there is one, as in k6:
        // URLs with ids in them would use up the sets of tags.
        let own = |name: &str| self.tags.iter().find(|(own, _)| own == name);
        let name = own("name").map_or(handshake.url(), |(_, name)| name);
        let mut set = shard.with_tag(base, "name", name);
        if own("url").is_none() {
            set = shard.with_tag(set, "url", name);
        }
        for (name, value) in self.tags.iter().filter(|(name, _)| name != "name") {
            set = shard.with_tag(set, name, value);
        }
        self.interned = Some((base, set));
        set
    }
}
