//! Through a proxy to a server.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{HOST, PROXY_AUTHORIZATION, USER_AGENT};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio_socks::TargetAddr;
use tokio_socks::tcp::Socks5Stream;
use url::Host;

use super::proxy_url::Proxy;
use super::stream::Stream;
use crate::http::connection::ConnectionTask;
use crate::http::origin::Origin;

/// Asks a proxy of HTTP to connect to a server. An error says what the proxy
/// said.
pub(super) async fn by_connect(
    stream: Stream,
    proxy: &Proxy,
    origin: &Origin,
    user_agent: &HeaderValue,
) -> Result<Stream, String> {
    let target = format!("{}:{}", origin.host, origin.port);
    let mut ask = Request::builder()
        .method(Method::CONNECT)
        .uri(&target)
        .header(HOST, &target)
        .header(USER_AGENT, user_agent)
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    if let Some(authorization) = proxy.authorization() {
        ask.headers_mut()
            .insert(PROXY_AUTHORIZATION, authorization.clone());
    }
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    // Ends when the stream is handed over, or is dropped with this future.
    let _task = ConnectionTask(Some(tokio::spawn(async move {
        // An error is told to whoever waits for the answer.
        let _ = connection.with_upgrades().await;
    })));
    let answer = sender
        .send_request(ask)
        .await
        .map_err(|error| format!("it gave no answer: {error}"))?;
    match answer.status() {
        status if status.is_success() => {}
        StatusCode::PROXY_AUTHENTICATION_REQUIRED if proxy.authorization().is_some() => {
            return Err("it does not know the user or the password (status 407)".to_owned());
        }
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            return Err(
                "it wants a user and a password (status 407): put them into its URL".to_owned(),
            );
        }
        status => return Err(format!("it does not connect to {target}: status {status}")),
    }
    let parts = hyper::upgrade::on(answer)
        .await
        .map_err(|error| error.to_string())?
        .downcast::<TokioIo<Stream>>()
        .map_err(|_| "its stream is another one".to_owned())?;
    if parts.read_buf.is_empty() {
        Ok(parts.io.into_inner())
    } else {
        // In TLS and in HTTP a client speaks first.
        Err("it sent what nobody has asked for".to_owned())
    }
}

/// Why there is no way through a proxy, in the proxy's words.
#[derive(Debug)]
pub(super) enum NoTunnel {
    /// The proxy did not reach the address of the server: another may do.
    Unreached(String),
    /// Another address would make no difference.
    Other(String),
}

/// Asks a proxy of SOCKS to connect to a server: to an address, where the name
/// was looked up here.
pub(super) async fn by_socks(
    stream: Stream,
    proxy: &Proxy,
    origin: &Origin,
    address: Option<SocketAddr>,
) -> Result<Stream, NoTunnel> {
    let target = match (address, &origin.host) {
        (Some(address), _) => TargetAddr::Ip(address),
        (None, Host::Domain(name)) => TargetAddr::Domain(name.into(), origin.port),
        (None, Host::Ipv4(address)) => TargetAddr::Ip((*address, origin.port).into()),
        (None, Host::Ipv6(address)) => TargetAddr::Ip((*address, origin.port).into()),
    };
    let tunnel = match &proxy.credentials {
        Some((user, password)) => {
            Socks5Stream::connect_with_password_and_socket(stream, target, user, password).await
        }
        None => Socks5Stream::connect_with_socket(stream, target).await,
    };
    tunnel.map(Socks5Stream::into_inner).map_err(|error| {
        use tokio_socks::Error::{
            AddressTypeNotSupported, ConnectionNotAllowedByRuleset, ConnectionRefused,
            GeneralSocksServerFailure, HostUnreachable, NetworkUnreachable, TtlExpired,
        };
        let said = error.to_string();
        match error {
            GeneralSocksServerFailure
            | ConnectionNotAllowedByRuleset
            | NetworkUnreachable
            | HostUnreachable
            | ConnectionRefused
            | TtlExpired
            | AddressTypeNotSupported => NoTunnel::Unreached(said),
            _ => NoTunnel::Other(said),
        }
    })
}
