//! A connection that speaks HTTP/1.1.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};

use futures_util::FutureExt;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

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
    pub(super) parking: Parking,
    pub(super) task: ConnectionTask<Option<Metered>>,
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

    /// Puts away all but the stream to the server: its buffers and the way to it are 26
    /// KiB, for a user who will think for a while. For a connection without a request
    /// under way.
    pub(super) fn park(self) -> Parked {
        self.parking.0.store(true, Ordering::Relaxed);
        // The task ends when the way to it is gone.
        drop(self.sender);
        Parked {
            origin: self.origin,
            meter: self.meter,
            task: self.task,
        }
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

/// Whether a connection leaves the stream when the way to it is gone, in place of
/// saying goodbye. Known to its task as well.
#[derive(Debug, Clone, Default)]
pub(super) struct Parking(Arc<AtomicBool>);

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
    /// Reads and writes until the connection ends; the stream, when it was parked.
    pub(super) async fn run(mut self) -> Option<Metered> {
        let ended = poll_fn(|cx| self.connection.poll_without_shutdown(cx)).await;
        // An error was told to whoever waits for an answer, or there is nobody who
        // waits.
        ended.ok()?;
        let parts = self.connection.into_parts();
        let mut metered = parts.io.into_inner();
        // What came unasked belongs to no request: there must not be another one.
        if self.parking.0.load(Ordering::Relaxed) && parts.read_buf.is_empty() {
            return Some(metered);
        }
        let _ = metered.shutdown().await;
        None
    }
}

/// A connection of which the stream alone is there.
#[derive(Debug)]
pub(super) struct Parked {
    pub(super) origin: Arc<Origin>,
    meter: Arc<Meter>,
    task: ConnectionTask<Option<Metered>>,
}

impl Parked {
    /// The connection again; `None` when the server has closed it, or said something
    /// meanwhile.
    pub(super) fn wake(mut self) -> Option<Connection> {
        // It ended as soon as it had its turn after it was parked.
        let ended = self.task.0.take()?.now_or_never()?;
        let mut metered = ended.ok()??;
        if !is_silent(&mut metered) {
            return None;
        }
        // It waits for nothing: the protocol has no handshake.
        let (sender, driver, parking) = begin(metered).now_or_never()?.ok()?;
        Some(Connection {
            origin: self.origin,
            sender,
            meter: self.meter,
            parking,
            task: ConnectionTask(Some(tokio::spawn(driver.run()))),
        })
    }

    /// Closes it as the protocols want it.
    pub(super) fn close(mut self) {
        let ended = self.task.0.take().and_then(FutureExt::now_or_never);
        // Without a runtime, which is gone before the last of its connections, the
        // system alone says goodbye.
        if let (Some(Ok(Some(mut metered))), Ok(runtime)) = (ended, Handle::try_current()) {
            runtime.spawn(async move { metered.shutdown().await });
        }
    }
}

/// Whether nothing can be read: neither bytes nor an end.
fn is_silent(metered: &mut Metered) -> bool {
    let mut byte = [0];
    let mut read = ReadBuf::new(&mut byte);
    // Whoever reads next registers anew.
    let mut nobody = Context::from_waker(Waker::noop());
    Pin::new(metered)
        .poll_read(&mut nobody, &mut read)
        .is_pending()
}

/// A connection's task, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct ConnectionTask<T = ()>(pub(super) Option<JoinHandle<T>>);

impl<T> Drop for ConnectionTask<T> {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}
