//! Several requests at once.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use super::client::Client;
use super::connection::Connection;
use super::engine::Engine;
use super::exchange::Exchange;
use super::observer::Observer;
use super::request::Request;
use super::sending::{Flight, send};
use super::settings::limit;

type Sending<'a> = Pin<Box<dyn Future<Output = (Exchange, Option<Connection>)> + Send + 'a>>;

/// Several requests at once: as many under way as the limits allow, in order.
pub(super) struct Batch<'a> {
    engine: &'a Arc<Engine>,
    requests: &'a [&'a Request],
    observer: &'a dyn Observer,
    started: Instant,
    waiting: VecDeque<usize>,
    /// A handful, so that asking each at every turn is cheaper than telling who
    /// was woken.
    under_way: Vec<(usize, Sending<'a>)>,
    over: Vec<Option<Exchange>>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(
        engine: &'a Arc<Engine>,
        requests: &'a [&'a Request],
        observer: &'a dyn Observer,
    ) -> Self {
        Self {
            engine,
            requests,
            observer,
            started: Instant::now(),
            waiting: (0..requests.len()).collect(),
            under_way: Vec::new(),
            over: requests.iter().map(|_| None).collect(),
        }
    }

    pub(super) async fn run(mut self, client: &mut Client) -> Vec<Exchange> {
        self.start(client);
        poll_fn(|cx| self.poll(cx, client)).await;
        std::mem::take(&mut self.over)
            .into_iter()
            .flatten()
            .collect()
    }

    fn poll(&mut self, cx: &mut Context<'_>, client: &mut Client) -> Poll<()> {
        loop {
            let mut freed = false;
            let mut at = 0;
            while let Some((index, sending)) = self.under_way.get_mut(at) {
                let Poll::Ready((exchange, connection)) = sending.as_mut().poll(cx) else {
                    at += 1;
                    continue;
                };
                self.over[*index] = Some(exchange);
                drop(self.under_way.remove(at));
                connection
                    .into_iter()
                    .for_each(|connection| client.keep(connection));
                freed = true;
            }
            // New ones must be polled once to be woken ever.
            if !(freed && self.start(client)) {
                break;
            }
        }
        if self.under_way.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Starts those whose turn has come; whether there were any.
    fn start(&mut self, client: &mut Client) -> bool {
        let settings = self.engine.settings();
        let (in_all, per_host) = (limit(settings.batch), limit(settings.per_host));
        let before = self.under_way.len();
        let mut at = 0;
        while self.under_way.len() < in_all
            && let Some(&index) = self.waiting.get(at)
        {
            let request = self.requests[index];
            let same_host = |(other, _): &&(usize, Sending<'a>)| {
                self.requests[*other].origin().has_host_of(request.origin())
            };
            if self.under_way.iter().filter(same_host).count() >= per_host {
                at += 1;
                continue;
            }
            self.waiting.remove(at);
            let (engine, observer, started) = (self.engine, self.observer, self.started);
            let lease = client.lease(request);
            let sending = async move {
                let limited = engine.settings().request_period.is_some();
                engine.turn().await;
                let started = if limited { Instant::now() } else { started };
                let flight = Flight::new(request, started, observer, index);
                send(engine, request, lease, flight).await
            };
            self.under_way.push((index, Box::pin(sending)));
        }
        self.under_way.len() > before
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        // Those under way tell of themselves when they are dropped.
        for (index, exchange) in self.over.drain(..).enumerate() {
            if let Some(exchange) = exchange {
                self.observer.undelivered(index, exchange);
            }
        }
    }
}
