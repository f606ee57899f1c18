//! What scenarios run: their component, and the values that are theirs alone.

use std::collections::BTreeMap;

use super::layers::{Layer, Layers};
use super::{Own, Run, is_together};
use crate::plan::ScenarioPlan;
use crate::plan::config::of_kind;
use crate::plan::error::Mistakes;
use crate::plan::file::ENVIRONMENT_KEY;
use crate::plan::flags::{flag_of, is_demo_key};
use crate::plan::named::Named;
use crate::plan::near::nearest;
use crate::plan::options::ConfigValue;
use crate::plan::origin::Origin;
use crate::plan::profile::{self, Drafted, Wrongs};

impl Run<'_> {
    /// The scenarios with everything that their components say of them.
    pub(super) fn scenarios(
        &self,
        drafted: Vec<Drafted>,
        owns: &[Own<'_>],
        layers: &Layers<'_>,
        mistakes: &mut Mistakes,
        notes: &mut Vec<String>,
    ) -> Vec<ScenarioPlan> {
        let mut wrongs = Wrongs::default();
        let mut scenarios = Vec::new();
        for Drafted {
            mut plan,
            component,
            env,
            is_short_form,
        } in drafted
        {
            let at = format!("scenarios.{}", plan.name);
            let index = match component.as_deref() {
                Some(named) => self.component(&at, named, owns, layers, &mut wrongs),
                None => only_component(&at, is_short_form, owns, &mut wrongs),
            };
            let Some(index) = index else {
                continue;
            };
            let own = &owns[index];
            plan.component = index;
            if own.named.is_some() {
                let mut tags = self.tags_of(own, layers, mistakes);
                tags.append(&mut plan.tags);
                plan.tags = tags;
            }
            plan.env = self.env(&at, &env, own, &mut wrongs, notes);
            scenarios.push(plan);
        }
        layers.add_wrongs(wrongs, mistakes);
        scenarios
    }

    /// The place of the component that a scenario names.
    fn component(
        &self,
        at: &str,
        written: &str,
        owns: &[Own<'_>],
        layers: &Layers<'_>,
        wrongs: &mut Wrongs,
    ) -> Option<usize> {
        let path = format!("{at}.component");
        if layers
            .profile()
            .is_some_and(|layer| matches!(layer.origin, Origin::Component(_)))
        {
            wrongs.say(
                path,
                "only a plan file says which component a scenario runs; leave it out",
            );
            return None;
        }
        let component = self.file.component(written);
        let found = owns.iter().position(|own| match own.named {
            Some(named) => *named == component,
            None => component.is_named(own.name),
        });
        if found.is_none() {
            let names: Vec<_> = owns.iter().map(|own| format!("`{}`", own.name)).collect();
            wrongs.say(
                path,
                format!(
                    "it runs `{written}`, and this run is of {}; run all scenarios of the file with `vuelo run --plan \
                     FILE` and no name",
                    names.join(" and ")
                ),
            );
        }
        found
    }

    /// The tags that a component and its table in the plan file give to its
    /// samples, where others run beside it.
    fn tags_of(
        &self,
        own: &Own<'_>,
        layers: &Layers<'_>,
        mistakes: &mut Mistakes,
    ) -> BTreeMap<String, String> {
        let mut tags = BTreeMap::new();
        let mut add = |layer: &Layer, written: Option<&Named<String>>| {
            let mut wrongs = Wrongs::default();
            tags.extend(profile::tags("tags", written, &mut wrongs));
            layers.add_wrongs_of(layer, wrongs, mistakes);
        };
        let of_own = Origin::Component(own.name.to_owned());
        if let Some(layer) = layers.iter().find(|layer| layer.origin == of_own) {
            add(layer, own.options.tags.as_ref());
        }
        for table in self.file.options(&[own.name], &self.environment) {
            let layer = layers
                .iter()
                .find(|layer| layer.table.as_deref() == Some(&table.table));
            if table.component.is_some()
                && let Some(layer) = layer
            {
                add(layer, table.content.tags.as_ref());
            }
        }
        tags
    }

    /// The values that are a scenario's alone. What the command line says lies
    /// over them.
    fn env(
        &self,
        at: &str,
        written: &Named<ConfigValue>,
        own: &Own<'_>,
        wrongs: &mut Wrongs,
        notes: &mut Vec<String>,
    ) -> BTreeMap<String, String> {
        let mut env = BTreeMap::new();
        for (key, ConfigValue(value)) in written.iter() {
            let path = format!("{at}.env.{key}");
            let Some((_, declared)) = own.keys().find(|(known, _)| *known == key) else {
                let known: Vec<_> = own.keys().map(|(known, _)| known).collect();
                wrongs.say(path, undeclared(own.name, key, &known));
                continue;
            };
            if declared.secret {
                wrongs.say(
                    path,
                    format!(
                        "`{key}` is a secret, and a scenario's values are shown and archived; it comes from the \
                         environment variable {key} or --secret {key}=@FILE"
                    ),
                );
                continue;
            }
            if key == ENVIRONMENT_KEY {
                wrongs.say(
                    path,
                    "its value is the name of the environment in use; name that with --env",
                );
                continue;
            }
            let over = if self.flags.demo.is_some() && is_demo_key(key) {
                Some("--demo".to_owned())
            } else {
                let assigned = self.flags.assignments();
                let over = assigned.iter().find(|assignment| assignment.key == key);
                over.map(|_| flag_of(key))
            };
            if let Some(flag) = over {
                notes.push(format!(
                    "{flag} lies over the `{key}` that {at} has for itself"
                ));
                continue;
            }
            if value.trim().is_empty() {
                if declared.required {
                    wrongs.say(
                        path,
                        format!("`{key}` is required and has no value here; write one"),
                    );
                }
                env.insert(key.to_owned(), String::new());
                continue;
            }
            match of_kind(declared.kind, value.clone()) {
                Ok(value) => {
                    env.insert(key.to_owned(), value);
                }
                Err(reason) => wrongs.say(
                    path,
                    format!("it is no usable URL: {reason}; write it as https://host:port/path"),
                ),
            }
        }
        env
    }
}

/// The place of the component of a scenario that names none: there is only one.
/// Where there are several, a short form is refused as a whole, and not here.
fn only_component(
    at: &str,
    is_short_form: bool,
    owns: &[Own<'_>],
    wrongs: &mut Wrongs,
) -> Option<usize> {
    let together = is_together(owns);
    if together && !is_short_form {
        wrongs.say(
            format!("{at}.component"),
            "nothing says which component it runs; name one, as the file's other scenarios do",
        );
    }
    (!together).then_some(0)
}

fn undeclared(component: &str, key: &str, known: &[&str]) -> String {
    let what = format!("`{component}` declares no key `{key}`");
    match nearest(key, known.iter().copied()) {
        Some(near) => format!("{what}; did you mean `{near}`?"),
        None if known.is_empty() => format!("{what}, nor any other; leave it out"),
        None => format!("{what}; declared are {}", known.join(", ")),
    }
}
