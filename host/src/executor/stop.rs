//! How a run is asked to end before its time.
//!
//! One [`StopSource`] belongs to whoever decides; every VU holds a [`Stop`]. A
//! stop only ever becomes more urgent.

use tokio::sync::watch;

/// How soon a run is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Not before its time.
    None,
    /// No further iteration starts; those under way have graceful stop.
    Graceful,
    /// Iterations under way are cut off.
    AtOnce,
}

/// The side that decides.
#[derive(Debug)]
pub struct StopSource(watch::Sender<Urgency>);

impl Default for StopSource {
    fn default() -> Self {
        Self(watch::Sender::new(Urgency::None))
    }
}

impl StopSource {
    /// A handle for a VU.
    #[must_use]
    pub fn stop(&self) -> Stop {
        Stop(self.0.subscribe())
    }

    /// Asks for an end. A less urgent request than an earlier one changes
    /// nothing.
    pub fn request(&self, urgency: Urgency) {
        self.0.send_if_modified(|current| {
            let more = urgency > *current;
            if more {
                *current = urgency;
            }
            more
        });
    }

    /// What was asked for so far.
    #[must_use]
    pub fn requested(&self) -> Urgency {
        *self.0.borrow()
    }
}

/// The side that is told.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<Urgency>);

impl Stop {
    /// Whether a stop of this urgency, or a more urgent one, was asked for.
    #[must_use]
    pub fn is(&self, urgency: Urgency) -> bool {
        *self.0.borrow() >= urgency
    }

    /// Waits until a stop of this urgency, or a more urgent one, is asked for;
    /// for ever when the source is gone.
    pub async fn reached(&mut self, urgency: Urgency) {
        if self
            .0
            .wait_for(|current| *current >= urgency)
            .await
            .is_err()
        {
            std::future::pending::<()>().await;
        }
    }
}
