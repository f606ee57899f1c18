//! One worker's share of an arrival rate: its VUs, and the dispatcher that hands
//! them iterations at their times.
//!
//! A worker has a [`Shift`] for each such scenario. Before the load starts it
//! makes its VUs, which gives a [`Crew`]; [`Crew::run`] then goes on until all is
//! over. An iteration goes to a free VU of the worker, or else to one of
//! another, or else it is dropped, or queued where the plan says so.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::arrivals::Arrival;
use super::cut_off::{cut_off_or_stopped, prepared_in_time};
use super::dispatch::{Dispatch, OneMore};
use super::preparation::{Prepared, prepare};
use super::slot::Slot;
use super::{Stop, Timer, Urgency, Watcher};
use crate::plan::OnNoVu;
use crate::vu::{Iteration, VirtualUser};

/// What a worker is to do of one scenario with an arrival rate.
#[derive(Debug)]
pub struct Shift {
    dispatch: Arc<Dispatch>,
    worker: usize,
    handovers: UnboundedReceiver<Arrival>,
}

/// Where and how a crew works.
#[derive(Debug)]
pub struct Site<W> {
    /// When the load starts.
    pub load_start: Instant,
    /// How the run is asked to end.
    pub stop: Stop,
    /// Who is told.
    pub watcher: Arc<W>,
    /// What the crew's dispatcher waits with.
    pub timer: Timer,
}

/// A worker's VUs of a scenario, ready to start.
#[derive(Debug)]
pub struct Crew<V> {
    shift: Shift,
    vus: Vec<(V, Arc<Slot>)>,
    unready: usize,
    free: FreeVus,
}

/// The free VUs of a worker, the one that is free for longest first, as in k6.
#[derive(Debug)]
struct FreeVus {
    sender: UnboundedSender<Arc<Slot>>,
    receiver: UnboundedReceiver<Arc<Slot>>,
}

impl Shift {
    /// One shift for each worker.
    pub(super) fn each(
        dispatch: &Arc<Dispatch>,
        inboxes: Vec<UnboundedReceiver<Arrival>>,
    ) -> Vec<Self> {
        (0..)
            .zip(inboxes)
            .map(|(worker, handovers)| Self {
                dispatch: Arc::clone(dispatch),
                worker,
                handovers,
            })
            .collect()
    }

    /// Makes the VUs that are there from the start and prepares them side by
    /// side until a deadline. `make` is handed a VU's number in its scenario,
    /// from 0. To be called before the load's start, which should wait until all
    /// workers have done so. After a request to stop it leaves off.
    pub async fn prepare<V>(
        self,
        make: impl Fn(u32) -> V,
        deadline: Instant,
        mut stop: Stop,
    ) -> Crew<V>
    where
        V: VirtualUser + Send + 'static,
    {
        let (sender, receiver) = unbounded_channel();
        let free = FreeVus { sender, receiver };
        let numbers = self.dispatch.pre_allocated(self.worker);
        let made = numbers.map(|number| (number, make(number)));
        let Prepared {
            vus: mut prepared,
            unready,
        } = prepare(made, deadline, &mut stop).await;
        // In the order of their numbers, whichever was prepared first.
        prepared.sort_by_key(|&(number, _)| number);
        let mut vus = Vec::with_capacity(prepared.len());
        for (_, vu) in prepared {
            let slot = Arc::new(Slot::default());
            // They can be reserved from now on, so that no worker that is a
            // moment earlier at the start takes another's VUs for busy.
            let _ = free.sender.send(Arc::clone(&slot));
            self.dispatch.free(self.worker);
            vus.push((vu, slot));
        }
        Crew {
            shift: self,
            vus,
            unready,
            free,
        }
    }
}

impl<V: VirtualUser + Send + 'static> Crew<V> {
    /// How many of its VUs were not ready in time.
    #[must_use]
    pub fn unready(&self) -> usize {
        self.unready
    }

    /// Dispatches the worker's iterations and runs what its VUs are handed,
    /// until the scenario is over and its last iteration is finished or cut off.
    /// `make` makes the VUs that turn out to be missing.
    ///
    /// An iteration whose time has come is started, however late the dispatcher
    /// is. At the scenario's end, or when a stop is asked for, iterations that
    /// are still queued are dropped.
    ///
    /// # Panics
    ///
    /// When a VU panics.
    pub async fn run<W>(self, make: impl Fn(u32) -> V, site: Site<W>)
    where
        W: Watcher + Send + Sync + 'static,
    {
        let Shift {
            dispatch,
            worker,
            handovers,
        } = self.shift;
        let shared = Arc::new(Shared {
            load_start: site.load_start,
            stop: site.stop,
            watcher: site.watcher,
            closed: AtomicBool::new(false),
            free: self.free.sender,
            dispatch,
            worker,
        });
        let mut tasks = JoinSet::new();
        for (vu, slot) in self.vus {
            tasks.spawn(Arc::clone(&shared).serve(vu, slot));
        }
        let dispatcher = Dispatcher {
            shared,
            free: self.free.receiver,
            handovers,
            tasks,
            make,
        };
        dispatcher.run(site.timer).await;
    }
}

/// What the dispatcher and the VUs of a worker share.
struct Shared<W> {
    dispatch: Arc<Dispatch>,
    worker: usize,
    load_start: Instant,
    stop: Stop,
    watcher: Arc<W>,
    /// No VU of this worker takes up another iteration.
    closed: AtomicBool,
    free: UnboundedSender<Arc<Slot>>,
}

impl<W: Watcher> Shared<W> {
    /// Makes a VU that is missing ready, and runs what it is handed.
    async fn join<V: VirtualUser>(self: Arc<Self>, mut vu: V) {
        let until = self.load_start + self.dispatch.plan().until;
        let prepared = prepared_in_time(&mut vu, until, &mut self.stop.clone()).await;
        self.dispatch.made();
        if !prepared {
            return;
        }
        self.watcher.made();
        let slot = Arc::new(Slot::default());
        self.watcher.active();
        if let Some(first) = self.next(&slot, || {}).await {
            self.work(&mut vu, &slot, first).await;
        }
        self.watcher.idle();
        vu.rest();
    }

    /// Runs what a VU is handed that is counted as free already. It is active
    /// from the scenario's start on.
    async fn serve<V: VirtualUser>(self: Arc<Self>, mut vu: V, slot: Arc<Slot>) {
        let start = self.load_start + self.dispatch.plan().arrivals.start_time;
        let mut next = pin!(slot.next());
        let before = tokio::select! {
            biased;
            first = &mut next => Some(first),
            () = tokio::time::sleep_until(start) => None,
        };
        if before == Some(None) {
            // Sent home before there was anything to do.
            return vu.rest();
        }
        self.watcher.active();
        let first = match before {
            Some(first) => first,
            None => next.await,
        };
        if let Some(first) = first {
            self.work(&mut vu, &slot, first).await;
        }
        self.watcher.idle();
        vu.rest();
    }

    /// Runs iterations one after another until there is no other.
    async fn work(&self, vu: &mut impl VirtualUser, slot: &Arc<Slot>, first: Arrival) {
        let mut stop = self.stop.clone();
        // Made once and not for each iteration, so that an iteration registers
        // no timer of its own.
        let mut cut = pin!(self.cut_off(&mut stop));
        let mut arrival = first;
        let mut waited = Duration::ZERO;
        loop {
            if self.stop.is(Urgency::Graceful) {
                self.watcher.dropped(1);
                return;
            }
            let iteration = Iteration {
                number: arrival.number,
                intended_start: Some(self.load_start + arrival.at),
            };
            // The cut-off first: what was handed over late is not begun after it.
            let finished = tokio::select! {
                biased;
                () = &mut cut => false,
                () = vu.iterate(iteration) => true,
            };
            if !finished {
                vu.interrupt();
                return;
            }
            let since = Instant::now();
            // Free VUs take turns: one that waited long waits as long again.
            let Some(next) = self.next(slot, || vu.pause(waited)).await else {
                return;
            };
            waited = (self.load_start + next.at).saturating_duration_since(since);
            arrival = next;
            // With iterations queued, one that never waits would keep the other
            // VUs of this worker from running.
            tokio::task::coop::consume_budget().await;
        }
    }

    async fn cut_off(&self, stop: &mut Stop) {
        let plan = self.dispatch.plan();
        let cut_off = self.load_start + plan.until + plan.graceful_stop;
        cut_off_or_stopped(cut_off, stop, plan.graceful_stop).await;
    }

    /// The next iteration for a VU that has none; `waits` where there is none yet.
    async fn next(&self, slot: &Arc<Slot>, waits: impl FnOnce()) -> Option<Arrival> {
        if self.closed.load(Ordering::Relaxed) {
            return None;
        }
        if let Some(queued) = self.dispatch.take_queued() {
            return Some(queued);
        }
        waits();
        // The dispatcher is there as long as it is not closed.
        let _ = self.free.send(Arc::clone(slot));
        self.dispatch.free(self.worker);
        self.dispatch.match_queue(self.worker);
        slot.next().await
    }
}

/// What hands iterations to the VUs of a worker.
struct Dispatcher<W, F> {
    shared: Arc<Shared<W>>,
    free: UnboundedReceiver<Arc<Slot>>,
    handovers: UnboundedReceiver<Arrival>,
    tasks: JoinSet<()>,
    make: F,
}

impl<W, F> Dispatcher<W, F>
where
    W: Watcher + Send + Sync + 'static,
{
    async fn run<V>(mut self, mut timer: Timer)
    where
        V: VirtualUser + Send + 'static,
        F: Fn(u32) -> V,
    {
        let (load_start, mut stop) = (self.shared.load_start, self.shared.stop.clone());
        let until = load_start + self.shared.dispatch.plan().until;
        let mut arrivals = self.shared.dispatch.arrivals(self.shared.worker);
        let mut next = arrivals.next();
        let mut stopped = pin!(stop.reached(Urgency::Graceful));
        loop {
            let wake = next.map_or(until, |arrival| load_start + arrival.at);
            tokio::select! {
                biased;
                () = &mut stopped => break,
                Some(arrival) = self.handovers.recv() => self.give(arrival),
                Some(ended) = self.tasks.join_next() => unless_panicked(ended),
                () = timer.sleep_until(wake) => {
                    let Some(arrival) = next else { break };
                    self.dispatch(arrival);
                    next = arrivals.next();
                }
            }
            // A dispatcher that has fallen behind lets its VUs run in between.
            tokio::task::coop::consume_budget().await;
        }
        self.close().await;
    }

    /// Finds a VU for an iteration whose time has come.
    fn dispatch<V>(&mut self, arrival: Arrival)
    where
        V: VirtualUser + Send + 'static,
        F: Fn(u32) -> V,
    {
        let (dispatch, worker) = (&self.shared.dispatch, self.shared.worker);
        // Behind those that wait already, even where a VU has just become free.
        if !dispatch.has_queued() {
            if dispatch.reserve(worker) {
                return self.give(arrival);
            }
            if dispatch.hand_to_another(worker, arrival) {
                return;
            }
        }
        match dispatch.plan().on_no_vu {
            OnNoVu::Queue if dispatch.has_room() => {
                dispatch.enqueue(worker, arrival);
                if !dispatch.has_queued() {
                    // A VU had become free meanwhile.
                    return;
                }
            }
            OnNoVu::Drop | OnNoVu::Queue => self.shared.watcher.dropped(1),
        }
        match dispatch.one_more() {
            OneMore::Vu(number) => {
                let vu = (self.make)(number);
                self.tasks.spawn(Arc::clone(&self.shared).join(vu));
            }
            OneMore::NoMore => self.shared.watcher.short_of_vus(),
            OneMore::No => {}
        }
    }

    /// Hands an iteration to one of the worker's VUs, which was reserved for it.
    fn give(&mut self, arrival: Arrival) {
        if let Ok(slot) = self.free.try_recv() {
            slot.give(arrival);
        }
    }

    /// Sends the VUs home: free ones now, busy ones after their iteration.
    async fn close(mut self) {
        let dispatch = &self.shared.dispatch;
        self.shared.closed.store(true, Ordering::Relaxed);
        while dispatch.take_queued().is_some() {
            self.shared.watcher.dropped(1);
        }
        for _ in 0..dispatch.withdraw(self.shared.worker) {
            if let Ok(slot) = self.free.try_recv() {
                slot.close();
            }
        }
        // The rest is reserved: the iterations for them are on their way.
        while let Ok(slot) = self.free.try_recv() {
            match self.handovers.recv().await {
                Some(arrival) => slot.give(arrival),
                None => slot.close(),
            }
        }
        while let Some(ended) = self.tasks.join_next().await {
            unless_panicked(ended);
        }
    }
}

/// The outcome of a task. A panic in it goes on here; no task is ever aborted.
fn unless_panicked<T>(ended: Result<T, JoinError>) -> T {
    match ended {
        Ok(outcome) => outcome,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
