//! One request and one count, again and again.

use vuelo_sdk::prelude::*;

static SENT: Counter = Counter::new("sent");

struct Visitor {
    health: Request,
}

impl Scenario for Visitor {
    type Data = ();

    fn options() -> Options {
        Options::new()
            .config(Key::url("BASE_URL").default("http://localhost:7777"))
            .metric(&SENT)
    }

    fn start((): ()) -> Result<Self, Failure> {
        let url = config::require("BASE_URL")? + "/health";
        Ok(Self { health: http::get(&url).build() })
    }

    fn iteration(&mut self, _flow: &str) -> Result<(), Failure> {
        self.health.send()?;
        SENT.add(1.0);
        Ok(())
    }
}

vuelo_sdk::scenario!(Visitor);
