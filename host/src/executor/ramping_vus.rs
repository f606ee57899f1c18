//! `ramping-vus`: a number of VUs that follows stages.
//!
//! A stage goes from the number before it to its target in equal steps of one
//! VU, the last step at the stage's end, as in k6: from 0 to 20 in 30 s, the
//! first VU starts after 1.5 s. A stage of no length is a jump. VUs are a stack:
//! the one that started last is ramped down first.

use std::time::Duration;

use super::Activity;
use crate::plan::Stage;

/// The times in which the VU of this number (from 0) is wanted.
pub(super) fn activities(
    vu: u32,
    start_vus: u32,
    stages: &[Stage],
    graceful_ramp_down: Duration,
    graceful_stop: Duration,
) -> Vec<Activity> {
    let end: Duration = stages.iter().map(|stage| stage.duration).sum();
    let spans = wanted(vu, start_vus, stages, end);
    let mut activities = Vec::with_capacity(spans.len());
    for (
        index,
        &Span {
            from,
            until,
            ended_by,
        },
    ) in spans.iter().enumerate()
    {
        // A VU that is ramped down has graceful ramp-down, and one that is
        // wanted to the end has graceful stop; the former lasts no longer than
        // the latter, as in k6.
        let last_word = end + graceful_stop;
        let cut_off = match ended_by {
            EndedBy::RampDown => (until + graceful_ramp_down).min(last_word),
            EndedBy::End => last_word,
        };
        let active_again = spans.get(index + 1).map(|next| next.from);
        activities.push(Activity {
            from,
            until,
            cut_off: match active_again {
                Some(next) if next <= cut_off => None,
                _ => Some(cut_off),
            },
        });
    }
    activities
}

/// A time in which a VU is wanted.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: Duration,
    until: Duration,
    ended_by: EndedBy,
}

/// Why a VU is not wanted any more. With a last stage that goes down to 0, the
/// last VU is ramped down at the very end, which is something else than the end.
#[derive(Debug, Clone, Copy)]
enum EndedBy {
    RampDown,
    End,
}

/// The spans in which more than `vu` VUs are planned.
fn wanted(vu: u32, start_vus: u32, stages: &[Stage], end: Duration) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut since = (vu < start_vus).then_some(Duration::ZERO);
    let mut stage_start = Duration::ZERO;
    let mut level = start_vus;
    for stage in stages {
        let steps = level.abs_diff(stage.target);
        if let Some(starts) = since {
            if stage.target <= vu {
                // From `level` down to `vu`: this VU is the one that the step
                // number `level - vu` takes away.
                let stops = stage_start + step(stage.duration, level - vu, steps);
                if stops > starts {
                    spans.push(Span {
                        from: starts,
                        until: stops,
                        ended_by: EndedBy::RampDown,
                    });
                }
                since = None;
            }
        } else if stage.target > vu {
            since = Some(stage_start + step(stage.duration, vu + 1 - level, steps));
        }
        stage_start += stage.duration;
        level = stage.target;
    }
    if let Some(starts) = since
        && end > starts
    {
        spans.push(Span {
            from: starts,
            until: end,
            ended_by: EndedBy::End,
        });
    }
    spans
}

/// When the step `number` (from 1) of `steps` in a stage of this length is
/// taken. In nanoseconds, so that no step drifts.
fn step(stage: Duration, number: u32, steps: u32) -> Duration {
    let nanos = stage.as_nanos() * u128::from(number) / u128::from(steps.max(1));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(30);

    fn stage(seconds: u64, target: u32) -> Stage {
        Stage {
            duration: Duration::from_secs(seconds),
            target,
        }
    }

    /// How many VUs are active at a time.
    fn active_at(stages: &[Stage], start_vus: u32, at: f64) -> usize {
        let at = Duration::from_secs_f64(at);
        let most = stages
            .iter()
            .map(|stage| stage.target)
            .max()
            .unwrap_or(0)
            .max(start_vus);
        (0..most)
            .filter(|&vu| {
                activities(vu, start_vus, stages, GRACE, GRACE)
                    .iter()
                    .any(|activity| activity.from <= at && at < activity.until)
            })
            .count()
    }

    #[test]
    fn a_stage_starts_one_user_at_each_equal_step_and_the_last_at_its_end() {
        let stages = [stage(30, 20), stage(10, 20)];
        for vu in 0..20 {
            let activity = activities(vu, 0, &stages, GRACE, GRACE)[0];
            assert_eq!(activity.from, Duration::from_millis(1500) * (vu + 1));
            assert_eq!(activity.until, Duration::from_secs(40));
            assert_eq!(activity.cut_off, Some(Duration::from_secs(70)));
        }
    }

    #[test]
    fn the_profile_of_the_agent_endpoints_has_these_users_at_these_seconds() {
        let stages = [
            stage(30, 20),
            stage(120, 50),
            stage(120, 50),
            stage(30, 100),
            stage(30, 50),
            stage(30, 0),
        ];
        let expected = [
            (0.0, 0),
            (15.0, 10),
            (30.0, 20),
            (90.0, 35),
            (150.0, 50),
            (200.0, 50),
            (270.0, 50),
        ];
        for (at, vus) in expected {
            assert_eq!(active_at(&stages, 0, at), vus, "at {at} s");
        }
        assert_eq!(active_at(&stages, 0, 299.999), 99);
        assert_eq!(active_at(&stages, 0, 300.0), 100);
        assert_eq!(active_at(&stages, 0, 330.0), 50);
        assert_eq!(active_at(&stages, 0, 345.0), 25);
        assert_eq!(active_at(&stages, 0, 360.0), 0);
    }

    #[test]
    fn the_user_that_started_last_is_ramped_down_first() {
        let stages = [stage(0, 3), stage(3, 0)];
        let until = |vu| activities(vu, 0, &stages, GRACE, GRACE)[0].until;
        assert_eq!(until(2), Duration::from_secs(1));
        assert_eq!(until(1), Duration::from_secs(2));
        assert_eq!(until(0), Duration::from_secs(3));
    }

    #[test]
    fn a_stage_of_no_length_is_a_jump() {
        let stages = [stage(0, 5), stage(10, 5), stage(0, 0)];
        assert_eq!(active_at(&stages, 0, 0.0), 5);
        assert_eq!(active_at(&stages, 0, 9.999), 5);
        assert_eq!(active_at(&stages, 0, 10.0), 0);
    }

    #[test]
    fn an_iteration_of_a_user_that_is_wanted_again_in_time_is_not_cut_off() {
        let stages = [
            stage(0, 2),
            stage(10, 2),
            stage(0, 1),
            stage(5, 1),
            stage(0, 2),
            stage(5, 2),
        ];
        let of_second = activities(1, 0, &stages, GRACE, GRACE);
        assert_eq!(of_second.len(), 2);
        assert_eq!(of_second[0].cut_off, None);
        let of_second = activities(1, 0, &stages, Duration::from_secs(2), GRACE);
        assert_eq!(of_second[0].cut_off, Some(Duration::from_secs(12)));
    }

    #[test]
    fn a_user_that_is_never_wanted_has_no_activity() {
        assert!(activities(7, 0, &[stage(10, 5)], GRACE, GRACE).is_empty());
        assert!(activities(0, 0, &[stage(10, 0)], GRACE, GRACE).is_empty());
    }

    #[test]
    fn the_last_user_that_is_ramped_down_has_ramp_down_and_not_graceful_stop() {
        let stages = [stage(0, 1), stage(10, 0)];
        let activity = activities(0, 0, &stages, Duration::from_secs(2), GRACE);
        assert_eq!(activity[0].cut_off, Some(Duration::from_secs(12)));
    }

    #[test]
    fn ramp_down_ends_no_later_than_graceful_stop() {
        let stages = [stage(0, 2), stage(10, 0)];
        let activity = activities(
            0,
            0,
            &stages,
            Duration::from_secs(60),
            Duration::from_secs(1),
        );
        assert_eq!(activity[0].cut_off, Some(Duration::from_secs(11)));
    }
}
