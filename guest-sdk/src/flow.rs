//! The course of an iteration: think time, groups, tags, draws, endings.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::{Failure, host};

/// The virtual user, from 1, counted over the whole run; 0 in setup, teardown
/// and summary.
#[must_use]
pub fn vu() -> u32 {
    host::flow::vu()
}

/// How many iterations this virtual user had before this one.
#[must_use]
pub fn vu_iteration() -> u64 {
    host::flow::vu_iteration()
}

/// The number of this iteration among all of its scenario, from 0, in the order
/// of their starts; 0 outside of iterations.
#[must_use]
pub fn scenario_iteration() -> u64 {
    host::flow::scenario_iteration()
}

/// The scenario's name in the plan; in setup, teardown and summary the word for
/// it.
#[must_use]
pub fn scenario_name() -> String {
    host::flow::scenario_name()
}

/// So many milliseconds.
#[must_use]
pub const fn milliseconds(number: u64) -> Duration {
    Duration::from_millis(number)
}

/// So many seconds.
#[must_use]
pub const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

/// The contract's whole nanoseconds, which end after 584 years.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    duration
        .as_secs()
        .saturating_mul(1_000_000_000)
        .saturating_add(u64::from(duration.subsec_nanos()))
}

/// Waits.
pub fn sleep(duration: Duration) {
    host::flow::sleep(nanoseconds(duration));
}

/// Waits for a time within the range, drawn evenly; for its start where that is
/// the longer one. A run with the same seed waits the same.
///
/// ```
/// use vuelo_sdk::prelude::*;
///
/// let report = fake::Host::new().play(|| sleep_between(milliseconds(100)..=milliseconds(300)));
/// assert!(report.sleeps[0] >= milliseconds(100) && report.sleeps[0] <= milliseconds(300));
/// ```
pub fn sleep_between(range: RangeInclusive<Duration>) {
    host::flow::sleep_between(nanoseconds(*range.start()), nanoseconds(*range.end()));
}

/// An even draw from 0 (included) to 1 (not included). A run with the same seed
/// draws the same.
#[must_use]
pub fn random() -> f64 {
    host::flow::random()
}

/// True with this probability, from 0 to 1: `chance(0.2)` holds for a fifth.
#[must_use]
pub fn chance(probability: f64) -> bool {
    random() < probability
}

/// One of several, drawn evenly.
///
/// ```
/// use vuelo_sdk::prelude::*;
///
/// fake::Host::new().draws([0.99]).play(|| assert_eq!(*pick(&["tea", "coffee"]), "coffee"));
/// ```
///
/// # Panics
///
/// If there is nothing to pick from.
#[must_use]
pub fn pick<T>(among: &[T]) -> &T {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss
    )]
    let index = (random() * among.len() as f64) as usize;
    &among[index]
}

/// Runs something inside a group: its samples are tagged with the group's path,
/// and `group_duration` is recorded.
///
/// ```
/// use vuelo_sdk::prelude::*;
///
/// let report = fake::Host::new().play(|| group("sums", || check("holds", true)));
/// assert_eq!(report.checks[0].group, "::sums");
/// ```
pub fn group<T>(name: &str, body: impl FnOnce() -> T) -> T {
    host::flow::begin_group(name);
    let outcome = body();
    host::flow::end_group();
    outcome
}

/// Marks every later sample of this virtual user, until the iteration ends; set
/// in [`Scenario::start`](crate::Scenario::start), as long as the virtual user
/// lives.
pub fn set_tag(name: &str, value: &str) {
    host::flow::set_tag((name, value));
}

/// Takes such a tag away.
pub fn remove_tag(name: &str) {
    host::flow::remove_tag(name);
}

/// Ends the whole run: gracefully, teardown done, results written, exit code
/// 108.
pub fn abort(reason: &str) -> ! {
    host::flow::abort(reason);
    unreachable!("the host does not come back from `abort`")
}

/// Lets the run go on and marks it as failed: exit code 110.
pub fn mark_failed(reason: &str) {
    host::flow::mark_failed(reason);
}

/// The failure of [`Scenario::iteration`](crate::Scenario::iteration) for a
/// flow that the scenario does not have.
///
/// ```
/// let failure = vuelo_sdk::flow::unknown_flow("checkout", &["default", "browse"]);
/// assert_eq!(failure.text(), "there is no flow `checkout` here (`exec`), only: default, browse");
/// ```
#[must_use]
pub fn unknown_flow(flow: &str, known: &[&str]) -> Failure {
    Failure::from(
        [
            "there is no flow `",
            flow,
            "` here (`exec`), only: ",
            &known.join(", "),
        ]
        .concat(),
    )
}
