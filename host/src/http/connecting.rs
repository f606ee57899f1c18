//! Making a connection: name lookup, TCP, TLS.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::oneshot;
use tokio::time::timeout;
use url::Host;

use super::body::OutgoingBody;
use super::connection::{Connection, ConnectionTask};
use super::engine::Engine;
use super::error::{ConnectProblem, Error, TlsProblem};
use super::failure;
use super::meter::Meter;
use super::metered::{Metered, Socket, Transport};
use super::origin::{Origin, Scheme};

type Sender = http1::SendRequest<OutgoingBody>;
type Driver = http1::Connection<TokioIo<Metered>, OutgoingBody>;

/// Makes a connection, in a task of its own that then serves it. Dropping the
/// future ends the task.
pub(super) async fn connect(
    engine: &Arc<Engine>,
    origin: &Arc<Origin>,
    meter: Arc<Meter>,
) -> Result<Connection, Error> {
    let (made, making) = oneshot::channel();
    let task = tokio::spawn(serve(
        Arc::clone(engine),
        Arc::clone(origin),
        Arc::clone(&meter),
        made,
    ));
    let task = ConnectionTask(Some(task));
    match making.await {
        Ok(sender) => Ok(Connection {
            origin: Arc::clone(origin),
            sender: sender?,
            meter,
            task,
        }),
        Err(_) => Err(Error::Other {
            subject: Arc::clone(&origin.authority),
            cause: "the task that makes the connection ended before it was made".to_owned(),
        }),
    }
}

async fn serve(
    engine: Arc<Engine>,
    origin: Arc<Origin>,
    meter: Arc<Meter>,
    made: oneshot::Sender<Result<Sender, Error>>,
) {
    let within = engine.settings().connect_timeout;
    let opened = timeout(within, open(&engine, &origin, &meter))
        .await
        .unwrap_or_else(|_| {
            Err(Error::Connect {
                authority: Arc::clone(&origin.authority),
                problem: ConnectProblem::TimedOut { after: within },
            })
        });
    match opened {
        Ok((sender, driver)) => {
            // Nobody waits any more: the connection is not wanted.
            if made.send(Ok(sender)).is_ok() {
                // An error was told to whoever waits for the answer, or there is
                // nobody who waits.
                let _ = driver.await;
            }
        }
        Err(error) => drop(made.send(Err(error))),
    }
}

async fn open(
    engine: &Engine,
    origin: &Origin,
    meter: &Arc<Meter>,
) -> Result<(Sender, Driver), Error> {
    let metered = transport(engine, origin, meter).await?;
    http1::handshake(TokioIo::new(metered))
        .await
        .map_err(|error| failure::of_exchange(&origin.authority, &error))
}

/// What HTTP is to be spoken over: TCP, and TLS where the scheme wants it.
pub(super) async fn transport(
    engine: &Engine,
    origin: &Origin,
    meter: &Arc<Meter>,
) -> Result<Metered, Error> {
    // Not a part of connecting: the first one loads the machine's roots.
    let connector = match origin.scheme {
        Scheme::Http => None,
        Scheme::Https => Some(engine.tls().connector().await?),
    };
    meter.connecting.note_begin(meter.now());
    let (tcp, remote) = dial(origin).await?;
    meter.connecting.note_end(meter.now());
    let _ = meter.remote.set(remote);
    let socket = Socket {
        tcp,
        meter: Arc::clone(meter),
    };
    let transport = match connector {
        None => Transport::Plain(socket),
        Some(connector) => {
            let name = server_name(origin)?;
            meter.tls_handshaking.note_begin(meter.now());
            let stream = connector
                .connect(name, socket)
                .await
                .map_err(|error| failure::of_handshake(&origin.authority, &error))?;
            meter.tls_handshaking.note_end(meter.now());
            Transport::Tls(Box::new(stream))
        }
    };
    // The handshake's bytes are none of the request's.
    meter.begin_request();
    Ok(Metered {
        transport,
        meter: Arc::clone(meter),
    })
}

/// The first of the host's addresses that takes a connection.
async fn dial(origin: &Origin) -> Result<(TcpStream, SocketAddr), Error> {
    let authority = &origin.authority;
    let mut last_error = None;
    let mut try_address = async |address: SocketAddr| match TcpStream::connect(address).await {
        Ok(tcp) => Some((tcp, address)),
        Err(error) => {
            last_error = Some(error);
            None
        }
    };
    let connected = match &origin.host {
        Host::Ipv4(ip) => try_address((IpAddr::from(*ip), origin.port).into()).await,
        Host::Ipv6(ip) => try_address((IpAddr::from(*ip), origin.port).into()).await,
        Host::Domain(name) => {
            let addresses = lookup_host((name.as_str(), origin.port))
                .await
                .map_err(|error| failure::of_lookup(authority, &error))?;
            let mut connected = None;
            for address in addresses {
                connected = try_address(address).await;
                if connected.is_some() {
                    break;
                }
            }
            connected
        }
    };
    let (tcp, address) = connected.ok_or_else(|| {
        let none = || io::Error::other("the name has no address");
        failure::of_connecting(authority, &last_error.unwrap_or_else(none))
    })?;
    // Requests are written whole: to wait for more of them would only be late.
    tcp.set_nodelay(true)
        .map_err(|error| failure::of_connecting(authority, &error))?;
    Ok((tcp, address))
}

fn server_name(origin: &Origin) -> Result<ServerName<'static>, Error> {
    match &origin.host {
        Host::Ipv4(ip) => Ok(ServerName::from(IpAddr::from(*ip))),
        Host::Ipv6(ip) => Ok(ServerName::from(IpAddr::from(*ip))),
        Host::Domain(name) => {
            // The final dot of a full name belongs to the lookup alone.
            let name = name.strip_suffix('.').unwrap_or(name);
            ServerName::try_from(name.to_owned()).map_err(|error| Error::Tls {
                authority: Arc::clone(&origin.authority),
                problem: TlsProblem::Other {
                    cause: error.to_string(),
                },
            })
        }
    }
}
