//! What must be seen of a run, beside how it ended.

use serde_json::Value;

use super::ran::Ran;
use crate::imports::Level;

/// What must be seen of a run.
#[derive(Debug)]
pub(super) enum Expected {
    /// The guest said this of that name, as often and in this order; `{B}` is the
    /// server's address.
    Says(&'static str, &'static [&'static str]),
    /// It said nothing of that name.
    Silent(&'static str),
    /// A value of a metric: its name, the name of the value, the value.
    Value(&'static str, &'static str, f64),
    /// A check: its group's path, its name, how often it held and how often not.
    Check(&'static str, &'static str, u64, u64),
    /// A line of this level and text.
    Line(Level, &'static str),
    /// A line of any level that has this text in it.
    Mentions(&'static str),
    /// One of the reasons of the run's verdict has this text in it.
    Reason(&'static str),
    /// Something that takes more than a comparison.
    That(fn(&Ran) -> Result<(), String>),
}

impl Expected {
    /// What is not as expected.
    pub(super) fn judge(&self, ran: &Ran) -> Result<(), String> {
        match *self {
            Self::Says(name, values) => {
                let said = ran.said(name);
                let values = values.iter().map(|value| value.replace("{B}", &ran.server));
                let values: Vec<String> = values.collect();
                if said == values {
                    return Ok(());
                }
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                Err(format!(
                    "`{name}` should be {}, and it said {}{}",
                    list(&values),
                    list(&said),
                    ran.last_words()
                ))
            }
            Self::Silent(name) => match ran.said(name).as_slice() {
                [] => Ok(()),
                said => Err(format!("it said {} of `{name}`, after all", list(said))),
            },
            Self::Value(metric, value, is) => match ran.value(metric, value) {
                Some(found) if found == is => Ok(()),
                Some(found) => Err(format!(
                    "`{value}` of `{metric}` should be {is:e}, and is {found:e}"
                )),
                None => Err(format!("`{metric}` has no value `{value}`")),
            },
            Self::Check(group, name, passes, fails) => {
                let found = ran.check(group, name);
                if found == Some((passes, fails)) {
                    return Ok(());
                }
                let found = found.map_or("it is not there".to_owned(), |(passes, fails)| {
                    format!("it passed {passes} and failed {fails} times")
                });
                Err(format!(
                    "the check `{name}` in `{group}` should pass {passes} and fail {fails} times: {found}"
                ))
            }
            Self::Line(level, text) => {
                let found = ran
                    .lines
                    .iter()
                    .any(|line| line.level == level && line.text == text);
                found
                    .then_some(())
                    .ok_or_else(|| format!("no line of level {level:?} is `{text}`"))
            }
            Self::Mentions(text) => ran
                .lines
                .iter()
                .any(|line| line.text.contains(text))
                .then_some(())
                .ok_or_else(|| format!("no line has `{text}` in it{}", ran.last_words())),
            Self::Reason(text) => {
                let reasons = &ran.results["run"]["verdict"]["reasons"];
                let found = reasons.as_array().into_iter().flatten();
                found
                    .filter_map(Value::as_str)
                    .any(|reason| reason.contains(text))
                    .then_some(())
                    .ok_or_else(|| {
                        format!("`{text}` should be among the reasons, which are {reasons}")
                    })
            }
            Self::That(judge) => judge(ran),
        }
    }
}

/// Texts in one line, however long they are.
fn list(texts: &[&str]) -> String {
    const LONG: usize = 100;
    let short = texts.iter().map(|text| {
        let mut short: String = text.chars().take(LONG).collect();
        if short.len() < text.len() {
            short += &format!("… ({} bytes)", text.len());
        }
        format!("`{short}`")
    });
    match texts.len() {
        0 => "nothing".to_owned(),
        _ => short.collect::<Vec<_>>().join(", "),
    }
}
