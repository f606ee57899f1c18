//! A stream to a server.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;
use url::Host;

use super::connect_deadline::ConnectDeadline;
use super::overrides::Destination;
use super::proxy_url::{Proxy, ProxyKind};
use super::resolver::NotFound;
use super::stream::Stream;
use super::tcp::connect;
use super::tunnel::{NoTunnel, by_connect, by_socks};
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
/// connect in its turn is neither. Whoever calls gives up at the deadline; here
/// it says how long one of several addresses is tried.
pub(in crate::http) async fn dial(
    engine: &Engine,
    origin: &Origin,
    passage: Passage,
    deadline: ConnectDeadline,
    meter: &Meter,
) -> Result<Stream, Error> {
    let settings = &engine.settings().network;
    settings.admit(origin)?;
    if let Some(proxy) = settings.proxy_of(origin) {
        let way = Way {
            engine,
            origin,
            proxy,
            passage,
            deadline,
            meter,
        };
        return way.dial().await;
    }
    if let Some(Destination::Unix(path)) = settings.hosts.of(&origin.host, origin.port) {
        return dial_unix(origin, path, meter).await;
    }
    let sockets = sockets(engine, origin, meter).await?;
    connect(engine, &sockets, deadline, meter)
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

/// The way to a server through a proxy.
struct Way<'a> {
    engine: &'a Engine,
    origin: &'a Origin,
    proxy: &'a Proxy,
    passage: Passage,
    deadline: ConnectDeadline,
    meter: &'a Meter,
}

impl Way<'_> {
    async fn dial(&self) -> Result<Stream, Error> {
        let targets = self.targets().await?;
        let sockets = self.sockets_of_proxy().await?;
        let connector = match &self.proxy.kind {
            ProxyKind::Https(_) => Some(self.engine.tls().connector_to_proxy().await?),
            ProxyKind::Http | ProxyKind::Socks5 | ProxyKind::Socks5h => None,
        };
        let mut cause = "the name has no address".to_owned();
        for (index, target) in targets.iter().enumerate() {
            let through = self.go(&sockets, connector.as_ref(), *target);
            let to_be_tried = targets.len() - index;
            match self.deadline.limit_next(to_be_tried, through).await {
                Some(Ok(stream)) => return Ok(stream),
                Some(Err(NoTunnel::Unreached(said))) => cause = said,
                Some(Err(NoTunnel::Other(said))) => return Err(self.failed(said)),
                // The last one is not given up here, and says more.
                None => {}
            }
        }
        Err(self.failed(cause))
    }

    /// What the proxy may be told to connect to, one after another: an address,
    /// or the name. A name that the proxy looks up leads wherever the proxy lets
    /// it.
    async fn targets(&self) -> Result<Vec<Option<SocketAddr>>, Error> {
        match (&self.origin.host, &self.proxy.kind) {
            (Host::Domain(_), ProxyKind::Http | ProxyKind::Https(_) | ProxyKind::Socks5h) => {
                self.meter.note_looked_up_elsewhere();
                Ok(vec![None])
            }
            _ => {
                let sockets = sockets(self.engine, self.origin, self.meter).await?;
                Ok(sockets.into_iter().map(Some).collect())
            }
        }
    }

    async fn sockets_of_proxy(&self) -> Result<Vec<SocketAddr>, Error> {
        let addresses = match &self.proxy.host {
            Host::Ipv4(address) => vec![IpAddr::from(*address)],
            Host::Ipv6(address) => vec![IpAddr::from(*address)],
            Host::Domain(name) => look_up(self.engine, name, self.meter)
                .await
                .map_err(|not_found| self.failed(not_found.cause))?,
        };
        Ok(with_port(addresses, self.proxy.port))
    }

    /// Connects to the proxy, and has it connect to the server.
    async fn go(
        &self,
        sockets: &[SocketAddr],
        connector: Option<&TlsConnector>,
        target: Option<SocketAddr>,
    ) -> Result<Stream, NoTunnel> {
        let other = |error: &dyn std::error::Error| NoTunnel::Other(error.to_string());
        let tcp = connect(self.engine, sockets, self.deadline, self.meter)
            .await
            .map_err(|not_connected| other(&not_connected))?;
        let stream = match (&self.proxy.kind, connector) {
            (ProxyKind::Https(name), Some(connector)) => {
                let stream = connector.connect(name.clone(), tcp).await;
                Stream::Tls(Box::new(stream.map_err(|error| other(&error))?))
            }
            _ => Stream::Tcp(tcp),
        };
        match &self.proxy.kind {
            // It is handed the requests themselves.
            _ if self.passage == Passage::Requests
                && self
                    .engine
                    .settings()
                    .forwarding_proxy_of(self.origin)
                    .is_some() =>
            {
                Ok(stream)
            }
            ProxyKind::Http | ProxyKind::Https(_) => {
                by_connect(stream, self.proxy, self.origin, self.engine.user_agent())
                    .await
                    .map_err(NoTunnel::Other)
            }
            ProxyKind::Socks5 | ProxyKind::Socks5h => {
                by_socks(stream, self.proxy, self.origin, target).await
            }
        }
    }

    fn failed(&self, cause: String) -> Error {
        Error::Connect {
            authority: Arc::clone(&self.origin.authority),
            problem: ConnectProblem::Proxy {
                proxy: self.proxy.to_string(),
                cause,
            },
        }
    }
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
