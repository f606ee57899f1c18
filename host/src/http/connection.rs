//! A connection that speaks HTTP/1.1.

use std::sync::Arc;

use hyper::client::conn::http1::SendRequest;
use tokio::task::JoinHandle;

use super::body::OutgoingBody;
use super::meter::Meter;
use super::origin::Origin;

/// A connection that speaks HTTP/1.1: a task that reads and writes, and the way
/// to it.
///
/// Dropping it closes it at once: what was not written yet will never be.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) origin: Arc<Origin>,
    pub(super) sender: SendRequest<OutgoingBody>,
    pub(super) meter: Arc<Meter>,
    pub(super) task: ConnectionTask,
}

impl Connection {
    /// Whether it can serve the next request now.
    pub(super) fn is_ready(&self) -> bool {
        self.sender.is_ready() && !self.sender.is_closed()
    }

    /// Closes it as the protocols want it. For a connection without a request
    /// under way.
    pub(super) fn close(mut self) {
        // The task says goodbye when the way to it is gone.
        self.task.0 = None;
    }

    /// The connection itself, when it can serve the next request: the answer to
    /// the last one is complete and neither side wants to close it.
    pub(super) async fn once_ready(self) -> Option<Self> {
        if !self.is_ready() && !self.sender.is_closed() {
            // The end of an answer can come before the task has tidied up. What
            // takes longer than a turn is the rest of a request that the server
            // did not wait for.
            tokio::task::yield_now().await;
        }
        self.is_ready().then_some(self)
    }
}

/// A connection's task, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct ConnectionTask(pub(super) Option<JoinHandle<()>>);

impl Drop for ConnectionTask {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}
