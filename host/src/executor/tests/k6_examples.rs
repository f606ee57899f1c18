//! The example of each executor's page in k6's documentation,
//! <https://grafana.com/docs/k6/latest/using-k6/scenarios/executors/>: when every
//! iteration starts, and how many VUs there are at every second. An iteration of
//! theirs takes about 515 ms; here it takes exactly as long.

use super::*;

const ITERATION: Duration = Duration::from_millis(515);

fn takes(_: u64) -> Duration {
    ITERATION
}

#[tokio::test(start_paused = true)]
async fn constant_vus() {
    let executor = Executor::ConstantVus {
        vus: 10,
        duration: 30 * SECOND,
    };
    let world = World::new(executor, takes).run().await;
    // 58 x 515 ms are 29.87 s: the 59th starts then and is finished.
    let each = (0..59).map(|k| k * ITERATION);
    let all: Vec<_> = each.flat_map(|at| [at; 10]).collect();
    assert_eq!(world.start_times(), all);
    let vus = world.active_each_second(31);
    assert_eq!(vus, [[10; 31].as_slice(), &[0]].concat());
    assert_eq!(world.over(), 59 * ITERATION);
}

#[tokio::test(start_paused = true)]
async fn ramping_vus() {
    let executor = Executor::RampingVus {
        start_vus: 0,
        stages: stages([(20, 10), (10, 0)]),
        graceful_ramp_down: Duration::ZERO,
    };
    let world = World::new(executor, takes).run().await;
    let mut vus: Vec<usize> = (0..=20).map(|second| second / 2).collect();
    vus.extend((0..10).rev());
    assert_eq!(world.active_each_second(30), vus);
    for vu in 0..10_u32 {
        // The first VU after 2 s, the tenth after 20 s; the tenth leaves first.
        let (from, until) = (2 * (vu + 1) * SECOND, (30 - vu) * SECOND);
        let starts = (0..).map(|k| from + k * ITERATION);
        let starts: Vec<_> = starts.take_while(|&at| at < until).collect();
        let of_this = |event| matches!(event, Event::Started { vu: of, .. } if of == vu);
        assert_eq!(world.times(of_this), starts, "VU {vu}");
    }
}

#[tokio::test(start_paused = true)]
async fn shared_iterations() {
    let executor = Executor::SharedIterations {
        vus: 10,
        iterations: 200,
        max_duration: 30 * SECOND,
    };
    let world = World::new(executor, takes).run().await;
    let expected: Vec<_> = (0..200).map(|n| (n, n as u32 / 10 * ITERATION)).collect();
    assert_eq!(world.starts(), expected);
    assert_eq!(world.over(), 20 * ITERATION);
    let vus = world.active_each_second(11);
    assert_eq!(vus, [[10; 11].as_slice(), &[0]].concat());
}

#[tokio::test(start_paused = true)]
async fn per_vu_iterations() {
    let executor = Executor::PerVuIterations {
        vus: 10,
        iterations: 20,
        max_duration: 30 * SECOND,
    };
    let world = World::new(executor, takes).run().await;
    for vu in 0..10 {
        let of_this = |event| matches!(event, Event::Started { vu: of, .. } if of == vu);
        let starts: Vec<_> = (0..20).map(|k| k * ITERATION).collect();
        assert_eq!(world.times(of_this), starts, "VU {vu}");
    }
    let vus = world.active_each_second(11);
    assert_eq!(vus, [[10; 11].as_slice(), &[0]].concat());
}

#[tokio::test(start_paused = true)]
async fn constant_arrival_rate() {
    let executor = constant_rate(30, 30 * SECOND, pool(50, 50));
    let world = World::new(executor, takes).run().await;
    assert_eq!(
        world.intended(),
        (0..900).map(thirtieths).collect::<Vec<_>>()
    );
    let (starts, due): (Vec<_>, Vec<_>) = (
        world.starts(),
        (0..900).map(|n| (n, next_tick(thirtieths(n)))).collect(),
    );
    assert_eq!(starts, due);
    let vus = world.active_each_second(31);
    assert_eq!(
        vus,
        [[50; 30].as_slice(), &[15, 0]].concat(),
        "15 are busy at the end"
    );
    assert!(
        world
            .times(|event| matches!(event, Event::Dropped | Event::Made))
            .is_empty()
    );
}

/// The page's earlier example starts with 2 VUs.
#[tokio::test(start_paused = true)]
async fn constant_arrival_rate_with_too_few_users() {
    let executor = constant_rate(30, 30 * SECOND, pool(2, 50));
    let world = World::new(executor, takes).run().await;
    // Iterations 0 and 1 have a VU each. Each further one is dropped and makes
    // a VU that the next one takes, so that every other one is run, until VUs
    // come back from their iterations: the first after 515 ms.
    let dropped = world.times(|event| event == Event::Dropped);
    assert_eq!(dropped[..4], [2, 4, 6, 8].map(|n| next_tick(thirtieths(n))));
    let made = world.times(|event| event == Event::Made);
    assert_eq!(made, dropped, "each makes one, at once");
    assert_eq!(world.starts().len() + dropped.len(), 900);
    // 30 a second of 515 ms each are 15.45 VUs.
    assert_eq!(made.len() + 2, 16);
    assert_eq!(dropped.last(), Some(&next_tick(thirtieths(62))));
    assert!(world.times(|event| event == Event::ShortOfVus).is_empty());
}

#[tokio::test(start_paused = true)]
async fn ramping_arrival_rate() {
    let executor = Executor::RampingArrivalRate {
        start_rate: 300,
        time_unit: 60 * SECOND,
        stages: rate_stages([(60, 300), (120, 600), (240, 600), (120, 60)]),
        pool: pool(50, 50),
    };
    let world = World::new(executor, takes).run().await;
    let times = world.intended();
    // 300 in the first minute; 450 a minute on average for two; 600 for four;
    // 330 on average for two.
    assert_eq!(times.len(), 300 + 900 + 2400 + 660);
    for (n, &at) in (1_u32..).zip(&times[..300]) {
        assert_eq!(at, n * 200 * MILLISECOND);
    }
    for (n, &at) in (1_u32..).zip(&times[1200..3600]) {
        assert_eq!(at, 180 * SECOND + n * 100 * MILLISECOND);
    }
    // In between, the time t solves 5 t + t²/48 = n, and 10 t - 3 t²/80 = n.
    for (n, &at) in (1_u32..).zip(&times[300..1200]) {
        let t = 120.0 * ((1.0 + f64::from(n) / 300.0).sqrt() - 1.0);
        assert_close(at, 60.0 + t);
    }
    for (n, &at) in (1_u32..).zip(&times[3600..]) {
        let t = (10.0 - (100.0 - 0.15 * f64::from(n)).max(0.0).sqrt()) / 0.075;
        assert_close(at, 420.0 + t);
    }
    assert_eq!(
        times.last(),
        Some(&(540 * SECOND)),
        "the last at the very end"
    );
    let started: Vec<_> = times.into_iter().map(next_tick).collect();
    assert_eq!(world.start_times(), started);
    assert_eq!(world.active_each_second(540)[..540], [50; 540]);
}

/// What `TestRampingArrivalRateCal` of k6 expects, to the millisecond.
#[test]
fn ramping_arrival_rate_from_none_to_one_and_back() {
    let executor = Executor::RampingArrivalRate {
        start_rate: 0,
        time_unit: SECOND,
        stages: rate_stages([(5, 1), (1, 1), (5, 0)]),
        pool: pool(1, 1),
    };
    let plan = Schedule::new(&scenario(executor), &ExecutionPart::whole())
        .arrival_plan(Seed(1))
        .unwrap();
    let times: Vec<u128> = plan
        .arrivals
        .of_worker(0, 1)
        .map(|arrival| arrival.at.as_millis())
        .collect();
    assert_eq!(times, [3162, 4472, 5500, 6527, 7837, 11_000]);
}

fn thirtieths(n: u64) -> Duration {
    Duration::from_nanos(n * 1_000_000_000 / 30)
}

/// When tokio's clock comes to a moment: at the next millisecond.
fn next_tick(at: Duration) -> Duration {
    Duration::from_millis(at.as_nanos().div_ceil(1_000_000) as u64)
}

fn assert_close(at: Duration, seconds: f64) {
    let difference = (at.as_secs_f64() - seconds).abs();
    // Near the end, where the rate is low, the formula itself is less precise.
    assert!(difference < 1e-6, "{at:?} is not {seconds} s");
}
