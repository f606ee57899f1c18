//! What the server's `/echo` tells of a request.

use std::collections::BTreeMap;

use serde::Deserialize;
use vuelo_sdk::prelude::*;

/// A request as it arrived.
#[derive(Deserialize)]
pub(crate) struct Echo {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    headers: BTreeMap<String, Vec<String>>,
    body: Option<String>,
    pub(crate) length: u64,
}

impl Echo {
    pub(crate) fn of(answer: &Response) -> Result<Self, Failure> {
        Ok(answer.json()?)
    }

    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.first().map(String::as_str)
    }

    /// All values of a header, joined by commas.
    pub(crate) fn all(&self, name: &str) -> String {
        self.headers
            .get(name)
            .map_or(String::new(), |values| values.join(","))
    }

    /// The body, where it is text.
    pub(crate) fn text(&self) -> &str {
        self.body.as_deref().unwrap_or("none")
    }
}
