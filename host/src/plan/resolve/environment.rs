//! Which named environment is in use.

use crate::plan::PlanFile;
use crate::plan::error::PlanError;
use crate::plan::file::{DEVELOPMENT, ENVIRONMENT_KEY};
use crate::plan::flags::Flags;
use crate::plan::named::Named;
use crate::plan::options::ConfigKey;
use crate::plan::origin::Origin;
use crate::plan::process::ProcessEnvironment;

/// The environment in use: the one that a flag names, or that the process
/// environment names where somebody reads it, or `development`. Who reads it is a
/// component, or a plan file of several that has scenarios for that environment.
pub(super) fn in_use(
    file: &PlanFile,
    process: &ProcessEnvironment,
    flags: &Flags,
    declared: &[&Named<ConfigKey>],
    together: bool,
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
    if named.is_none() {
        let is_declared = declared
            .iter()
            .any(|keys| keys.get(ENVIRONMENT_KEY).is_some());
        // Of several components, it has said already which ones run.
        let chooses = |name: &&str| together && file.has_profile_of(name);
        let origin = Origin::Process(ENVIRONMENT_KEY.to_owned());
        named = match process.get(ENVIRONMENT_KEY) {
            Ok(name) => name.filter(|name| is_declared || chooses(name)),
            Err(error) if is_declared => return Err(error),
            Err(_) => None,
        }
        .map(|name| (origin, name));
    }
    let Some((origin, name)) = named else {
        return Ok(DEVELOPMENT.to_owned());
    };
    file.require(name, origin)?;
    Ok(name.to_owned())
}
