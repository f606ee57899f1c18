//! What is called once per run or instance.

use serde_json::Value;

use super::{Case, Expected};
use crate::conformance::document::OPTIONS;
use crate::conformance::ran::Ran;
use crate::vu::SummaryDestination;

pub(super) const CASES: &[Case] = &[
    Case::new(
        "options",
        "`options` returns the JSON above. Flow `nothing` does nothing.",
        &[Expected::That(are_the_asked_for)],
    )
    .flow("nothing"),
    Case::new(
        "setup-data",
        "Say `text=` the member `text` of setup's data, `padding=` the length of `padding`, `numbers=` the numbers as JSON \
         has them, joined by commas, `nothing=` whether `nothing` is null, `nested=` whether `nested.list` has two members and \
         `nested.yes` is true.",
        &[
            Expected::Says("text", &["Grüße, 世界 🦉 \"\\\n"]),
            Expected::Says("padding", &["1048576"]),
            Expected::Says("numbers", &["0,-1,0.1,9007199254740991"]),
            Expected::Says("nothing", &["true"]),
            Expected::Says("nested", &["true"]),
        ],
    ),
    Case::new(
        "setup-failure",
        "`setup` returns the error `setup says no: Grüße`.",
        &[Expected::Reason("setup says no: Grüße")],
    )
    .flow("nothing")
    .exit(107),
    Case::new(
        "start-failure",
        "`start` returns the error `start says no: Grüße`.",
        &[Expected::Mentions("start says no: Grüße")],
    )
    .flow("nothing")
    .exit(95)
    .failed(1),
    Case::new(
        "setup-exception",
        "`setup` throws, raises or panics with the message `this was thrown`.",
        &[Expected::Reason("setup failed"), Expected::That(tells_what_was_thrown)],
    )
    .flow("nothing")
    .exit(107),
    Case::new(
        "start-exception",
        "`start` throws, raises or panics with the message `this was thrown`.",
        &[Expected::Mentions("this was thrown")],
    )
    .flow("nothing")
    .exit(95)
    .failed(1),
    Case::new(
        "handles",
        "`start` makes the request `GET B/echo` with the secret `TOKEN` as in `secret`, and the counter `things`. Three \
         iterations send it, say `authorization=` as in `secret`, and add 1.",
        &[
            Expected::Says("authorization", &["Bearer ***", "Bearer ***", "Bearer ***"]),
            Expected::Value("things", "count", 3.0),
            Expected::Value("http_reqs", "count", 3.0),
        ],
    )
    .iterations(3),
    Case::new(
        "teardown",
        "`teardown` says `teardown=` the length of `padding` in setup's data.",
        &[Expected::Says("teardown", &["1048576"])],
    )
    .flow("nothing"),
    Case::new(
        "teardown-failure",
        "`teardown` returns the error `teardown says no: Grüße`.",
        &[Expected::Reason("teardown says no: Grüße")],
    )
    .flow("nothing")
    .exit(107),
    Case::new(
        "summary",
        "`summarize` returns two texts: `iterations=` the number at `metrics.iterations.values.count` of the results, \
         followed by a line feed, for standard output, and `Grüße` for the file `guest.txt`.",
        &[Expected::That(is_summarised)],
    )
    .flow("nothing"),
    Case::new(
        "summary-failure",
        "`summarize` returns the error `summary says no: Grüße`.",
        &[Expected::That(refuses_to_summarise)],
    )
    .flow("nothing"),
];

fn are_the_asked_for(ran: &Ran) -> Result<(), String> {
    let asked_for: Value = serde_json::from_str(OPTIONS).map_err(|error| error.to_string())?;
    let found: Value = serde_json::from_str(&ran.options).map_err(|error| error.to_string())?;
    if same(&found, &asked_for) {
        return Ok(());
    }
    let differing = asked_for.as_object().into_iter().flatten();
    let differing: Vec<_> = differing
        .filter(|(name, value)| !same(&found[name.as_str()], value))
        .map(|(name, _)| name.as_str())
        .collect();
    Err(format!("they differ in {}", differing.join(", ")))
}

/// Whether two are the same; a list of one is what stands in it, as in k6.
fn same(one: &Value, other: &Value) -> bool {
    let plain = |value: &Value| match value {
        Value::Array(items) if items.len() == 1 => items[0].clone(),
        other => other.clone(),
    };
    match (plain(one), plain(other)) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
        }
        (one, other) => one == other,
    }
}

/// A panic's message is a line of its own.
fn tells_what_was_thrown(ran: &Ran) -> Result<(), String> {
    let reasons = &ran.results["run"]["verdict"]["reasons"];
    let told = ran
        .lines
        .iter()
        .any(|line| line.text.contains("this was thrown"));
    (told || reasons.to_string().contains("this was thrown"))
        .then_some(())
        .ok_or_else(|| {
            format!(
                "nobody tells what was thrown: {reasons}{}",
                ran.last_words()
            )
        })
}

fn is_summarised(ran: &Ran) -> Result<(), String> {
    let outputs = ran.summary.as_ref().map_err(Clone::clone)?;
    let found = outputs.iter().map(|output| match &output.destination {
        SummaryDestination::Stdout => ("stdout", output.text.as_str()),
        SummaryDestination::Stderr => ("stderr", output.text.as_str()),
        SummaryDestination::File(name) => (name.as_str(), output.text.as_str()),
    });
    let found: Vec<_> = found.collect();
    if found == [("stdout", "iterations=1\n"), ("guest.txt", "Grüße")] {
        Ok(())
    } else {
        Err(format!("it returned {found:?}"))
    }
}

fn refuses_to_summarise(ran: &Ran) -> Result<(), String> {
    match &ran.summary {
        Err(reason) if reason.contains("summary says no: Grüße") => Ok(()),
        other => Err(format!("it returned {other:?}")),
    }
}
