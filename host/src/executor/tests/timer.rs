//! Waiting for a moment.

use super::*;

#[tokio::test(start_paused = true)]
async fn the_plain_timer_goes_by_the_paused_clock() {
    let mut timer = Timer::plain();
    let at = Instant::now() + 3600 * SECOND;
    timer.sleep_until(at).await;
    assert_eq!(Instant::now(), at);
    timer.sleep_until(at - SECOND).await;
    assert_eq!(Instant::now(), at, "what is past is not waited for");
}

#[tokio::test]
async fn the_precise_timer_is_never_early_and_can_be_given_up_and_set_anew() {
    let mut timer = Timer::precise().unwrap();
    for micros in [50, 500, 5_000, 1, 200] {
        let at = Instant::now() + Duration::from_micros(micros);
        timer.sleep_until(at).await;
        assert!(Instant::now() >= at, "{micros} µs");
    }
    // Given up; then the same moment, and a later one; then an earlier one.
    let start = Instant::now();
    let (first, later) = (start + 40 * MILLISECOND, start + 50 * MILLISECOND);
    for at in [first, first, later, later] {
        tokio::select! {
            biased;
            () = timer.sleep_until(at) => {}
            () = tokio::time::sleep(2 * MILLISECOND) => {}
        }
    }
    assert!(Instant::now() < first, "it was given up each time");
    timer.sleep_until(first).await;
    assert!(Instant::now() >= first);
    timer.sleep_until(later).await;
    assert!(Instant::now() >= later);
}
