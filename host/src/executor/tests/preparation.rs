//! Preparing VUs before the load.

use super::*;

/// Prepares users who each take so long to be ready; when all are there, who
/// was ready, and how many were not.
async fn prepared(users: u32, takes: Duration, deadline: Duration) -> (Duration, usize, usize) {
    let mut world = World::new(constant_rate(1, SECOND, pool(1, 1)), |_| SECOND);
    world.preparing_takes = takes;
    let (world, begin) = (Arc::new(world), Instant::now());
    let vus = (0..users).map(|vu| (vu, world.user(vu)));
    let prepared = prepare(vus, begin + deadline, &mut world.stop.stop()).await;
    assert_eq!(prepared.vus.len(), users as usize, "none is lost");
    let ready = world.times(|event| matches!(event, Event::Prepared(_)));
    (begin.elapsed(), ready.len(), prepared.unready)
}

#[tokio::test(start_paused = true)]
async fn so_many_users_are_prepared_at_a_time() {
    assert_eq!(
        prepared(250, 2 * SECOND, 60 * SECOND).await,
        (6 * SECOND, 250, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn users_who_are_not_ready_by_the_deadline_are_taken_as_they_are() {
    assert_eq!(
        prepared(1_000, 4 * SECOND, 10 * SECOND).await,
        (10 * SECOND, 200, 800)
    );
}
