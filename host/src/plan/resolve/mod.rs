//! Laying everything over each other: component, plan file, named environment,
//! process environment, flags.
//!
//! What is wrong is collected and said together; what would only follow from
//! something that was said already is not.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::config::{self, ConfigEntry, Lookup};
use super::duration::TimeSpan;
use super::error::{Mistakes, PlanError, PlanErrors};
use super::flags::Flags;
use super::named::Named;
use super::near::nearest;
use super::options::{ConfigKey, Options};
use super::origin::Origin;
use super::process::ProcessEnvironment;
use super::profile::{self, TimeScale, Wrongs};
use super::{ComponentPlan, FileComponent, Plan, PlanFile, Seed};

mod agreement;
mod environment;
mod layers;
mod limits;
mod measures;
mod own;
mod requests;
mod scenarios;

use layers::{Layer, Layers};
use own::{Own, read};

/// A component of the run, and what it says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Component<'a> {
    /// The artifact's name.
    pub name: &'a str,
    /// The JSON text that its `options` returned.
    pub options: &'a str,
}

/// A component that runs together with others: what the plan file calls it, and
/// what was loaded for that.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// As [`PlanFile::components`] has it.
    pub named: &'a FileComponent,
    /// What was loaded.
    pub component: Component<'a>,
}

/// A plan, and how it came to be.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The plan.
    pub plan: Plan,
    /// The components' keys in their order, with who gave each its value.
    pub config: Vec<ConfigEntry>,
    /// Whether somebody is to be asked before the load starts.
    pub confirm: bool,
    /// The plan file in use; `None` for the built-in plan.
    pub plan_file: Option<PathBuf>,
    /// By how much the profile is scaled; the plan's durations are already.
    pub time_scale: TimeScale,
    /// Whether requests are limited because nobody said otherwise.
    pub rps_by_default: bool,
    /// What somebody may want to know before the load starts.
    pub notes: Vec<String>,
}

/// k6's default of `setupTimeout` and `teardownTimeout`.
const ONCE_TIMEOUT: Duration = Duration::from_secs(60);

/// Makes a plan for each component of a command line, in their order. They share
/// the environment and the seed.
///
/// # Errors
///
/// Everything that is wrong, in whichever layer it is.
pub fn resolve(
    components: &[Component<'_>],
    file: &PlanFile,
    process: &ProcessEnvironment,
    flags: &Flags,
) -> Result<Vec<Resolved>, PlanErrors> {
    let mut mistakes = Mistakes::default();
    let owns = read(components, &mut mistakes);
    let run = Run::new(file, process, flags, &owns, &mut mistakes);
    let resolved = owns
        .iter()
        .map(|own| run.resolve(own.name, std::slice::from_ref(own), &mut mistakes))
        .collect();
    mistakes.unless_any(resolved)
}

/// Makes one plan for all components that a plan file's scenarios name. The
/// parts are those of [`PlanFile::components`].
///
/// # Errors
///
/// Everything that is wrong, in whichever layer it is.
pub fn resolve_together(
    parts: &[Part<'_>],
    file: &PlanFile,
    process: &ProcessEnvironment,
    flags: &Flags,
) -> Result<Resolved, PlanErrors> {
    let mut mistakes = Mistakes::default();
    for (index, part) in parts.iter().enumerate() {
        let same = parts[..index]
            .iter()
            .find(|other| other.component.name == part.component.name);
        if let Some(other) = same {
            mistakes.add(PlanError::OneName(
                other.named.source.clone(),
                part.named.source.clone(),
                part.component.name.to_owned(),
            ));
        }
    }
    let components: Vec<_> = parts.iter().map(|part| part.component).collect();
    let mut owns = read(&components, &mut mistakes);
    for (own, part) in owns.iter_mut().zip(parts) {
        own.named = Some(part.named);
    }
    let run = Run::new(file, process, flags, &owns, &mut mistakes);
    let stem = file.path().and_then(std::path::Path::file_stem);
    let name = stem.map_or("plan".into(), |stem| stem.to_string_lossy());
    let resolved = run.resolve(&name, &owns, &mut mistakes);
    mistakes.unless_any(resolved)
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

/// Whether the components are those of a plan file's scenarios.
fn is_together(owns: &[Own<'_>]) -> bool {
    owns.iter().any(|own| own.named.is_some())
}

/// What the plans of a command share.
struct Run<'a> {
    environment: String,
    seed: Seed,
    file: &'a PlanFile,
    process: &'a ProcessEnvironment,
    flags: &'a Flags,
    secrets: BTreeMap<String, (Origin, String)>,
    /// Of variables and flags.
    upper: Vec<(Origin, Options)>,
    /// Variables that nobody reads.
    notes: Vec<String>,
}

impl<'a> Run<'a> {
    fn new(
        file: &'a PlanFile,
        process: &'a ProcessEnvironment,
        flags: &'a Flags,
        owns: &[Own<'_>],
        mistakes: &mut Mistakes,
    ) -> Self {
        for mistake in file.mistakes() {
            mistakes.add(mistake.clone());
        }
        let none = Named::default();
        let declared: Vec<&Named<ConfigKey>> = owns
            .iter()
            .map(|own| own.options.config.as_ref().unwrap_or(&none))
            .collect();
        let secrets = config::check_flags(flags, process, &declared, mistakes);
        let together = is_together(owns);
        let environment = environment::in_use(file, process, flags, &declared, together);
        let environment = mistakes.right(environment).unwrap_or_default();
        let mut upper = process.options(mistakes);
        upper.extend(flags.options());
        let is_key = |name: &str| declared.iter().any(|keys| keys.get(name).is_some());
        Self {
            environment,
            seed: flags.seed.map_or_else(random_seed, Seed),
            file,
            process,
            flags,
            secrets,
            upper,
            notes: process.unknown(is_key),
        }
    }

    /// The plan of components that run together.
    fn resolve(&self, name: &str, owns: &[Own<'_>], mistakes: &mut Mistakes) -> Resolved {
        let together = is_together(owns);
        let layers = self.layers(owns, together);
        let time_scale = self.flags.time_scale.unwrap_or(TimeScale::ONE);
        let mut notes = self.notes.clone();

        let registry = measures::registry(&layers, mistakes);
        let thresholds = measures::thresholds(&registry, &layers, time_scale, mistakes);
        agreement::check(&layers, mistakes);
        layers.check_vus(&mut notes, mistakes);
        let options = layers.merged();
        let (components, config) = self.components(owns, mistakes, &mut notes);

        let mut wrongs = Wrongs::default();
        let drafted = profile::scenarios(&options, time_scale, &mut wrongs);
        let mut tags = profile::tags("tags", options.tags.as_ref(), &mut wrongs);
        layers.add_wrongs(wrongs, mistakes);
        tags.insert("environment".to_owned(), self.environment.clone());
        if together {
            layers.check_together(&self.file.name(), mistakes);
        }
        let scenarios = self.scenarios(drafted, owns, &layers, mistakes, &mut notes);

        let mut wrongs = Wrongs::default();
        let (rps, rps_by_default) = limits::rps(&options, &self.environment);
        notes.extend(limits::rate_beyond(rps, &scenarios));
        let plan = Plan {
            name: name.to_owned(),
            environment: self.environment.clone(),
            seed: self.seed,
            components,
            scenarios,
            thresholds,
            tags,
            metrics: measures::declarations(&layers),
            setup_timeout: timeout("setupTimeout", options.setup_timeout, &mut wrongs),
            teardown_timeout: timeout("teardownTimeout", options.teardown_timeout, &mut wrongs),
            http: requests::http(&options, &self.environment, &layers, &mut wrongs, mistakes),
            rps,
            part: limits::part(&options, self.flags.seed, &mut wrongs),
            max_series: limits::max_series(&options, &mut wrongs),
        };
        layers.add_wrongs(wrongs, mistakes);
        Resolved {
            plan,
            config,
            confirm: self.flags.demo.is_none() && self.file.asks(&self.environment),
            plan_file: self.file.path().map(ToOwned::to_owned),
            time_scale,
            rps_by_default,
            notes,
        }
    }

    /// All layers, the lowest first.
    fn layers<'b>(&'b self, owns: &'b [Own<'_>], together: bool) -> Layers<'b> {
        let mut layers = Vec::new();
        for own in owns {
            let mut options = own.options.clone();
            if together {
                // When it iterates says the file; its tags are its scenarios'.
                options.clear_profile();
                options.tags = None;
            }
            layers.push(Layer {
                origin: Origin::Component(own.name.to_owned()),
                table: None,
                level: 0,
                options,
                unread: own.unread.clone(),
                left_out: own.left_out.clone(),
            });
        }
        let names: Vec<&str> = owns.iter().map(|own| own.name).collect();
        for layer in self.file.options(&names, &self.environment) {
            let mut options = layer.content.clone();
            let of_component = layer.component.is_some();
            if together && of_component {
                options.clear_profile();
                options.tags = None;
            }
            layers.push(Layer {
                origin: layer.origin,
                level: match (of_component, layer.table == "options") {
                    (true, _) => 2,
                    (false, true) => 1,
                    (false, false) => 3,
                },
                unread: self.file.unread(&layer.table),
                left_out: self.file.left_out(&layer.table),
                table: Some(layer.table),
                options,
            });
        }
        for (origin, options) in &self.upper {
            layers.push(Layer {
                origin: origin.clone(),
                table: None,
                level: 4 + layers.len(),
                options: options.clone(),
                unread: Vec::new(),
                left_out: Vec::new(),
            });
        }
        Layers {
            file: self.file,
            layers,
        }
    }

    fn components(
        &self,
        owns: &[Own<'_>],
        mistakes: &mut Mistakes,
        notes: &mut Vec<String>,
    ) -> (Vec<ComponentPlan>, Vec<ConfigEntry>) {
        let (mut components, mut entries) = (Vec::new(), Vec::new());
        for own in owns {
            let lookup = Lookup {
                component: own.name,
                environment: &self.environment,
                file: self.file,
                process: self.process,
                flags: self.flags,
                secrets: &self.secrets,
            };
            let none = Named::default();
            let declared = own.options.config.as_ref().unwrap_or(&none);
            notes.extend(self.mistyped(own, owns));
            let (config, shown) = config::values(declared, &lookup, mistakes);
            entries.extend(shown);
            components.push(ComponentPlan {
                name: own.name.to_owned(),
                config,
            });
        }
        (components, entries)
    }

    /// Keys of the plan file that nothing here declares, and that are nearly one
    /// that is. Others may be another component's.
    fn mistyped(&self, own: &Own<'_>, owns: &[Own<'_>]) -> Vec<String> {
        let layers = self.file.values(own.name, &self.environment);
        let keys = layers.iter().flat_map(|layer| {
            let keys = layer.content.names();
            keys.map(move |key| (&layer.origin, key))
        });
        let is_declared = |key: &str| {
            owns.iter()
                .flat_map(Own::keys)
                .any(|(known, _)| known == key)
        };
        keys.filter(|(_, key)| !is_declared(key))
            .filter_map(|(origin, key)| {
                let near = nearest(key, own.keys().map(|(known, _)| known))?;
                Some(format!(
                    "{origin}: `{}` declares no key `{key}`; did you mean `{near}`?",
                    own.name
                ))
            })
            .collect()
    }
}

fn timeout(member: &str, written: Option<TimeSpan>, wrongs: &mut Wrongs) -> Duration {
    let Some(TimeSpan(timeout)) = written else {
        return ONCE_TIMEOUT;
    };
    if timeout.is_zero() {
        wrongs.say(
            member,
            "`0s` leaves no time at all; write a longer one, such as `60s`",
        );
    }
    timeout
}

#[cfg(test)]
mod tests;
