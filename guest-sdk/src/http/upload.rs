use super::{Error, Response};
use crate::host::http as contract;

/// A request whose body is written while it is sent: see
/// [`Request::upload`](super::Request::upload). It ends with its iteration. Dropped
/// before its end, it is interrupted.
#[must_use = "an upload is interrupted unless it comes to `finish` or `open`"]
pub struct Upload(pub(super) contract::Upload);

impl Upload {
    /// Writes a piece of the body, and waits until the one before is on its way.
    /// Where the server has answered already, nothing more is sent.
    ///
    /// # Errors
    ///
    /// Where the request has failed, or more is written than was announced.
    pub fn write(&mut self, piece: impl AsRef<[u8]>) -> Result<(), Error> {
        Ok(self.0.write(piece.as_ref())?)
    }

    /// Ends the body and waits for the whole answer.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub fn finish(self) -> Result<Response, Error> {
        Ok(Response(self.0.finish()?))
    }

    /// Ends the body and waits for the answer's head alone, as
    /// [`Request::open`](super::Request::open).
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub fn open(self) -> Result<Response, Error> {
        Ok(Response(self.0.open()?))
    }
}
