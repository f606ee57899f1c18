//! The client of one virtual user.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use url::Url;

use super::alarm::Alarm;
use super::batch::Batch;
use super::connection::Connection;
use super::cookies::Cookies;
use super::engine::Engine;
use super::error::{Error, Mistake};
use super::exchange::Exchange;
use super::following::{Call, Landed, Sent};
use super::observer::Observer;
use super::open::OpenExchange;
use super::pool::{Connections, Lease};
use super::request::Request;
use super::sending::{Flight, open, send};
use super::settings::{ConnectionLife, CookieLife};

/// The client of one virtual user, which owns its connections, unless the
/// [settings](super::ConnectionLife) say otherwise, and its cookies. All futures
/// must run on a tokio runtime, and connections stay on the one they were made
/// on.
#[derive(Debug)]
pub struct Client {
    engine: Arc<Engine>,
    connections: Connections,
    pub(super) cookies: Cookies,
    alarm: Alarm,
}

impl Client {
    /// A client without connections.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        let connections = Connections::of(&engine);
        Self {
            engine,
            connections,
            cookies: Cookies::default(),
            alarm: Alarm::default(),
        }
    }

    /// Another client on the same connections, for requests that are sent side by
    /// side with this one's. It has cookies of its own.
    #[must_use]
    pub fn sibling(&mut self) -> Self {
        Self {
            engine: Arc::clone(&self.engine),
            connections: self.connections.share(),
            cookies: Cookies::default(),
            alarm: Alarm::default(),
        }
    }

    /// Closes the client's own connections that have no request under way, which
    /// are its [siblings](Self::sibling)' as well; dropping the last of them does
    /// the same.
    pub fn close_idle(&mut self) {
        self.connections.close_idle();
    }

    /// Nothing is to be sent for a while: idle connections stay open, in less memory. The
    /// next request over one costs some microseconds more.
    pub fn park(&mut self) {
        self.connections.park();
    }

    /// The iteration is over, and with it what lasts as long.
    pub fn end_iteration(&mut self) {
        if self.engine.settings().connections == ConnectionLife::Iteration {
            self.close_idle();
        }
        if self.engine.settings().cookies == CookieLife::Iteration {
            self.cookies.reset();
        }
    }

    /// What cookies there are now, every iteration begins with.
    pub fn make_cookies_lasting(&mut self) {
        self.cookies.make_lasting();
    }

    /// Forgets all cookies, also those that every iteration begins with.
    pub fn forget_cookies(&mut self) {
        self.cookies.clear();
    }

    /// Keeps a cookie as if the URL's server had set it: `cookie` is what would
    /// stand in the header `set-cookie`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRequest`] where one of both is none, or the cookie is for
    /// another host.
    pub fn set_cookie(&mut self, url: &str, cookie: &str) -> Result<(), Error> {
        self.cookies.set(&parse_url(url)?, cookie)
    }

    /// Names and values of the cookies that a request to the URL would send.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRequest`] where the URL is none.
    pub fn cookies(&self, url: &str) -> Result<Vec<(&str, &str)>, Error> {
        Ok(self.cookies.matching(&parse_url(url)?))
    }

    /// Forgets the cookies that a request to the URL would send: all, or those of
    /// this name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRequest`] where the URL is none.
    pub fn delete_cookies(&mut self, url: &str, name: Option<&str>) -> Result<(), Error> {
        self.cookies.forget(&parse_url(url)?, name);
        Ok(())
    }

    /// Sends a request and waits for the whole answer, following redirects.
    ///
    /// When the future is dropped before, the connection is closed at once, or the
    /// stream reset of a connection that others use; what was not sent yet will
    /// never be, and the observer is told if anything was.
    pub async fn send(&mut self, request: &Request, observer: &dyn Observer) -> Exchange {
        self.engine.turn().await;
        let mut call = Call::new(&self.engine, Sent::AsBuilt(request));
        loop {
            let leg = call.leg(&self.cookies);
            let mut flight = Flight::new(&leg, Instant::now(), observer, 0);
            let mut lease = self.lease(&leg.request);
            let sending = send(&self.engine, &leg, &mut lease, &mut flight, &mut self.alarm);
            let landed = sending.await;
            if let ControlFlow::Break(exchange) = self.advance(&mut call, landed, 0, observer) {
                return exchange;
            }
        }
    }

    /// Sends a request and waits for the answer's head, following redirects.
    /// Dropping the future is as with [`send`](Self::send); an answer handed over
    /// is the caller's to count.
    ///
    /// # Errors
    ///
    /// The exchange, when no head came.
    // Both are large, and moved once a request.
    #[allow(clippy::result_large_err)]
    pub async fn open(
        &mut self,
        request: &Request,
        observer: &dyn Observer,
    ) -> Result<OpenExchange, Exchange> {
        self.engine.turn().await;
        let mut call = Call::new(&self.engine, Sent::AsBuilt(request));
        self.open_on(&mut call, observer).await
    }

    /// Goes on with a call until the head is there that was asked for.
    #[allow(clippy::result_large_err)]
    pub(super) async fn open_on(
        &mut self,
        call: &mut Call<'_>,
        observer: &dyn Observer,
    ) -> Result<OpenExchange, Exchange> {
        loop {
            let leg = call.leg(&self.cookies);
            let mut flight = Flight::new(&leg, Instant::now(), observer, 0);
            let mut lease = self.lease(&leg.request);
            match open(&self.engine, &leg, &mut lease, &mut flight).await {
                Ok(exchange) => {
                    self.opened(call, &exchange, observer);
                    return Ok(exchange);
                }
                Err(landed) => {
                    if let ControlFlow::Break(exchange) = self.advance(call, landed, 0, observer) {
                        return Err(exchange);
                    }
                }
            }
        }
    }

    /// The head is there that a call asked for.
    pub(super) fn opened(
        &mut self,
        call: &Call<'_>,
        exchange: &OpenExchange,
        observer: &dyn Observer,
    ) {
        call.keep_cookies(exchange.headers(), &mut self.cookies);
        call.arrived(exchange.status(), exchange.headers(), (0, observer));
    }

    /// Takes back what an exchange of a call leaves, and goes on with the call:
    /// breaks with what it comes to.
    pub(super) fn advance(
        &mut self,
        call: &mut Call<'_>,
        landed: Landed,
        index: usize,
        observer: &dyn Observer,
    ) -> ControlFlow<Exchange> {
        if let Some(connection) = landed.connection {
            self.keep(connection);
        }
        call.advance(
            landed.exchange,
            landed.onward,
            landed.deadline,
            &mut self.cookies,
            (index, observer),
        )
    }

    /// Sends several requests at once and waits for all answers, which come in
    /// the order of the requests. At most
    /// [`per_host`](super::Settings::per_host) of them are under way to one host
    /// at a time, [`batch`](super::Settings::batch) in all; each one's timeout
    /// starts when its turn has come.
    ///
    /// When the future is dropped before, all are interrupted, and the observer
    /// is told of each of which anything was written.
    pub async fn send_all(
        &mut self,
        requests: &[&Request],
        observer: &dyn Observer,
    ) -> Vec<Exchange> {
        let engine = Arc::clone(&self.engine);
        Batch::new(&engine, requests, observer).run(self).await
    }

    pub(super) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    pub(super) fn lease(&mut self, request: &Request) -> Lease {
        self.connections.lease(&self.engine, request.origin())
    }

    pub(super) fn keep(&mut self, connection: Connection) {
        self.connections.keep(connection);
    }
}

fn parse_url(url: &str) -> Result<Url, Error> {
    Url::parse(url).map_err(|error| Error::InvalidRequest {
        mistake: Mistake::Url {
            url: url.to_owned(),
            cause: error.to_string(),
        },
    })
}
