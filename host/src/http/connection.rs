//! A connection that speaks HTTP/1.1.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_util::FutureExt;
use http::Version;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::task::coop::unconstrained;

use super::body::OutgoingBody;
use super::meter::Meter;
use super::metered::Metered;
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
    /// What the server's last answer spoke; before it, what we do.
    pub(super) version: Version,
    pub(super) parking: Parking,
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

    /// Whether it can be made again from its stream alone: with a server of HTTP/1.0 it
    /// would forget that this is what is to be spoken (RFC 9112, C.2.2).
    pub(super) fn can_be_parked(&self) -> bool {
        self.is_ready() && self.version != Version::HTTP_10
    }

    /// Puts away all but the stream to the server: its buffers and the way to it are 26
    /// KiB, for a user who will think for a while. For a connection without a request
    /// under way.
    pub(super) fn park(self) -> Parked {
        *self.parking.lock() = Stream::Wanted;
        // The task leaves the stream when the way to it is gone.
        drop(self.sender);
        Parked {
            origin: self.origin,
            meter: self.meter,
            parking: self.parking,
            task: self.task,
        }
    }

    /// Waits a turn where it is not ready yet. The end of an answer can come before the
    /// task has tidied up; what takes longer is the rest of a request that the server
    /// did not wait for.
    pub(super) async fn tidy_up(&mut self) {
        if !self.is_ready() && !self.sender.is_closed() {
            tokio::task::yield_now().await;
        }
    }
}

/// Where a connection's task leaves the stream.
#[derive(Debug, Clone, Default)]
pub(super) struct Parking(Arc<Mutex<Stream>>);

/// Whose the stream to the server is.
#[derive(Debug, Default)]
enum Stream {
    /// The connection's: when the way to it is gone, its task says goodbye.
    #[default]
    InUse,
    /// The same, but it is to be left here in place of that.
    Wanted,
    /// It waits for the next request.
    Parked(Metered),
    /// The next connection's, or the server has closed it.
    Gone,
}

impl Parking {
    fn lock(&self) -> MutexGuard<'_, Stream> {
        // Nothing that could panic runs while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the stream out, if it is here.
    fn take(&self) -> Option<Metered> {
        match std::mem::replace(&mut *self.lock(), Stream::Gone) {
            Stream::Parked(metered) => Some(metered),
            Stream::InUse | Stream::Wanted | Stream::Gone => None,
        }
    }

    /// Leaves a stream here where it is wanted; gives it back where it is not.
    fn leave(&self, metered: Metered) -> Option<Metered> {
        let mut stream = self.lock();
        match *stream {
            Stream::Wanted => {
                *stream = Stream::Parked(metered);
                None
            }
            Stream::InUse | Stream::Parked(_) | Stream::Gone => Some(metered),
        }
    }

    /// Waits until something comes over a stream that is here, or its end, and takes it
    /// out then; `None` when somebody else has taken it.
    async fn disturbed(&self) -> Option<Metered> {
        poll_fn(|cx| {
            let mut stream = self.lock();
            let Stream::Parked(metered) = &mut *stream else {
                return Poll::Ready(false);
            };
            if is_silent(metered, cx) {
                Poll::Pending
            } else {
                Poll::Ready(true)
            }
        })
        .await
        .then(|| self.take())
        .flatten()
    }
}

/// The way to a connection over a stream, and what its task is to do.
pub(super) async fn begin(
    metered: Metered,
) -> hyper::Result<(SendRequest<OutgoingBody>, Driver, Parking)> {
    let (sender, connection) = http1::handshake(TokioIo::new(metered)).await?;
    let parking = Parking::default();
    let driver = Driver {
        connection: Box::new(connection),
        parking: parking.clone(),
    };
    Ok((sender, driver, parking))
}

/// Reads and writes for a connection.
pub(super) struct Driver {
    // Boxed: it is put into a task with what made the connection.
    connection: Box<http1::Connection<TokioIo<Metered>, OutgoingBody>>,
    parking: Parking,
}

impl Driver {
    /// Reads and writes until the connection ends. A stream that is parked is watched,
    /// so that its server's goodbye is answered and not found when the next request is to
    /// be sent.
    pub(super) async fn run(mut self) {
        let ended = poll_fn(|cx| self.connection.poll_without_shutdown(cx)).await;
        // An error was told to whoever waits for an answer, or there is nobody who
        // waits.
        if ended.is_err() {
            return;
        }
        let unwanted = match self.leave_stream() {
            Ok(parking) => parking.disturbed().await,
            Err(metered) => Some(metered),
        };
        if let Some(mut metered) = unwanted {
            let _ = metered.shutdown().await;
        }
    }

    /// Leaves the stream where it is wanted; gives it back where it is not. Nothing else of
    /// the connection is there afterwards, of which the buffer alone is 8 KiB.
    fn leave_stream(self) -> Result<Parking, Metered> {
        let parts = self.connection.into_parts();
        let metered = parts.io.into_inner();
        if !parts.read_buf.is_empty() {
            // What came unasked belongs to no request: there must not be another one.
            return Err(metered);
        }
        match self.parking.leave(metered) {
            None => Ok(self.parking),
            Some(metered) => Err(metered),
        }
    }
}

/// A connection of which the stream alone is there.
#[derive(Debug)]
pub(super) struct Parked {
    pub(super) origin: Arc<Origin>,
    meter: Arc<Meter>,
    parking: Parking,
    task: ConnectionTask,
}

impl Parked {
    /// Whether the server has not closed it.
    pub(super) fn is_there(&self) -> bool {
        matches!(&*self.parking.lock(), Stream::Wanted | Stream::Parked(_))
    }

    /// The connection again; `None` when the server has closed it, or said something
    /// meanwhile.
    pub(super) fn wake(self) -> Option<Connection> {
        let mut metered = self.parking.take()?;
        // Whoever reads next registers anew.
        if !is_silent(&mut metered, &mut Context::from_waker(Waker::noop())) {
            return None;
        }
        // It waits for nothing: the protocol has no handshake.
        let (sender, driver, parking) = begin(metered).now_or_never()?.ok()?;
        Some(Connection {
            origin: self.origin,
            sender,
            meter: self.meter,
            version: Version::HTTP_11,
            parking,
            task: ConnectionTask(Some(tokio::spawn(driver.run()))),
        })
    }

    /// Closes it as the protocols want it.
    pub(super) fn close(mut self) {
        match (self.parking.take(), Handle::try_current()) {
            (Some(mut metered), Ok(runtime)) => {
                runtime.spawn(async move { metered.shutdown().await });
            }
            // Without a runtime, which may be gone before the last of its connections,
            // the system alone says goodbye.
            (Some(_), Err(_)) => {}
            // Its task has not put it there yet, and says goodbye in place of that.
            (None, _) => self.task.0 = None,
        }
    }
}

/// Whether nothing can be read: neither bytes nor an end. It is asked whatever the task
/// has done before: one that has had its turns would be told that there is nothing.
fn is_silent(metered: &mut Metered, cx: &mut Context<'_>) -> bool {
    let mut byte = [0];
    let mut read = ReadBuf::new(&mut byte);
    let reading = poll_fn(|cx| Pin::new(&mut *metered).poll_read(cx, &mut read));
    let mut reading = std::pin::pin!(unconstrained(reading));
    reading.as_mut().poll(cx).is_pending()
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
