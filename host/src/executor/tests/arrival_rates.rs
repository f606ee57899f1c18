//! Iterations of an arrival rate and the VUs that they find, or do not.

use super::*;

fn seconds<const N: usize>(seconds: [u32; N]) -> [Duration; N] {
    seconds.map(|second| second * SECOND)
}

#[tokio::test(start_paused = true)]
async fn an_iteration_without_a_free_user_is_dropped_and_counted() {
    let executor = constant_rate(1, 6 * SECOND, pool(2, 2));
    let world = World::new(executor, |_| 3_500 * MILLISECOND).run().await;
    assert_eq!(world.start_times(), seconds([0, 1, 4, 5]));
    assert_eq!(
        world.times(|event| event == Event::Dropped),
        seconds([2, 3])
    );
    assert_eq!(
        world.times(|event| event == Event::ShortOfVus),
        seconds([2]),
        "said once"
    );
    assert!(world.times(|event| event == Event::Made).is_empty());
}

#[tokio::test(start_paused = true)]
async fn free_users_take_turns() {
    let executor = constant_rate(1, 6 * SECOND, pool(3, 3));
    let world = World::new(executor, |_| 500 * MILLISECOND).run().await;
    let events = world.events();
    let vus = events.iter().filter_map(|&(_, event)| match event {
        Event::Started { vu, .. } => Some(vu),
        _ => None,
    });
    assert_eq!(vus.collect::<Vec<_>>(), [0, 1, 2, 0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_user_that_waited_for_its_turn_is_told_that_it_will_again() {
    let executor = constant_rate(1, 6 * SECOND, pool(3, 3));
    let world = World::new(executor, |_| 500 * MILLISECOND).run().await;
    let events = world.events();
    let pauses = events.iter().filter_map(|&(_, event)| match event {
        Event::Paused(how_long) => Some(how_long),
        _ => None,
    });
    // Nobody knows it the first time.
    let waited = 2_500 * MILLISECOND;
    let zero = Duration::ZERO;
    assert_eq!(
        pauses.collect::<Vec<_>>(),
        [zero, zero, zero, waited, waited, waited]
    );
}

#[tokio::test(start_paused = true)]
async fn a_missing_user_is_made_in_the_background_and_takes_part_once_prepared() {
    let executor = constant_rate(1, 10 * SECOND, pool(1, 3));
    let mut world = World::new(executor, |_| 60 * SECOND);
    world.preparing_takes = 2_500 * MILLISECOND;
    let world = world.run().await;
    // The first VU was prepared before the load. Iteration 1 is dropped, and a
    // VU is made from then on, one at a time: ready after 2.5 s, as iteration 4
    // comes. That of iteration 5 is dropped and asks for the last one.
    assert_eq!(world.start_times(), seconds([0, 4, 8]));
    assert_eq!(
        world.times(|event| event == Event::Dropped),
        seconds([1, 2, 3, 5, 6, 7, 9])
    );
    let made = world.times(|event| event == Event::Made);
    assert_eq!(made, [3_500, 7_500].map(|at| at * MILLISECOND));
    assert_eq!(world.active_each_second(9), [1, 1, 1, 1, 2, 2, 2, 2, 3, 3]);
    assert_eq!(
        world.times(|event| event == Event::ShortOfVus),
        seconds([6]),
        "the last is being made"
    );
}

#[tokio::test(start_paused = true)]
async fn the_load_may_start_when_all_users_are_prepared() {
    let executor = constant_rate(1, 2 * SECOND, pool(4, 4));
    let mut world = World::new(executor, |_| SECOND / 2);
    world.preparing_takes = 3 * SECOND;
    let before = Instant::now();
    let world = world.run().await;
    assert_eq!(world.load_start() - before, 3 * SECOND, "side by side");
    assert_eq!(
        world
            .times(|event| matches!(event, Event::Prepared(_)))
            .len(),
        4
    );
    assert_eq!(world.start_times(), seconds([0, 1]));
}

#[tokio::test(start_paused = true)]
async fn without_users_before_the_load_the_first_iteration_makes_one() {
    let executor = constant_rate(1, 3 * SECOND, pool(0, 1));
    let world = World::new(executor, |_| SECOND / 2).run().await;
    assert_eq!(world.times(|event| event == Event::Dropped), seconds([0]));
    assert_eq!(world.start_times(), seconds([1, 2]));
}

#[tokio::test(start_paused = true)]
async fn iterations_under_way_at_the_end_have_graceful_stop() {
    let executor = constant_rate(1, 3 * SECOND, pool(3, 3));
    let mut world = World::new(executor, |_| 3_500 * MILLISECOND);
    world.scenario.graceful_stop = 2 * SECOND;
    let world = world.run().await;
    assert_eq!(world.start_times(), seconds([0, 1, 2]));
    let finished = world.times(|event| matches!(event, Event::Finished(_)));
    assert_eq!(finished, [3_500, 4_500].map(|at| at * MILLISECOND));
    let interrupted = world.times(|event| matches!(event, Event::Interrupted(_)));
    assert_eq!(interrupted, seconds([5]));
    assert_eq!(world.over(), 5 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_rate_starts_at_its_start_time() {
    let mut world = World::new(constant_rate(1, 2 * SECOND, pool(1, 1)), |_| SECOND / 2);
    world.scenario.start_time = 7 * SECOND;
    let world = world.run().await;
    assert_eq!(world.start_times(), seconds([7, 8]));
    assert_eq!(world.over(), 9 * SECOND);
    let vus = world.active_each_second(9);
    assert_eq!(
        vus,
        [0, 0, 0, 0, 0, 0, 0, 1, 1, 0],
        "as in k6, from then on"
    );
}

#[tokio::test(start_paused = true)]
async fn a_user_still_being_made_at_the_end_is_not_waited_for() {
    let executor = constant_rate(1, 2 * SECOND, pool(0, 1));
    let mut world = World::new(executor, |_| SECOND);
    world.preparing_takes = 60 * SECOND;
    world.scenario.graceful_stop = SECOND;
    let before = Instant::now();
    let world = world.run().await;
    assert_eq!(before.elapsed(), 2 * SECOND);
    assert!(world.starts().is_empty());
    assert!(world.times(|event| event == Event::Made).is_empty());
}
