use std::time::Duration;

use super::{Error, Socket};
use crate::config::Secret;
use crate::flow::nanoseconds;
use crate::host::websocket as contract;

/// A handshake with the server of an absolute `ws` or `wss` URL. It sends the
/// virtual user's [cookies](crate::http::cookies), and what its answer sets is kept.
pub fn connect(url: &str) -> HandshakeBuilder {
    HandshakeBuilder(Handshake(contract::Handshake::new(url)))
}

/// A handshake in the making. A mistake in it (a wrong URL, say) shows when it
/// is made.
#[must_use = "no session is opened until `open`"]
pub struct HandshakeBuilder(Handshake);

impl HandshakeBuilder {
    /// Sets a header, in place of earlier ones of that name.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.0.0.set_header(name, value);
        self
    }

    /// Adds a header beside earlier ones of that name.
    pub fn append_header(self, name: &str, value: &str) -> Self {
        self.0.0.append_header(name, value);
        self
    }

    /// Sets a header to a prefix followed by a secret.
    pub fn secret_header(self, name: &str, prefix: &str, secret: &Secret) -> Self {
        self.0.0.set_secret_header(name, prefix, &secret.0);
        self
    }

    /// Sends a secret as bearer token: `Authorization: Bearer …`.
    pub fn bearer(self, secret: &Secret) -> Self {
        self.secret_header("authorization", "Bearer ", secret)
    }

    /// Sends a bearer token that is no secret, as one that a login gave:
    /// `Authorization: Bearer …`.
    pub fn bearer_token(self, token: &str) -> Self {
        self.header("authorization", &["Bearer ", token].concat())
    }

    /// Authenticates by user and password: `Authorization: Basic …`.
    ///
    /// ```
    /// use vuelo_sdk::prelude::*;
    ///
    /// let host = fake::Host::new().on_socket("/", fake::session());
    /// let report = host.play(|| {
    ///     let chat = websocket::connect("ws://localhost/");
    ///     chat.basic_auth("Aladdin", "open sesame").open().unwrap();
    /// });
    /// let sent = report.sessions[0].header("authorization");
    /// assert_eq!(sent, Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    /// ```
    pub fn basic_auth(self, user: &str, password: &str) -> Self {
        self.0.0.set_basic_auth(user, password);
        self
    }

    /// Authenticates by user and a secret password: `Authorization: Basic …`.
    pub fn secret_basic_auth(self, user: &str, password: &Secret) -> Self {
        self.0.0.set_secret_basic_auth(user, &password.0);
        self
    }

    /// Offers a subprotocol, after those that were offered before.
    pub fn subprotocol(self, name: &str) -> Self {
        self.0.0.offer_subprotocol(name);
        self
    }

    /// Marks the samples of its sessions. The tag `name` takes the place of the
    /// URL in reports.
    pub fn tag(self, name: &str, value: &str) -> Self {
        self.0.0.set_tag((name, value));
        self
    }

    /// How long the opening may take, and then each sending, each closing and
    /// each [`Socket::next`]; 60 s unless set.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.0.0.set_timeout(nanoseconds(timeout));
        self
    }

    /// The handshake, to keep and to make often.
    pub fn build(self) -> Handshake {
        self.0
    }

    /// Opens a session.
    ///
    /// # Errors
    ///
    /// Where none was opened: see [`ErrorKind`](super::ErrorKind).
    pub fn open(self) -> Result<Socket, Error> {
        self.0.open()
    }
}

/// An opening handshake: built once, kept by the host, made as often as wanted.
pub struct Handshake(contract::Handshake);

impl Handshake {
    /// Opens a session.
    ///
    /// # Errors
    ///
    /// Where none was opened: see [`ErrorKind`](super::ErrorKind).
    pub fn open(&self) -> Result<Socket, Error> {
        Ok(Socket::new(self.0.open()?))
    }

    /// Changes a header for later sessions.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.0.set_header(name, value);
    }
}
