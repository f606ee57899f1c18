//! What stands between a component's exports and the author's traits. Not for
//! authors: [`scenario!`](crate::scenario!) calls it.
#![allow(missing_docs)]

use std::cell::RefCell;

use crate::{Failure, Scenario, Setup, Teardown};

/// The place of the one virtual user of an instance.
///
/// It is taken out while an iteration runs and put back afterwards: no borrow
/// is held while the author's code runs.
pub struct Slot<S>(RefCell<Option<S>>);

impl<S> Slot<S> {
    #[must_use]
    pub const fn empty() -> Self {
        Self(RefCell::new(None))
    }
}

/// Brings a panic's text to the log: of the trap that follows, the host knows
/// only that it happened.
fn log_panics() {
    #[cfg(target_family = "wasm")]
    std::panic::set_hook(Box::new(|panic| {
        crate::log::write(crate::log::Level::Error, format_args!("{panic}"));
    }));
}

fn parse<S: Scenario>(data: &str) -> Result<S::Data, Failure> {
    // From bytes, as everywhere in this crate: reading text is a second copy of
    // the whole parser.
    serde_json::from_slice(data.as_bytes())
        .map_err(|error| Failure::from(error).while_doing("reading what setup returned"))
}

#[must_use]
pub fn options<S: Scenario>() -> String {
    S::options().to_json()
}

pub fn start<S: Scenario>(slot: &Slot<S>, data: &str) -> Result<(), String> {
    log_panics();
    // The one before goes first, so that two never hold their memory at once.
    drop(slot.0.take());
    let user = parse::<S>(data)
        .and_then(S::start)
        .map_err(Failure::into_text)?;
    slot.0.replace(Some(user));
    Ok(())
}

pub fn iteration<S: Scenario>(slot: &Slot<S>, flow: &str) -> Result<(), String> {
    let Some(mut user) = slot.0.take() else {
        return Err("an iteration was asked for before `start` succeeded".to_owned());
    };
    let outcome = user.iteration(flow).map_err(Failure::into_text);
    slot.0.replace(Some(user));
    outcome
}

pub fn setup<S: Setup>() -> Result<String, String> {
    log_panics();
    S::setup()
        .and_then(|data| Ok(serde_json::to_string(&data)?))
        .map_err(Failure::into_text)
}

pub fn teardown<S: Teardown>(data: &str) -> Result<(), String> {
    log_panics();
    parse::<S>(data)
        .and_then(S::teardown)
        .map_err(Failure::into_text)
}

#[cfg(target_family = "wasm")]
pub fn summarize<S: crate::Summary>(
    results: &str,
) -> Result<Vec<crate::bindings::summary::exports::vuelo::load::summary::Output>, String> {
    use crate::Destination;
    use crate::bindings::summary::exports::vuelo::load::summary as contract;

    log_panics();
    let outputs = S::summarize(results).map_err(Failure::into_text)?;
    Ok(outputs
        .into_iter()
        .map(|output| contract::Output {
            destination: match output.destination {
                Destination::Stdout => contract::Destination::Stdout,
                Destination::Stderr => contract::Destination::Stderr,
                Destination::File(name) => contract::Destination::File(name),
            },
            text: output.text,
        })
        .collect())
}
