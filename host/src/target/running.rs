//! A target on a thread of its own.

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::counts::Counts;
use super::error::TargetError;
use super::server::Target;
use super::settings::Settings;

/// A target that answers on a thread of its own, until it is stopped or dropped.
#[derive(Debug)]
pub struct RunningTarget {
    address: SocketAddr,
    counts: Counts,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl RunningTarget {
    pub(super) fn start(address: SocketAddr, settings: Settings) -> Result<Self, TargetError> {
        let (stop, stopped) = oneshot::channel();
        let (report, started) = mpsc::channel();
        // Everything is made on the thread: a caller may be inside a runtime,
        // where another one must not block.
        let thread = std::thread::Builder::new()
            .name("vuelo-target".to_owned())
            .spawn(move || {
                let runtime = match tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                {
                    Ok(runtime) => runtime,
                    Err(error) => {
                        let _ = report.send(Err(TargetError::Thread(error)));
                        return;
                    }
                };
                runtime.block_on(async move {
                    match Target::bind(address, settings).await {
                        Ok(target) => {
                            let _ = report.send(Ok((target.address(), target.counts())));
                            // The sender's end is a stop as well.
                            target.serve(async { drop(stopped.await) }).await;
                        }
                        Err(error) => drop(report.send(Err(error))),
                    }
                });
            })
            .map_err(TargetError::Thread)?;
        let (address, counts) = started.recv().unwrap_or_else(|_| {
            Err(TargetError::Thread(io::Error::other(
                "the thread ended before it listened",
            )))
        })?;
        Ok(Self {
            address,
            counts,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens, the port filled in.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The counts of the requests received.
    pub fn counts(&self) -> Counts {
        self.counts.clone()
    }

    /// Stops it and waits, a quarter of a second at most, for the requests in
    /// flight.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for RunningTarget {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to stop.
            let _ = thread.join();
        }
    }
}
