//! Clients against servers on real sockets of this machine.
#![allow(clippy::unwrap_used)]

mod answers;
mod authentication;
mod batches;
mod client_certificates;
mod cookies;
mod dns_server;
mod encodings;
mod expecting;
mod failures;
mod http2;
#[cfg(feature = "http3")]
mod http3;
mod interruption;
mod names;
mod ownership;
mod parking;
mod proxies;
mod reach;
mod redirects;
mod server;
mod streams;
mod timeouts;
mod timing;
mod tls;
mod uploads;
mod websocket;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{
    Client, ConnectionLife, Engine, Exchange, Interrupted, Observer, Request, Settings, Waypoint,
};

/// Long enough for the busiest machine, short enough to notice.
const SOON: Duration = Duration::from_secs(10);

fn client() -> Client {
    client_with(|_| {})
}

fn client_with(change: impl FnOnce(&mut Settings)) -> Client {
    let mut settings = Settings::default();
    change(&mut settings);
    Client::new(Engine::new(settings).unwrap())
}

fn get(url: &str) -> Request {
    let mut request = Request::new("GET", url).unwrap();
    request.set_timeout(SOON);
    request
}

/// The body of an exchange that must have been answered.
fn text(exchange: &Exchange) -> String {
    let response = exchange.outcome.as_ref().expect("an answer");
    String::from_utf8(response.body().to_vec()).unwrap()
}

/// The number of an exchange that must have failed.
fn code(exchange: &Exchange) -> u16 {
    exchange.outcome.as_ref().expect_err("a failure").code().0
}

/// Remembers what it was told.
#[derive(Default)]
struct Witness {
    on_the_way: Mutex<Vec<(usize, Exchange, Waypoint)>>,
    stopped: Mutex<Vec<(usize, u32)>>,
    interrupted: Mutex<Vec<(usize, Interrupted)>>,
    undelivered: Mutex<Vec<(usize, Exchange)>>,
}

impl Observer for Witness {
    fn interrupted(&self, index: usize, interrupted: &Interrupted) {
        let interrupted = interrupted.clone();
        self.interrupted.lock().unwrap().push((index, interrupted));
    }

    fn undelivered(&self, index: usize, exchange: Exchange) {
        self.undelivered.lock().unwrap().push((index, exchange));
    }

    fn on_the_way(&self, index: usize, exchange: Exchange, waypoint: Waypoint) {
        self.on_the_way
            .lock()
            .unwrap()
            .push((index, exchange, waypoint));
    }

    fn redirects_stopped(&self, index: usize, followed: u32) {
        self.stopped.lock().unwrap().push((index, followed));
    }
}

impl Witness {
    fn interruptions(&self) -> Vec<(usize, Interrupted)> {
        self.interrupted.lock().unwrap().clone()
    }
}

#[test]
fn futures_and_clients_can_move_between_threads() {
    fn must_be_send(_: &(impl Send + ?Sized)) {}
    let mut client = client();
    let request = get("http://localhost/");
    must_be_send(&client);
    must_be_send(&request);
    must_be_send(&Arc::new(Witness::default()));
    must_be_send(&client.send(&request, &()));
    must_be_send(&client.open(&request, &()));
    must_be_send(&client.send_all(&[&request], &()));
}
