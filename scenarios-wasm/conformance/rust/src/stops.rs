//! How code comes to an end that is no return, and what of WASI a language's own
//! library uses.

use std::hint::black_box;
use std::time::{Instant, SystemTime};

use vuelo_sdk::prelude::*;

use crate::once::Data;
use crate::say;

pub(crate) fn trap(data: &Data) -> Result<(), Failure> {
    if flow::vu_iteration() == 0 {
        std::process::abort();
    }
    say("instance", "new");
    say("data", data.padding.len());
    Ok(())
}

pub(crate) fn exception() -> Result<(), Failure> {
    throws_deliberately()
}

#[inline(never)]
fn throws_deliberately() -> Result<(), Failure> {
    panic!("this was thrown")
}

pub(crate) fn exit() -> Result<(), Failure> {
    if flow::vu_iteration() == 0 {
        std::process::exit(3);
    }
    say("instance", "new");
    Ok(())
}

pub(crate) fn memory() -> Result<(), Failure> {
    if flow::vu_iteration() == 0 {
        let mut eaten = Vec::new();
        loop {
            eaten.push(vec![1_u8; 1 << 20]);
            black_box(&mut eaten);
        }
    }
    say("after", true);
    Ok(())
}

pub(crate) fn endless() -> Result<(), Failure> {
    loop {
        black_box(());
    }
}

pub(crate) fn overflow() -> Result<(), Failure> {
    if flow::vu_iteration() == 0 {
        black_box(depth(0));
    }
    say("after", true);
    Ok(())
}

/// What is done after the call keeps it from becoming a loop.
#[allow(unconditional_recursion)]
fn depth(above: u64) -> u64 {
    let here = black_box([above; 16]);
    depth(here[0] + 1) + here[15]
}

pub(crate) fn deep() -> Result<(), Failure> {
    say("depth", nested(400));
    Ok(())
}

/// Counts the calls as they come back; that nothing is known of what came keeps it
/// from becoming a loop.
#[inline(never)]
fn nested(calls: u32) -> u32 {
    if calls == 0 {
        return 0;
    }
    black_box(nested(black_box(calls - 1))) + 1
}

pub(crate) fn print() -> Result<(), Failure> {
    println!("hello");
    eprintln!("hello");
    Ok(())
}

pub(crate) fn clock() -> Result<(), Failure> {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    say("clock", since_1970.map_err(Failure::new)?.as_secs());
    let begun = Instant::now();
    sleep(milliseconds(20));
    say("monotonic", begun.elapsed() >= milliseconds(15));
    Ok(())
}
