//! When iterations start: k6's short forms and `scenarios` as executors.

use std::collections::BTreeMap;
use std::time::Duration;

use super::duration::TimeSpan;
use super::named::Named;
use super::options::{ExecutorKind, Options, ScenarioOptions, StageOptions};
use super::{Executor, ScenarioPlan, Stage};

/// k6's defaults, in its documentation of scenarios.
const GRACEFUL: Duration = Duration::from_secs(30);
const MAX_DURATION: Duration = Duration::from_secs(600);
const DEFAULT: &str = "default";

/// What is wrong with a profile, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) path: String,
    pub(super) reason: String,
}

fn wrong<T>(path: impl Into<String>, reason: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong {
        path: path.into(),
        reason: reason.into(),
    })
}

/// By how much a profile is shortened or lengthened. What an iteration takes is
/// not scaled, since think times are not: graceful periods and `maxDuration`,
/// which are there for iterations, stay as they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeScale(f64);

impl TimeScale {
    /// Nothing is shortened.
    pub const ONE: Self = Self(1.0);

    /// A factor; `None` unless it is more than 0 and at most 1000.
    #[must_use]
    pub fn new(factor: f64) -> Option<Self> {
        (factor > 0.0 && factor <= 1000.0).then_some(Self(factor))
    }

    /// Its number.
    #[must_use]
    pub fn factor(self) -> f64 {
        self.0
    }

    /// Something stays of what was something.
    pub(super) fn scale(self, duration: Duration) -> Duration {
        if self == Self::ONE || duration.is_zero() {
            return duration;
        }
        duration.mul_f64(self.0).max(Duration::from_millis(1))
    }
}

impl std::str::FromStr for TimeScale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse()
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| "a factor is a number above 0 and up to 1000, such as 0.1".to_owned())
    }
}

/// The scenarios of the merged options.
pub(super) fn scenarios(options: &Options, scale: TimeScale) -> Result<Vec<ScenarioPlan>, Wrong> {
    let one = |kind, fill: &dyn Fn(&mut ScenarioOptions)| {
        let mut written = bare(kind);
        fill(&mut written);
        scenario(DEFAULT, "", &written, scale).map(|plan| vec![plan])
    };
    let beside = |member: &str, other: &str| {
        wrong(
            member,
            format!(
                "it stands beside `{other}`, and only one of them can say when iterations start; take one away"
            ),
        )
    };
    // k6's order of the short forms.
    if let Some(iterations) = options.iterations {
        if options.stages.is_some() {
            return beside("iterations", "stages");
        }
        if options.scenarios.is_some() {
            return beside("iterations", "scenarios");
        }
        if options.duration.is_some_and(|limit| limit.0.is_zero()) {
            return wrong(
                "duration",
                "after `0s` no iteration starts; write a longer one, or leave it out",
            );
        }
        return one(ExecutorKind::SharedIterations, &|written| {
            written.vus = options.vus;
            written.iterations = Some(iterations);
            // k6's rule: beside iterations, the duration limits them.
            written.max_duration = options.duration;
        });
    }
    if let Some(duration) = options.duration {
        if options.stages.is_some() {
            return beside("duration", "stages");
        }
        if options.scenarios.is_some() {
            return beside("duration", "scenarios");
        }
        return one(ExecutorKind::ConstantVus, &|written| {
            written.vus = options.vus;
            written.duration = Some(duration);
        });
    }
    if let Some(stages) = &options.stages {
        if options.scenarios.is_some() {
            return beside("stages", "scenarios");
        }
        return one(ExecutorKind::RampingVus, &|written| {
            written.start_vus = options.vus;
            written.stages = Some(stages.clone());
        });
    }
    if let Some(scenarios) = &options.scenarios {
        if scenarios.is_empty() {
            return wrong(
                "scenarios",
                "there are none; name at least one, or leave the member out",
            );
        }
        return scenarios
            .iter()
            .map(|(name, written)| {
                if name.is_empty()
                    || !name
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
                {
                    return wrong(
                        format!("scenarios.{name}"),
                        "a scenario's name is of letters, digits, `_` and `-`",
                    );
                }
                scenario(name, &format!("scenarios.{name}."), written, scale)
            })
            .collect();
    }
    if options.vus.is_some_and(|vus| vus != 1) {
        return wrong(
            "vus",
            "it says how many virtual users, and nothing says for how long; add `duration`, `iterations` or `stages`",
        );
    }
    one(ExecutorKind::PerVuIterations, &|_| ())
}

fn bare(executor: ExecutorKind) -> ScenarioOptions {
    ScenarioOptions {
        executor,
        start_vus: None,
        stages: None,
        graceful_ramp_down: None,
        vus: None,
        duration: None,
        iterations: None,
        max_duration: None,
        graceful_stop: None,
        start_time: None,
        exec: None,
        tags: None,
    }
}

/// One scenario; `at` is what stands before its members in a path.
fn scenario(
    name: &str,
    at: &str,
    written: &ScenarioOptions,
    scale: TimeScale,
) -> Result<ScenarioPlan, Wrong> {
    let kind = written.executor;
    if let Some(stray) = written.stray_member() {
        return wrong(
            format!("{at}{}", stray.name()),
            format!(
                "the executor {kind} does not take it; take it away, or choose another executor"
            ),
        );
    }
    let or = |span: Option<TimeSpan>, default| span.map_or(default, |span: TimeSpan| span.0);
    let executor = match kind {
        ExecutorKind::RampingVus => {
            let start_vus = written.start_vus.unwrap_or(1);
            let stages = stages(
                at,
                start_vus,
                written.stages.as_deref().unwrap_or_default(),
                scale,
            )?;
            let graceful_ramp_down = or(written.graceful_ramp_down, GRACEFUL);
            Executor::RampingVus {
                start_vus,
                stages,
                graceful_ramp_down,
            }
        }
        ExecutorKind::ConstantVus => {
            let duration = match written.duration {
                Some(TimeSpan(duration)) if !duration.is_zero() => scale.scale(duration),
                _ => {
                    return wrong(
                        format!("{at}duration"),
                        "the executor constant-vus needs one above 0, such as `30s`",
                    );
                }
            };
            Executor::ConstantVus {
                vus: vus(at, written.vus)?,
                duration,
            }
        }
        ExecutorKind::SharedIterations => {
            let (vus, iterations, max_duration) = counted(at, written)?;
            // k6's rule: otherwise some of the VUs would have nothing to do.
            if iterations < u64::from(vus) {
                return wrong(
                    format!("{at}iterations"),
                    format!(
                        "{iterations} iterations in all are fewer than the {vus} VUs that share them; ask for more iterations or fewer VUs"
                    ),
                );
            }
            Executor::SharedIterations {
                vus,
                iterations,
                max_duration,
            }
        }
        ExecutorKind::PerVuIterations => {
            let (vus, iterations, max_duration) = counted(at, written)?;
            Executor::PerVuIterations {
                vus,
                iterations,
                max_duration,
            }
        }
    };
    Ok(ScenarioPlan {
        name: name.to_owned(),
        executor,
        exec: written.exec.clone().unwrap_or_else(|| DEFAULT.to_owned()),
        start_time: scale.scale(or(written.start_time, Duration::ZERO)),
        graceful_stop: or(written.graceful_stop, GRACEFUL),
        tags: tags(&format!("{at}tags"), written.tags.as_ref())?,
    })
}

fn vus(at: &str, vus: Option<u32>) -> Result<u32, Wrong> {
    match vus {
        Some(0) => wrong(
            format!("{at}vus"),
            "with 0 VUs nothing would run; ask for 1 or more",
        ),
        vus => at_most(format!("{at}vus"), vus.unwrap_or(1)),
    }
}

/// The most VUs of one scenario. Each is counted from the start, so that a slip
/// of the finger must not ask for four billion.
const MOST_VUS: u32 = 1_000_000;

fn at_most(path: String, vus: u32) -> Result<u32, Wrong> {
    if vus > MOST_VUS {
        return wrong(
            path,
            format!("{vus} VUs are more than one process can have; ask for {MOST_VUS} or fewer"),
        );
    }
    Ok(vus)
}

fn counted(at: &str, written: &ScenarioOptions) -> Result<(u32, u64, Duration), Wrong> {
    let iterations = written.iterations.unwrap_or(1);
    if iterations == 0 {
        return wrong(
            format!("{at}iterations"),
            "with 0 iterations nothing would run; ask for 1 or more",
        );
    }
    let max_duration = written.max_duration.map_or(MAX_DURATION, |span| span.0);
    if max_duration.is_zero() {
        return wrong(
            format!("{at}maxDuration"),
            "after `0s` no iteration starts; write a longer one, such as `10m`",
        );
    }
    Ok((vus(at, written.vus)?, iterations, max_duration))
}

fn stages(
    at: &str,
    start_vus: u32,
    written: &[StageOptions],
    scale: TimeScale,
) -> Result<Vec<Stage>, Wrong> {
    let path = format!("{at}stages");
    if written.is_empty() {
        return wrong(
            path,
            "the executor ramping-vus needs at least one, such as {\"duration\": \"30s\", \"target\": 20}",
        );
    }
    if written.iter().all(|stage| stage.duration.0.is_zero()) {
        return wrong(
            path,
            "together they take no time, and nothing would run; give one a duration above 0",
        );
    }
    if start_vus == 0 && written.iter().all(|stage| stage.target == 0) {
        return wrong(
            path,
            "there are 0 VUs throughout, and nothing would run; give one a target above 0",
        );
    }
    written
        .iter()
        .enumerate()
        .map(|(index, stage)| {
            Ok(Stage {
                duration: scale.scale(stage.duration.0),
                target: at_most(format!("{path}[{index}].target"), stage.target)?,
            })
        })
        .collect()
}

/// Tags as a plan has them.
pub(super) fn tags(
    path: &str,
    written: Option<&Named<String>>,
) -> Result<BTreeMap<String, String>, Wrong> {
    let mut tags = BTreeMap::new();
    for (name, value) in written.iter().flat_map(|tags| tags.iter()) {
        if name.trim().is_empty() {
            return wrong(path, "a tag has no name; name it");
        }
        tags.insert(name.to_owned(), value.clone());
    }
    Ok(tags)
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;
