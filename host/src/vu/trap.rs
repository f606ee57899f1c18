//! Why a guest's call did not come back, in words for the person who runs it.

use rustc_demangle::demangle;
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
        let calls = error.downcast_ref::<WasmBacktrace>().map(calls);
        let mut text = match calls {
            Some(calls) if !calls.is_empty() => format!("{reason}, in {calls}"),
            _ => reason,
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
        // Where the stack is at the beginning of memory, it ends there.
        Trap::MemoryOutOfBounds => {
            "it accessed memory out of bounds, or its stack overflowed".to_owned()
        }
        other => other.to_string(),
    }
}

/// How many functions are named: those that lead to the place.
const MOST_NAMED: usize = 6;

/// The functions that have a name, the innermost first; one that calls itself is
/// named once.
fn calls(backtrace: &WasmBacktrace) -> String {
    let names = backtrace
        .frames()
        .iter()
        .filter_map(|frame| frame.func_name());
    let mut names: Vec<String> = names
        .map(|name| format!("{:#}", demangle(name)))
        .filter(|name| !is_of_a_runtime(name))
        .collect();
    names.dedup();
    names.truncate(MOST_NAMED);
    let named = names.iter().map(|name| format!("`{name}`"));
    named.collect::<Vec<_>>().join(" < ")
}

/// Whether a function is one that every panic, abort or call goes through, which
/// says nothing of where it comes from.
fn is_of_a_runtime(name: &str) -> bool {
    const BEGINNINGS: &[&str] = &[
        "std::",
        "core::",
        "alloc::",
        "<std::",
        "<core::",
        "<alloc::",
        "__rust",
        "vuelo_sdk::glue",
        "vuelo_sdk::bindings",
        "vuelo:load/",
        "wit-component",
        "wasi_snapshot_preview1",
        // Go's.
        "runtime.",
    ];
    const WHOLE: &[&str] = &["abort", "rust_panic", "rust_begin_unwind"];
    WHOLE.contains(&name)
        || BEGINNINGS
            .iter()
            .any(|beginning| name.starts_with(beginning))
}
