//! Iterations that start every so often per VU.

use super::*;

fn paced(executor: Executor, every: Duration, takes: fn(u64) -> Duration) -> World {
    let mut world = World::new(executor, takes);
    world.scenario.pacing = Some(every);
    world
}

fn one_user(seconds: u64) -> Executor {
    Executor::ConstantVus {
        vus: 1,
        duration: Duration::from_secs(seconds),
    }
}

#[tokio::test(start_paused = true)]
async fn an_iteration_starts_every_so_often_however_long_it_took() {
    let takes = |number| 300 * MILLISECOND + 200 * MILLISECOND * (number % 3) as u32;
    let world = paced(one_user(5), SECOND, takes).run().await;
    assert_eq!(
        world.start_times(),
        [0, 1, 2, 3, 4].map(|second| second * SECOND)
    );
    assert_eq!(world.start_times(), world.intended());
    assert_eq!(
        world.active_at(4_999 * MILLISECOND),
        1,
        "it waits, and is active"
    );
    assert_eq!(world.over(), 5 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn after_a_stall_the_iterations_that_are_due_start_one_after_the_other() {
    let takes = |number| {
        if number == 2 {
            2500 * MILLISECOND
        } else {
            100 * MILLISECOND
        }
    };
    let world = paced(one_user(8), SECOND, takes).run().await;
    let starts = [0, 1000, 2000, 4500, 4600, 5000, 6000, 7000].map(|at| at * MILLISECOND);
    assert_eq!(world.start_times(), starts);
    assert_eq!(
        world.intended(),
        (0..8).map(|k| k * SECOND).collect::<Vec<_>>()
    );
}

#[tokio::test(start_paused = true)]
async fn a_user_that_is_always_late_runs_without_a_pause_until_its_time_is_over() {
    let world = paced(one_user(6), SECOND, |_| 1500 * MILLISECOND)
        .run()
        .await;
    assert_eq!(
        world.start_times(),
        [0, 1500, 3000, 4500].map(|at| at * MILLISECOND)
    );
    assert_eq!(
        world.intended(),
        (0..4).map(|k| k * SECOND).collect::<Vec<_>>()
    );
}

#[tokio::test(start_paused = true)]
async fn each_users_pace_counts_from_when_it_became_active() {
    let executor = Executor::RampingVus {
        start_vus: 0,
        stages: stages([(3, 2), (2, 2)]),
        graceful_ramp_down: Duration::ZERO,
    };
    let world = paced(executor, SECOND, |_| 100 * MILLISECOND).run().await;
    let of =
        |wanted| world.times(|event| matches!(event, Event::Started { vu, .. } if vu == wanted));
    assert_eq!(of(0), [1500, 2500, 3500, 4500].map(|at| at * MILLISECOND));
    assert_eq!(of(1), [3, 4].map(|second| second * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_user_that_waits_for_its_pace_is_stopped_at_once() {
    let world = paced(one_user(60), 10 * SECOND, |_| SECOND);
    let world = world
        .run_and_stop(&[(15 * SECOND, Urgency::Graceful)])
        .await;
    assert_eq!(world.start_times(), [0, 10].map(|second| second * SECOND));
    assert_eq!(world.over(), 15 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn paced_users_share_iterations_and_stop_when_none_is_left() {
    let executor = Executor::SharedIterations {
        vus: 2,
        iterations: 5,
        max_duration: 60 * SECOND,
    };
    let world = paced(executor, SECOND, |_| 100 * MILLISECOND).run().await;
    assert_eq!(
        world.start_times(),
        [0, 0, 1, 1, 2].map(|second| second * SECOND)
    );
    assert_eq!(world.over(), 2_100 * MILLISECOND);
}
