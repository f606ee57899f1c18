//! The connections of HTTP/1.1 that wait for the next request.

use super::connection::Connection;
use super::origin::Origin;

/// The connections of HTTP/1.1 that wait for the next request. A client knows a
/// handful of origins: a list is searched faster than a table.
#[derive(Debug)]
pub(super) struct Idle {
    connections: Vec<Connection>,
    per_origin: usize,
}

impl Idle {
    pub(super) fn new(per_origin: usize) -> Self {
        Self {
            connections: Vec::new(),
            per_origin,
        }
    }

    /// The connection to an origin that was used last, if there is one that the
    /// server has not closed.
    pub(super) fn take(&mut self, origin: &Origin) -> Option<Connection> {
        while let Some(at) = self
            .connections
            .iter()
            .rposition(|connection| connection.origin.is(origin))
        {
            let connection = self.connections.remove(at);
            if connection.is_ready() {
                return Some(connection);
            }
        }
        None
    }

    pub(super) fn put(&mut self, connection: Connection) {
        if self.is_full(&connection.origin) {
            self.connections.retain(Connection::is_ready);
            if self.is_full(&connection.origin) {
                connection.close();
                return;
            }
        }
        self.connections.push(connection);
    }

    fn is_full(&self, origin: &Origin) -> bool {
        let same = |other: &&Connection| other.origin.is(origin);
        // Counted only where there are as many at all.
        self.connections.len() >= self.per_origin
            && self.connections.iter().filter(same).count() >= self.per_origin
    }

    pub(super) fn close(&mut self) {
        self.connections.drain(..).for_each(Connection::close);
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        self.close();
    }
}
