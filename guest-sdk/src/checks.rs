use crate::host;

/// Records whether something held, as k6's `check`, and hands the answer back.
/// It ends nothing.
///
/// ```
/// use vuelo_sdk::prelude::*;
///
/// let report = fake::Host::new().play(|| {
///     if !check("the sum is right", 1 + 1 == 2) {
///         warn!("arithmetic is off");
///     }
/// });
/// assert!(report.check_passed("the sum is right"));
/// ```
pub fn check(name: &str, passed: bool) -> bool {
    check_tagged(name, passed, &[])
}

/// [`check`], with tags for its sample.
pub fn check_tagged(name: &str, passed: bool, tags: &[(&str, &str)]) -> bool {
    host::checks::record_check(name, passed, tags);
    passed
}
