//! Clients against servers on real sockets of this machine.
#![allow(clippy::unwrap_used)]

mod answers;
mod batches;
mod failures;
mod interruption;
mod server;
mod streams;
mod timing;
mod tls;
mod websocket;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Client, Engine, Exchange, Interrupted, Observer, Request, Settings};

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
    interrupted: Mutex<Vec<(usize, Interrupted)>>,
    undelivered: Mutex<Vec<(usize, Exchange)>>,
}

impl Observer for Witness {
    fn interrupted(&self, index: usize, interrupted: &Interrupted) {
        self.interrupted.lock().unwrap().push((index, *interrupted));
    }

    fn undelivered(&self, index: usize, exchange: Exchange) {
        self.undelivered.lock().unwrap().push((index, exchange));
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
