//! Making a connection: name, TCP, TLS. It runs in a task of the worker's, so
//! that none of it is on the stack of a guest.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::connection::Connection;
use super::request::Origin;
use super::{Engine, Error};

/// A connection that was just made, and how long it took.
pub(super) struct Connected {
    pub(super) connection: Connection,
    pub(super) connecting: Duration,
    pub(super) tls_handshaking: Duration,
}

/// Makes a connection. Dropping the future gives it up.
pub(super) async fn connect(
    engine: &Arc<Engine>,
    origin: &Origin,
    limit: Duration,
) -> Result<Connected, Error> {
    let (engine, origin) = (Arc::clone(engine), origin.clone());
    let limit = limit.min(engine.settings().connect_timeout);
    let target = origin.authority();
    let making = async move {
        let timed_out = Error::Connect {
            target: origin.authority(),
            reason: format!("it was not there after {limit:?}"),
            timed_out: true,
        };
        tokio::time::timeout(limit, make(&engine, origin)).await.unwrap_or(Err(timed_out))
    };
    let mut task = Aborting(tokio::spawn(making));
    match (&mut task.0).await {
        Ok(connected) => connected,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => Err(Error::Other { target, reason: error.to_string() }),
    }
}

/// A task that ends with its handle.
struct Aborting<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for Aborting<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn make(engine: &Engine, origin: Origin) -> Result<Connected, Error> {
    let target = origin.authority();
    let started = Instant::now();
    let stream = tcp(&origin, &target).await?;
    // Requests are small and whole: waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let connecting = started.elapsed();
    if !origin.tls {
        let connection = Connection::over(stream, origin, target).await?;
        return Ok(Connected { connection, connecting, tls_handshaking: Duration::ZERO });
    }
    let fails = |reason: String| Error::Tls {
        target: target.clone(),
        reason,
        fault: super::error::TlsFault::Other,
    };
    let config = engine.tls().await.map_err(fails)?;
    let name = ServerName::try_from(origin.host.to_string())
        .map_err(|error| fails(error.to_string()))?;
    let started = Instant::now();
    let stream = TlsConnector::from(config)
        .connect(name, stream)
        .await
        .map_err(|error| Error::of_tls(&target, &error))?;
    let tls_handshaking = started.elapsed();
    let connection = Connection::over(stream, origin, target).await?;
    Ok(Connected { connection, connecting, tls_handshaking })
}

/// Tries the addresses of the host, in the resolver's order.
async fn tcp(origin: &Origin, target: &str) -> Result<TcpStream, Error> {
    let target = || target.to_owned();
    let addresses: Vec<SocketAddr> = tokio::net::lookup_host((&*origin.host, origin.port))
        .await
        .map_err(|error| Error::NameLookup { target: target(), reason: error.to_string() })?
        .collect();
    let mut last = None;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    Err(match last {
        None => Error::NameLookup { target: target(), reason: "it has no address".to_owned() },
        Some(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            Error::ConnectionRefused { target: target() }
        }
        Some(error) => {
            Error::Connect { target: target(), reason: error.to_string(), timed_out: false }
        }
    })
}
