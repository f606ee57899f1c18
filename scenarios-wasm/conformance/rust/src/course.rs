//! The course of an iteration.

use vuelo_sdk::prelude::*;

use crate::say;
use crate::values::{LEVEL, THINGS};

pub(crate) fn groups() -> Result<(), Failure> {
    group("outer", || {
        check("in outer", true);
        group("inner", || check("in inner", true));
    });
    leave_open("left-open");
    check("in left-open", true);
    Ok(())
}

/// Groups of the SDK are always closed: this is the contract's own word.
#[cfg(target_family = "wasm")]
fn leave_open(name: &str) {
    vuelo_sdk::bindings::vuelo::load::flow::begin_group(name);
}

#[cfg(not(target_family = "wasm"))]
fn leave_open(_: &str) {}

pub(crate) fn tags() -> Result<(), Failure> {
    if flow::vu_iteration() > 0 {
        THINGS.add(1);
        return Ok(());
    }
    flow::set_tag("passing", "1");
    THINGS.add(1);
    flow::remove_tag("passing");
    THINGS.add(1);
    flow::set_tag("passing", "2");
    Ok(())
}

pub(crate) fn numbers() -> Result<(), Failure> {
    let (vu, iteration) = (flow::vu(), flow::vu_iteration());
    let (of_scenario, name) = (flow::scenario_iteration(), flow::scenario_name());
    say(
        "numbers",
        format_args!("{vu},{iteration},{of_scenario},{name}"),
    );
    Ok(())
}

pub(crate) fn random() -> Result<(), Failure> {
    for draw in ["1", "2", "3"] {
        LEVEL.set_tagged(vuelo_sdk::random(), &[("draw", draw)]);
    }
    Ok(())
}

pub(crate) fn sleeps() -> Result<(), Failure> {
    sleep(milliseconds(30));
    sleep_between(milliseconds(20)..=milliseconds(40));
    sleep_between(milliseconds(10)..=milliseconds(5));
    sleep(Duration::ZERO);
    Ok(())
}

pub(crate) fn mark_failed() -> Result<(), Failure> {
    flow::mark_failed("not good: Grüße");
    say("after", true);
    Ok(())
}

pub(crate) fn log() -> Result<(), Failure> {
    debug!("debug: Grüße 世界 🦉");
    info!("info: Grüße 世界 🦉");
    warn!("warn: Grüße 世界 🦉");
    error!("error: Grüße 世界 🦉");
    Ok(())
}

pub(crate) fn strings() -> Result<(), Failure> {
    say("empty", "");
    say("nul", "a\0b");
    say("long", "ü".repeat(65_536));
    Ok(())
}
