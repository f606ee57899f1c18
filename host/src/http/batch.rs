//! Several requests at once.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use super::alarm::Alarm;
use super::client::Client;
use super::engine::Engine;
use super::exchange::Exchange;
use super::following::{Call, Landed, Sent};
use super::observer::Observer;
use super::request::Request;
use super::sending::{Flight, send};
use super::settings::limit;

type Sending<'a> = Pin<Box<dyn Future<Output = Landed> + Send + 'a>>;

/// A call of which an exchange is under way.
struct UnderWay<'a> {
    index: usize,
    call: Call<'a>,
    sending: Sending<'a>,
}

/// Several requests at once: as many under way as the limits allow, in order.
pub(super) struct Batch<'a> {
    engine: &'a Arc<Engine>,
    requests: &'a [&'a Request],
    observer: &'a dyn Observer,
    started: Instant,
    waiting: VecDeque<usize>,
    /// A handful, so that asking each at every turn is cheaper than telling who
    /// was woken.
    under_way: Vec<UnderWay<'a>>,
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
            while let Some(UnderWay {
                index,
                call,
                sending,
            }) = self.under_way.get_mut(at)
            {
                let Poll::Ready(landed) = sending.as_mut().poll(cx) else {
                    at += 1;
                    continue;
                };
                match client.advance(call, landed, *index, self.observer) {
                    // Polled again before anything else, to be woken ever.
                    ControlFlow::Continue(()) => {
                        *sending = exchange(self.engine, call, client, *index, self.observer, None);
                    }
                    ControlFlow::Break(exchange) => {
                        self.over[*index] = Some(exchange);
                        drop(self.under_way.remove(at));
                        freed = true;
                    }
                }
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
            let same_host =
                |other: &&UnderWay<'a>| other.call.request().origin().has_host_of(request.origin());
            if self.under_way.iter().filter(same_host).count() >= per_host {
                at += 1;
                continue;
            }
            self.waiting.remove(at);
            let call = Call::new(self.engine, Sent::AsBuilt(request));
            let began = Some(self.started);
            let sending = exchange(self.engine, &call, client, index, self.observer, began);
            self.under_way.push(UnderWay {
                index,
                call,
                sending,
            });
        }
        self.under_way.len() > before
    }
}

/// The exchange that is due in a call. The first one has a turn to wait for, and
/// is timed from the batch's begin.
fn exchange<'a>(
    engine: &'a Arc<Engine>,
    call: &Call<'a>,
    client: &mut Client,
    index: usize,
    observer: &'a dyn Observer,
    began: Option<Instant>,
) -> Sending<'a> {
    let leg = call.leg(&client.cookies);
    let mut lease = client.lease(&leg.request);
    Box::pin(async move {
        let limited = engine.settings().request_period.is_some();
        if began.is_some() {
            engine.turn().await;
        }
        let started = began.filter(|_| !limited).unwrap_or_else(Instant::now);
        let mut flight = Flight::new(&leg, started, observer, index);
        let mut alarm = Alarm::default();
        send(engine, &leg, &mut lease, &mut flight, &mut alarm).await
    })
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
