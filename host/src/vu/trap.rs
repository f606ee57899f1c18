//! Why a guest's call did not come back, in words for the person who runs it.

use wasmtime::{Error, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use crate::imports::Aborted;

/// Why a call of a guest ended without a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The guest asked for the end of the run.
    Aborted,
    /// The guest trapped, or a call of its own was refused.
    Trapped(String),
}

impl Fault {
    /// Reads the error of a call. `printed` is what the guest wrote before.
    pub(super) fn new(error: &Error, printed: &str) -> Self {
        if error.downcast_ref::<Aborted>().is_some() {
            return Self::Aborted;
        }
        let reason = if let Some(exit) = error.downcast_ref::<I32Exit>() {
            format!("it called exit with status {}", exit.0)
        } else if let Some(trap) = error.downcast_ref::<Trap>() {
            described(*trap)
        } else {
            error.root_cause().to_string()
        };
        let place = error.downcast_ref::<WasmBacktrace>().and_then(innermost);
        let mut text = match place {
            Some(function) => format!("{reason}, in `{function}`"),
            None => reason,
        };
        if !printed.is_empty() {
            text = format!("{printed} ({text})");
        }
        Self::Trapped(text)
    }
}

/// The trap in the words of somebody who wrote a scenario.
fn described(trap: Trap) -> String {
    match trap {
        Trap::UnreachableCodeReached => "it panicked or reached `unreachable`".to_owned(),
        Trap::StackOverflow => "its stack overflowed".to_owned(),
        Trap::MemoryOutOfBounds => "it accessed memory out of bounds".to_owned(),
        other => other.to_string(),
    }
}

/// The innermost function that has a name.
fn innermost(backtrace: &WasmBacktrace) -> Option<String> {
    backtrace
        .frames()
        .iter()
        .find_map(|frame| frame.func_name())
        .map(str::to_owned)
}
