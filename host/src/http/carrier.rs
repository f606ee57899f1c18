//! What an answer comes over.

use super::connection::Connection;
#[cfg(feature = "http3")]
use super::connection::ConnectionTask;
use super::http2;

/// What an answer comes over. Dropping it cuts the answer off: a connection is
/// closed at once, a stream reset.
#[derive(Debug)]
pub(super) enum Carrier {
    /// A connection that serves this request alone.
    Connection(Connection),
    /// A stream of a connection that others use.
    Stream { _stream: http2::Stream },
    /// A task that serves this request alone, on a connection that others use.
    #[cfg(feature = "http3")]
    Task { _task: ConnectionTask },
}

impl Carrier {
    /// Waits, after the whole answer, until what it came over can serve the next
    /// request; for a turn at most.
    pub(super) async fn tidy_up(&mut self) {
        if let Self::Connection(connection) = self {
            connection.tidy_up().await;
        }
    }

    /// The connection that can serve the next request now, if it is this one's to
    /// give back.
    pub(super) fn into_ready(self) -> Option<Connection> {
        match self {
            Self::Connection(connection) => connection.is_ready().then_some(connection),
            Self::Stream { .. } => None,
            #[cfg(feature = "http3")]
            Self::Task { .. } => None,
        }
    }
}
