//! A scenario as people read it.

use std::fmt::Write as _;
use std::time::Duration;

use super::vus;
use crate::plan::duration::TimeSpan;
use crate::plan::{ArrivalPool, Arrivals, Executor, OnNoVu, ScenarioPlan};

/// What a scenario does, and a line for each of its stages.
pub(super) fn lines(scenario: &ScenarioPlan) -> Vec<String> {
    let mut head = format!("{}: {}", scenario.name, scenario.executor.name());
    let (what, mut lines) = executor(&scenario.executor);
    let _ = write!(head, ", {what}");
    if let Some(pacing) = scenario.pacing {
        let _ = write!(head, ", an iteration every {} each", TimeSpan(pacing));
    }
    let _ = write!(head, ", graceful stop {}", TimeSpan(scenario.graceful_stop));
    if scenario.exec != "default" {
        let _ = write!(head, ", flow {}", scenario.exec);
    }
    if !scenario.start_time.is_zero() {
        let _ = write!(head, ", starts after {}", TimeSpan(scenario.start_time));
    }
    for (name, value) in &scenario.tags {
        let _ = write!(head, ", tag {name}={value}");
    }
    for (key, value) in &scenario.env {
        let _ = match value.as_str() {
            "" => write!(head, ", without {key}"),
            value => write!(head, ", {key}={value}"),
        };
    }
    lines.insert(0, head);
    lines
}

fn executor(executor: &Executor) -> (String, Vec<String>) {
    match executor {
        Executor::ConstantVus {
            vus: count,
            duration,
        } => {
            let what = format!("{} for {}", vus(*count), TimeSpan(*duration));
            (what, Vec::new())
        }
        Executor::RampingVus {
            start_vus,
            stages,
            graceful_ramp_down,
        } => {
            let what = format!(
                "from {} in {}, graceful ramp-down {}",
                vus(*start_vus),
                TimeSpan(executor.duration()),
                TimeSpan(*graceful_ramp_down)
            );
            let stages = stages.iter();
            let stages = stages.map(|stage| (stage.duration, vus(stage.target)));
            (what, stage_lines(stages.collect()))
        }
        Executor::SharedIterations {
            vus: count,
            iterations,
            max_duration,
        } => {
            let what = format!(
                "{} shared by {}, at most {}",
                count_of(*iterations),
                vus(*count),
                TimeSpan(*max_duration)
            );
            (what, Vec::new())
        }
        Executor::PerVuIterations {
            vus: count,
            iterations,
            max_duration,
        } => {
            let what = format!(
                "{} for each of {}, at most {}",
                count_of(*iterations),
                vus(*count),
                TimeSpan(*max_duration)
            );
            (what, Vec::new())
        }
        Executor::ConstantArrivalRate {
            rate,
            time_unit,
            duration,
            pool,
        } => {
            let what = format!(
                "{} for {}, {}",
                arrivals(*rate, *time_unit),
                TimeSpan(*duration),
                pool_text(pool)
            );
            (what, Vec::new())
        }
        Executor::RampingArrivalRate {
            start_rate,
            time_unit,
            stages,
            pool,
        } => {
            let what = format!(
                "from {} in {}, {}",
                arrivals(*start_rate, *time_unit),
                TimeSpan(executor.duration()),
                pool_text(pool)
            );
            let stages = stages.iter();
            let stages = stages.map(|stage| (stage.duration, arrivals(stage.target, *time_unit)));
            (what, stage_lines(stages.collect()))
        }
    }
}

fn stage_lines(stages: Vec<(Duration, String)>) -> Vec<String> {
    let durations = stages
        .iter()
        .map(|(duration, _)| TimeSpan(*duration).to_string());
    let width = durations.map(|text| text.len()).max().unwrap_or(0);
    let lines = stages.iter();
    lines
        .map(|(duration, target)| {
            let duration = TimeSpan(*duration).to_string();
            format!("  {duration:>width$} -> {target}")
        })
        .collect()
}

/// `50 iterations a second`, `5 iterations per 1m`.
fn arrivals(rate: u64, time_unit: Duration) -> String {
    let iterations = count_of(rate);
    if time_unit == Duration::from_secs(1) {
        format!("{iterations} a second")
    } else {
        format!("{iterations} per {}", TimeSpan(time_unit))
    }
}

fn count_of(iterations: u64) -> String {
    if iterations == 1 {
        "1 iteration".to_owned()
    } else {
        format!("{iterations} iterations")
    }
}

fn pool_text(pool: &ArrivalPool) -> String {
    let ArrivalPool {
        pre_allocated_vus,
        max_vus,
        arrivals,
        on_no_vu,
    } = pool;
    let mut text = if pre_allocated_vus == max_vus {
        vus(*max_vus)
    } else {
        format!("{pre_allocated_vus} to {}", vus(*max_vus))
    };
    if *arrivals == Arrivals::Poisson {
        text.push_str(", at random (poisson)");
    }
    if *on_no_vu == OnNoVu::Queue {
        text.push_str(", waiting where no VU is free");
    }
    text
}
