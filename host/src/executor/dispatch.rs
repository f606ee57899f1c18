//! What the workers of an arrival rate share: who has a free VU, which
//! iterations wait for one, and how many VUs there are.
//!
//! Every worker dispatches its own share of the iterations. A VU belongs to the
//! worker it was made on; others can have an iteration run by it. All of it is
//! atomics and channels: no worker ever waits for another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crossbeam_queue::SegQueue;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::arrivals::{Arrival, ArrivalSchedule, ArrivalTimes};
use crate::plan::{OnNoVu, Stripe};

/// How many iterations wait for a VU at most; those beyond are dropped. Nobody
/// wants to hear of a user who waited for a million others.
const MOST_QUEUED: u64 = 1_000_000;

/// What a scenario with an arrival rate comes down to, in this part of the run.
#[derive(Debug)]
pub(super) struct ArrivalPlan {
    pub(super) arrivals: ArrivalSchedule,
    /// From the load's start: when no further iteration starts.
    pub(super) until: Duration,
    pub(super) graceful_stop: Duration,
    pub(super) on_no_vu: OnNoVu,
    /// The numbers of the part's VUs.
    pub(super) vus: Stripe,
    /// How many VUs are made before the load starts.
    pub(super) pre_allocated_vus: u32,
    /// How many there may be.
    pub(super) max_vus: u32,
}

/// One scenario's arrivals, shared by all workers.
#[derive(Debug)]
pub(super) struct Dispatch {
    plan: ArrivalPlan,
    workers: Box<[Worker]>,
    /// Iterations that no VU was free for, in their order.
    queue: SegQueue<Arrival>,
    /// How many of the queue nobody has claimed yet: never more than are in it.
    queued: AtomicU64,
    /// How many VUs there are, those being made included.
    vus: AtomicU32,
    /// A VU is being made.
    making: AtomicBool,
    told_short: AtomicBool,
}

/// What others need of a worker.
#[derive(Debug)]
struct Worker {
    /// How many of its free VUs nobody has reserved.
    free: AtomicUsize,
    /// Iterations for which others reserved one.
    handovers: UnboundedSender<Arrival>,
}

impl Dispatch {
    /// For so many workers, and for each of them what is handed over to it.
    pub(super) fn new(
        plan: ArrivalPlan,
        workers: usize,
    ) -> (Arc<Self>, Vec<UnboundedReceiver<Arrival>>) {
        let (workers, receivers) = (0..workers.max(1))
            .map(|_| {
                let (handovers, receiver) = unbounded_channel();
                let free = AtomicUsize::new(0);
                (Worker { free, handovers }, receiver)
            })
            .collect::<(Vec<_>, Vec<_>)>();
        let dispatch = Arc::new(Self {
            vus: AtomicU32::new(plan.pre_allocated_vus),
            plan,
            workers: workers.into(),
            queue: SegQueue::new(),
            queued: AtomicU64::new(0),
            making: AtomicBool::new(false),
            told_short: AtomicBool::new(false),
        });
        (dispatch, receivers)
    }

    pub(super) fn plan(&self) -> &ArrivalPlan {
        &self.plan
    }

    /// The iterations that a worker dispatches.
    pub(super) fn arrivals(&self, worker: usize) -> ArrivalTimes {
        self.plan.arrivals.of_worker(worker, self.workers.len())
    }

    /// The numbers of the VUs that a worker makes before the load starts.
    pub(super) fn pre_allocated(&self, worker: usize) -> impl Iterator<Item = u32> {
        (0..self.plan.pre_allocated_vus)
            .skip(worker)
            .step_by(self.workers.len())
            .map(|place| self.vu(place))
    }

    /// The number of the part's VU at this place.
    fn vu(&self, place: u32) -> u32 {
        let number = self.plan.vus.nth(u64::from(place));
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// A worker's VU has become free.
    pub(super) fn free(&self, worker: usize) {
        self.workers[worker].free.fetch_add(1, Ordering::SeqCst);
    }

    /// Reserves a free VU of a worker; the worker holds it ready until it is
    /// handed an iteration for it.
    pub(super) fn reserve(&self, worker: usize) -> bool {
        let one_less = |free: usize| free.checked_sub(1);
        self.workers[worker]
            .free
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
            .is_ok()
    }

    /// Reserves a free VU of any worker, best of the one that asks.
    fn reserve_any(&self, worker: usize) -> Option<usize> {
        let all = self.workers.len();
        (worker..worker + all)
            .map(|worker| worker % all)
            .find(|&worker| self.reserve(worker))
    }

    /// Reserves a free VU of another worker and hands the iteration over to it.
    pub(super) fn hand_to_another(&self, worker: usize, arrival: Arrival) -> bool {
        let all = self.workers.len();
        let other = (worker + 1..worker + all)
            .map(|worker| worker % all)
            .find(|&worker| self.reserve(worker));
        match other {
            Some(other) => {
                self.hand_over(other, arrival);
                true
            }
            None => false,
        }
    }

    fn hand_over(&self, worker: usize, arrival: Arrival) {
        // A worker that still has VUs to reserve is there to receive; one that
        // is gone has panicked, and the run with it.
        let _ = self.workers[worker].handovers.send(arrival);
    }

    /// Takes all free VUs of a worker that nobody has reserved out of reach, and
    /// says how many they were.
    pub(super) fn withdraw(&self, worker: usize) -> usize {
        self.workers[worker].free.swap(0, Ordering::SeqCst)
    }

    /// Whether another iteration may wait for a VU. Without a bound the memory of
    /// a run against a target that is down would grow with its length.
    pub(super) fn has_room(&self) -> bool {
        self.queued.load(Ordering::Relaxed) < MOST_QUEUED
    }

    /// Whether iterations wait for a VU.
    pub(super) fn has_queued(&self) -> bool {
        self.queued.load(Ordering::SeqCst) > 0
    }

    /// Puts an iteration behind those that wait for a VU.
    pub(super) fn enqueue(&self, worker: usize, arrival: Arrival) {
        self.queue.push(arrival);
        self.queued.fetch_add(1, Ordering::SeqCst);
        self.match_queue(worker);
    }

    /// The iteration that has waited longest.
    pub(super) fn take_queued(&self) -> Option<Arrival> {
        self.claim().then(|| self.queue.pop()).flatten()
    }

    /// Claims one of the iterations that wait.
    fn claim(&self) -> bool {
        let one_less = |queued: u64| queued.checked_sub(1);
        self.queued
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
            .is_ok()
    }

    /// Hands iterations that wait to VUs that are free. Whoever adds to either
    /// side calls this afterwards, and sees the other side then: so none waits
    /// while a VU is free.
    pub(super) fn match_queue(&self, worker: usize) {
        while self.claim() {
            if let Some(free) = self.reserve_any(worker) {
                if let Some(arrival) = self.queue.pop() {
                    self.hand_over(free, arrival);
                }
                continue;
            }
            self.queued.fetch_add(1, Ordering::SeqCst);
            // A VU that became free in between has seen no iteration to claim.
            let all_busy = |worker: &Worker| worker.free.load(Ordering::SeqCst) == 0;
            if self.workers.iter().all(all_busy) {
                return;
            }
        }
    }

    /// The number of a VU to be made, unless one is being made or there are as
    /// many as there may be. As in k6, VUs of a scenario are made one by one.
    pub(super) fn one_more(&self) -> OneMore {
        if self.vus.load(Ordering::Relaxed) >= self.plan.max_vus {
            return match self.told_short.swap(true, Ordering::Relaxed) {
                false => OneMore::NoMore,
                true => OneMore::No,
            };
        }
        if self.making.swap(true, Ordering::AcqRel) {
            return OneMore::No;
        }
        // Only who is making one changes the number.
        let place = self.vus.load(Ordering::Relaxed);
        if place >= self.plan.max_vus {
            self.making.store(false, Ordering::Release);
            return OneMore::No;
        }
        self.vus.store(place + 1, Ordering::Relaxed);
        OneMore::Vu(self.vu(place))
    }

    /// The VU that was being made is there, or is not wanted any more.
    pub(super) fn made(&self) {
        self.making.store(false, Ordering::Release);
    }
}

/// Whether another VU is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OneMore {
    /// The one of this number.
    Vu(u32),
    /// Not now.
    No,
    /// Never again: said once.
    NoMore,
}
