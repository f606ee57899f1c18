//! What can be seen of a run.

use std::fmt::Write;
use std::time::Duration;

use serde_json::Value;

use crate::imports::Level;
use crate::run::{Observer, Phase, Snapshot};
use crate::vu::SummaryOutput;

/// A line that somebody wrote.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) level: Level,
    pub(super) text: String,
}

/// Everything that can be seen of a run.
#[derive(Debug)]
pub(super) struct Ran {
    /// What `options` returned.
    pub(super) options: String,
    /// The address of the server that it talked to.
    pub(super) server: String,
    /// The results file.
    pub(super) results: Value,
    /// What was written while it went on.
    pub(super) lines: Vec<Line>,
    /// What the guest made of the results.
    pub(super) summary: Result<Vec<SummaryOutput>, String>,
    /// How long all of it took.
    pub(super) took: Duration,
}

impl Ran {
    /// What the guest said of a name, one after another.
    pub(super) fn said(&self, name: &str) -> Vec<&str> {
        let lines = self.lines.iter().filter(|line| line.level == Level::Debug);
        lines
            .filter_map(|line| line.text.strip_prefix(name)?.strip_prefix('='))
            .collect()
    }

    /// A value of a metric.
    pub(super) fn value(&self, metric: &str, value: &str) -> Option<f64> {
        self.results["metrics"][metric]["values"][value].as_f64()
    }

    /// How often a check passed and failed.
    pub(super) fn check(&self, group: &str, name: &str) -> Option<(u64, u64)> {
        let mut at = &self.results["root_group"];
        for part in group.split("::").filter(|part| !part.is_empty()) {
            at = named(&at["groups"], part)?;
        }
        let row = named(&at["checks"], name)?;
        Some((row["passes"].as_u64()?, row["fails"].as_u64()?))
    }

    /// Why the language has no such thing, where an iteration ended with that.
    pub(super) fn unsupported(&self) -> Option<&str> {
        let mut lines = self.lines.iter();
        let why =
            lines.find_map(|line| line.text.strip_prefix("iteration failed: unsupported: "))?;
        // Some add where in the source they say so.
        why.lines().next()
    }

    /// What was said last, for a message.
    pub(super) fn last_words(&self) -> String {
        let mut words = String::new();
        let lines = self
            .lines
            .iter()
            .rev()
            .filter(|line| line.level >= Level::Warn);
        for line in lines.take(2) {
            // Writing to a `String` cannot fail.
            let _ = write!(words, "; it said: {}", line.text);
        }
        words
    }
}

fn named<'a>(rows: &'a Value, name: &str) -> Option<&'a Value> {
    let mut rows = rows.as_array()?.iter();
    rows.find(|row| row["name"] == name)
}

/// Listens to a run.
#[derive(Debug, Default)]
pub(super) struct Listener {
    pub(super) lines: Vec<Line>,
}

impl Observer for Listener {
    fn phase(&mut self, _phase: Phase) {}

    fn progress(&mut self, _snapshot: Snapshot) {}

    fn log(&mut self, level: Level, _scenario: &str, _vu: u32, message: &str) {
        self.lines.push(Line {
            level,
            text: message.to_owned(),
        });
    }
}
