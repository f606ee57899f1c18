//! The question before a run that the plan file wants confirmed.

use std::io::IsTerminal;

use super::Failure;
use crate::plan::Resolved;
use crate::report;

/// Asks before a run that the plan file wants confirmed.
pub(super) fn confirm<'a>(plans: impl Iterator<Item = &'a Resolved>) -> Result<(), Failure> {
    let plans: Vec<_> = plans.collect();
    let Some(asks) = plans.iter().find(|plan| plan.confirm) else {
        return Ok(());
    };
    let environment = &asks.plan.environment;
    if !std::io::stdin().is_terminal() {
        return Err(Failure::NotConfirmed(format!(
            "a run against `{environment}` wants to be confirmed, and there is no terminal to ask \
             at: add --yes"
        )));
    }
    let names: Vec<&str> = plans.iter().map(|plan| plan.plan.name.as_str()).collect();
    report::print_error(&format!(
        "Load `{environment}` with {}? [y/N] ",
        names.join(", ")
    ));
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| Failure::System {
            doing: "the run cannot be confirmed",
            error,
        })?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        return Ok(());
    }
    Err(Failure::NotConfirmed(format!(
        "the run against `{environment}` was not confirmed"
    )))
}
