//! The executors that say how often iterations start, whatever VUs that takes.

use std::time::Duration;

use super::{TimeScale, Wrongs, at_most, duration, or, stages};
use crate::plan::options::{ArrivalsOption, OnNoVuOption, ScenarioOptions};
use crate::plan::{ArrivalPool, Arrivals, Executor, OnNoVu, RateStage};

/// k6's default of `timeUnit`.
const TIME_UNIT: Duration = Duration::from_secs(1);

/// The most iterations a second of one scenario: more than any machine starts,
/// and few enough that the count of a run of years is exact.
const MOST_A_SECOND: u64 = 10_000_000;

pub(super) fn constant(
    at: &str,
    written: &ScenarioOptions,
    scale: TimeScale,
    wrongs: &mut Wrongs,
) -> Option<Executor> {
    let time_unit = time_unit(at, written, wrongs);
    let path = format!("{at}rate");
    let rate = match written.rate {
        None => {
            wrongs.say(
                path,
                "the executor constant-arrival-rate needs it: how many iterations start per `timeUnit` (a second unless \
                 set)",
            );
            None
        }
        Some(0) => {
            wrongs.say(path, "at a rate of 0 nothing would run; ask for 1 or more");
            None
        }
        Some(rate) => time_unit.and_then(|unit| possible(&path, rate, unit, wrongs)),
    };
    let duration = duration(at, written, scale, wrongs);
    let pool = pool(at, written, wrongs);
    Some(Executor::ConstantArrivalRate {
        rate: rate?,
        time_unit: time_unit?,
        duration: duration?,
        pool: pool?,
    })
}

pub(super) fn ramping(
    at: &str,
    written: &ScenarioOptions,
    scale: TimeScale,
    wrongs: &mut Wrongs,
) -> Option<Executor> {
    let time_unit = time_unit(at, written, wrongs);
    let start_rate = written.start_rate.unwrap_or(0);
    let start_rate =
        time_unit.and_then(|unit| possible(&format!("{at}startRate"), start_rate, unit, wrongs));
    let stages = stages(at, written, scale, wrongs, |path, target, wrongs| {
        // Without a unit nobody knows, and that has been said.
        possible(path, target, time_unit.unwrap_or(TIME_UNIT), wrongs)
    });
    let pool = pool(at, written, wrongs);
    let (start_rate, stages) = (start_rate?, stages?);
    // Where no time passes, no iteration starts, whatever the rate.
    let mut rate = start_rate;
    let runs = stages.iter().any(|(duration, target)| {
        let some = (rate > 0 || *target > 0) && !duration.is_zero();
        rate = *target;
        some
    });
    if !runs {
        wrongs.say(
            format!("{at}stages"),
            "the rate is 0 throughout, and nothing would run; give one a target above 0",
        );
        return None;
    }
    let stages = stages.into_iter();
    Some(Executor::RampingArrivalRate {
        start_rate,
        time_unit: time_unit?,
        stages: stages
            .map(|(duration, target)| RateStage { duration, target })
            .collect(),
        pool: pool?,
    })
}

fn time_unit(at: &str, written: &ScenarioOptions, wrongs: &mut Wrongs) -> Option<Duration> {
    let unit = or(written.time_unit, TIME_UNIT);
    if unit.is_zero() {
        wrongs.say(
            format!("{at}timeUnit"),
            "a rate is so many per time, and `0s` is none; write a longer one, such as `1s` or `1m`",
        );
        return None;
    }
    Some(unit)
}

fn possible(path: &str, rate: u64, unit: Duration, wrongs: &mut Wrongs) -> Option<u64> {
    let a_second = u128::from(rate) * TIME_UNIT.as_nanos() / unit.as_nanos();
    if a_second > u128::from(MOST_A_SECOND) {
        wrongs.say(
            path,
            format!(
                "{a_second} iterations a second are more than one process starts; ask for {MOST_A_SECOND} or fewer"
            ),
        );
        return None;
    }
    Some(rate)
}

/// k6's rules: `preAllocatedVUs` is required, `maxVUs` is the same unless set,
/// and never less.
fn pool(at: &str, written: &ScenarioOptions, wrongs: &mut Wrongs) -> Option<ArrivalPool> {
    let path = format!("{at}preAllocatedVUs");
    let Some(pre_allocated) = written.pre_allocated_vus else {
        wrongs.say(
            path,
            format!(
                "the executor {} needs it: how many VUs are there from the start; a rate takes about as many as \
                 iterations start while one goes on",
                written.executor
            ),
        );
        return None;
    };
    let max_path = format!("{at}maxVUs");
    let pre_allocated_vus = at_most(&path, pre_allocated.into(), wrongs);
    let max = written.max_vus.unwrap_or(pre_allocated);
    let max_vus = match written.max_vus {
        None => pre_allocated_vus,
        Some(max) => at_most(&max_path, max.into(), wrongs),
    };
    if max == 0 {
        let path = if written.max_vus.is_some() {
            max_path
        } else {
            path
        };
        wrongs.say(path, "with 0 VUs nothing would run; ask for 1 or more");
        return None;
    }
    if max < pre_allocated {
        wrongs.say(
            max_path,
            format!(
                "at most {max} VUs are fewer than the {pre_allocated} of `preAllocatedVUs`; ask for {pre_allocated} \
                 or more, or for fewer from the start"
            ),
        );
        return None;
    }
    Some(ArrivalPool {
        pre_allocated_vus: pre_allocated_vus?,
        max_vus: max_vus?,
        arrivals: match written.arrivals {
            None | Some(ArrivalsOption::Even) => Arrivals::Even,
            Some(ArrivalsOption::Poisson) => Arrivals::Poisson,
        },
        on_no_vu: match written.on_no_vu {
            None | Some(OnNoVuOption::Drop) => OnNoVu::Drop,
            Some(OnNoVuOption::Queue) => OnNoVu::Queue,
        },
    })
}
