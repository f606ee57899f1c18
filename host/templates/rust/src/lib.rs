//! A load test: virtual users ask a server for its health.

use vuelo_sdk::prelude::*;

static HEALTH_DURATION: Trend = Trend::milliseconds("health_duration");

/// One virtual user.
pub struct Visitor {
    health: Request,
}

impl Scenario for Visitor {
    type Data = ();

    fn options() -> Options {
        Options::new()
            .vus(5)
            .duration("10s")
            .threshold("http_req_failed", "rate<0.01")
            .threshold("http_req_duration", "p(95)<500")
            .config(Key::url("BASE_URL").default("http://localhost:7777"))
            .metric(&HEALTH_DURATION)
    }

    // Once per virtual user: what lives as long as it does.
    fn start((): ()) -> Result<Self, Failure> {
        let url = config::require("BASE_URL")? + "/health";
        let health = http::get(&url).tag("endpoint", "health").build();
        Ok(Self { health })
    }

    // Again and again. `?` ends this iteration alone.
    fn iteration(&mut self, _flow: &str) -> Result<(), Failure> {
        let answer = self.health.send()?;
        answer.check("health: status is 200", |answer| answer.status() == 200);
        if let Some(duration) = answer.duration() {
            HEALTH_DURATION.add(duration);
        }
        sleep_between(milliseconds(500)..=milliseconds(1500));
        Ok(())
    }
}

vuelo_sdk::scenario!(Visitor);
