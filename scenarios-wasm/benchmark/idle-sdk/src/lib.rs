//! A user who does nothing but wait, written as scenarios are: what one takes before it
//! does anything.

use std::time::Duration;

use vuelo_sdk::prelude::*;

/// Longer than any measurement.
const A_DAY: Duration = Duration::from_secs(86_400);

struct Idle;

impl Scenario for Idle {
    type Data = ();

    fn options() -> Options {
        Options::new()
    }

    fn start((): ()) -> Result<Self, Failure> {
        Ok(Self)
    }

    fn iteration(&mut self, _flow: &str) -> Result<(), Failure> {
        flow::sleep(A_DAY);
        Ok(())
    }
}

vuelo_sdk::scenario!(Idle);
