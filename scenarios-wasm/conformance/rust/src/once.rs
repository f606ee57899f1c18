//! What is done once per run: setup, teardown, summary.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};
use vuelo_sdk::prelude::*;

use crate::{Guest, case_of_run, say};

/// What setup hands on.
#[derive(Serialize, Deserialize)]
pub struct Data {
    text: String,
    pub(crate) padding: String,
    numbers: Vec<Number>,
    nothing: Value,
    nested: Nested,
}

#[derive(Serialize, Deserialize)]
struct Nested {
    list: Vec<Value>,
    yes: bool,
}

impl Data {
    pub(crate) fn tell(&self) -> Result<(), Failure> {
        say("text", &self.text);
        say("padding", self.padding.len());
        let numbers: Vec<String> = self.numbers.iter().map(Number::to_string).collect();
        say("numbers", numbers.join(","));
        say("nothing", self.nothing.is_null());
        say("nested", self.nested.list.len() == 2 && self.nested.yes);
        Ok(())
    }
}

impl Setup for Guest {
    fn setup() -> Result<Data, Failure> {
        match case_of_run().as_str() {
            "setup-failure" => return Err("setup says no: Grüße".into()),
            "setup-exception" => panic!("this was thrown"),
            _ => {}
        }
        Ok(Data {
            text: "Grüße, 世界 🦉 \"\\\n".to_owned(),
            padding: "x".repeat(1 << 20),
            numbers: vec![
                0.into(),
                (-1).into(),
                Number::from_f64(0.1).expect("a finite number"),
                9_007_199_254_740_991_u64.into(),
            ],
            nothing: Value::Null,
            nested: Nested {
                list: vec![json!([]), json!({})],
                yes: true,
            },
        })
    }
}

impl Teardown for Guest {
    fn teardown(data: Data) -> Result<(), Failure> {
        match case_of_run().as_str() {
            "teardown-failure" => return Err("teardown says no: Grüße".into()),
            "teardown" => say("teardown", data.padding.len()),
            _ => {}
        }
        Ok(())
    }
}

/// As much of the results as is asked for.
#[derive(Deserialize)]
struct Results {
    metrics: Metrics,
}

#[derive(Deserialize)]
struct Metrics {
    iterations: Iterations,
}

#[derive(Deserialize)]
struct Iterations {
    values: Count,
}

#[derive(Deserialize)]
struct Count {
    count: f64,
}

impl Summary for Guest {
    fn summarize(results: &str) -> Result<Vec<Output>, Failure> {
        if case_of_run() == "summary-failure" {
            return Err("summary says no: Grüße".into());
        }
        let results: Results = serde_json::from_str(results)?;
        let iterations = results.metrics.iterations.values.count;
        Ok(vec![
            Output {
                destination: Destination::Stdout,
                text: format!("iterations={iterations}\n"),
            },
            Output {
                destination: Destination::File("guest.txt".to_owned()),
                text: "Grüße".to_owned(),
            },
        ])
    }
}
