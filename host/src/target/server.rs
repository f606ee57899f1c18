//! Listening, and the life of connections.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::answer::Shared;
use super::connection::{Connection, Ending};
use super::counts::Counts;
use super::error::TargetError;
use super::running::RunningTarget;
use super::settings::Settings;

/// How many connections may wait to be accepted. A run that starts thousands
/// of virtual users at once opens as many.
const BACKLOG: u32 = 4096;
/// How long requests in flight have when the target is told to stop.
const GRACE: Duration = Duration::from_millis(250);
/// The wait after a failed accept, which is mostly a lack of file descriptors
/// and passes when a connection ends.
const ACCEPT_RETRY: Duration = Duration::from_millis(20);

/// The embedded target, listening but not yet answering.
#[derive(Debug)]
pub struct Target {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Target {
    /// Listens on an address; port 0 takes any free one.
    ///
    /// # Errors
    /// [`TargetError::Bind`] where the address cannot be listened on.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn bind(address: SocketAddr, settings: Settings) -> Result<Self, TargetError> {
        let bind = || {
            let socket = if address.is_ipv4() {
                TcpSocket::new_v4()?
            } else {
                TcpSocket::new_v6()?
            };
            // A target that is started again takes over the port at once. On
            // Windows the same option would let two listen on one port.
            #[cfg(not(windows))]
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            let listener = socket.listen(BACKLOG)?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = bind().map_err(|source| TargetError::Bind { address, source })?;
        let shared = Arc::new(Shared::new(settings, address.to_string()));
        Ok(Self {
            listener,
            address,
            shared,
        })
    }

    /// Listens and answers on a thread and a runtime of its own, so that the
    /// load in the same process does not run beside it on one thread.
    ///
    /// # Errors
    /// [`TargetError::Bind`], or [`TargetError::Thread`] where the thread or its
    /// runtime cannot be had.
    pub fn spawn(address: SocketAddr, settings: Settings) -> Result<RunningTarget, TargetError> {
        RunningTarget::start(address, settings)
    }

    /// Where it listens, the port filled in.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The counts of the requests received.
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// Answers until `stop` is done; then gives requests in flight a quarter of
    /// a second and drops the rest.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let (stopping, stopped) = watch::channel(());
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(converse(stream, Arc::clone(&self.shared), stopped.clone()));
                    }
                    Err(_) => tokio::time::sleep(ACCEPT_RETRY).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
        drop(self.listener);
        drop(stopping);
        let all_done = async { while connections.join_next().await.is_some() {} };
        // What is still open after that ends with the set.
        let _ = tokio::time::timeout(GRACE, all_done).await;
    }
}

/// Answers the requests of one connection, until it ends or all is stopped.
async fn converse(stream: TcpStream, shared: Arc<Shared>, mut stopped: watch::Receiver<()>) {
    // A failure costs latency and nothing else.
    let _ = stream.set_nodelay(true);
    let ending = Ending::default();
    let connection = TokioIo::new(Connection::new(stream, ending.clone(), shared.clock()));
    let service = service_fn(move |request| {
        let (shared, ending) = (Arc::clone(&shared), ending.clone());
        async move {
            let answer = shared.answer(request).await;
            if answer.is_err() {
                ending.by_reset();
            }
            answer
        }
    });
    let mut conversation =
        std::pin::pin!(http1::Builder::new().serve_connection(connection, service));
    // How a conversation failed is the client's to find out: a client that goes
    // away, and the faults, are the failures that occur.
    tokio::select! {
        _ = conversation.as_mut() => return,
        _ = stopped.changed() => conversation.as_mut().graceful_shutdown(),
    }
    let _ = conversation.await;
}
