//! What scenarios run: their component, and the values that are theirs alone.

use std::collections::BTreeMap;

use super::layers::Layers;
use super::{Own, Run};
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
        } in drafted
        {
            let at = format!("scenarios.{}", plan.name);
            let named = component.as_deref();
            let Some(index) = self.component(&at, named, owns, layers, &mut wrongs) else {
                continue;
            };
            let own = &owns[index];
            plan.component = index;
            if own.named.is_some() {
                let mut tags = self.tags_of(own, &mut wrongs);
                tags.append(&mut plan.tags);
                plan.tags = tags;
            }
            plan.env = self.env(&at, &env, own, &mut wrongs, notes);
            scenarios.push(plan);
        }
        layers.add_wrongs(wrongs, mistakes);
        scenarios
    }

    /// The place of the component that a scenario runs.
    fn component(
        &self,
        at: &str,
        written: Option<&str>,
        owns: &[Own<'_>],
        layers: &Layers<'_>,
        wrongs: &mut Wrongs,
    ) -> Option<usize> {
        let path = format!("{at}.component");
        let together = owns.iter().any(|own| own.named.is_some());
        let Some(written) = written else {
            if together && at != "scenarios.default" {
                wrongs.say(
                    path,
                    "nothing says which component it runs; name one, as the file's other scenarios do",
                );
            }
            return (!together).then_some(0);
        };
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
    fn tags_of(&self, own: &Own<'_>, wrongs: &mut Wrongs) -> BTreeMap<String, String> {
        let mut tags = profile::tags("tags", own.options.tags.as_ref(), wrongs);
        for layer in self.file.options(&[own.name], &self.environment) {
            if layer.component.is_some() {
                tags.extend(profile::tags("tags", layer.content.tags.as_ref(), wrongs));
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

fn undeclared(component: &str, key: &str, known: &[&str]) -> String {
    let what = format!("`{component}` declares no key `{key}`");
    match nearest(key, known.iter().copied()) {
        Some(near) => format!("{what}; did you mean `{near}`?"),
        None if known.is_empty() => format!("{what}, nor any other; leave it out"),
        None => format!("{what}; declared are {}", known.join(", ")),
    }
}
