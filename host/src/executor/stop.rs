//! How a run is asked to end before its time.
//!
//! One [`StopSource`] belongs to whoever decides; every VU holds a [`Stop`]. A
//! stop only ever becomes more urgent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

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
pub struct StopSource {
    sender: watch::Sender<Urgency>,
    level: Arc<AtomicU8>,
}

impl Default for StopSource {
    fn default() -> Self {
        Self {
            sender: watch::Sender::new(Urgency::None),
            level: Arc::default(),
        }
    }
}

impl StopSource {
    /// A handle for a VU.
    #[must_use]
    pub fn stop(&self) -> Stop {
        Stop {
            receiver: self.sender.subscribe(),
            level: Arc::clone(&self.level),
        }
    }

    /// Asks for an end. A less urgent request than an earlier one changes
    /// nothing.
    pub fn request(&self, urgency: Urgency) {
        self.level.fetch_max(urgency as u8, Ordering::Relaxed);
        self.sender.send_if_modified(|current| {
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
        *self.sender.borrow()
    }
}

/// The side that is told. The level stands beside the channel so that asking for
/// it, which every iteration does, takes no lock.
#[derive(Debug, Clone)]
pub struct Stop {
    receiver: watch::Receiver<Urgency>,
    level: Arc<AtomicU8>,
}

impl Stop {
    /// Whether a stop of this urgency, or a more urgent one, was asked for.
    #[must_use]
    pub fn is(&self, urgency: Urgency) -> bool {
        self.level.load(Ordering::Relaxed) >= urgency as u8
    }

    /// Waits until a stop of this urgency, or a more urgent one, is asked for;
    /// for ever when the source is gone.
    pub async fn reached(&mut self, urgency: Urgency) {
        if self
            .receiver
            .wait_for(|current| *current >= urgency)
            .await
            .is_err()
        {
            std::future::pending::<()>().await;
        }
    }
}
