//! The executors that say how many VUs there are, and by that when iterations
//! start.

use std::time::Duration;

use super::{GRACEFUL, TimeScale, Wrongs, at_most, duration, or, stages};
use crate::plan::options::ScenarioOptions;
use crate::plan::{Executor, Stage};

/// k6's default of `maxDuration`.
const MAX_DURATION: Duration = Duration::from_secs(600);

pub(super) fn ramping(
    at: &str,
    written: &ScenarioOptions,
    scale: TimeScale,
    wrongs: &mut Wrongs,
) -> Option<Executor> {
    let start_vus = u64::from(written.start_vus.unwrap_or(1));
    let start_path = format!("{at}{}", if at.is_empty() { "vus" } else { "startVUs" });
    let start_vus = at_most(&start_path, start_vus, wrongs);
    let stages = stages(at, written, scale, wrongs, at_most)?;
    let start_vus = start_vus?;
    // Where no time passes, no iteration starts, however many VUs there are.
    let mut vus = start_vus;
    let runs = stages.iter().any(|(duration, target)| {
        let some = (vus > 0 || *target > 0) && !duration.is_zero();
        vus = *target;
        some
    });
    if !runs {
        wrongs.say(
            format!("{at}stages"),
            "there are 0 VUs throughout, and nothing would run; give one that takes time a target above 0",
        );
        return None;
    }
    let stages = stages.into_iter();
    Some(Executor::RampingVus {
        start_vus,
        stages: stages
            .map(|(duration, target)| Stage { duration, target })
            .collect(),
        graceful_ramp_down: or(written.graceful_ramp_down, GRACEFUL),
    })
}

pub(super) fn constant(
    at: &str,
    written: &ScenarioOptions,
    scale: TimeScale,
    wrongs: &mut Wrongs,
) -> Option<Executor> {
    let vus = vus(at, written.vus, wrongs);
    let duration = duration(at, written, scale, wrongs)?;
    Some(Executor::ConstantVus {
        vus: vus?,
        duration,
    })
}

pub(super) fn shared(at: &str, written: &ScenarioOptions, wrongs: &mut Wrongs) -> Option<Executor> {
    let (vus, iterations, max_duration) = counted(at, written, wrongs)?;
    // k6's rule: otherwise some of the VUs would have nothing to do.
    if iterations < u64::from(vus) {
        wrongs.say(
            format!("{at}iterations"),
            format!(
                "{iterations} iterations in all are fewer than the {vus} VUs that share them; ask for more iterations or fewer VUs"
            ),
        );
        return None;
    }
    Some(Executor::SharedIterations {
        vus,
        iterations,
        max_duration,
    })
}

pub(super) fn each(at: &str, written: &ScenarioOptions, wrongs: &mut Wrongs) -> Option<Executor> {
    let (vus, iterations, max_duration) = counted(at, written, wrongs)?;
    Some(Executor::PerVuIterations {
        vus,
        iterations,
        max_duration,
    })
}

fn vus(at: &str, vus: Option<u32>, wrongs: &mut Wrongs) -> Option<u32> {
    let path = format!("{at}vus");
    if vus == Some(0) {
        wrongs.say(path, "with 0 VUs nothing would run; ask for 1 or more");
        return None;
    }
    at_most(&path, vus.unwrap_or(1).into(), wrongs)
}

fn counted(
    at: &str,
    written: &ScenarioOptions,
    wrongs: &mut Wrongs,
) -> Option<(u32, u64, Duration)> {
    let vus = vus(at, written.vus, wrongs);
    let iterations = written.iterations.unwrap_or(1);
    if iterations == 0 {
        wrongs.say(
            format!("{at}iterations"),
            "with 0 iterations nothing would run; ask for 1 or more",
        );
    }
    let max_duration = or(written.max_duration, MAX_DURATION);
    if max_duration.is_zero() {
        wrongs.say(
            format!("{at}maxDuration"),
            "after `0s` no iteration starts; write a longer one, such as `10m`",
        );
    }
    if iterations == 0 || max_duration.is_zero() {
        return None;
    }
    Some((vus?, iterations, max_duration))
}
