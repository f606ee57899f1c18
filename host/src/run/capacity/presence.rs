//! Which virtual users of a plan are surely there at a time.
//!
//! What may come to pass refuses no run: that an arrival rate makes more than its
//! `preAllocatedVUs`, or that a scenario whose iterations could all be done by then still
//! has its users when the next one starts.

use std::time::Duration;

use crate::executor::Schedule;
use crate::plan::{Executor, Plan, ScenarioPlan};

/// Virtual users of a scenario who are there between two times of the load, both
/// included: who starts when another ends was made before that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Presence {
    from: Duration,
    until: Duration,
    /// The scenario's place in the plan.
    scenario: usize,
    vus: u64,
}

/// The greatest of what the users take who are there at a time, by how many there are of
/// each scenario.
pub(super) fn greatest(plan: &Plan, taken: impl Fn(&[u64]) -> f64) -> f64 {
    let mut changes = Vec::new();
    for presence in presences(plan) {
        // Of one time, who comes is counted before who goes.
        changes.push((presence.from, false, presence));
        changes.push((presence.until, true, presence));
    }
    changes.sort_by_key(|&(at, goes, _)| (at, goes));
    let mut there = vec![0; plan.scenarios.len()];
    let mut greatest = 0.0_f64;
    for (_, goes, Presence { scenario, vus, .. }) in changes {
        if goes {
            there[scenario] -= vus;
        } else {
            there[scenario] += vus;
            greatest = greatest.max(taken(&there));
        }
    }
    greatest
}

fn presences(plan: &Plan) -> Vec<Presence> {
    let mut all: Vec<Presence> = Vec::new();
    for (place, scenario) in plan.scenarios.iter().enumerate() {
        let schedule = Schedule::new(scenario, &plan.part);
        for vu in schedule.vus() {
            let Some((from, until)) = times(scenario, &schedule, vu) else {
                continue;
            };
            let next = Presence {
                from,
                until,
                scenario: place,
                vus: 1,
            };
            match all.last_mut() {
                // Mostly all of a scenario come and go together.
                Some(last) if (Presence { vus: 1, ..*last }) == next => last.vus += 1,
                _ => all.push(next),
            }
        }
    }
    all
}

/// From when until when a user is surely there; `None` for one who is never made.
fn times(scenario: &ScenarioPlan, schedule: &Schedule, vu: u32) -> Option<(Duration, Duration)> {
    // Whenever their scenario starts, they are made before the load.
    if schedule.has_rate() {
        return Some((Duration::ZERO, scenario.ends()));
    }
    let activities = schedule.activities(vu);
    let from = activities.first()?.from;
    let until = match scenario.executor {
        // They go when nothing is left to be done.
        Executor::SharedIterations { .. } | Executor::PerVuIterations { .. } => from,
        _ => activities.last()?.until,
    };
    Some((from, until))
}

#[cfg(test)]
mod tests {
    use super::super::demand::tests::plan;
    use super::*;

    /// The most users of some scenarios who are surely there at a time.
    #[track_caller]
    fn surely_there(scenarios: &str) -> u64 {
        let plan = plan(&format!(r#"{{"scenarios": {{{scenarios}}}}}"#));
        let all = |there: &[u64]| there.iter().sum::<u64>() as f64;
        greatest(&plan, all) as u64
    }

    #[test]
    fn an_arrival_rate_has_what_is_allocated_before_and_from_the_loads_start_on() {
        let scenarios = r#"
            "steady": { "executor": "constant-vus", "vus": 10, "duration": "1s" },
            "later": {
                "executor": "constant-arrival-rate", "startTime": "5s", "duration": "1s",
                "rate": 1, "preAllocatedVUs": 2, "maxVUs": 30
            }"#;
        assert_eq!(surely_there(scenarios), 12);
    }

    #[test]
    fn of_scenarios_that_do_not_overlap_the_largest_counts() {
        let second_at = |start: &str| {
            format!(
                r#""a": {{ "executor": "constant-vus", "vus": 10, "duration": "5s" }},
                   "b": {{
                       "executor": "constant-vus", "vus": 7, "duration": "5s", "startTime": "{start}"
                   }}"#
            )
        };
        assert_eq!(surely_there(&second_at("4s")), 17);
        // The second's are made before the first's go.
        assert_eq!(surely_there(&second_at("5s")), 17);
        assert_eq!(surely_there(&second_at("5001ms")), 10);
    }

    #[test]
    fn users_with_a_number_of_iterations_may_be_gone_when_others_come() {
        for executor in ["shared-iterations", "per-vu-iterations"] {
            let scenarios = format!(
                r#""a": {{ "executor": "{executor}", "vus": 10, "iterations": 10 }},
                   "b": {{ "executor": "constant-vus", "vus": 7, "duration": "5s" }},
                   "c": {{
                       "executor": "constant-vus", "vus": 9, "duration": "5s", "startTime": "1s"
                   }}"#
            );
            assert_eq!(surely_there(&scenarios), 17, "{executor}");
        }
    }

    #[test]
    fn stages_count_at_their_peak_and_one_that_nobody_is_made_for_does_not() {
        let scenarios = r#"
            "stages": {
                "executor": "ramping-vus", "startVUs": 1,
                "stages": [
                    { "duration": "0s", "target": 500 }, { "duration": "0s", "target": 1 },
                    { "duration": "5s", "target": 20 }, { "duration": "5s", "target": 0 }
                ]
            },
            "late": {
                "executor": "constant-vus", "vus": 15, "duration": "5s", "startTime": "9s"
            }"#;
        // After 9 s, four of the twenty are left.
        assert_eq!(surely_there(scenarios), 20);
    }

    #[test]
    fn of_a_part_of_the_run_its_own_users_count() {
        let options = r#"{ "vus": 10, "duration": "1s", "executionSegment": "0:1/2" }"#;
        let all = |there: &[u64]| there.iter().sum::<u64>() as f64;
        assert_eq!(greatest(&plan(options), all) as u64, 5);
    }
}
