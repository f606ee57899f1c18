//! The guest of the test plan: each flow does one thing that the contract has
//! words for, and says in the log what came of it, as `NAME=VALUE`. The host
//! compares that with what it knows.

mod answers;
mod course;
mod echo;
#[cfg(target_family = "wasm")]
mod export;
mod handles;
mod once;
mod requests;
mod settings;
mod sockets;
mod stops;
mod streams;
mod values;

use std::fmt::{Debug, Display};

use vuelo_sdk::prelude::*;

use handles::Handles;
use once::Data;

/// The options of the plan.
#[cfg_attr(not(target_family = "wasm"), allow(dead_code))]
const OPTIONS: &str = include_str!("options.json");

/// One virtual user.
pub struct Guest {
    data: Data,
    /// The server, without a slash at the end.
    base: String,
    /// The answer of an iteration that is over.
    kept: Option<Response>,
    /// What `start` made, where the case is theirs.
    handles: Option<Handles>,
}

impl Scenario for Guest {
    type Data = Data;

    /// What the builder can say of [`OPTIONS`], for the native tests: the component
    /// exports the text itself.
    fn options() -> Options {
        settings::options()
    }

    fn start(data: Data) -> Result<Self, Failure> {
        match case_of_run().as_str() {
            "start-failure" => return Err("start says no: Grüße".into()),
            "start-exception" => panic!("this was thrown"),
            "tags" => flow::set_tag("lasting", "from start"),
            _ => {}
        }
        let base = config::require("BASE_URL")?;
        let base = base.trim_end_matches('/').to_owned();
        let handles = match case_of_run().as_str() {
            "handles" => Some(Handles::make(&base)?),
            _ => None,
        };
        Ok(Self {
            data,
            base,
            kept: None,
            handles,
        })
    }

    fn iteration(&mut self, flow: &str) -> Result<(), Failure> {
        let base = &self.base;
        match flow {
            "nothing" => Ok(()),
            "error" => Err("this one fails: Grüße".into()),
            "exec" => {
                say("exec", flow);
                Ok(())
            }
            "setup-data" => self.data.tell(),
            "handles" => handles::send(self.handles.as_ref()),
            "config" => settings::tell(),
            "secret" => settings::send_secret(base),

            "get" => requests::get(base),
            "post" => requests::post(base),
            "bytes" => requests::bytes(base),
            "large" => requests::large(base),
            "form" => requests::form(base),
            "multipart" => requests::multipart(base),
            "basic" => requests::basic(base),
            "cookies" => requests::cookies(base),
            "request-tags" => requests::tags(base),
            "send-all" => requests::send_all(base),
            "batch-edges" => requests::batch_edges(base),

            "redirect" => answers::redirect(base),
            "timings" => answers::timings(base),
            "judging" => answers::judging(base),
            "discard" => answers::discard(base),
            "timeouts" => answers::timeouts(base),
            "http-error" => answers::error(),
            "kept" => answers::kept(base, &mut self.kept),

            "events" => streams::events(base),
            "chunks" => streams::chunks(base),
            "not-events" => streams::not_events(base),
            "dropped-stream" => streams::dropped(base),
            "upload" => streams::upload(base),

            "websocket" => sockets::exchange(base),
            "websocket-refused" => sockets::refused(base),

            "metrics" => values::all_kinds(),
            "f64" => values::numbers(),
            "u64" => values::time(),
            "nonsense" => values::nonsense(),
            "undeclared-metric" => values::undeclared(),
            "wrong-metric" => values::of_another_kind(),
            "checks" => values::checks(),

            "groups" => course::groups(),
            "tags" => course::tags(),
            "numbers" => course::numbers(),
            "random" => course::random(),
            "sleep" => course::sleeps(),
            "abort" => flow::abort("enough: Grüße"),
            "mark-failed" => course::mark_failed(),
            "log" => course::log(),
            "strings" => course::strings(),

            "trap" => stops::trap(&self.data),
            "exception" => stops::exception(),
            "exit" => stops::exit(),
            "memory" => stops::memory(),
            "endless" => stops::endless(),
            "overflow" => stops::overflow(),
            "deep" => stops::deep(),
            "print" => stops::print(),
            "clock" => stops::clock(),

            other => Err(Failure::from(format!("there is no flow `{other}`"))),
        }
    }
}

/// The name of the case, for what has no `exec`.
fn case_of_run() -> String {
    config::get("CASE").unwrap_or_default()
}

/// Tells the host something to compare.
fn say(name: &str, value: impl Display) {
    debug!("{name}={value}");
}

fn or_none(value: Option<impl Display>) -> String {
    value.map_or("none".to_owned(), |value| value.to_string())
}

/// The contract's name of an error's case: `connection-refused` of
/// `ConnectionRefused`.
fn case(kind: impl Debug) -> String {
    let mut name = String::new();
    for letter in format!("{kind:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// What was expected to fail, did not.
fn error_of<T, E>(outcome: Result<T, E>) -> Result<E, Failure> {
    match outcome {
        Ok(_) => Err("an error was expected".into()),
        Err(error) => Ok(error),
    }
}
