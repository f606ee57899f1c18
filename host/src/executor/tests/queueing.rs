//! `onNoVU: queue`: iterations that wait for a VU instead of being dropped.

use super::*;

fn queueing(rate: u64, seconds: u32, pre_allocated_vus: u32, max_vus: u32) -> Executor {
    let pool = ArrivalPool {
        on_no_vu: OnNoVu::Queue,
        ..pool(pre_allocated_vus, max_vus)
    };
    constant_rate(rate, seconds * SECOND, pool)
}

/// The number, the start and the intended start of each iteration.
fn starts(world: &World) -> Vec<(u64, Duration, Duration)> {
    let events = world.events();
    let starts = events.iter().filter_map(|&(at, event)| match event {
        Event::Started {
            number,
            intended: Some(intended),
            ..
        } => Some((number, at, intended)),
        _ => None,
    });
    starts.collect()
}

#[tokio::test(start_paused = true)]
async fn iterations_wait_in_their_order_and_keep_their_intended_start() {
    let takes = |number| {
        if number == 0 {
            3_500 * MILLISECOND
        } else {
            400 * MILLISECOND
        }
    };
    let world = World::new(queueing(1, 8, 1, 1), takes).run().await;
    let at = [0, 3500, 3900, 4300, 4700, 5100, 6000, 7000].map(|at| at * MILLISECOND);
    let expected: Vec<_> = (0..8_u32)
        .zip(at)
        .map(|(number, at)| (u64::from(number), at, number * SECOND))
        .collect();
    assert_eq!(starts(&world), expected);
    assert!(world.times(|event| event == Event::Dropped).is_empty());
    // Where one is queued there is nothing to wait for.
    let waits = [5500, 6400, 7400].map(|at| at * MILLISECOND);
    assert_eq!(
        world.times(|event| matches!(event, Event::Paused(_))),
        waits
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_still_queued_at_the_end_is_dropped() {
    let world = World::new(queueing(1, 5, 1, 1), |_| 2_400 * MILLISECOND)
        .run()
        .await;
    assert_eq!(
        world.start_times(),
        [0, 2_400, 4_800].map(|at| at * MILLISECOND)
    );
    assert_eq!(
        world.times(|event| event == Event::Dropped),
        [5 * SECOND; 2]
    );
}

#[tokio::test(start_paused = true)]
async fn a_queued_iteration_makes_a_user_that_takes_it() {
    let mut world = World::new(queueing(1, 4, 1, 2), |_| 60 * SECOND);
    world.preparing_takes = 1_500 * MILLISECOND;
    let world = world.run().await;
    assert_eq!(
        starts(&world),
        [
            (0, Duration::ZERO, Duration::ZERO),
            (1, 2_500 * MILLISECOND, SECOND)
        ]
    );
    assert_eq!(
        world.times(|event| event == Event::Dropped),
        [4 * SECOND; 2]
    );
}

#[tokio::test(start_paused = true)]
async fn after_a_stall_every_iteration_is_run() {
    let takes = |number| {
        if number < 10 {
            2 * SECOND
        } else {
            50 * MILLISECOND
        }
    };
    for workers in [1, 2, 3] {
        let mut world = World::new(queueing(100, 5, 10, 10), takes);
        world.workers = workers;
        let world = world.run().await;
        assert_eq!(starts(&world).len(), 500, "{workers} workers");
        assert!(world.times(|event| event == Event::Dropped).is_empty());
        let numbers: Vec<u64> = starts(&world).iter().map(|&(number, ..)| number).collect();
        assert!(numbers.is_sorted(), "{workers} workers: {numbers:?}");
    }
}
