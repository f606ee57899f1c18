//! What `start` makes, and iterations use.

use vuelo_sdk::prelude::*;

use crate::settings::{secret_request, tell_secret};

pub(crate) struct Handles {
    request: Request,
    things: Things,
}

impl Handles {
    pub(crate) fn make(base: &str) -> Result<Self, Failure> {
        Ok(Self {
            request: secret_request(base)?,
            things: Things::make(),
        })
    }
}

pub(crate) fn send(made: Option<&Handles>) -> Result<(), Failure> {
    let made = made.ok_or("`start` made none")?;
    tell_secret(&made.request)?;
    made.things.add();
    Ok(())
}

/// Metrics of the SDK are made at their first use: this is the contract's own
/// counter.
#[cfg(target_family = "wasm")]
struct Things(vuelo_sdk::bindings::vuelo::load::metrics::Counter);

#[cfg(target_family = "wasm")]
impl Things {
    fn make() -> Self {
        Self(vuelo_sdk::bindings::vuelo::load::metrics::Counter::new(
            "things",
        ))
    }

    fn add(&self) {
        self.0.add(1.0, &[]);
    }
}

#[cfg(not(target_family = "wasm"))]
struct Things;

#[cfg(not(target_family = "wasm"))]
impl Things {
    fn make() -> Self {
        Self
    }

    fn add(&self) {
        crate::values::THINGS.add(1);
    }
}
