//! What bounds a run: requests a second, series, and which part of it this
//! process is.

use std::num::NonZeroU32;

use crate::plan::file::PRODUCTION;
use crate::plan::options::Options;
use crate::plan::profile::Wrongs;
use crate::plan::{ExecutionPart, Executor, ScenarioPlan};

/// Requests a second in the environment `production` where nobody says
/// otherwise. The five virtual users of a careful run, with think times of a
/// second or so, send about half as many: the limit holds back what is more
/// than that, and not them.
const PRODUCTION_RPS: u32 = 20;

/// Ours: k6 has no limit. So many sets of tags take some hundred MiB.
const MAX_SERIES: u32 = 100_000;

/// The limit, and whether it is there because nobody said otherwise. As in k6,
/// 0 is none.
pub(super) fn rps(options: &Options, environment: &str) -> (Option<NonZeroU32>, bool) {
    match options.rps {
        Some(rps) => (NonZeroU32::new(rps), false),
        None if environment == PRODUCTION => (NonZeroU32::new(PRODUCTION_RPS), true),
        None => (None, false),
    }
}

/// A note where more iterations are to start than there may be requests: each
/// sends one or more.
pub(super) fn rate_beyond(rps: Option<NonZeroU32>, scenarios: &[ScenarioPlan]) -> Option<String> {
    let limit = rps?;
    let beyond = scenarios.iter().find(|scenario| {
        let (rate, unit) = match &scenario.executor {
            Executor::ConstantArrivalRate {
                rate, time_unit, ..
            } => (*rate, *time_unit),
            Executor::RampingArrivalRate {
                start_rate,
                time_unit,
                stages,
                ..
            } => {
                let targets = stages.iter().map(|stage| stage.target);
                (targets.fold(*start_rate, u64::max), *time_unit)
            }
            _ => return false,
        };
        u128::from(rate) * 1_000_000_000 > u128::from(limit.get()) * unit.as_nanos()
    })?;
    Some(format!(
        "the scenario `{}` starts more iterations a second than the {limit} requests a second that `rps` allows; \
         they will wait for each other, or be dropped",
        beyond.name
    ))
}

pub(super) fn max_series(options: &Options, wrongs: &mut Wrongs) -> usize {
    let most = options.max_series.unwrap_or(MAX_SERIES);
    if most == 0 {
        wrongs.say(
            "maxSeries",
            "with 0 series nothing could be told apart; ask for 1 or more",
        );
    }
    usize::try_from(most).unwrap_or(usize::MAX)
}

/// The part of the run, which needs the seed of the whole: parts that draw from
/// different ones do not add up.
pub(super) fn part(options: &Options, seed: Option<u64>, wrongs: &mut Wrongs) -> ExecutionPart {
    let segment = options.execution_segment.as_ref().map(|option| option.0);
    let sequence = options.execution_segment_sequence.as_ref();
    let path = match segment {
        Some(_) => "executionSegment",
        None => "executionSegmentSequence",
    };
    match ExecutionPart::new(segment, sequence.map(|option| option.0.clone())) {
        Ok(part) => {
            if seed.is_none() && !part.is_whole() {
                wrongs.say(
                    path,
                    "the parts of a run need one seed, or they do not add up; give each of them the same --seed N",
                );
            }
            part
        }
        Err(error) => {
            wrongs.say(path, error.to_string());
            ExecutionPart::whole()
        }
    }
}
