//! VUs that decide themselves when they start an iteration.

use super::*;

fn constant_vus(vus: u32, seconds: u64) -> Executor {
    Executor::ConstantVus {
        vus,
        duration: Duration::from_secs(seconds),
    }
}

fn ramping(stages: Vec<Stage>, graceful_ramp_down: Duration) -> Executor {
    Executor::RampingVus {
        start_vus: 0,
        stages,
        graceful_ramp_down,
    }
}

#[tokio::test(start_paused = true)]
async fn iterations_follow_one_another_until_the_end_and_the_last_one_is_finished() {
    let world = World::new(constant_vus(1, 10), |_| 3 * SECOND).run().await;
    assert_eq!(
        world.start_times(),
        [0, 3, 6, 9].map(|second| second * SECOND)
    );
    assert!(
        world
            .times(|event| event == Event::Interrupted(0))
            .is_empty()
    );
    assert_eq!(world.over(), 12 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn an_iteration_that_outlasts_graceful_stop_is_cut_off_then() {
    let mut world = World::new(constant_vus(1, 10), |_| 9 * SECOND);
    world.scenario.graceful_stop = 2 * SECOND;
    let world = world.run().await;
    assert_eq!(world.start_times(), [Duration::ZERO, 9 * SECOND]);
    assert_eq!(
        world.times(|event| event == Event::Interrupted(0)),
        [12 * SECOND]
    );
}

#[tokio::test(start_paused = true)]
async fn a_user_that_is_ramped_down_and_up_again_runs_in_both_spans_alone() {
    let stages = stages([(0, 1), (4, 1), (0, 0), (10, 0), (0, 1), (3, 1)]);
    let mut world = World::new(ramping(stages, Duration::ZERO), |_| 3 * SECOND);
    world.scenario.graceful_stop = SECOND;
    let world = world.run().await;
    assert_eq!(
        world.start_times(),
        [0, 3, 14].map(|second| second * SECOND)
    );
    assert_eq!(
        world.times(|event| event == Event::Interrupted(0)),
        [4 * SECOND]
    );
    assert_eq!(
        world.times(|event| event == Event::Active),
        [Duration::ZERO, 14 * SECOND]
    );
    assert_eq!(
        world.times(|event| event == Event::Idle),
        [4 * SECOND, 17 * SECOND]
    );
}

#[tokio::test(start_paused = true)]
async fn an_iteration_carries_on_when_its_user_is_wanted_again_in_time() {
    let stages = stages([(0, 1), (4, 1), (0, 0), (2, 0), (0, 1), (4, 1)]);
    let mut world = World::new(ramping(stages, 30 * SECOND), |_| 7 * SECOND);
    world.scenario.graceful_stop = SECOND;
    let world = world.run().await;
    assert_eq!(world.start_times(), [Duration::ZERO, 7 * SECOND]);
    assert_eq!(
        world.times(|event| event == Event::Interrupted(0)),
        [11 * SECOND]
    );
    let rested = world.times(|event| event == Event::Idle);
    assert_eq!(rested, [11 * SECOND], "it never rested in between");
}

#[tokio::test(start_paused = true)]
async fn each_user_runs_its_own_number_of_iterations() {
    let executor = Executor::PerVuIterations {
        vus: 2,
        iterations: 3,
        max_duration: 60 * SECOND,
    };
    let world = World::new(executor, |_| SECOND).run().await;
    for vu in 0..2 {
        let of_this = |event| matches!(event, Event::Started { vu: of, .. } if of == vu);
        assert_eq!(
            world.times(of_this),
            [0, 1, 2].map(|second| second * SECOND)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn shared_iterations_are_each_taken_once_and_none_after_max_duration() {
    let executor = |iterations| Executor::SharedIterations {
        vus: 2,
        iterations,
        max_duration: 3 * SECOND,
    };
    let world = World::new(executor(5), |_| SECOND).run().await;
    let numbers: Vec<u64> = world
        .starts()
        .into_iter()
        .map(|(number, _)| number)
        .collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4]);
    let world = World::new(executor(50), |_| SECOND).run().await;
    assert_eq!(world.starts().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_scenario_starts_at_its_start_time() {
    let mut world = World::new(constant_vus(2, 2), |_| SECOND);
    world.scenario.start_time = 5 * SECOND;
    let world = world.run().await;
    assert_eq!(
        world.start_times(),
        [5, 5, 6, 6].map(|second| second * SECOND)
    );
    assert_eq!(world.active_each_second(8), [0, 0, 0, 0, 0, 2, 2, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_user_that_is_never_ready_is_given_up_when_no_iteration_would_start() {
    let mut world = World::new(constant_vus(1, 10), |_| SECOND);
    world.preparing_takes = 60 * SECOND;
    let before = Instant::now();
    let world = world.run().await;
    assert_eq!(before.elapsed(), 10 * SECOND);
    assert!(world.events().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_user_that_is_ready_late_starts_then_and_its_first_iteration_is_late() {
    let mut world = World::new(constant_vus(1, 4), |_| SECOND);
    world.scenario.start_time = 2 * SECOND;
    world.preparing_takes = 3_500 * MILLISECOND;
    let world = world.run().await;
    let starts = [3_500, 4_500, 5_500].map(|at| at * MILLISECOND);
    assert_eq!(world.start_times(), starts);
    assert_eq!(world.intended(), [2 * SECOND], "of the first alone");
    assert_eq!(
        world.times(|event| event == Event::Active),
        [3_500 * MILLISECOND]
    );
}

#[tokio::test(start_paused = true)]
async fn a_user_that_was_prepared_before_the_load_is_not_prepared_again() {
    let mut world = World::new(constant_vus(1, 2), |_| SECOND);
    world.preparing_takes = 60 * SECOND;
    world.preparation = Preparation::Done;
    let world = world.run().await;
    assert_eq!(world.start_times(), [Duration::ZERO, SECOND]);
    assert!(world.times(|event| event == Event::Prepared(0)).is_empty());
}

#[tokio::test(start_paused = true)]
async fn each_time_a_user_becomes_active_its_first_iteration_has_a_time_to_start_at() {
    let stages = stages([(0, 1), (4, 1), (0, 0), (10, 0), (0, 1), (3, 1)]);
    let world = World::new(ramping(stages, 30 * SECOND), |_| 3 * SECOND);
    let world = world.run().await;
    assert_eq!(
        world.start_times(),
        [0, 3, 14].map(|second| second * SECOND)
    );
    assert_eq!(world.intended(), [Duration::ZERO, 14 * SECOND]);
}

#[test]
fn more_iterations_than_can_be_counted_are_planned_as_the_most_that_can() {
    let executor = Executor::PerVuIterations {
        vus: 3,
        iterations: u64::MAX,
        max_duration: SECOND,
    };
    let schedule = Schedule::new(&scenario(executor), &ExecutionPart::whole());
    assert_eq!(schedule.planned_iterations(), Some(u64::MAX));
}
