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
/// environment names where somebody reads it, or `development`.
pub(super) fn in_use(
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
