//! A connection of TCP to one of some addresses.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::time::sleep;

use super::connect_deadline::ConnectDeadline;
use crate::http::engine::Engine;
use crate::http::error::{ConnectProblem, Error};
use crate::http::failure;
use crate::http::meter::Meter;

/// How much earlier the addresses of the first version of IP are tried. As in
/// RFC 6555 and Go's dialer, hence in k6.
const HEAD_START: Duration = Duration::from_millis(300);

/// Why no address took a connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotConnected {
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

    pub(super) fn of(self, authority: &Arc<str>) -> Error {
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
pub(super) async fn connect(
    engine: &Engine,
    addresses: &[SocketAddr],
    deadline: ConnectDeadline,
    meter: &Meter,
) -> Result<TcpStream, NotConnected> {
    meter.connecting.note_begin(meter.now());
    let (tcp, address) = connect_to_one(engine, addresses, deadline).await?;
    meter.connecting.note_end(meter.now());
    let _ = meter.remote.set(address);
    // Requests are written whole: to wait for more of them would only be late.
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

/// Connects by the version of IP of the first address, and, where that is slow or
/// fails, by the other one: a machine may have no way to one of them, and be told
/// so by nobody. Within a version addresses are tried one at a time: the target
/// would count the connections that lose a race.
async fn connect_to_one(
    engine: &Engine,
    addresses: &[SocketAddr],
    deadline: ConnectDeadline,
) -> Result<(TcpStream, SocketAddr), NotConnected> {
    let is_first = |address: &SocketAddr| address.is_ipv4() == addresses[0].is_ipv4();
    let (first, other): (Vec<_>, Vec<_>) = addresses.iter().copied().partition(is_first);
    let by_first = connect_in_turn(engine, &first, deadline);
    if other.is_empty() {
        return by_first.await;
    }
    let by_other = connect_in_turn(engine, &other, deadline);
    let (mut by_first, mut by_other) = (pin!(by_first), pin!(by_other));
    tokio::select! {
        biased;
        connected = &mut by_first => match connected {
            Ok(connected) => return Ok(connected),
            Err(error) => return by_other.await.map_err(|_| error),
        },
        () = sleep(HEAD_START) => {}
    }
    tokio::select! {
        biased;
        connected = &mut by_first => match connected {
            Ok(connected) => Ok(connected),
            Err(error) => by_other.await.map_err(|_| error),
        },
        connected = &mut by_other => match connected {
            Ok(connected) => Ok(connected),
            Err(_) => by_first.await,
        },
    }
}

async fn connect_in_turn(
    engine: &Engine,
    addresses: &[SocketAddr],
    deadline: ConnectDeadline,
) -> Result<(TcpStream, SocketAddr), NotConnected> {
    let mut last_error = None;
    for (index, address) in addresses.iter().enumerate() {
        let to_be_tried = addresses.len() - index;
        let connecting = connect_to(engine, *address);
        match deadline.limit_next(to_be_tried, connecting).await {
            Some(Ok(tcp)) => return Ok((tcp, *address)),
            Some(Err(error)) => last_error = Some(error),
            // The last one is not given up here, and says more.
            None => {}
        }
    }
    Err(last_error.unwrap_or_else(|| io::Error::other("the name has no address").into()))
}

async fn connect_to(engine: &Engine, address: SocketAddr) -> Result<TcpStream, NotConnected> {
    match source_to(engine, address.ip())? {
        None => Ok(TcpStream::connect(address).await?),
        Some(source) => Ok(socket_from(source)?.connect(address).await?),
    }
}

/// A socket that connects from an address.
fn socket_from(source: IpAddr) -> Result<TcpSocket, NotConnected> {
    let socket = match source {
        IpAddr::V4(_) => TcpSocket::new_v4()?,
        IpAddr::V6(_) => TcpSocket::new_v6()?,
    };
    choose_port_late(&socket);
    socket
        .bind(SocketAddr::new(source, 0))
        .map_err(|error| NotConnected::from_source(source, error))?;
    Ok(socket)
}

/// Has the system choose the port when it knows where to: then two connections
/// from one address may have the same, as long as they lead to different servers.
fn choose_port_late(socket: &TcpSocket) {
    #[cfg(target_os = "linux")]
    {
        use nix::sys::socket::{setsockopt, sockopt::IpBindAddressNoPort};

        // A system that does not know how has fewer ports, and nothing else.
        let _ = setsockopt(socket, IpBindAddressNoPort, &true);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = socket;
}

/// The address whose turn it is to connect from, where the settings say.
fn source_to(engine: &Engine, server: IpAddr) -> Result<Option<IpAddr>, NotConnected> {
    let sources = &engine.settings().network.source_addresses;
    if sources.as_slice().is_empty() {
        return Ok(None);
    }
    let source = engine.network().source_turns.next(sources, server);
    source.map(Some).ok_or_else(|| {
        NotConnected::NoSource(format!("no local address is of the kind of {server}"))
    })
}

/// A socket of UDP to reach a server from.
#[cfg(feature = "http3")]
pub(in crate::http) fn udp_socket_to(
    engine: &Engine,
    authority: &Arc<str>,
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
    bound.map_err(|failed| failed.of(authority))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use tokio::net::TcpListener;
    use tokio::time::Instant;

    use super::*;
    use crate::http::Settings;

    /// Connects as a client without settings does; how long it took as well.
    async fn connected(
        addresses: &[SocketAddr],
        within: Duration,
    ) -> (Result<SocketAddr, NotConnected>, Duration) {
        let engine = Engine::new(Settings::default()).unwrap();
        let begun = Instant::now();
        let made = connect_to_one(&engine, addresses, ConnectDeadline::after(within)).await;
        (made.map(|(_, address)| address), begun.elapsed())
    }

    /// An address at which connections are neither taken nor refused, since the
    /// queue of those that want to be is full.
    struct Silent {
        address: SocketAddr,
        _queue: (TcpListener, TcpStream),
    }

    impl Silent {
        async fn at(address: &str) -> Self {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind(address.parse().unwrap()).unwrap();
            // A queue of length 0 holds one.
            let listener = socket.listen(0).unwrap();
            let address = listener.local_addr().unwrap();
            let filler = TcpStream::connect(address).await.unwrap();
            Self {
                address,
                _queue: (listener, filler),
            }
        }
    }

    async fn listening(address: &str) -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    /// An address at which nobody listens.
    async fn closed(address: &str) -> SocketAddr {
        listening(address).await.1
    }

    const SOON: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn a_silent_address_leaves_some_of_the_time_to_the_next_and_is_not_raced() {
        let silent = Silent::at("127.0.0.1:0").await;
        let (_listener, open) = listening("127.0.0.2:0").await;
        let within = Duration::from_secs(3);
        let (made, took) = connected(&[silent.address, open], within).await;
        assert_eq!(made.unwrap(), open);
        assert!(took >= Duration::from_secs(2) && took < within, "{took:?}");
    }

    #[tokio::test]
    async fn the_other_version_of_ip_is_tried_after_a_head_start() {
        let silent = Silent::at("127.0.0.1:0").await;
        let (_listener, open) = listening("[::1]:0").await;
        let (made, took) = connected(&[silent.address, open], SOON * 3).await;
        assert_eq!(made.unwrap(), open);
        assert!(took >= HEAD_START && took < SOON, "{took:?}");
    }

    #[tokio::test]
    async fn the_other_version_of_ip_is_tried_at_once_where_the_first_has_failed() {
        let closed = closed("127.0.0.1:0").await;
        let (_listener, open) = listening("[::1]:0").await;
        let (made, took) = connected(&[closed, open], SOON).await;
        assert_eq!(made.unwrap(), open);
        assert!(took < HEAD_START, "{took:?}");
    }

    #[tokio::test]
    async fn the_first_version_of_ip_wins_where_it_answers() {
        let (_first, first) = listening("[::1]:0").await;
        let (other, second) = listening("127.0.0.1:0").await;
        let (made, _) = connected(&[first, second], SOON).await;
        assert_eq!(made.unwrap(), first);
        let none = tokio::time::timeout(HEAD_START * 2, other.accept()).await;
        assert!(none.is_err(), "the target would count two connections");
    }

    #[tokio::test]
    async fn where_both_versions_of_ip_fail_the_first_says_why() {
        let nowhere = closed("127.0.0.1:0").await;
        let nobody = closed("[::1]:0").await;
        for addresses in [[nowhere, nobody], [nobody, nowhere]] {
            let (made, _) = connected(&addresses, SOON).await;
            let NotConnected::System(error) = made.unwrap_err() else {
                panic!("the system says why");
            };
            assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_port_of_a_source_address_is_chosen_when_the_server_is_known() {
        for source in ["127.0.0.2", "::1"] {
            let socket = socket_from(source.parse().unwrap()).unwrap();
            let local = socket.local_addr().unwrap();
            assert_eq!((local.ip().to_string(), local.port()), (source.into(), 0));
        }
    }
}
