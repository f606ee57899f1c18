//! Several workers of one scenario.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

#[tokio::test(start_paused = true)]
async fn with_any_number_of_workers_the_same_iterations_start_at_the_same_times() {
    let executor = constant_rate(50, 10 * SECOND, pool(40, 40));
    let one = World::new(executor.clone(), |_| 700 * MILLISECOND)
        .run()
        .await;
    for workers in [2, 3, 7] {
        let mut world = World::new(executor.clone(), |_| 700 * MILLISECOND);
        world.workers = workers;
        let world = world.run().await;
        assert_eq!(world.starts(), one.starts(), "{workers} workers");
        assert_eq!(world.active_each_second(11), one.active_each_second(11));
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_without_a_free_user_takes_one_of_another() {
    // Two workers, three VUs: the first worker has two of them, and the second
    // one's is busy for good from iteration 1 on.
    let takes = |number| {
        if number == 1 {
            60 * SECOND
        } else {
            900 * MILLISECOND
        }
    };
    let mut world = World::new(constant_rate(1, 10 * SECOND, pool(3, 3)), takes);
    world.workers = 2;
    let world = world.run().await;
    assert_eq!(
        world.start_times(),
        (0..10).map(|n| n * SECOND).collect::<Vec<_>>()
    );
    assert!(world.times(|event| event == Event::Dropped).is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_iteration_is_dropped_when_no_worker_has_a_free_user_and_one_user_is_made_at_a_time() {
    let mut world = World::new(constant_rate(10, 2 * SECOND, pool(2, 4)), |_| 60 * SECOND);
    world.workers = 2;
    world.preparing_takes = 550 * MILLISECOND;
    let world = world.run().await;
    // VUs of numbers 2 and 3 are ready 550 ms after the drops at 0.2 s and,
    // since the first of them is taken at 0.8 s, at 0.9 s.
    let made = world.times(|event| event == Event::Made);
    assert_eq!(made, [750, 1_450].map(|at| at * MILLISECOND));
    let starts = [0, 100, 800, 1_500].map(|at| at * MILLISECOND);
    assert_eq!(world.start_times(), starts);
    assert_eq!(world.times(|event| event == Event::Dropped).len(), 16);
    assert_eq!(world.times(|event| event == Event::ShortOfVus).len(), 1);
}

/// Counts, without a clock.
#[derive(Debug, Default)]
struct Counts {
    ran: Mutex<Vec<u64>>,
    dropped: AtomicU64,
    active: AtomicU64,
    idle: AtomicU64,
}

impl Watcher for Counts {
    fn active(&self) {
        self.active.fetch_add(1, Ordering::Relaxed);
    }

    fn idle(&self) {
        self.idle.fetch_add(1, Ordering::Relaxed);
    }

    fn made(&self) {}

    fn dropped(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }

    fn short_of_vus(&self) {}
}

struct Busy(Arc<Counts>);

impl VirtualUser for Busy {
    async fn prepare(&mut self) {}

    async fn iterate(&mut self, iteration: Iteration) {
        // Some wait and some do not, so that VUs of all workers are short at
        // times.
        for _ in 0..iteration.number % 50 {
            tokio::task::yield_now().await;
        }
        self.0.ran.lock().unwrap().push(iteration.number);
    }

    fn interrupt(&mut self) {}

    fn pause(&mut self, _: Duration) {}

    fn rest(&mut self) {}
}

/// Real threads, as fast as they can: a rate that is far above what they manage
/// within the time makes every hand-over and every queue race.
fn race(on_no_vu: OnNoVu) -> Arc<Counts> {
    let counts = Arc::new(Counts::default());
    let pool = ArrivalPool {
        on_no_vu,
        ..pool(3, 5)
    };
    let scenario = scenario(constant_rate(100_000, SECOND / 2, pool));
    let shifts = Schedule::new(&scenario, &ExecutionPart::whole()).shifts(Seed(1), 4);
    let (stop, load_start) = (StopSource::default(), Instant::now() + 20 * MILLISECOND);
    std::thread::scope(|threads| {
        for shift in shifts {
            let (counts, stop) = (Arc::clone(&counts), stop.stop());
            threads.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    let make = |_| Busy(Arc::clone(&counts));
                    let crew = shift.prepare(make, far_off(), stop.clone()).await;
                    let site = Site {
                        load_start,
                        stop,
                        watcher: Arc::clone(&counts),
                        timer: Timer::precise().unwrap(),
                    };
                    crew.run(make, site).await;
                });
            });
        }
    });
    counts
}

#[test]
fn on_real_threads_every_iteration_is_run_once_or_dropped() {
    for on_no_vu in [OnNoVu::Drop, OnNoVu::Queue] {
        let counts = race(on_no_vu);
        let ran = counts.ran.lock().unwrap().clone();
        let numbers: BTreeSet<u64> = ran.iter().copied().collect();
        assert_eq!(numbers.len(), ran.len(), "{on_no_vu:?}: none twice");
        let dropped = counts.dropped.load(Ordering::Relaxed);
        assert_eq!(ran.len() as u64 + dropped, 50_000, "{on_no_vu:?}");
        // How many depends on how busy the machine is.
        assert!(ran.len() > 10, "{on_no_vu:?}: {} ran", ran.len());
        let active = counts.active.load(Ordering::Relaxed);
        assert_eq!(active, counts.idle.load(Ordering::Relaxed));
        assert!((3..=5).contains(&active));
    }
}
