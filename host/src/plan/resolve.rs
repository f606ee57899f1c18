//! Laying everything over each other: component, plan file, named environment,
//! process environment, flags.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::config::{self, ConfigEntry, Lookup};
use super::duration::TimeSpan;
use super::error::PlanError;
use super::file::{DEVELOPMENT, ENVIRONMENT_KEY};
use super::flags::Flags;
use super::named::Named;
use super::near::nearest;
use super::options::{ConfigKey, Options};
use super::origin::Origin;
use super::process::ProcessEnvironment;
use super::profile::{self, TimeScale};
use super::{HttpPlan, MetricDeclaration, Plan, PlanFile, Seed};
use crate::metrics::{Registry, Selector, Threshold};

/// A component of the run, and what it says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Component<'a> {
    /// The artifact's name.
    pub name: &'a str,
    /// The JSON text that its `options` returned.
    pub options: &'a str,
}

/// A plan, and how it came to be.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The plan.
    pub plan: Plan,
    /// The component's keys in its order, with who gave each its value.
    pub config: Vec<ConfigEntry>,
    /// Whether somebody is to be asked before the load starts.
    pub confirm: bool,
    /// The plan file in use; `None` for the built-in plan.
    pub plan_file: Option<PathBuf>,
    /// By how much the profile is scaled; the plan's durations are already.
    pub time_scale: TimeScale,
    /// What somebody may want to know before the load starts.
    pub notes: Vec<String>,
}

/// k6's default of `setupTimeout` and `teardownTimeout`.
const ONCE_TIMEOUT: Duration = Duration::from_secs(60);
/// k6's defaults of `batch` and `batchPerHost`.
const BATCH: u32 = 20;
const BATCH_PER_HOST: u32 = 6;

/// Makes a plan for each component of a run, in their order. They share the
/// environment and the seed.
///
/// # Errors
///
/// The first mistake, in whichever layer it is.
pub fn resolve(
    components: &[Component<'_>],
    file: &PlanFile,
    process: &ProcessEnvironment,
    flags: &Flags,
) -> Result<Vec<Resolved>, PlanError> {
    let options = components
        .iter()
        .map(|component| {
            Options::from_json(component.options).map_err(|error| PlanError::Options {
                component: component.name.to_owned(),
                error,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let none = Named::default();
    let declared: Vec<&Named<ConfigKey>> = options
        .iter()
        .map(|options| options.config.as_ref().unwrap_or(&none))
        .collect();
    let secrets = config::check_flags(flags, process, &declared)?;
    let run = Run {
        environment: environment(file, process, flags, &declared)?,
        seed: flags.seed.map_or_else(random_seed, Seed),
        file,
        process,
        flags,
        secrets,
    };
    components
        .iter()
        .zip(options)
        .map(|(component, options)| run.resolve(component.name, options))
        .collect()
}

/// The environment in use: the one that a flag names, or that the process
/// environment names where somebody reads it, or `development`.
fn environment(
    file: &PlanFile,
    process: &ProcessEnvironment,
    flags: &Flags,
    declared: &[&Named<ConfigKey>],
) -> Result<String, PlanError> {
    let mut named: Option<(Origin, &str)> = None;
    let assignments = flags.assignments();
    let by_key = assignments
        .iter()
        .filter(|assignment| assignment.key == ENVIRONMENT_KEY);
    for name in flags
        .environments()
        .chain(by_key.map(|assignment| assignment.value))
    {
        match &named {
            Some((_, other)) if *other != name => {
                return Err(PlanError::TwoEnvironments(
                    (*other).to_owned(),
                    name.to_owned(),
                ));
            }
            _ => named = Some((Origin::Flag("--env".to_owned()), name)),
        }
    }
    if named.is_none()
        && declared
            .iter()
            .any(|keys| keys.get(ENVIRONMENT_KEY).is_some())
    {
        let origin = Origin::Process(ENVIRONMENT_KEY.to_owned());
        named = process.get(ENVIRONMENT_KEY)?.map(|name| (origin, name));
    }
    let Some((origin, name)) = named else {
        return Ok(DEVELOPMENT.to_owned());
    };
    file.require(name, origin)?;
    Ok(name.to_owned())
}

/// 32 bits: enough never to repeat by chance, short enough to be typed, and
/// exact in JSON.
fn random_seed() -> Seed {
    // Without a source of randomness the time is as good a seed as any.
    let by_time = || {
        std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .map_or(0, |elapsed| elapsed.subsec_nanos())
    };
    Seed(getrandom::u32().unwrap_or_else(|_| by_time()).into())
}

/// What the components of a run share.
struct Run<'a> {
    environment: String,
    seed: Seed,
    file: &'a PlanFile,
    process: &'a ProcessEnvironment,
    flags: &'a Flags,
    secrets: BTreeMap<String, (Origin, String)>,
}

impl Run<'_> {
    fn resolve(&self, name: &str, own: Options) -> Result<Resolved, PlanError> {
        let mut layers = vec![(Origin::Component(name.to_owned()), own)];
        layers.extend(
            self.file
                .options(name, &self.environment)
                .into_iter()
                .map(|layer| (layer.origin, layer.content.clone())),
        );
        layers.extend(self.process.options()?);
        layers.extend(self.flags.options());

        let registry = registry(&layers)?;
        let time_scale = self.flags.time_scale.unwrap_or(TimeScale::ONE);
        let thresholds = thresholds(&registry, &layers, time_scale)?;
        let mut notes = Vec::new();
        check_vus(&layers, &mut notes)?;
        let mut options = Options::default();
        for (_, layer) in &layers {
            options.overlay(layer.clone());
        }

        let profile_origin = last(&layers, Options::has_profile)
            .or_else(|| last(&layers, |layer| layer.vus.is_some()))
            .unwrap_or(&layers[0].0);
        let scenarios = profile::scenarios(&options, time_scale).map_err(|wrong| {
            let origin = match wrong.path.as_str() {
                "vus" => last(&layers, |layer| layer.vus.is_some()).unwrap_or(profile_origin),
                _ => profile_origin,
            };
            self.wrong(origin, wrong)
        })?;
        let mut tags = profile::tags("tags", options.tags.as_ref()).map_err(|wrong| {
            self.wrong(
                last(&layers, |layer| layer.tags.is_some()).unwrap_or(profile_origin),
                wrong,
            )
        })?;
        tags.insert("environment".to_owned(), self.environment.clone());

        let lookup = Lookup {
            component: name,
            environment: &self.environment,
            file: self.file,
            process: self.process,
            flags: self.flags,
            secrets: &self.secrets,
        };
        let declared = options.config.as_ref();
        notes.extend(self.mistyped(name, declared.unwrap_or(&Named::default())));
        let (config, entries) = config::values(
            options.config.as_ref().unwrap_or(&Named::default()),
            &lookup,
        )?;
        let plan = Plan {
            name: name.to_owned(),
            environment: self.environment.clone(),
            seed: self.seed,
            scenarios,
            thresholds,
            tags,
            config,
            metrics: declarations(&options),
            setup_timeout: self.timeout(&layers, "setupTimeout", |layer| layer.setup_timeout)?,
            teardown_timeout: self
                .timeout(&layers, "teardownTimeout", |layer| layer.teardown_timeout)?,
            http: self.http(&layers, &options)?,
        };
        Ok(Resolved {
            plan,
            config: entries,
            confirm: self.flags.demo.is_none() && self.file.asks(&self.environment),
            plan_file: self.file.path().map(ToOwned::to_owned),
            time_scale,
            notes,
        })
    }

    /// Keys of the plan file that nothing here declares, and that are nearly one
    /// that is. Others may be another component's.
    fn mistyped(&self, name: &str, declared: &Named<ConfigKey>) -> Vec<String> {
        let layers = self.file.values(name, &self.environment);
        let keys = layers.iter().flat_map(|layer| {
            let keys = layer.content.names();
            keys.map(move |key| (&layer.origin, key))
        });
        keys.filter(|(_, key)| declared.get(key).is_none())
            .filter_map(|(origin, key)| {
                let near = nearest(key, declared.names())?;
                Some(format!(
                    "{origin}: `{name}` declares no key `{key}`; did you mean `{near}`?"
                ))
            })
            .collect()
    }

    /// An error in the words of where it was written: a flag has no JSON path.
    fn wrong(&self, origin: &Origin, wrong: profile::Wrong) -> PlanError {
        let origin = origin.clone();
        match origin {
            Origin::Flag(_) | Origin::Process(_) => PlanError::Setting {
                origin,
                reason: wrong.reason,
            },
            _ => PlanError::Option {
                origin,
                path: wrong.path,
                reason: wrong.reason,
            },
        }
    }

    fn timeout(
        &self,
        layers: &[Layer],
        member: &str,
        of: fn(&Options) -> Option<TimeSpan>,
    ) -> Result<Duration, PlanError> {
        let Some((origin, TimeSpan(timeout))) = layers
            .iter()
            .rev()
            .find_map(|(origin, layer)| Some((origin, of(layer)?)))
        else {
            return Ok(ONCE_TIMEOUT);
        };
        if timeout.is_zero() {
            let reason = "`0s` leaves no time at all; write a longer one, such as `60s`".to_owned();
            return Err(self.wrong(
                origin,
                profile::Wrong {
                    path: member.to_owned(),
                    reason,
                },
            ));
        }
        Ok(timeout)
    }

    fn http(&self, layers: &[Layer], options: &Options) -> Result<HttpPlan, PlanError> {
        let at = |set: fn(&Options) -> bool| last(layers, set).unwrap_or(&layers[0].0);
        let wrong = |origin: &Origin, path: &str, reason: &str| {
            let (path, reason) = (path.to_owned(), reason.to_owned());
            Err(self.wrong(origin, profile::Wrong { path, reason }))
        };
        let insecure = options.insecure_skip_tls_verify.unwrap_or(false);
        if insecure && self.environment != DEVELOPMENT {
            return Err(PlanError::InsecureTls {
                origin: at(|layer| layer.insecure_skip_tls_verify.is_some()).clone(),
                environment: self.environment.clone(),
            });
        }
        let user_agent = options
            .user_agent
            .clone()
            .unwrap_or_else(|| concat!("vuelo/", env!("CARGO_PKG_VERSION")).to_owned());
        if !user_agent.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
            return wrong(
                at(|layer| layer.user_agent.is_some()),
                "userAgent",
                "a header takes printable ASCII characters alone; write it with them",
            );
        }
        if options.batch == Some(0) {
            return wrong(
                at(|layer| layer.batch.is_some()),
                "batch",
                "with 0 requests at a time none would be sent; ask for 1 or more",
            );
        }
        let as_usize = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(HttpPlan {
            user_agent,
            insecure_skip_tls_verify: insecure,
            no_connection_reuse: options.no_connection_reuse.unwrap_or(false),
            discard_response_bodies: options.discard_response_bodies.unwrap_or(false),
            batch: as_usize(options.batch.unwrap_or(BATCH)),
            batch_per_host: match options.batch_per_host.unwrap_or(BATCH_PER_HOST) {
                0 => usize::MAX,
                most => as_usize(most),
            },
        })
    }
}

type Layer = (Origin, Options);

/// The highest layer that something is set in.
fn last(layers: &[Layer], set: impl Fn(&Options) -> bool) -> Option<&Origin> {
    layers
        .iter()
        .rev()
        .find(|(_, layer)| set(layer))
        .map(|(origin, _)| origin)
}

/// A number of VUs over a profile that stands in a lower layer. As in k6 it is
/// where stages start; over `scenarios` k6 passes it over, and here it is
/// refused.
fn check_vus(layers: &[Layer], notes: &mut Vec<String>) -> Result<(), PlanError> {
    let place = |set: fn(&Options) -> bool| layers.iter().rposition(|(_, layer)| set(layer));
    let (Some(vus), Some(profile)) = (
        place(|layer| layer.vus.is_some()),
        place(Options::has_profile),
    ) else {
        return Ok(());
    };
    let (origin, layer) = &layers[vus];
    let count = layer.vus.unwrap_or(1);
    if vus >= profile && layers[profile].1.scenarios.is_some() {
        return Err(PlanError::Setting {
            origin: origin.clone(),
            reason: format!(
                "the {count} VUs have no effect beside `scenarios` in {}, each of which says its own; add a duration \
                 or iterations to replace them",
                layers[profile].0
            ),
        });
    }
    if vus > profile && layers[profile].1.stages.is_some() {
        notes.push(format!(
            "{origin}: the stages of {} start with {count} VUs and go on to their own targets; with a duration added, \
             {count} VUs run throughout",
            layers[profile].0
        ));
    }
    Ok(())
}

fn registry(layers: &[Layer]) -> Result<Registry, PlanError> {
    let mut registry = Registry::new();
    for (origin, layer) in layers {
        for (name, metric) in layer.metrics.iter().flat_map(Named::iter) {
            registry
                .declare(name, metric.kind.into(), metric.unit.into())
                .map_err(|error| PlanError::Metrics {
                    origin: origin.clone(),
                    path: format!("metrics.{name}"),
                    error,
                })?;
        }
    }
    Ok(registry)
}

/// The thresholds of all layers. Those that another layer replaces are checked,
/// too: a mistake does not go away by that.
fn thresholds(
    registry: &Registry,
    layers: &[Layer],
    scale: TimeScale,
) -> Result<Vec<(Selector, Vec<Threshold>)>, PlanError> {
    let mut judged: Vec<(Selector, Vec<Threshold>)> = Vec::new();
    for (origin, layer) in layers {
        for (text, written) in layer.thresholds.iter().flat_map(Named::iter) {
            let wrong = |path, error| PlanError::Metrics {
                origin: origin.clone(),
                path,
                error,
            };
            let at = || format!("thresholds.{text}");
            let selector: Selector = text.parse().map_err(|error| wrong(at(), error))?;
            let metric = registry
                .require(&selector.metric)
                .map_err(|error| wrong(at(), error))?;
            let mut thresholds = Vec::new();
            for (index, written) in written.0.iter().enumerate() {
                let mut threshold = Threshold::from(written);
                threshold
                    .expression
                    .check(registry.get(metric).metric_type)
                    .map_err(|error| wrong(format!("{}[{index}]", at()), error))?;
                // It is a point in the profile.
                threshold.delay_abort_eval = scale.scale(threshold.delay_abort_eval);
                thresholds.push(threshold);
            }
            // By what it selects: `m{a:b}` and `m{ a:b }` are one.
            match judged.iter_mut().find(|(known, _)| *known == selector) {
                Some((_, replaced)) => *replaced = thresholds,
                None => judged.push((selector, thresholds)),
            }
        }
    }
    judged.retain(|(_, thresholds)| !thresholds.is_empty());
    Ok(judged)
}

fn declarations(options: &Options) -> BTreeMap<String, MetricDeclaration> {
    let metrics = options.metrics.iter().flat_map(Named::iter);
    metrics
        .map(|(name, metric)| {
            let declaration = MetricDeclaration {
                metric_type: metric.kind.into(),
                unit: metric.unit.into(),
            };
            (name.to_owned(), declaration)
        })
        .collect()
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
