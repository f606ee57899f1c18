use std::time::Duration;

use crate::log::Level;
use crate::websocket::Message;

type Tags = Vec<(String, String)>;

/// What a scenario did, in order.
#[derive(Debug, Default)]
pub struct Report {
    /// The requests that it sent.
    pub requests: Vec<SentRequest>,
    /// The WebSocket sessions that it opened, or tried to.
    pub sessions: Vec<OpenedSession>,
    /// The checks that it made.
    pub checks: Vec<Check>,
    /// What it recorded in its own metrics.
    pub samples: Vec<Sample>,
    /// How long it would have slept.
    pub sleeps: Vec<Duration>,
    /// What it logged.
    pub logs: Vec<Line>,
    /// Why its setup, start or iterations failed.
    pub failures: Vec<String>,
    /// Why it ended the run.
    pub aborted: Option<String>,
    /// Why it marked the run as failed.
    pub marked_failed: Vec<String>,
}

impl Report {
    /// Whether there was a check of this name and all of them passed.
    #[must_use]
    pub fn check_passed(&self, name: &str) -> bool {
        let mut all = self
            .checks
            .iter()
            .filter(|check| check.name == name)
            .peekable();
        all.peek().is_some() && all.all(|check| check.passed)
    }

    /// The values that a metric was given; 1 and 0 for those of a rate.
    #[must_use]
    pub fn values(&self, metric: &str) -> Vec<f64> {
        self.samples_of(metric).map(|sample| sample.value).collect()
    }

    /// The samples of a metric.
    pub fn samples_of(&self, metric: &str) -> impl Iterator<Item = &Sample> {
        self.samples
            .iter()
            .filter(move |sample| sample.metric == metric)
    }

    /// The requests to a path.
    pub fn requests_to(&self, path: &str) -> impl Iterator<Item = &SentRequest> {
        self.requests
            .iter()
            .filter(move |request| request.path() == path)
    }
}

fn find<'a>(list: &'a [(String, String)], name: &str) -> Option<&'a str> {
    list.iter()
        .rev()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

/// A URL without scheme, host and query.
fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |start| &rest[start..]);
    path.split(['?', '#']).next().unwrap_or(path)
}

/// A request as it was sent.
#[derive(Debug, Clone)]
pub struct SentRequest {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The headers, names in lower case, secrets in plain sight.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The tags of the virtual user and the request.
    pub tags: Tags,
    /// The group's path, as in `::outer::inner`.
    pub group: String,
    /// How long it may take, where the scenario said so.
    pub timeout: Option<Duration>,
    /// Whether its status is judged (see `unjudged`).
    pub judged: bool,
    /// Whether its answer was opened rather than awaited whole.
    pub opened: bool,
    /// User and password of digest authentication, in plain sight. The fake host
    /// asks for none: it sends the request once.
    pub digest_auth: Option<(String, String)>,
}

impl SentRequest {
    /// The URL without scheme, host and query.
    #[must_use]
    pub fn path(&self) -> &str {
        path(&self.url)
    }

    /// The value of a header; its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        find(&self.tags, name)
    }

    /// The body as text, what is not UTF-8 replaced.
    #[must_use]
    pub fn body_text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A WebSocket session, and what was sent in it.
#[derive(Debug, Clone)]
pub struct OpenedSession {
    /// The URL.
    pub url: String,
    /// The headers of the handshake, names in lower case, secrets in plain sight.
    pub headers: Vec<(String, String)>,
    /// The subprotocols that were offered.
    pub subprotocols: Vec<String>,
    /// The tags of the virtual user and the handshake.
    pub tags: Tags,
    /// The group's path, as in `::outer::inner`.
    pub group: String,
    /// How long its waits may take, where the scenario said so.
    pub timeout: Option<Duration>,
    /// The texts and bytes that were sent.
    pub sent: Vec<Message>,
    /// How many pings were sent.
    pub pings: u32,
    /// The code and the reason that the scenario closed it with, if it did.
    pub closed: Option<(u16, String)>,
}

impl OpenedSession {
    /// The URL without scheme, host and query.
    #[must_use]
    pub fn path(&self) -> &str {
        path(&self.url)
    }

    /// The value of a header; its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        find(&self.tags, name)
    }
}

/// A check.
#[derive(Debug, Clone)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// Whether it held.
    pub passed: bool,
    /// The tags of the virtual user and the check.
    pub tags: Tags,
    /// The group's path.
    pub group: String,
}

/// One value of a metric.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The metric's name.
    pub metric: String,
    /// The value; 1 and 0 for those of a rate.
    pub value: f64,
    /// The tags of the virtual user and the sample.
    pub tags: Tags,
}

impl Sample {
    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        find(&self.tags, name)
    }
}

/// One line of the log.
#[derive(Debug, Clone)]
pub struct Line {
    /// How much it matters.
    pub level: Level,
    /// The line itself.
    pub message: String,
}
