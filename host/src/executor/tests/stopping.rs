//! Runs that are asked to end before their time.

use super::*;

fn one_user() -> World {
    let executor = Executor::ConstantVus {
        vus: 1,
        duration: 60 * SECOND,
    };
    World::new(executor, |_| 4 * SECOND)
}

/// One iteration a second, each four seconds long.
fn one_a_second() -> World {
    World::new(constant_rate(1, 60 * SECOND, pool(10, 10)), |_| 4 * SECOND)
}

#[tokio::test(start_paused = true)]
async fn a_graceful_stop_lets_the_iteration_finish_and_starts_no_other() {
    let world = one_user()
        .run_and_stop(&[(5 * SECOND, Urgency::Graceful)])
        .await;
    assert_eq!(world.start_times(), [Duration::ZERO, 4 * SECOND]);
    assert!(
        world
            .times(|event| event == Event::Interrupted(0))
            .is_empty()
    );
    assert_eq!(world.over(), 8 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn an_iteration_that_ends_just_at_its_cut_off_is_complete() {
    let executor = Executor::ConstantVus {
        vus: 1,
        duration: 2 * SECOND,
    };
    let mut world = World::new(executor, |_| 3 * SECOND);
    world.scenario.graceful_stop = SECOND;
    let world = world.run().await;
    assert_eq!(
        world.times(|event| event == Event::Finished(0)),
        [3 * SECOND]
    );
    assert_eq!(world.over(), 3 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_second_request_to_stop_cuts_the_iteration_off() {
    let stops = [
        (5 * SECOND, Urgency::Graceful),
        (6 * SECOND, Urgency::AtOnce),
    ];
    let world = one_user().run_and_stop(&stops).await;
    assert_eq!(
        world.times(|event| event == Event::Interrupted(0)),
        [6 * SECOND]
    );
    assert_eq!(world.over(), 6 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_stop_before_the_first_iteration_starts_none() {
    let mut worlds = [one_user(), one_a_second()];
    for world in &mut worlds {
        world.scenario.start_time = 10 * SECOND;
        world.stop.request(Urgency::Graceful);
    }
    for world in worlds {
        let world = world.run().await;
        assert!(world.starts().is_empty());
        assert_eq!(world.load_start().elapsed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn at_an_arrival_rate_a_graceful_stop_lets_iterations_finish_and_starts_no_other() {
    let stop = [(5 * SECOND + 500 * MILLISECOND, Urgency::Graceful)];
    let world = one_a_second().run_and_stop(&stop).await;
    assert_eq!(
        world.start_times(),
        [0, 1, 2, 3, 4, 5].map(|second| second * SECOND)
    );
    assert_eq!(world.over(), 9 * SECOND);
    assert_eq!(world.active_at(5 * SECOND), 10);
    assert_eq!(world.active_at(8 * SECOND), 1, "free VUs go home at once");
    assert_eq!(world.active_at(9 * SECOND), 0);
}

#[tokio::test(start_paused = true)]
async fn at_an_arrival_rate_graceful_stop_cuts_off_after_its_time() {
    let mut world = one_a_second();
    world.scenario.graceful_stop = 2 * SECOND;
    let stop = [(5 * SECOND + 500 * MILLISECOND, Urgency::Graceful)];
    let world = world.run_and_stop(&stop).await;
    let interrupted = world.times(|event| matches!(event, Event::Interrupted(_)));
    assert_eq!(interrupted, [7_500 * MILLISECOND; 2]);
    assert_eq!(
        world
            .times(|event| matches!(event, Event::Finished(_)))
            .len(),
        4
    );
}

#[tokio::test(start_paused = true)]
async fn at_an_arrival_rate_a_stop_at_once_cuts_off_at_once() {
    let stop = [(5 * SECOND + 500 * MILLISECOND, Urgency::AtOnce)];
    let world = one_a_second().run_and_stop(&stop).await;
    let interrupted = world.times(|event| matches!(event, Event::Interrupted(_)));
    assert_eq!(interrupted, [5_500 * MILLISECOND; 4]);
    assert_eq!(world.over(), 5_500 * MILLISECOND);
}

#[tokio::test(start_paused = true)]
async fn a_stop_at_once_while_users_are_prepared_waits_for_none() {
    let mut world = one_a_second();
    world.preparing_takes = 60 * SECOND;
    let before = Instant::now();
    let stop = [(SECOND, Urgency::AtOnce)];
    let world = world.run_and_stop(&stop).await;
    assert_eq!(before.elapsed(), SECOND);
    assert!(world.events().is_empty());
}

/// Users who need a minute to be ready, at a rate and without one.
fn slow_to_prepare() -> [World; 2] {
    let rate = constant_rate(1, 60 * SECOND, pool(0, 1));
    [one_user(), World::new(rate, |_| SECOND)].map(|mut world| {
        world.preparing_takes = 50 * SECOND;
        world
    })
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_a_user_is_prepared_during_the_load_waits_for_none() {
    for urgency in [Urgency::Graceful, Urgency::AtOnce] {
        for world in slow_to_prepare() {
            let before = Instant::now();
            let world = world.run_and_stop(&[(5 * SECOND, urgency)]).await;
            assert_eq!(before.elapsed(), 5 * SECOND);
            assert!(world.starts().is_empty());
            assert!(world.times(|event| event == Event::Active).is_empty());
        }
    }
}
