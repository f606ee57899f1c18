//! What a guest's call has to tell the run, beside samples.

use std::fmt;

use tokio::sync::mpsc;

/// Something that happened in a VU and that somebody outside must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A line for the person who runs the test. Secrets are masked already.
    Log {
        /// How much it matters.
        level: Level,
        /// The scenario that says it.
        scenario: String,
        /// The virtual user that says it; 0 in setup and teardown.
        vu: u32,
        /// The line.
        message: String,
    },
    /// The scenario ends the run.
    Abort(String),
    /// The scenario marks the run as failed.
    MarkFailed(String),
}

/// How much a line of the log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Shown when asked for.
    Debug,
    /// Shown.
    Info,
    /// Shown, and marked.
    Warn,
    /// Shown, and marked as an error.
    Error,
}

/// The way of events to the run. It never waits, and events of a run that is
/// over go nowhere.
#[derive(Debug, Clone)]
pub struct Events(mpsc::UnboundedSender<Event>);

impl Events {
    /// A way, and its end.
    #[must_use]
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Tells the run.
    pub fn send(&self, event: Event) {
        // The receiver is gone only when the run is over, and then nobody is
        // left to be told.
        let _ = self.0.send(event);
    }
}

/// The error that a call of `flow.abort` ends a guest with. It is no trap of the
/// guest's own and is not counted as one.
#[derive(Debug)]
pub struct Aborted;

impl fmt::Display for Aborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the scenario aborted the run")
    }
}

impl std::error::Error for Aborted {}
