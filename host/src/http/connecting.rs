//! Making a connection: a stream to the server, TLS, and the protocol agreed on.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Version;
use hyper::client::conn::http1::SendRequest;
use rustls::pki_types::ServerName;
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use url::Host;

use super::body::OutgoingBody;
use super::connection::{self, Connection, ConnectionTask, Parking};
use super::engine::Engine;
use super::error::{ConnectProblem, Error, TlsProblem};
use super::failure;
use super::http2::{self, Http2};
#[cfg(feature = "http3")]
use super::http3::{self, Http3};
use super::meter::Meter;
use super::metered::{Metered, Socket, Transport};
use super::network::{ConnectDeadline, Passage, dial};
use super::origin::{Origin, Scheme};
use super::settings::Protocol;
use super::tls;

/// A connection that was made, by its protocol.
#[derive(Debug)]
pub(super) enum Made {
    /// It serves one request at a time.
    Http1(Connection),
    /// It serves many.
    Http2(Http2),
    /// It serves many, over QUIC.
    #[cfg(feature = "http3")]
    Http3(Http3),
}

/// The way to a connection, and what its task does for as long as it is there.
/// Boxed: the task of each keeps no room for the others.
enum Opened {
    Http1(SendRequest<OutgoingBody>, connection::Driver, Parking),
    Http2(Http2, Box<http2::Driver>),
    #[cfg(feature = "http3")]
    Http3(Http3, Box<http3::Driver>),
}

/// The way to a connection.
enum Way {
    Http1(SendRequest<OutgoingBody>, Parking),
    Http2(Http2),
    #[cfg(feature = "http3")]
    Http3(Http3),
}

/// Makes a connection within a time, in a task of its own that then serves it.
/// Dropping the future ends the task.
pub(super) async fn connect(
    engine: &Arc<Engine>,
    origin: &Arc<Origin>,
    within: Duration,
    meter: Arc<Meter>,
) -> Result<Made, Error> {
    let (made, making) = oneshot::channel();
    let task = tokio::spawn(serve(
        Arc::clone(engine),
        Arc::clone(origin),
        within,
        Arc::clone(&meter),
        made,
    ));
    let mut task = ConnectionTask(Some(task));
    match making.await {
        Ok(Ok(Way::Http1(sender, parking))) => Ok(Made::Http1(Connection {
            origin: Arc::clone(origin),
            sender,
            meter,
            version: Version::HTTP_11,
            parking,
            task,
        })),
        Ok(Ok(Way::Http2(http2))) => {
            // It ends by itself when nobody has a way to it.
            task.0 = None;
            Ok(Made::Http2(http2))
        }
        #[cfg(feature = "http3")]
        Ok(Ok(Way::Http3(http3))) => {
            task.0 = None;
            Ok(Made::Http3(http3))
        }
        Ok(Err(error)) => Err(error),
        Err(_) => Err(Error::Other {
            subject: Arc::clone(&origin.authority),
            cause: "the task that makes the connection ended before it was made".to_owned(),
        }),
    }
}

async fn serve(
    engine: Arc<Engine>,
    origin: Arc<Origin>,
    within: Duration,
    meter: Arc<Meter>,
    made: oneshot::Sender<Result<Way, Error>>,
) {
    let deadline = ConnectDeadline::after(within);
    // Boxed: what opening needs is several times what serving does, and would be
    // kept as long as the connection.
    let opening = Box::pin(open(&engine, &origin, deadline, &meter));
    let opened = deadline.limit(opening).await;
    let opened = opened.unwrap_or_else(|| Err(not_in_time(&origin, within)));
    match opened {
        // Where nobody waits any more, the connection is not wanted.
        Ok(Opened::Http1(sender, driver, parking)) => {
            if made.send(Ok(Way::Http1(sender, parking))).is_ok() {
                driver.run().await;
            }
        }
        Ok(Opened::Http2(http2, driver)) => {
            if made.send(Ok(Way::Http2(http2))).is_ok() {
                driver.await;
            }
        }
        #[cfg(feature = "http3")]
        Ok(Opened::Http3(http3, driver)) => {
            if made.send(Ok(Way::Http3(http3))).is_ok() {
                driver.run().await;
            }
        }
        Err(error) => drop(made.send(Err(error))),
    }
}

/// A connection was not made within its time.
pub(super) fn not_in_time(origin: &Origin, within: Duration) -> Error {
    Error::Connect {
        authority: Arc::clone(&origin.authority),
        problem: ConnectProblem::TimedOut { after: within },
    }
}

async fn open(
    engine: &Engine,
    origin: &Origin,
    deadline: ConnectDeadline,
    meter: &Arc<Meter>,
) -> Result<Opened, Error> {
    #[cfg(feature = "http3")]
    if engine.settings().protocol == Protocol::Http3 {
        let (http3, driver) = http3::connect(engine, origin, deadline, meter).await?;
        return Ok(Opened::Http3(http3, Box::new(driver)));
    }
    // Not a part of connecting: the first one loads the machine's roots.
    let connector = match origin.scheme {
        Scheme::Http => None,
        Scheme::Https => Some(engine.tls().connector(origin).await?),
    };
    let way = (Passage::Requests, deadline);
    let transport = transport(engine, origin, connector, way, meter).await?;
    if speaks_http2(engine.settings().protocol, origin, &transport)? {
        let remote = meter.remote.get().copied();
        return match http2::begin(transport, remote).await {
            Ok((http2, driver)) => Ok(Opened::Http2(http2, Box::new(driver))),
            Err(error) => Err(failure::of_http2(&origin.authority, &error, None)),
        };
    }
    let metered = Metered {
        transport,
        meter: Arc::clone(meter),
    };
    match connection::begin(metered).await {
        Ok((sender, driver, parking)) => Ok(Opened::Http1(sender, driver, parking)),
        Err(error) => Err(failure::of_exchange(&origin.authority, &error)),
    }
}

/// Whether HTTP/2 is to be spoken: agreed on in the handshake, or without one as
/// the plan wants it.
fn speaks_http2(protocol: Protocol, origin: &Origin, transport: &Transport) -> Result<bool, Error> {
    let Transport::Tls(stream) = transport else {
        return Ok(protocol == Protocol::Http2);
    };
    let (_, session) = stream.get_ref();
    let agreed = session.alpn_protocol() == Some(tls::HTTP2);
    if protocol == Protocol::Http2 && !agreed {
        return Err(Error::Tls {
            authority: Arc::clone(&origin.authority),
            problem: TlsProblem::Other {
                cause: "the server does not speak HTTP/2, which the plan wants alone".to_owned(),
            },
        });
    }
    Ok(agreed)
}

/// What a WebSocket's handshake is spoken over, which is always HTTP/1.1, and
/// what its frames go over afterwards: no proxy may take them for requests.
pub(super) async fn transport_of_websocket(
    engine: &Engine,
    origin: &Origin,
    meter: &Arc<Meter>,
) -> Result<Metered, Error> {
    let within = engine.settings().connect_timeout;
    let deadline = ConnectDeadline::after(within);
    let making = async {
        let connector = match origin.scheme {
            Scheme::Http => None,
            Scheme::Https => Some(engine.tls().connector_of_http1(origin).await?),
        };
        transport(engine, origin, connector, (Passage::Bytes, deadline), meter).await
    };
    let transport = deadline.limit(making).await;
    Ok(Metered {
        transport: transport.unwrap_or_else(|| Err(not_in_time(origin, within)))?,
        meter: Arc::clone(meter),
    })
}

/// What HTTP is to be spoken over: a stream to the server, and TLS where the
/// scheme wants it.
async fn transport(
    engine: &Engine,
    origin: &Origin,
    connector: Option<TlsConnector>,
    (passage, deadline): (Passage, ConnectDeadline),
    meter: &Arc<Meter>,
) -> Result<Transport, Error> {
    let socket = Socket {
        stream: dial(engine, origin, passage, deadline, meter).await?,
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
    Ok(transport)
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
