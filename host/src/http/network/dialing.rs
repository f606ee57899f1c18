//! A stream to a server.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use tokio::net::{TcpSocket, TcpStream, UnixStream};
use url::Host;

use super::overrides::Destination;
use super::proxy::{Proxy, ProxyKind};
use super::resolver::NotFound;
use super::stream::Stream;
use super::tunnel::{by_connect, by_socks};
use crate::http::engine::Engine;
use crate::http::error::{ConnectProblem, Error};
use crate::http::failure;
use crate::http::meter::Meter;
use crate::http::origin::Origin;

/// What a proxy is to pass on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Passage {
    /// Requests, which it may take as its own where they are not encrypted.
    Requests,
    /// Bytes, whatever they are.
    Bytes,
}

/// Makes a stream to a server, by the settings of the network: past what is not
/// allowed, to where the server stands, through who stands between. Whatever
/// stands between, TLS is still to come.
///
/// Looking up names and connecting are noted apart; what a proxy takes to
/// connect in its turn is neither.
pub(in crate::http) async fn dial(
    engine: &Engine,
    origin: &Origin,
    passage: Passage,
    meter: &Meter,
) -> Result<Stream, Error> {
    let settings = &engine.settings().network;
    settings.admit(origin)?;
    if let Some(proxy) = settings.proxy_of(origin) {
        return dial_through(engine, origin, proxy, passage, meter).await;
    }
    if let Some(Destination::Unix(path)) = settings.hosts.of(&origin.host, origin.port) {
        return dial_unix(origin, path, meter).await;
    }
    let sockets = sockets(engine, origin, meter).await?;
    connect(engine, &sockets, meter)
        .await
        .map(Stream::Tcp)
        .map_err(|failed| failed.of(&origin.authority))
}

/// Where a server may be connected to, by its name or by the place that the
/// settings say.
async fn sockets(
    engine: &Engine,
    origin: &Origin,
    meter: &Meter,
) -> Result<Vec<SocketAddr>, Error> {
    let settings = &engine.settings().network;
    let (addresses, port) = match (settings.hosts.of(&origin.host, origin.port), &origin.host) {
        (Some(Destination::Address(address)), _) => (vec![*address], origin.port),
        (Some(Destination::Socket(socket)), _) => (vec![socket.ip()], socket.port()),
        (_, Host::Ipv4(address)) => (vec![IpAddr::from(*address)], origin.port),
        (_, Host::Ipv6(address)) => (vec![IpAddr::from(*address)], origin.port),
        (_, Host::Domain(name)) => {
            let found = look_up(engine, name, meter).await;
            let found = found.map_err(|not_found| Error::NameLookup {
                authority: Arc::clone(&origin.authority),
                cause: not_found.cause,
                no_such_name: not_found.no_such_name,
            })?;
            (found, origin.port)
        }
    };
    Ok(with_port(settings.admitted(origin, addresses)?, port))
}

async fn look_up(engine: &Engine, name: &str, meter: &Meter) -> Result<Vec<IpAddr>, NotFound> {
    let settings = &engine.settings().network.dns;
    meter.looking_up.note_begin(meter.now());
    let found = engine.network().resolver.look_up(name, settings).await;
    meter.looking_up.note_end(meter.now());
    found
}

fn with_port(addresses: Vec<IpAddr>, port: u16) -> Vec<SocketAddr> {
    let sockets = addresses.into_iter();
    sockets
        .map(|address| SocketAddr::new(address, port))
        .collect()
}

async fn dial_unix(origin: &Origin, path: &Path, meter: &Meter) -> Result<Stream, Error> {
    meter.connecting.note_begin(meter.now());
    let connected = UnixStream::connect(path).await;
    let stream = connected.map_err(|error| match error.kind() {
        io::ErrorKind::ConnectionRefused => failure::of_connecting(&origin.authority, &error),
        _ => Error::Connect {
            authority: Arc::clone(&origin.authority),
            problem: ConnectProblem::System {
                cause: format!("{}: {error}", path.display()),
            },
        },
    })?;
    meter.connecting.note_end(meter.now());
    Ok(Stream::Unix(stream))
}

async fn dial_through(
    engine: &Engine,
    origin: &Origin,
    proxy: &Proxy,
    passage: Passage,
    meter: &Meter,
) -> Result<Stream, Error> {
    let failed = |cause: String| Error::Connect {
        authority: Arc::clone(&origin.authority),
        problem: ConnectProblem::Proxy {
            proxy: proxy.to_string(),
            cause,
        },
    };
    // A name that the proxy looks up leads wherever the proxy lets it.
    let target = match (&origin.host, &proxy.kind) {
        (Host::Domain(_), ProxyKind::Http | ProxyKind::Https(_) | ProxyKind::Socks5h) => None,
        _ => sockets(engine, origin, meter).await?.first().copied(),
    };
    let addresses = match &proxy.host {
        Host::Ipv4(address) => vec![IpAddr::from(*address)],
        Host::Ipv6(address) => vec![IpAddr::from(*address)],
        Host::Domain(name) => look_up(engine, name, meter)
            .await
            .map_err(|not_found| failed(not_found.cause))?,
    };
    let tcp = connect(engine, &with_port(addresses, proxy.port), meter)
        .await
        .map_err(|not_connected| failed(not_connected.to_string()))?;
    let stream = match &proxy.kind {
        ProxyKind::Https(name) => {
            let connector = engine.tls().connector_to_proxy().await?;
            let stream = connector.connect(name.clone(), tcp).await;
            Stream::Tls(Box::new(stream.map_err(|error| failed(error.to_string()))?))
        }
        ProxyKind::Http | ProxyKind::Socks5 | ProxyKind::Socks5h => Stream::Tcp(tcp),
    };
    match &proxy.kind {
        // It is handed the requests themselves.
        _ if passage == Passage::Requests
            && engine.settings().forwarding_proxy_of(origin).is_some() =>
        {
            Ok(stream)
        }
        ProxyKind::Http | ProxyKind::Https(_) => {
            by_connect(stream, proxy, origin, engine.user_agent())
                .await
                .map_err(failed)
        }
        ProxyKind::Socks5 | ProxyKind::Socks5h => by_socks(stream, proxy, origin, target)
            .await
            .map_err(failed),
    }
}

/// Why no address took a connection.
#[derive(Debug, thiserror::Error)]
enum NotConnected {
    /// There is nothing on this machine to connect from.
    #[error("{0}")]
    NoSource(String),
    /// The system says why.
    #[error("{0}")]
    System(#[from] io::Error),
}

impl NotConnected {
    /// An address could not be connected from.
    fn from_source(source: IpAddr, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrNotAvailable => {
                Self::NoSource(format!("{source} is no address of this machine"))
            }
            // All ports of the address are taken.
            io::ErrorKind::AddrInUse => {
                io::Error::new(io::ErrorKind::AddrNotAvailable, error).into()
            }
            _ => error.into(),
        }
    }

    fn of(self, authority: &Arc<str>) -> Error {
        match self {
            Self::NoSource(cause) => Error::Connect {
                authority: Arc::clone(authority),
                problem: ConnectProblem::NoSourceAddress { cause },
            },
            Self::System(error) => failure::of_connecting(authority, &error),
        }
    }
}

/// Connects to the first of some addresses that takes a connection; they are at
/// least one.
async fn connect(
    engine: &Engine,
    addresses: &[SocketAddr],
    meter: &Meter,
) -> Result<TcpStream, NotConnected> {
    meter.connecting.note_begin(meter.now());
    let mut last_error = None;
    for address in addresses {
        match connect_to(engine, *address).await {
            Ok(tcp) => {
                meter.connecting.note_end(meter.now());
                let _ = meter.remote.set(*address);
                // Requests are written whole: to wait for more of them would
                // only be late.
                tcp.set_nodelay(true)?;
                return Ok(tcp);
            }
            Err(error) => last_error = Some(error),
        }
    }
    Err(last_error.unwrap_or_else(|| io::Error::other("the name has no address").into()))
}

async fn connect_to(engine: &Engine, address: SocketAddr) -> Result<TcpStream, NotConnected> {
    let Some(source) = source_to(engine, address.ip())? else {
        return Ok(TcpStream::connect(address).await?);
    };
    let socket = match source {
        IpAddr::V4(_) => TcpSocket::new_v4()?,
        IpAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket
        .bind(SocketAddr::new(source, 0))
        .map_err(|error| NotConnected::from_source(source, error))?;
    Ok(socket.connect(address).await?)
}

/// The address whose turn it is to connect from, where the settings say.
fn source_to(engine: &Engine, server: IpAddr) -> Result<Option<IpAddr>, NotConnected> {
    let Some(sources) = &engine.settings().network.source_addresses else {
        return Ok(None);
    };
    let source = sources.next(&engine.network().source_turns, server);
    source.map(Some).ok_or_else(|| {
        NotConnected::NoSource(format!("no local address is of the kind of {server}"))
    })
}

/// Where a server may be reached by QUIC, which knows neither proxies nor sockets
/// of the file system.
#[cfg(feature = "http3")]
pub(in crate::http) async fn sockets_of_quic(
    engine: &Engine,
    origin: &Origin,
    meter: &Meter,
) -> Result<Vec<SocketAddr>, Error> {
    let settings = &engine.settings().network;
    settings.admit(origin)?;
    let not_by_quic = |problem| Error::Connect {
        authority: Arc::clone(&origin.authority),
        problem,
    };
    if let Some(proxy) = settings.proxy_of(origin) {
        return Err(not_by_quic(ConnectProblem::Proxy {
            proxy: proxy.to_string(),
            cause: "HTTP/3 goes through no proxy; take another version of HTTP, or no proxy"
                .to_owned(),
        }));
    }
    if let Some(Destination::Unix(path)) = settings.hosts.of(&origin.host, origin.port) {
        let path = path.display();
        return Err(not_by_quic(ConnectProblem::System {
            cause: format!("HTTP/3 goes through no unix socket ({path})"),
        }));
    }
    sockets(engine, origin, meter).await
}

/// A socket of UDP to reach a server from.
#[cfg(feature = "http3")]
pub(in crate::http) fn udp_socket_to(
    engine: &Engine,
    origin: &Origin,
    server: IpAddr,
) -> Result<std::net::UdpSocket, Error> {
    let bound = source_to(engine, server).and_then(|source| {
        let any = match server {
            IpAddr::V4(_) => IpAddr::from(std::net::Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(_) => IpAddr::from(std::net::Ipv6Addr::UNSPECIFIED),
        };
        let source = source.unwrap_or(any);
        std::net::UdpSocket::bind((source, 0))
            .map_err(|error| NotConnected::from_source(source, error))
    });
    bound.map_err(|failed| failed.of(&origin.authority))
}
