//! Reading options, with errors that say where and what to do.

use std::fmt;

use serde::de::DeserializeOwned;
use thiserror::Error;

use super::{Options, k6};
use crate::plan::near::nearest;

/// Why a text does not parse.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// It is not JSON (or TOML) at all.
    #[error("line {line}, column {column}: {reason}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A member of it is wrong.
    #[error("{}{reason}", At(path, *line))]
    Member {
        /// Where: `scenarios.buying.stages[0].target`. Empty for the whole.
        path: String,
        /// The line, from 1, where that helps to find it.
        line: Option<usize>,
        /// What is wrong with it.
        reason: String,
    },
}

struct At<'a>(&'a str, Option<usize>);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.1 {
            write!(f, "line {line}: ")?;
        }
        if !self.0.is_empty() {
            write!(f, "`{}`: ", self.0)?;
        }
        Ok(())
    }
}

/// Reads a component's options.
pub(super) fn from_json(text: &str) -> Result<Options, ReadError> {
    // They are one line more often than not, and nobody sees them but through
    // the component: the path says more than the line.
    from_json_file(text).map_err(|error| match error {
        ReadError::Member { path, reason, .. } => ReadError::Member {
            path,
            line: None,
            reason,
        },
        syntax @ ReadError::Syntax { .. } => syntax,
    })
}

/// Reads JSON text that somebody has before their eyes.
pub(in crate::plan) fn from_json_file<T: DeserializeOwned>(text: &str) -> Result<T, ReadError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| json_error(error.path(), error.inner()))?;
    deserializer.end().map_err(|error| syntax(&error))?;
    Ok(read)
}

fn syntax(error: &serde_json::Error) -> ReadError {
    ReadError::Syntax {
        line: error.line(),
        column: error.column(),
        reason: bare_text(error),
    }
}

/// The error's text without the place that serde_json adds at its end.
fn bare_text(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// What serde_json says of a text, as one of our errors.
fn json_error(path: &serde_path_to_error::Path, error: &serde_json::Error) -> ReadError {
    if error.is_data() {
        read_error(path, Some(error.line()), &bare_text(error))
    } else {
        syntax(error)
    }
}

/// What a deserializer says of a member, as one of our errors.
pub(in crate::plan) fn read_error(
    path: &serde_path_to_error::Path,
    line: Option<usize>,
    message: &str,
) -> ReadError {
    let path = if path.iter().len() == 0 {
        String::new()
    } else {
        path.to_string()
    };
    ReadError::Member {
        path,
        line,
        reason: reason(message),
    }
}

/// The reason in our words. serde's own texts of an unknown member (`unknown
/// field`) and of a number out of range name Rust's types and no way out.
fn reason(message: &str) -> String {
    if let Some(rest) = message.strip_prefix("unknown field `") {
        let mut quoted = rest.split('`');
        let name = quoted.next().unwrap_or_default();
        // What is left alternates between known names and what separates them.
        let known: Vec<_> = quoted.skip(1).step_by(2).collect();
        return unknown_member(name, &known);
    }
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let mut quoted = rest.split('`');
        let name = quoted.next().unwrap_or_default();
        let known: Vec<_> = quoted.skip(1).step_by(2).collect();
        return match nearest(name, known.iter().copied()) {
            Some(near) => format!(
                "`{name}` is none of {}; did you mean `{near}`?",
                known.join(", ")
            ),
            None => format!("`{name}` is none of {}", known.join(", ")),
        };
    }
    if let Some(rest) = message.strip_prefix("missing field `") {
        return format!("`{}` is missing", rest.trim_end_matches('`'));
    }
    for (number, words) in [
        ("u32", "a whole number from 0 to 4294967295"),
        ("u64", "a whole number from 0"),
        ("usize", "a whole number from 0"),
    ] {
        if let Some(start) = message.strip_suffix(&format!("expected {number}")) {
            return format!("{start}expected {words}");
        }
    }
    message.to_owned()
}

fn unknown_member(name: &str, known: &[&str]) -> String {
    if let Some(text) = k6::unsupported_member(name, known) {
        return text;
    }
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("there is no member `{name}`; did you mean `{near}`?"),
        None => format!(
            "there is no member `{name}`; there are {}",
            known.join(", ")
        ),
    }
}
