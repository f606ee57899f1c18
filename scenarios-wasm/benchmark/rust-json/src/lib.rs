//! Requests whose answers are read as far as somebody wants them to be: what the bench
//! `sandbox` holds against the same loop without a sandbox.

use serde::Deserialize;
use vuelo_sdk::prelude::*;

struct Reader {
    orders: Request,
    requests: u64,
    reads: Reads,
}

/// How far an answer is read.
#[derive(Clone, Copy)]
enum Reads {
    Nothing,
    Bytes,
    Field,
}

/// What is wanted of an answer; all else in it is skipped.
#[derive(Deserialize)]
struct Orders {
    total: u64,
}

impl Scenario for Reader {
    type Data = ();

    fn options() -> Options {
        Options::new()
            .config(Key::url("BASE_URL").default("http://localhost:7777"))
            .config(Key::text("REQUESTS").description("how many an iteration makes").default("1"))
            .config(Key::text("READS").description("nothing, bytes or field").default("nothing"))
    }

    fn start((): ()) -> Result<Self, Failure> {
        let reads = match config::require("READS")?.as_str() {
            "nothing" => Reads::Nothing,
            "bytes" => Reads::Bytes,
            "field" => Reads::Field,
            other => return Err(Failure::from(format!("nobody can read `{other}`"))),
        };
        let mut orders = http::get(&config::require("BASE_URL")?);
        if let Reads::Nothing = reads {
            orders = orders.discard_body();
        }
        Ok(Self {
            orders: orders.build(),
            requests: config::require("REQUESTS")?.parse().map_err(Failure::new)?,
            reads,
        })
    }

    fn iteration(&mut self, _flow: &str) -> Result<(), Failure> {
        for _ in 0..self.requests {
            let answer = self.orders.send()?;
            let right = match self.reads {
                Reads::Nothing => true,
                Reads::Bytes => !answer.body()?.is_empty(),
                Reads::Field => answer.json::<Orders>()?.total == 40,
            };
            if !right {
                return Err("the answer is another one".into());
            }
        }
        Ok(())
    }
}

vuelo_sdk::scenario!(Reader);
