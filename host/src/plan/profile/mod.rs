//! When iterations start: k6's short forms and `scenarios` as executors.
//!
//! Whatever is wrong is said, all of it, and what is right goes on.

use std::collections::BTreeMap;
use std::time::Duration;

use super::duration::TimeSpan;
use super::named::Named;
use super::options::{ConfigValue, ExecutorKind, Options, ScenarioOptions};
use super::{Executor, ScenarioPlan};

mod arrival_rate;
mod time_scale;
mod virtual_users;
mod wrong;

pub use time_scale::TimeScale;
pub(super) use wrong::{Wrong, Wrongs};

/// k6's default of `gracefulStop` and `gracefulRampDown`, in its documentation
/// of scenarios.
const GRACEFUL: Duration = Duration::from_secs(30);
const DEFAULT: &str = "default";

/// A scenario, and what the plan cannot say of it without knowing components.
pub(super) struct Drafted {
    /// Its `component` is yet to be found, its `env` to be checked.
    pub(super) plan: ScenarioPlan,
    /// The component that it names.
    pub(super) component: Option<String>,
    pub(super) env: Named<ConfigValue>,
    /// It is k6's short form of one scenario and stands in no `scenarios`.
    pub(super) is_short_form: bool,
}

/// The scenarios of the merged options: those that are right.
pub(super) fn scenarios(options: &Options, scale: TimeScale, wrongs: &mut Wrongs) -> Vec<Drafted> {
    let Some(written) = written(options, wrongs) else {
        return Vec::new();
    };
    written
        .iter()
        .filter_map(|(name, at, written)| scenario(name, at, written, scale, wrongs))
        .collect()
}

/// The scenarios as they would be written in `scenarios`: a name, what stands
/// before their members in a path, and the members.
type Written = Vec<(String, String, ScenarioOptions)>;

/// k6's short forms in long, in k6's order of them.
fn written(options: &Options, wrongs: &mut Wrongs) -> Option<Written> {
    let one = |kind, fill: &dyn Fn(&mut ScenarioOptions)| {
        let mut written = ScenarioOptions::bare(kind);
        fill(&mut written);
        Some(vec![(DEFAULT.to_owned(), String::new(), written)])
    };
    let members = [
        ("iterations", options.iterations.is_some()),
        ("duration", options.duration.is_some()),
        ("stages", options.stages.is_some()),
        ("scenarios", options.scenarios.is_some()),
    ];
    let mut set = members.iter().filter(|(_, set)| *set).map(|(name, _)| name);
    if let Some(first) = set.next() {
        // A duration beside iterations limits them: k6's rule.
        let others = set.filter(|other| (*first, **other) != ("iterations", "duration"));
        let others: Vec<_> = others.map(|name| format!("`{name}`")).collect();
        if !others.is_empty() {
            // With names: a flag has no path that says what this is about.
            wrongs.say(
                *first,
                format!(
                    "`{first}` stands beside {}, and only one of them can say when iterations start; take the others away",
                    others.join(" and ")
                ),
            );
            return None;
        }
    }
    if let Some(iterations) = options.iterations {
        if options.duration.is_some_and(|limit| limit.0.is_zero()) {
            wrongs.say(
                "duration",
                "after `0s` no iteration starts; write a longer one, or leave it out",
            );
            return None;
        }
        return one(ExecutorKind::SharedIterations, &|written| {
            written.vus = options.vus;
            written.iterations = Some(iterations);
            written.max_duration = options.duration;
        });
    }
    if let Some(duration) = options.duration {
        return one(ExecutorKind::ConstantVus, &|written| {
            written.vus = options.vus;
            written.duration = Some(duration);
        });
    }
    if let Some(stages) = &options.stages {
        return one(ExecutorKind::RampingVus, &|written| {
            written.start_vus = options.vus;
            written.stages = Some(stages.clone());
        });
    }
    if let Some(scenarios) = &options.scenarios {
        return named(scenarios, wrongs);
    }
    if options.vus.is_some_and(|vus| vus != 1) {
        wrongs.say(
            "vus",
            "it says how many virtual users, and nothing says for how long; add `duration`, `iterations` or `stages`",
        );
        return None;
    }
    one(ExecutorKind::PerVuIterations, &|_| ())
}

fn named(scenarios: &Named<ScenarioOptions>, wrongs: &mut Wrongs) -> Option<Written> {
    if scenarios.is_empty() {
        wrongs.say(
            "scenarios",
            "there are none; name at least one, or leave the member out",
        );
        return None;
    }
    let mut all = Vec::new();
    for (name, written) in scenarios.iter() {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(is_name) {
            wrongs.say(
                format!("scenarios.{name}"),
                "a scenario's name is of letters, digits, `_` and `-`",
            );
        }
        let at = format!("scenarios.{name}.");
        all.push((name.to_owned(), at, written.clone()));
    }
    Some(all)
}

/// One scenario; `at` is what stands before its members in a path. `None` where
/// it has no executor that could run.
fn scenario(
    name: &str,
    at: &str,
    written: &ScenarioOptions,
    scale: TimeScale,
    wrongs: &mut Wrongs,
) -> Option<Drafted> {
    let kind = written.executor;
    for stray in written.stray_members() {
        wrongs.say(
            format!("{at}{}", stray.name()),
            format!(
                "the executor {kind} does not take it; take it away, or choose another executor"
            ),
        );
    }
    let pacing = written.pacing.map(|span| span.0);
    if pacing.is_some_and(|pacing| pacing.is_zero()) {
        wrongs.say(
            format!("{at}pacing"),
            "an iteration every `0s` is no pace; write a longer time, such as `1s`, or leave it out",
        );
    }
    let executor = executor(at, written, scale, wrongs);
    let tags = tags(&format!("{at}tags"), written.tags.as_ref(), wrongs);
    let plan = ScenarioPlan {
        name: name.to_owned(),
        executor: executor?,
        component: 0,
        exec: written.exec.clone().unwrap_or_else(|| DEFAULT.to_owned()),
        start_time: scale.scale(or(written.start_time, Duration::ZERO)),
        graceful_stop: or(written.graceful_stop, GRACEFUL),
        tags,
        env: BTreeMap::new(),
        pacing,
    };
    Some(Drafted {
        plan,
        component: written.component.clone(),
        env: written.env.clone().unwrap_or_default(),
        is_short_form: at.is_empty(),
    })
}

fn executor(
    at: &str,
    written: &ScenarioOptions,
    scale: TimeScale,
    wrongs: &mut Wrongs,
) -> Option<Executor> {
    match written.executor {
        ExecutorKind::RampingVus => virtual_users::ramping(at, written, scale, wrongs),
        ExecutorKind::ConstantVus => virtual_users::constant(at, written, scale, wrongs),
        ExecutorKind::SharedIterations => virtual_users::shared(at, written, wrongs),
        ExecutorKind::PerVuIterations => virtual_users::each(at, written, wrongs),
        ExecutorKind::ConstantArrivalRate => arrival_rate::constant(at, written, scale, wrongs),
        ExecutorKind::RampingArrivalRate => arrival_rate::ramping(at, written, scale, wrongs),
    }
}

fn or(span: Option<TimeSpan>, default: Duration) -> Duration {
    span.map_or(default, |span| span.0)
}

/// The duration of an executor that needs one.
fn duration(
    at: &str,
    written: &ScenarioOptions,
    scale: TimeScale,
    wrongs: &mut Wrongs,
) -> Option<Duration> {
    match written.duration {
        Some(TimeSpan(duration)) if !duration.is_zero() => Some(scale.scale(duration)),
        _ => {
            wrongs.say(
                format!("{at}duration"),
                format!(
                    "the executor {} needs one above 0, such as `30s`",
                    written.executor
                ),
            );
            None
        }
    }
}

/// The stages of an executor that needs some, refused where nothing would run.
/// `target` reads a stage's target and says what is wrong with it.
fn stages<T>(
    at: &str,
    written: &ScenarioOptions,
    scale: TimeScale,
    wrongs: &mut Wrongs,
    mut target: impl FnMut(&str, u64, &mut Wrongs) -> Option<T>,
) -> Option<Vec<(Duration, T)>> {
    let path = format!("{at}stages");
    let stages = written.stages.as_deref().unwrap_or_default();
    if stages.is_empty() {
        wrongs.say(
            path,
            format!(
                "the executor {} needs at least one, such as {{\"duration\": \"30s\", \"target\": 20}}",
                written.executor
            ),
        );
        return None;
    }
    if stages.iter().all(|stage| stage.duration.0.is_zero()) {
        wrongs.say(
            path,
            "together they take no time, and nothing would run; give one a duration above 0",
        );
        return None;
    }
    let read: Vec<_> = stages
        .iter()
        .enumerate()
        .map(|(index, stage)| {
            let place = format!("{path}[{index}].target");
            Some((
                scale.scale(stage.duration.0),
                target(&place, stage.target, wrongs)?,
            ))
        })
        .collect();
    read.into_iter().collect()
}

/// The most VUs of one scenario. Each is counted from the start, so that a slip
/// of the finger must not ask for four billion.
const MOST_VUS: u32 = 1_000_000;

fn at_most(path: &str, vus: u64, wrongs: &mut Wrongs) -> Option<u32> {
    let count = u32::try_from(vus).ok().filter(|vus| *vus <= MOST_VUS);
    if count.is_none() {
        wrongs.say(
            path,
            format!("{vus} VUs are more than one process can have; ask for {MOST_VUS} or fewer"),
        );
    }
    count
}

/// Tags as a plan has them.
pub(super) fn tags(
    path: &str,
    written: Option<&Named<String>>,
    wrongs: &mut Wrongs,
) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    for (name, value) in written.iter().flat_map(|tags| tags.iter()) {
        if name.trim().is_empty() {
            wrongs.say(path, "a tag has no name; name it");
        }
        tags.insert(name.to_owned(), value.clone());
    }
    tags
}

#[cfg(test)]
mod tests;
